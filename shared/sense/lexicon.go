package sense

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
)

// Lexicon is what words mean in one country.
type Lexicon struct {
	whole   map[string][]*pattern // by the first word
	begun   map[string][]*pattern // by the first letters of the first word, for beginnings
	sounds  map[string][]heard    // single words of some length, by skeleton
	numbers map[string]int
	model   *Model // nil where the country has none
	ideas   ideas

	languages                                    map[string][]string
	have, refuse, lack, none, people, households marks
	years, months, child, we                     marks
}

// pattern is a way of saying something: stretches of words, apart from each other.
type pattern struct {
	keys   []string
	thing  bool
	pieces [][]piece
}

// piece is one word of a pattern, or any of several.
type piece struct {
	words map[string]bool
	begun []string // beginnings
}

// marks are patterns that only matter by where they stand.
type marks struct{ all []*pattern }

const gap = 4 // words between the stretches of a pattern

// Load reads the lexicon of a country pack, and its model where it has one.
func Load(fsys fs.FS, country string) (*Lexicon, error) {
	l, err := LoadList(fsys, country)
	if err != nil {
		return nil, err
	}
	if l.model, err = ReadModel(fsys, country); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return l, nil
}

// LoadList reads the list of words alone.
func LoadList(fsys fs.FS, country string) (*Lexicon, error) {
	name := country + "/sense.yaml"
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var file struct {
		Findings map[string]struct {
			Says, Names, Also []string
		}
		Have, Refuse, Lack, None, People, Households []string
		Years, Months, Child, We                     []string
		Numbers                                      map[string]int
		Languages                                    map[string][]string
		Ideas                                        map[string][]string
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &Lexicon{whole: map[string][]*pattern{}, begun: map[string][]*pattern{}, sounds: map[string][]heard{}, numbers: map[string]int{}, languages: map[string][]string{}}
	l.ideas = readIdeas(file.Ideas)
	also := map[string][]string{}
	for key, f := range file.Findings {
		for _, other := range f.Also {
			if _, ok := file.Findings[other]; !ok {
				return nil, fmt.Errorf("%s: %s also means %s, which is not there", name, key, other)
			}
			also[other] = append(also[other], key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(file.Findings)) {
		keys := append([]string{key}, also[key]...)
		for _, s := range file.Findings[key].Says {
			err = errors.Join(err, l.add(s, keys, false))
		}
		for _, s := range file.Findings[key].Names {
			err = errors.Join(err, l.add(s, keys, true))
		}
	}
	for _, m := range []struct {
		to   *marks
		said []string
	}{{&l.have, file.Have}, {&l.refuse, file.Refuse}, {&l.lack, file.Lack}, {&l.none, file.None}, {&l.people, file.People}, {&l.households, file.Households}, {&l.years, file.Years}, {&l.months, file.Months}, {&l.child, file.Child}, {&l.we, file.We}} {
		for _, s := range m.said {
			p, bad := compile(s)
			if err = errors.Join(err, bad); bad == nil {
				m.to.all = append(m.to.all, p)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for w, n := range file.Numbers {
		l.numbers[arabic.Key(w)] = n
	}
	for lang, all := range file.Languages {
		for _, w := range all {
			k := arabic.Key(w)
			if !slices.Contains(l.languages[k], lang) {
				l.languages[k] = append(l.languages[k], lang)
			}
		}
	}
	return l, nil
}

// Use puts a model beside the list; nil leaves the list alone.
func (l *Lexicon) Use(m *Model) { l.model = m }

func (l *Lexicon) add(said string, keys []string, thing bool) error {
	p, err := compile(said)
	if err != nil {
		return err
	}
	p.keys, p.thing = keys, thing
	for _, stretch := range p.pieces { // any stretch may come first
		for w := range stretch[0].words {
			l.whole[w] = append(l.whole[w], p)
		}
		for _, w := range stretch[0].begun {
			l.begun[headOf(w)] = append(l.begun[headOf(w)], p)
		}
	}
	if len(p.pieces) == 1 && len(p.pieces[0]) == 1 {
		for w := range p.pieces[0][0].words {
			phones := arabic.Phones(w)
			if bones := arabic.Skeleton(phones); len(bones) >= 4 {
				l.sounds[bones] = append(l.sounds[bones], heard{p, phones})
			}
		}
	}
	return nil
}

func verbal(stem string) []string {
	if stem != "" && stem[0] < 0x80 {
		return []string{"", "ka", "kay", "kat", "kan", "kai", "ki", "kin", "ta", "tay", "tan", "t", "n", "y", "i", "ky", "kt", "kn"}
	}
	return []string{"", "ي", "ت", "ن", "كي", "كت", "كن", "كاي", "كات", "كان", "تي", "تا", "تن", "سي", "ست", "سن"}
}

// headOf is the first two letters of a key.
func headOf(key string) string {
	rs := []rune(key)
	return string(rs[:min(2, len(rs))])
}

// compile reads a way of saying something.
func compile(said string) (*pattern, error) {
	p := &pattern{}
	for part := range strings.SplitSeq(said, "~") {
		var stretch []piece
		for w := range strings.FieldsSeq(part) {
			if !strings.ContainsAny(w, "|+") {
				stretch = append(stretch, plainly(w)...)
				continue
			}
			q := piece{words: map[string]bool{}}
			for other := range strings.SplitSeq(w, "|") {
				q.or(other)
			}
			if len(q.words)+len(q.begun) > 0 {
				stretch = append(stretch, q)
			}
		}
		if len(stretch) == 0 {
			return nil, fmt.Errorf("%q says nothing", said)
		}
		p.pieces = append(p.pieces, stretch)
	}
	if len(p.pieces) > 2 {
		return nil, fmt.Errorf("%q has more than two stretches", said)
	}
	for _, stretch := range p.pieces {
		if slices.ContainsFunc(stretch[0].begun, func(w string) bool { return len([]rune(w)) < 2 }) {
			return nil, fmt.Errorf("%q begins too short", said)
		}
	}
	return p, nil
}

// plainly is a word that may fold into several: "l'eau".
func plainly(w string) (out []piece) {
	stem, begun := strings.CutSuffix(w, "*")
	keys := fold(stem)
	for i, key := range keys {
		q := piece{words: map[string]bool{}}
		if begun && i == len(keys)-1 {
			q.begun = []string{key}
		} else {
			q.put(key)
		}
		out = append(out, q)
	}
	return out
}

// put adds a word, and with the article the word without.
func (q *piece) put(key string) {
	q.words[key] = true
	if rest, ok := strings.CutPrefix(key, "ال"); ok && len([]rune(rest)) > 2 {
		q.words[rest] = true
	}
}

// or adds a word to a piece: "word", "word*", "+stem" with each of the beginnings
// that verbs have here.
func (q *piece) or(w string) {
	stem, begun := strings.CutSuffix(w, "*")
	forms := []string{stem}
	if verb, ok := strings.CutPrefix(stem, "+"); ok {
		forms = forms[:0]
		for _, p := range verbal(verb) {
			forms = append(forms, p+verb)
		}
	}
	for _, f := range forms {
		keys := fold(f)
		switch {
		case len(keys) == 0, len(keys) > 1 && len(keys[0]) > 2: // two words are no word of a list
		case begun:
			q.begun = append(q.begun, keys[len(keys)-1])
		default:
			q.put(keys[len(keys)-1])
		}
	}
}

// fold is a word as it is compared, or the words it folds into. Water keeps its
// hamza: without it, it would be the word for "not".
func fold(w string) []string {
	keys := strings.Fields(arabic.Key(w))
	if n := len(keys); n > 0 && strings.HasSuffix(w, "ماء") {
		keys[n-1] += "ء"
	}
	return keys
}

// heard is a word of a pattern that may be a letter off.
type heard struct {
	*pattern
	phones []byte
}

// starting are the patterns of which a stretch may begin with a word.
func (l *Lexicon) starting(w word) []*pattern {
	out := slices.Clone(l.whole[w.key])
	out = append(out, l.begun[headOf(w.key)]...)
	if w.bare != w.key {
		out = append(out, l.whole[w.bare]...)
		out = append(out, l.begun[headOf(w.bare)]...)
	}
	if len(out) == 0 {
		phones := arabic.Phones(w.bare)
		for _, h := range l.sounds[arabic.Skeleton(phones)] {
			if arabic.LikenessFrom(phones, h.phones, 0.9) > 0 {
				out = append(out, &pattern{keys: h.keys, thing: h.thing, pieces: [][]piece{{{words: map[string]bool{w.key: true}}}}})
			}
		}
	}
	return out
}

func (q piece) is(w word) bool {
	if q.words[w.key] || q.words[w.bare] {
		return true
	}
	for _, b := range q.begun {
		if strings.HasPrefix(w.key, b) || strings.HasPrefix(w.bare, b) {
			return true
		}
	}
	return false
}

func stands(stretch []piece, words []word, at int) bool {
	if at < 0 || at+len(stretch) > len(words) {
		return false
	}
	for i, q := range stretch {
		if !q.is(words[at+i]) || words[at+i].clause != words[at].clause {
			return false
		}
	}
	return true
}

// at is whether the pattern stands with one of its stretches at words[i], and
// the other, if it has one, after it: the stretch in words[from:to] is all of it.
func (p *pattern) at(words []word, i int) (to, from int, ok bool) {
	for n, stretch := range p.pieces {
		if !stands(stretch, words, i) {
			continue
		}
		end := i + len(stretch)
		if len(p.pieces) == 1 {
			return end, i, true
		}
		other := p.pieces[1-n]
		for j := end; j <= end+gap; j++ {
			if j < len(words) && words[j].clause == words[i].clause && stands(other, words, j) {
				return j + len(other), i, true
			}
		}
	}
	return 0, 0, false
}

// begins is whether a mark stands from words[i] on.
func (m *marks) begins(words []word, i int) bool {
	return slices.ContainsFunc(m.all, func(p *pattern) bool { return stands(p.pieces[0], words, i) })
}

// ends is whether a mark stands just up to words[i].
func (m *marks) ends(words []word, i int) bool {
	return slices.ContainsFunc(m.all, func(p *pattern) bool { return stands(p.pieces[0], words, i-len(p.pieces[0])+1) })
}
