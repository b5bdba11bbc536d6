package places

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Country is what a country pack says of its country: country.yaml.
type Country struct {
	Code      string   `yaml:"code"` // "ma", and the name of the pack's folder
	Names     Names    `yaml:"names"`
	TimeZone  string   `yaml:"time_zone"`  // IANA: Africa/Casablanca
	Currency  string   `yaml:"currency"`   // ISO 4217: MAD
	WeekStart string   `yaml:"week_start"` // monday … sunday
	Phone     Phone    `yaml:"phone"`
	Languages []string `yaml:"languages"` // of the pages, as offered
	Default   string   `yaml:"default"`   // one of Languages
	Draft     []string `yaml:"draft"`     // languages whose names nobody has checked yet

	Spoken    []Spoken    `yaml:"spoken"`
	Levels    []Level     `yaml:"levels"`
	Near      []string    `yaml:"near"`
	Fillers   []string    `yaml:"fillers"`
	Emergency []Emergency `yaml:"emergency"`
	Keep      Keeping     `yaml:"keep"`
	Learn     Learning    `yaml:"learn"`

	zone *time.Location
}

// Learning is when a spelling that people confirmed is heeded, and which words
// are never kept. Without it nothing is learnt.
type Learning struct {
	Accounts int      `yaml:"accounts"` // so many different people make a spelling count
	Roles    []string `yaml:"roles"`    // one of these does alone
	Words    int      `yaml:"words"`    // a longer run of words is no name
	Persons  []string `yaml:"persons"`  // words that stand before a person's name: nothing of such a text is kept
	Source   string   `yaml:"source"`   // whose rule it is
}

// Keeping is how long what names people is kept where no service file says it.
type Keeping struct {
	Concerns   Keep `yaml:"concerns"`    // restricted concerns, after they were closed
	Imports    Keep `yaml:"imports"`     // files that were looked at and never taken in
	FailedRows Keep `yaml:"failed_rows"` // rows of a file that could not be taken in, after the others were
}

// Keep is a number of days and whose rule it is.
type Keep struct {
	Days   int    `yaml:"days"`
	Source string `yaml:"source"`
}

// For is the time; zero where the pack says nothing.
func (k Keep) For() time.Duration { return time.Duration(k.Days) * 24 * time.Hour }

// Names is one thing's name in several languages.
type Names map[string]string

// Phone is how numbers of the country are written.
type Phone struct {
	Prefix string `yaml:"prefix"` // after the plus: "212"
	Trunk  string `yaml:"trunk"`  // before a national number: "0"
}

// Spoken is a language people speak, whether or not pages exist in it.
type Spoken struct {
	Code   string `yaml:"code"`
	Census string `yaml:"census"` // column lang_<census>_pct of the tables; "" when not counted
	Names  Names  `yaml:"names"`
}

// Level is a kind of place, with the words people put before such a name.
type Level struct {
	Kind  string   `yaml:"kind"`
	Names Names    `yaml:"names"`
	Words []string `yaml:"words"`
}

// Emergency is a number to call when a life is at risk.
type Emergency struct {
	Number string   `yaml:"number"`
	Serves []string `yaml:"serves"` // ambulance, fire, rescue, police, gendarmerie
	Names  Names    `yaml:"names"`
	Source string   `yaml:"source"` // who says that this number answers
}

// Problem is one thing wrong in a pack, where the person mending it will look.
type Problem struct {
	File string
	Line int // 0 when the file as a whole is meant
	What string
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.What
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.What)
}

// problems gathers all that is wrong with a pack, so that it is mended in one go.
type problems []error

func (p *problems) add(file string, line int, what string, args ...any) {
	*p = append(*p, Problem{file, line, fmt.Sprintf(what, args...)})
}

// readCountry reads country.yaml strictly: an unknown field is a mistake. Not ok
// when nothing could be read at all.
func readCountry(fsys fs.FS, file, code string, bad *problems) (c Country, ok bool) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		bad.add(file, 0, "%v", err)
		return c, false
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		yamlProblems(file, err, bad)
		return c, false
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil || len(doc.Content) == 0 {
		bad.add(file, 1, "is empty")
		return c, false
	}
	at := func(path ...any) int { return line(doc.Content[0], path) }
	c.check(code, func(what string, path ...any) { bad.add(file, at(path...), "%s", what) })
	if zone, err := time.LoadLocation(c.TimeZone); err == nil { // else check said so
		c.zone = zone
	}
	return c, true
}

