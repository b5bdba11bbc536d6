package reach

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

//go:embed commands.yaml
var commandsFile []byte

// lexicon is what words mean to the engine, whatever service is asked for.
type lexicon struct {
	commands map[string]string // arabic.Key of what was written → command
	marks    map[string]string // word → language; "" where two claim it
	sense    *sense.Lexicon    // of the country, for whole sentences; nil where it has none
	folded   sync.Map          // service, its version and a key → folded; folding costs more than all the rest of reading
}

// ways are the ways of saying a key of a service, each as folded words.
func (l *lexicon) ways(def *service.Definition, key string) [][]string {
	name := def.Code + "\x00" + strconv.Itoa(def.Version) + "\x00" + key
	if was, ok := l.folded.Load(name); ok {
		return was.([][]string)
	}
	var all [][]string
	for _, s := range def.Said(key) {
		all = append(all, strings.Fields(arabic.Key(s)))
	}
	l.folded.Store(name, all)
	return all
}

// labels are what a choice is called, in every language, folded.
func (l *lexicon) labels(def *service.Definition, key string, c forms.Choice) [][]string {
	name := def.Code + "\x00" + strconv.Itoa(def.Version) + "\x00label " + key
	if was, ok := l.folded.Load(name); ok {
		return was.([][]string)
	}
	var all [][]string
	for _, label := range c.Label {
		all = append(all, strings.Fields(arabic.Key(label)))
	}
	l.folded.Store(name, all)
	return all
}

// known is every word or way of saying that a service explains, folded.
func (l *lexicon) known(def *service.Definition) map[string]bool {
	name := def.Code + "\x00" + strconv.Itoa(def.Version)
	if was, ok := l.folded.Load(name); ok {
		return was.(map[string]bool)
	}
	all := map[string]bool{}
	for _, ways := range def.AllSaid() {
		for _, s := range ways {
			all[arabic.Key(s)] = true
		}
	}
	l.folded.Store(name, all)
	return all
}

func readLexicon() (*lexicon, error) {
	var file struct {
		Commands, Marks map[string][]string
	}
	if err := yaml.Unmarshal(commandsFile, &file); err != nil {
		return nil, fmt.Errorf("reach: commands.yaml: %w", err)
	}
	l := &lexicon{commands: map[string]string{}, marks: map[string]string{}}
	for name, all := range file.Commands {
		for _, w := range all {
			k := commandKey(w)
			if was, twice := l.commands[k]; twice && was != name {
				return nil, fmt.Errorf("reach: commands.yaml: %q means %s and %s", w, was, name)
			}
			l.commands[k] = name
		}
	}
	for lang, all := range file.Marks {
		for _, w := range all {
			k := arabic.Key(w)
			if was, twice := l.marks[k]; twice && was != lang {
				lang = ""
			}
			l.marks[k] = lang
		}
	}
	return l, nil
}

// commandKey keeps a lone sign, which the key of a name would drop.
func commandKey(s string) string {
	s = strings.TrimSpace(s)
	if k := arabic.Key(s); k != "" {
		return k
	}
	return strings.ReplaceAll(s, "؟", "?")
}

// command is what a message asks for that answers no question, or "".
func (l *lexicon) command(text string) string {
	if len(text) > 40 {
		return ""
	}
	return l.commands[commandKey(text)]
}

// script guesses the language of what somebody writes: by its letters, and
// where those are Latin by the words known of each. A guess never overrides a
// language that was chosen, only one that was guessed in the hall.
func (l *lexicon) script(t *Talk, text string) {
	ar, zgh, latin := 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Tifinagh, r):
			zgh++
		case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
			ar++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	switch {
	case zgh > 0 && zgh >= ar && zgh >= latin/2:
		t.Lang, t.Latin = "zgh", false
	case ar > 0 && ar >= latin:
		t.Lang, t.Latin = "ar", false
	case latin > 0:
		if lang := l.latin(text); lang != "" {
			t.Lang, t.Latin = lang, lang == "zgh"
		}
	}
}

func (l *lexicon) latin(text string) (best string) {
	votes := map[string]int{}
	for w := range strings.FieldsSeq(arabic.Key(text)) {
		votes[l.marks[w]]++
	}
	for _, lang := range []string{"zgh", "fr", "en", "ar"} { // of equals, whoever is heard least
		if votes[lang] > votes[best] || best == "" && votes[lang] > 0 {
			best = lang
		}
	}
	return best
}

// saidWords cuts a text into words whose spelling is folded.
func saidWords(text string) []string { return strings.Fields(arabic.Key(text)) }

// says tells whether words hold one of the ways of saying key.
func (l *lexicon) says(def *service.Definition, words []string, key string) bool {
	ways := l.ways(def, key)
	if len(ways) == 0 {
		return false
	}
	whole := " " + strings.Join(words, " ") + " "
	for _, k := range ways {
		if len(k) == 1 && slices.ContainsFunc(words, func(w string) bool { return w == k[0] || len(w) > len(k[0]) && bare(w) == k[0] }) {
			return true
		}
		if len(k) > 1 && strings.Contains(whole, " "+strings.Join(k, " ")+" ") {
			return true
		}
	}
	return false
}

