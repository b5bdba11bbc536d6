package talk

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
)

// Rules are the measures of a country about channels, each with whose it is.
type Rules struct {
	Say, Task     []string // words that begin a text message
	Letters       int
	LettersSource string `yaml:"letters_source"`
	Hour          int    // messages of one member
	Texts         int    // that the house sends for one mission in a day
	LimitsSource  string `yaml:"limits_source"`
	KeepDays      int    `yaml:"keep_days"`
	KeepSource    string `yaml:"keep_source"`
}

// ReadRules reads COUNTRY/talk.yaml of the packs, strictly.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	name := country + "/talk.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return r, fmt.Errorf("talk: the pack %s does not say how a team talks: %w", country, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	bad := len(r.Say) == 0 || len(r.Task) == 0 || r.Letters < 20 || r.Letters > 2000 || r.Hour < 1 || r.Texts < 0 || r.KeepDays < 1 ||
		r.LettersSource == "" || r.LimitsSource == "" || r.KeepSource == ""
	for _, w := range append(slices.Clone(r.Say), r.Task...) {
		bad = bad || arabic.Key(w) == "" || strings.ContainsAny(w, " \t")
	}
	if bad {
		return r, fmt.Errorf("%s: a measure is missing, makes no sense, or has no source", name)
	}
	return r, nil
}

// read takes a text message apart: the word that it begins with tells whether
// it is for the channel, and whether it is a task.
func (r *Rules) read(text string) (rest string, task, ours bool) {
	text = strings.TrimSpace(text)
	word, rest, _ := strings.Cut(text, " ")
	if i := strings.IndexAny(word, ":،,\n"); i > 0 {
		word, rest = word[:i], strings.TrimSpace(text[i:])
		rest = strings.TrimLeft(rest, ":،, \n")
	}
	key := arabic.Key(strings.Trim(word, ":،,."))
	is := func(all []string) bool {
		return key != "" && slices.ContainsFunc(all, func(w string) bool { return arabic.Key(w) == key })
	}
	task = is(r.Task)
	return strings.TrimSpace(strings.TrimLeft(rest, ":،, \n")), task, task || is(r.Say)
}
