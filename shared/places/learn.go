package places

import (
	"slices"
	"strings"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
)

// Learnt is a spelling that people confirmed for a place.
type Learnt struct {
	Code     string
	Spelling string
}

// Learn makes the gazetteer find these spellings too, in place of those that it
// learnt before. A spelling of a place that is not there is left out. Whoever
// holds the gazetteer finds them from now on; a search under way ends with what
// it began with.
func (g *Gazetteer) Learn(all []Learnt) {
	x := newIndex(g.words)
	for _, l := range all {
		if p, ok := g.byCode[l.Code]; ok {
			if key := nameKey(l.Spelling); key != "" && !slices.Contains(g.keysOf(p), key) {
				x.add(p, key)
			}
		}
	}
	if len(x.spellings) == 0 {
		g.learnt.Store(nil)
		return
	}
	x.seal()
	g.learnt.Store(x)
}

// keysOf are the keys of the names that the pack gives a place.
func (g *Gazetteer) keysOf(p *Place) (keys []string) {
	for _, name := range p.Names {
		keys = append(keys, nameKey(name))
	}
	return keys
}

// nameKey is how a name stands in the index: Tifinagh in the letters of lists.
func nameKey(name string) string { return arabic.Key(arabic.Tifinagh(name)) }

// nameKeys are the ways in which a name of a list is said: as it stands, and
// where it holds brackets, «تيزي (السفلي)», what stands before them and what in
// them.
func nameKeys(name string) (keys []string) {
	add := func(s string) {
		if key := nameKey(s); key != "" {
			keys = append(keys, key)
		}
	}
	add(name)
	before, rest, bracketed := strings.Cut(name, "(")
	if inside, _, closed := strings.Cut(rest, ")"); bracketed && closed {
		add(before)
		add(inside)
	}
	return keys
}

// mostDigits is how many digits a text may hold that teaches a spelling: fewer
// than any telephone number has.
const mostDigits = 5

// PlaceWords is the run of words by which a text names a place, when nothing
// that is known explains them: what somebody teaches who confirms that the text
// meant the place. "douar Tijgalt, commune Ouneine" teaches "Tijgalt". It is not
// ok where there is nothing to learn, where it is not clear which words name the
// place, or where the text may hold what names a person: a number, a word such
// as "family", or more words than a name has.
func (g *Gazetteer) PlaceWords(q, code string) (words string, ok bool) {
	rule := g.country.Learn
	p, known := g.byCode[code]
	if !known || rule.Words == 0 || tooManyDigits(q) || len(q) > 2*readRunes {
		return "", false
	}
	t := g.words.read(q)
	told := make([]bool, len(t.words))
	search := g.query(nil)
	defer search.close()
	for _, m := range search.mentions(t) {
		wider := m.place != p && g.Within(code, m.place.Code)
		if firm(m) && (wider || m.near && m.place != p) {
			for i := m.from; i < m.to; i++ {
				told[i] = true
			}
		}
	}
	from, to := -1, -1
	for i, w := range t.words {
		if g.words.persons[w.key] {
			return "", false
		}
		if w.aside || told[i] {
			continue
		}
		if from >= 0 && (i != to || t.words[i].phrase != t.words[from].phrase) {
			return "", false // two runs: nobody knows which is the name
		}
		if from < 0 {
			from = i
		}
		to = i + 1
	}
	if from < 0 || to-from > rule.Words {
		return "", false
	}
	key := t.join(from, to)
	if strings.Trim(key, "0123456789 ") == "" || slices.Contains(g.keysOf(p), key) {
		return "", false
	}
	return written(q, key), true
}

func tooManyDigits(q string) bool {
	n := 0
	for _, r := range q {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n > mostDigits
}

// written is the stretch of a text whose key this is, as somebody wrote it; the
// key itself where no whole words are.
func written(q, key string) string {
	fields := strings.FieldsFunc(q, func(r rune) bool { return unicode.IsSpace(r) || parts(r) })
	for from := range fields {
		for to := from + 1; to <= len(fields); to++ {
			if s := strings.Join(fields[from:to], " "); nameKey(s) == key {
				return strings.Trim(s, "-_.'’ ")
			}
		}
	}
	return key
}
