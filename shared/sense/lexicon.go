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
	sounds  map[string][]*pattern // single words of some length, by skeleton
	numbers map[string]int

	languages                                    map[string][]string
	have, refuse, lack, none, people, households marks
}

// pattern is a way of saying something: stretches of words, apart from each other.
type pattern struct {
	keys   []string
	thing  bool
	pieces [][]piece
	phones []byte // of a single word that may be a letter off
}

// piece is one word of a pattern.
type piece struct {
	key   string
	begun bool // a beginning
}

// marks are patterns that only matter by where they stand.
type marks struct{ all []*pattern }

const gap = 4 // words between the stretches of a pattern

// Load reads the lexicon of a country pack.
func Load(fsys fs.FS, country string) (*Lexicon, error) {
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
		Numbers                                      map[string]int
		Languages                                    map[string][]string
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &Lexicon{whole: map[string][]*pattern{}, begun: map[string][]*pattern{}, sounds: map[string][]*pattern{}, numbers: map[string]int{}, languages: map[string][]string{}}
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
		for _, s := range ways(file.Findings[key].Says) {
			err = errors.Join(err, l.add(s, keys, false))
		}
		for _, s := range ways(file.Findings[key].Names) {
			err = errors.Join(err, l.add(s, keys, true))
		}
	}
	for _, m := range []struct {
		to   *marks
		said []string
	}{{&l.have, file.Have}, {&l.refuse, file.Refuse}, {&l.lack, file.Lack}, {&l.none, file.None}, {&l.people, file.People}, {&l.households, file.Households}} {
		for _, s := range ways(m.said) {
			p, bad := compile(s)
			err = errors.Join(err, bad)
			m.to.all = append(m.to.all, p)
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

func (l *Lexicon) add(said string, keys []string, thing bool) error {
	p, err := compile(said)
	if err != nil {
		return err
	}
	p.keys, p.thing = keys, thing
	for _, stretch := range p.pieces { // any stretch may come first
		first := stretch[0]
		if first.begun {
			head := headOf(first.key)
			l.begun[head] = append(l.begun[head], p)
			continue
		}
		l.whole[first.key] = append(l.whole[first.key], p)
	}
	if len(p.pieces) == 1 && len(p.pieces[0]) == 1 && !p.pieces[0][0].begun {
		phones := arabic.Phones(p.pieces[0][0].key)
		if bones := arabic.Skeleton(phones); len(bones) >= 4 {
			p.phones = phones
			l.sounds[bones] = append(l.sounds[bones], p)
		}
	}
	return nil
}

// ways spells patterns out: "a|b ~ c" is "a ~ c" and "b ~ c", and "+word" is the
// word with each of the beginnings that verbs have here.
func ways(all []string) (out []string) {
	for _, s := range all {
		made := []string{""}
		for w := range strings.FieldsSeq(s) {
			var next []string
			for alternative := range strings.SplitSeq(w, "|") {
				forms := []string{alternative}
				if stem, verb := strings.CutPrefix(alternative, "+"); verb {
					forms = forms[:0]
					for _, p := range verbal(stem) {
						forms = append(forms, p+stem)
					}
				}
				for _, m := range made {
					for _, f := range forms {
						next = append(next, strings.TrimSpace(m+" "+f))
					}
				}
			}
			made = next
		}
		out = append(out, made...)
	}
	return out
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

func compile(said string) (*pattern, error) {
	p := &pattern{}
	for part := range strings.SplitSeq(said, "~") {
		var stretch []piece
		for w := range strings.FieldsSeq(part) {
			stem, begun := strings.CutSuffix(w, "*")
			for key := range strings.FieldsSeq(arabic.Key(stem)) {
				stretch = append(stretch, piece{key: key})
			}
			if n := len(stretch); begun && n > 0 {
				stretch[n-1].begun = true
			}
		}
		if len(stretch) == 0 {
			return nil, fmt.Errorf("%q says nothing", said)
		}
		if stretch[0].begun && len([]rune(stretch[0].key)) < 2 {
			return nil, fmt.Errorf("%q begins too short", said)
		}
		p.pieces = append(p.pieces, stretch)
	}
	if len(p.pieces) > 2 {
		return nil, fmt.Errorf("%q has more than two stretches", said)
	}
	return p, nil
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
		for _, p := range l.sounds[arabic.Skeleton(phones)] {
			if arabic.LikenessFrom(phones, p.phones, 0.9) > 0 {
				out = append(out, &pattern{keys: p.keys, thing: p.thing, pieces: [][]piece{{{key: w.key}}}})
			}
		}
	}
	return out
}

func (q piece) is(w word) bool {
	if q.begun {
		return strings.HasPrefix(w.key, q.key) || strings.HasPrefix(w.bare, q.key)
	}
	return w.key == q.key || w.bare == q.key || w.bare == bare(q.key) && len([]rune(w.bare)) > 2
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
