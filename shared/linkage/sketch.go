package linkage

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// Sketch is a Report prepared for comparing: its names and words as they sound,
// rare ones told from common ones. It holds what the report held and is kept in
// memory only.
type Sketch struct {
	id, service   string
	needs         []string // sorted, each once
	rescue, whole bool     // whole: it speaks for a whole place
	chain         []string // codes, widest first, the place itself last
	at            geo.Point
	hasPoint      bool
	reach         float64
	made          int64 // unix seconds; 0 is not known
	phone, family string
	people        int
	photos        []uint64
	names         []*token   // of the person who can be called
	said          [][]*token // people whom the words name: whose house, whose family
	villages      []village  // what the village is called: as it was written, and by the gazetteer
	around        []*token   // what the place lies in: as it was written, and its commune by the gazetteer
	words         []*token   // the rest, by skeleton
	wordBits      float64
	name, text    string // as keys, for a lasting order of two sketches
}

// What strangers write has no end; what is compared has.
const (
	mostName  = 300 // bytes
	mostWords = 3000
	mostNames = 6
	mostSaid  = 4
	mostTold  = 64 // words
	phoneKm   = 0.2
)

// ID and Service are the report's.
func (s Sketch) ID() string      { return s.id }
func (s Sketch) Service() string { return s.service }

// Public is the sketch without who asks: no number, no family, no name.
func (s Sketch) Public() Sketch {
	s.phone, s.family, s.names, s.name = "", "", nil, ""
	return s
}

// Sketch prepares a report.
func (m *Model) Sketch(r Report) Sketch {
	s := m.begun(r)
	s.name = arabic.Key(articles(cut(r.Name, mostName)))
	s.names = m.nameTokens(m.pieces(s.name))
	m.read(&s, cut(r.Words, mostWords), cut(r.Where, mostName))
	return s
}

// begun is a sketch before its name and its words are read.
func (m *Model) begun(r Report) Sketch {
	s := Sketch{id: r.ID, service: r.Service, needs: slices.Compact(slices.Sorted(slices.Values(r.Needs))), rescue: r.Rescue,
		at: r.At, hasPoint: r.HasPoint && r.At.Valid(), reach: max(r.ReachKm, phoneKm), phone: string(r.Phone), family: string(r.Family),
		people: r.People, photos: r.Photos}
	if !r.MadeAt.IsZero() {
		s.made = r.MadeAt.Unix()
	}
	path := r.Path
	if len(path) == 0 {
		path = m.paths[r.Place]
	}
	for _, code := range append(slices.Clone(path), r.Place) {
		if code != "" && !slices.Contains(s.chain, code) {
			s.chain = append(s.chain, code)
		}
	}
	return s
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// pieces are the words of a key, those that are one name with the next joined to it.
func (m *Model) pieces(key string) (out []string) {
	front := ""
	for word := range strings.FieldsSeq(key) {
		if m.joined[word] && len(front) < 24 {
			front += word + " "
			continue
		}
		out = append(out, front+word)
		front = ""
	}
	if front != "" {
		out = append(out, strings.TrimSpace(front))
	}
	return out
}

// nameTokens are the parts of a person's name, titles aside.
func (m *Model) nameTokens(pieces []string) (out []*token) {
	for _, piece := range pieces {
		if m.titles[piece] {
			continue
		}
		if full := m.short[piece]; full != "" {
			piece = full
		}
		t := m.namePart(piece, len(out) == 0)
		if len(t.sound) < 2 || slices.ContainsFunc(out, func(o *token) bool { return o.key == piece }) {
			continue
		}
		own := *t // what is remembered is shared
		out = append(out, &own)
		if len(out) == mostNames {
			break
		}
	}
	return out
}

// namePart is one part of a name, as it is remembered.
func (m *Model) namePart(piece string, first bool) *token {
	return m.heardNames.of(nameKey(piece, first), func() *token {
		t := hear(parted(piece))
		t.key = piece
		return m.nameToken(t, first)
	})
}

// parted takes off an article that is written as one with the name: "Elamrani",
// "Ettahiri", "Lamrani".
func parted(name string) string {
	switch {
	case len(name) < 6 || name[0] >= 0x80 || strings.Contains(name, " "):
		return name
	case (name[0] == 'e' || name[0] == 'a') && name[1] == name[2], strings.HasPrefix(name, "el"):
		return "el " + name[2:]
	case name[0] == 'l':
		return "el " + name[1:]
	}
	return name
}

// nameKey remembers a name that stands first apart from one that does not.
func nameKey(piece string, first bool) string {
	if first {
		return piece
	}
	return " " + piece
}

// nameToken says how rare a name is: as rare as is listed, and otherwise as a
// given name that few bear when it stands first, or a family's.
func (m *Model) nameToken(t *token, first bool) *token {
	switch known, ok := m.names.find(t, wordsFrom); {
	case ok:
		t.bits, t.given = known.bits, known.given
	case first:
		t.bits = m.file.Names.Given
	default:
		t.bits = m.file.Names.Family
	}
	return t
}

// read prepares the words: whom they name, what the village is called, and the
// rest. What the place itself is called is left out, and the name of whoever
// writes: both are compared by themselves.
func (m *Model) read(s *Sketch, words, where string) {
	called, rest := m.called(s, where)
	if len(called) > 0 {
		s.villages = append(s.villages, newVillage(called))
	}
	for _, t := range rest {
		if t.unlisted() && len(t.bone) >= 2 {
			s.around = append(s.around, t)
		}
	}
	s.around = append(s.around, m.knownAround(s)...)
	s.villages = append(s.villages, m.knownVillages(s)...)
	seen := map[string]bool{}
	var texts []string
	for _, sentence := range sentences(words) {
		key := arabic.Key(articles(sentence))
		texts = append(texts, key)
		all := m.heard(key)
		m.people(s, all)
		if where == "" && len(s.villages) == 0 {
			if called := m.villageIn(s, all); len(called) > 0 {
				s.villages = append(s.villages, newVillage(called))
			}
		}
		for _, t := range all {
			if !seen[t.key] && (t.number || utf8.RuneCountInString(t.key) > 1) {
				seen[t.key] = true
				s.words = append(s.words, t)
			}
		}
	}
	s.text = strings.Join(texts, " ")
	padded := " " + s.text + " "
	s.whole = slices.ContainsFunc(m.whole, func(w string) bool { return strings.Contains(padded, w) })
	s.words = slices.DeleteFunc(s.words, func(t *token) bool { return m.ofPlace(s, t) || s.isName(t) })
	if len(s.words) > mostTold { // the rarest tell most
		slices.SortStableFunc(s.words, func(a, b *token) int { return -cmp.Compare(a.bits, b.bits) })
		s.words = s.words[:mostTold:mostTold]
	}
	slices.SortStableFunc(s.words, func(a, b *token) int { return cmp.Or(cmp.Compare(a.bone, b.bone), cmp.Compare(a.key, b.key)) })
	for _, t := range s.words {
		s.wordBits += t.bits
	}
}

// knownAround is what the gazetteer calls the commune.
func (m *Model) knownAround(s *Sketch) []*token {
	if len(s.chain) < communes {
		return nil
	}
	return m.places[s.chain[communes-1]]
}

// knownVillages is what the gazetteer calls the village.
func (m *Model) knownVillages(s *Sketch) []village {
	n := len(s.chain)
	if n < douars {
		return nil
	}
	return m.villages[s.chain[n-1]]
}