// yamlProblems keeps the line that the parser names ("line 3: …"); for broken
// syntax it may name the line before.
func yamlProblems(file string, err error, bad *problems) {
	texts := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = many.Errors
	}
	for _, text := range texts {
		n := 0
		fmt.Sscanf(text, "line %d:", &n)
		if _, rest, ok := strings.Cut(text, ": "); ok && n > 0 {
			text = rest
		}
		bad.add(file, n, "%s", text)
	}
}

// line is where a field stands: path is keys and indexes from the top. The line
// of the deepest part that exists serves a missing field.
func line(n *yaml.Node, path []any) int {
	for _, step := range path {
		var next *yaml.Node
		switch s := step.(type) {
		case string:
			for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
				if n.Content[i].Value == s {
					next = n.Content[i+1]
				}
			}
		case int:
			if n.Kind == yaml.SequenceNode && s < len(n.Content) {
				next = n.Content[s]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

// Zone is the clock of the country: the pack was read with one that is known.
func (c Country) Zone() *time.Location {
	if c.zone == nil { // of no pack
		return time.UTC
	}
	return c.zone
}

// check says what the rest of the house could not live with.
func (c Country) check(code string, bad func(what string, path ...any)) {
	if c.Code != code {
		bad("code is "+c.Code+", the folder is "+code, "code")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		bad("time_zone is no known zone: "+c.TimeZone, "time_zone")
	}
	if len(c.Currency) != 3 || strings.ToUpper(c.Currency) != c.Currency {
		bad("currency is three capitals", "currency")
	}
	if !slices.Contains([]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}, c.WeekStart) {
		bad("week_start is a day, in English", "week_start")
	}
	if !digits(c.Phone.Prefix) || len(c.Phone.Prefix) > 3 || c.Phone.Trunk != "" && !digits(c.Phone.Trunk) {
		bad("phone needs a prefix of one to three digits, and a trunk of digits or none", "phone")
	}
	if !slices.Contains(c.Languages, c.Default) {
		bad("default is not one of languages", "default")
	}
	c.named(bad, c.Names, "names")
	c.checkLists(bad)
}

func (c Country) checkLists(bad func(what string, path ...any)) {
	seen := map[string]bool{}
	for i, s := range c.Spoken {
		if s.Code == "" || seen[s.Code] {
			bad("a spoken language needs a code of its own", "spoken", i, "code")
		}
		seen[s.Code] = true
		c.named(bad, s.Names, "spoken", i, "names")
	}
	for i, l := range c.Levels {
		if i >= len(kinds) || l.Kind != kinds[i] {
			bad("levels are "+strings.Join(kinds, ", ")+", in this order", "levels", i, "kind")
		}
		c.named(bad, l.Names, "levels", i, "names")
	}
	if len(c.Levels) != len(kinds) {
		bad("levels are "+strings.Join(kinds, ", "), "levels")
	}
	for i, e := range c.Emergency {
		if !digits(e.Number) {
			bad("an emergency number is digits", "emergency", i, "number")
		}
		if strings.TrimSpace(e.Source) == "" {
			bad("an emergency number without a source may send people nowhere", "emergency", i, "source")
		}
		c.named(bad, e.Names, "emergency", i, "names")
	}
	if l := c.Learn; l.Accounts < 0 || l.Words < 0 || (l.Accounts > 0) != (l.Words > 0) || l.Accounts > 0 && strings.TrimSpace(l.Source) == "" {
		bad("to learn spellings needs accounts, words, and whose rule it is", "learn")
	}
	for name, k := range map[string]Keep{"concerns": c.Keep.Concerns, "imports": c.Keep.Imports, "failed_rows": c.Keep.FailedRows} {
		if (k.Days < 1 || strings.TrimSpace(k.Source) == "") && k != (Keep{}) {
			bad("to keep something needs days, and whose rule they are", "keep", name)
		}
	}
}

// named wants a name in every language of the pages.
func (c Country) named(bad func(what string, path ...any), names Names, path ...any) {
	for _, l := range c.Languages {
		if strings.TrimSpace(names[l]) == "" {
			bad("no name in "+l, path...)
		}
	}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
