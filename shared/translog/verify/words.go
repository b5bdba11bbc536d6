package verify

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed words/*.json
var wordFiles embed.FS

// Langs are the languages of the verifier, the most spoken first.
var Langs = []string{"ar", "fr", "en", "zgh"}

// words are the sentences of one language. A draft is one that no native speaker
// has read yet; the verifier says so of itself.
type words struct {
	text  map[string]string
	draft bool
}

type word struct {
	Text  string `json:"text"`
	Draft bool   `json:"draft"`
}

func (w *word) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, &w.Text); err == nil {
		return nil
	}
	type plain word
	return json.Unmarshal(raw, (*plain)(w))
}

// readWords reads the sentences of a language; an unknown one is English.
func readWords(lang string) (words, error) {
	if !slices.Contains(Langs, lang) {
		lang = "en"
	}
	raw, err := wordFiles.ReadFile("words/" + lang + ".json")
	if err != nil {
		return words{}, err
	}
	var all map[string]word
	if err := json.Unmarshal(raw, &all); err != nil {
		return words{}, fmt.Errorf("verify: words of %s: %w", lang, err)
	}
	w := words{text: map[string]string{}}
	for key, x := range all {
		w.text[key] = x.Text
		w.draft = w.draft || x.Draft
	}
	return w, nil
}

// Words are the sentences of the verifier in a language, for a verifier elsewhere; an
// unknown language is English.
func Words(lang string) (map[string]string, error) {
	w, err := readWords(lang)
	return w.text, err
}

// say fills a sentence. A key without one is shown as it is, so that nothing found
// is ever passed over in silence.
func (w words) say(key string, args map[string]string) string {
	text, known := w.text[key]
	if !known {
		text = key
	}
	for name, value := range args {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// about is a finding as a line.
func (w words) about(f Finding) string {
	line := w.say(f.Key, f.Args)
	if f.File != "" {
		line = f.File + ": " + line
	}
	return line
}

// langOf reads which language somebody's machine speaks, from LC_ALL, LC_MESSAGES
// or LANG ("fr_MA.UTF-8").
func langOf(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			lang, _, _ := strings.Cut(v, "_")
			lang, _, _ = strings.Cut(lang, ".")
			return lang
		}
	}
	return "en"
}