// bare takes the joined particles off an Arabic word: والماء, بالخيام, للدواء.
func bare(w string) string {
	for _, p := range []string{"وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len([]rune(rest)) >= 2 {
			return rest
		}
	}
	return w
}

// choices are those of a question that a text speaks of, in the list's order.
func (l *lexicon) choices(def *service.Definition, q *forms.Question, text string) (names []string) {
	words := saidWords(text)
	whole := strings.Join(words, " ")
	for _, c := range q.List.Choices {
		k := "choice." + q.List.Name + "." + c.Name
		hit := l.says(def, words, k)
		hit = hit || whole != "" && slices.ContainsFunc(l.labels(def, k, c), func(x []string) bool { return strings.Join(x, " ") == whole })
		if hit {
			names = append(names, c.Name)
		}
	}
	return names
}

// tells says whether a text out of nowhere is more than a greeting.
func (l *lexicon) tells(def *service.Definition, text string) bool {
	if q := def.Form.Question(def.Bind.Need); q != nil && q.List != nil && len(l.choices(def, q, text)) > 0 {
		return true
	}
	return len(saidWords(text)) >= 4
}

// fill reads out of somebody's own words what the form asks, as far as it can:
// their needs, who is fragile among them, how many they are, and where. It
// never decides what is unclear, and keeps every word.
func (l *lexicon) fill(def *service.Definition, g *places.Gazetteer, a forms.Answers, text string) {
	if text == "" {
		return
	}
	if q := def.Form.Question(def.Bind.Text); q != nil {
		a[q.Name] = clip(text, forms.MaxText)
	}
	read := l.meaning(text)
	for _, part := range []string{def.Bind.Need, def.Bind.Fragile} {
		q := def.Form.Question(part)
		if q == nil || q.Type != forms.TypeMany {
			continue
		}
		names := read.choices(q)
		if len(names) == 0 && !read.found {
			names = l.choices(def, q, text)
		}
		if len(names) > 0 {
			a[q.Name] = names
		}
	}
	if q := def.Form.Question(def.Bind.People); q != nil {
		n := l.people(def, q, text)
		if n == 0 {
			n = int64(read.People())
		}
		if n > 0 {
			a[q.Name] = n
		}
	}
	if q := def.Form.Question(def.Bind.Place); q != nil {
		if sure, _ := l.locate(g, l.about(def, text)); sure != "" {
			a[q.Name] = forms.Place{Code: sure}
		}
	}
}

// meaning is what a text says as a whole: "they have water, no food" asks for
// food. Where nothing of it is known, its single words are looked at instead.
type meaning struct {
	sense.Reading
	found bool
}

func (l *lexicon) meaning(text string) (s meaning) {
	if l.sense != nil {
		s.Reading = l.sense.Read(text)
		s.found = slices.ContainsFunc(s.Findings, func(f sense.Finding) bool {
			return strings.Contains(f.Key, ".") || f.Key == "danger" || f.Key == "people"
		})
	}
	return s
}

// choices are those of a question that the text speaks of, in the list's order.
func (s meaning) choices(q *forms.Question) (names []string) {
	for _, c := range q.List.Choices {
		if s.Has(q.List.Name + "." + c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// people is the number that stands beside a word for people, 0 when there is
// none or more than one.
func (l *lexicon) people(def *service.Definition, q *forms.Question, text string) int64 {
	words := saidWords(text)
	var found []int64
	for i, w := range words {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil || n <= 0 || n > 20000 {
			continue
		}
		for _, near := range words[max(0, i-1):min(len(words), i+3)] {
			if near != w && l.says(def, []string{near}, "question."+q.Name) {
				found = append(found, n)
				break
			}
		}
	}
	if len(found) != 1 {
		return 0
	}
	return found[0]
}

// Bounds of certainty about a place: one name that explains itself, and nothing
// else that is as good.
const (
	certain   = 0.93
	likely    = 0.6
	mostMaybe = 4
)

// locate is the one place that a text means beyond doubt, or the few it may mean.
func (l *lexicon) locate(g *places.Gazetteer, text string) (sure string, maybe []string) {
	all := g.Resolve(text, places.Hint{})
	if all.Sure && all.Candidates[0].Score >= certain {
		return all.Candidates[0].Place.Code, nil
	}
	for _, c := range all.Candidates {
		if c.Score >= likely && len(maybe) < mostMaybe {
			maybe = append(maybe, c.Place.Code)
		}
	}
	return "", maybe
}

// about is a text without the words that the service and the languages explain:
// of "nra aghrum gh douar Tnirt, 12 n middn", douar Tnirt.
func (l *lexicon) about(def *service.Definition, text string) string {
	known := l.known(def)
	var kept []string
	for w := range strings.FieldsSeq(text) {
		k := arabic.Key(w)
		_, mark := l.marks[k]
		if _, err := strconv.Atoi(k); err == nil || known[k] || known[bare(k)] || mark && k != "ait" && k != "ayt" {
			if strings.ContainsAny(w, ",،;") {
				kept = append(kept, ",")
			}
			continue
		}
		kept = append(kept, w)
	}
	return strings.Join(kept, " ")
}

func clip(s string, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), most)])
}
