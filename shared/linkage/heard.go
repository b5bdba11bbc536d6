package linkage

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
)

// sentences are the stretches of a text between stops. A stop after a letter or
// two is that of a title: "M. Amrani".
func sentences(s string) (out []string) {
	from, word := 0, 0
	for i, r := range s {
		switch {
		case strings.ContainsRune(",;:!?،؛؟\n()/", r), r == '.' && word > 2:
			out = append(out, s[from:i])
			from, word = i+utf8.RuneLen(r), 0
		case r == ' ' || r == '.':
			word = 0
		default:
			word++
		}
	}
	return append(out, s[from:])
}

// articles writes the article that is joined by a hyphen, "Et-Tijani", as one
// that is not a word of French.
func articles(s string) string {
	s = mhamed.Replace(s)
	if !strings.Contains(s, "-") {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		if front, rest, ok := strings.Cut(w, "-"); ok && sunLetters[strings.ToLower(front)] && rest != "" {
			words[i] = "el " + rest
		}
	}
	return strings.Join(words, " ")
}

// mhamed keeps together the name that an apostrophe would part.
var mhamed = strings.NewReplacer("M'h", "Mh", "m'h", "mh", "M’h", "Mh", "m’h", "mh", "M'H", "MH", "M’H", "MH")

var sunLetters = set([]string{"al", "el", "es", "ed", "et", "er", "ez", "en", "ech", "ach", "as", "ad", "at", "ar", "az", "an"})

// isName is whether a word is part of a name that is compared as one.
func (s *Sketch) isName(t *token) bool {
	is := func(n *token) bool { return n.bone == t.bone && sounds(n, t, wordsFrom) > 0 }
	in := func(list []*token) bool { return slices.ContainsFunc(list, is) }
	return in(s.names) || slices.ContainsFunc(s.villages, func(v village) bool { return in(v.parts) }) || slices.ContainsFunc(s.said, in)
}

// heard are the words of a sentence, in their order.
func (m *Model) heard(key string) (out []*token) {
	for _, piece := range m.pieces(key) {
		if !m.titles[piece] {
			out = append(out, m.word(piece))
		}
	}
	return out
}

// commonBits is what a word may be worth that many write.
const commonBits = 2

// people finds who is named: beside a word for a house or a family, or by a given
// name that many bear.
func (m *Model) people(s *Sketch, all []*token) {
	for i := 0; i < len(all); i++ {
		from, named := -1, (*token).rare
		switch {
		case m.homes[all[i].key]:
			from, named = i+1, (*token).unlisted
			for from < len(all) && (m.fillers[all[from].key] || m.homes[all[from].key]) {
				from++
			}
			if m.after[all[i].key] && from == i+1 && i > 0 && (from == len(all) || !named(all[from])) { // "the Amrani family"
				from = i - 1
				if from > 0 && named(all[from]) && named(all[from-1]) {
					from--
				}
			}
		case all[i].given:
			from = i
			if i > 0 && all[i-1].rare() && (i+1 >= len(all) || !all[i+1].rare()) {
				from = i - 1 // the family's name comes first
			}
		}
		if from < 0 || from >= len(all) || !named(all[from]) {
			continue
		}
		to := from + 1
		if all[from].both && (to == len(all) || !all[to].unlisted()) {
			continue // «على», not Ali
		}
		if to < len(all) && named(all[to]) {
			to++
		}
		var pieces []string
		for _, t := range all[from:to] {
			pieces = append(pieces, t.key)
		}
		if group := m.nameTokens(pieces); len(group) > 0 && len(s.said) < mostSaid {
			if n := len(group); n > 1 && to < len(all) && !group[0].given && !m.names.has(group[n-1]) {
				group[n-1].maybe = true
			}
			s.said = append(s.said, group)
		}
		i = max(i, to-1)
	}
}

// unlisted is whether a word may be a name where one is expected.
func (t *token) unlisted() bool { return !t.listed && !t.number || t.given || t.both }

// rare is whether few write a word: a name, or a thing that one family has.
func (t *token) rare() bool { return t.bits > commonBits && !t.number || t.given }

// called is what the words given for a place call the village, words before the
// first comma or the word for a commune, and the rest of them.
func (m *Model) called(s *Sketch, where string) (village, rest []*token) {
	first, others, _ := strings.Cut(stops.Replace(where), ",")
	all := m.heard(arabic.Key(first))
	for i, t := range all {
		if i > 0 && t.listed && !t.need && !m.fillers[t.key] && !m.hamlets[t.key] {
			rest, all = all[i+1:], all[:i:i]
			break
		}
	}
	rest = append(slices.Clip(rest), m.heard(arabic.Key(others))...)
	if found := m.villageIn(s, all); len(found) > 0 {
		return found, rest
	}
	return m.village(s, all), rest
}

var stops = strings.NewReplacer("،", ",", "\n", ",", "(", ",", "؛", ",", ";", ",")

// villageIn is what stands beside a word for a village.
func (m *Model) villageIn(s *Sketch, all []*token) []*token {
	for i, t := range all {
		if m.hamlets[t.key] {
			return m.village(s, all[i+1:])
		}
	}
	return nil
}

// village is up to three words that are neither common nor the commune's.
func (m *Model) village(s *Sketch, all []*token) (out []*token) {
	for _, t := range all {
		if m.fillers[t.key] {
			continue
		}
		if !t.unlisted() && !t.need || len(out) == 3 {
			break
		}
		out = append(out, t)
	}
	if !slices.ContainsFunc(out, func(t *token) bool { return !m.ofPlace(s, t) }) {
		return nil
	}
	return out
}

// Numbers in words: one that could be a telephone tells much, one that counts little.
const (
	telephoneBits = 10
	numberBits    = 1
	telephone     = 8 // digits
)

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func (m *Model) word(piece string) *token {
	return m.heardWords.of(piece, func() *token { return m.newWord(piece) })
}

func (m *Model) newWord(piece string) *token {
	if digits(piece) {
		t := &token{key: piece, bone: piece, bits: numberBits, number: true}
		if len(piece) >= telephone {
			t.key, t.bone, t.bits = piece[len(piece)-telephone:], piece[len(piece)-telephone:], telephoneBits
		}
		return t
	}
	t := hear(piece)
	t.bits = m.file.Words.Rare
	if len(t.bone) < 2 {
		t.bits = min(t.bits, needBits) // too short to know again
	}
	if known, ok := m.words.find(t, listFrom); ok {
		t.bits, t.listed, t.need = known.bits, known.key == t.key, known.need
		_, t.both = m.names.byKey[t.key]
		return t
	}
	if known, ok := m.names.byKey[t.key]; ok {
		t.bits, t.given = known.bits, known.given
		return t
	}
	for _, front := range fronts {
		rest, ok := strings.CutPrefix(piece, front)
		if !ok || utf8.RuneCountInString(rest) < 3 {
			continue
		}
		if known, ok := m.words.byKey[rest]; ok {
			t.bits, t.listed, t.need = known.bits, true, known.need
			return t
		}
	}
	return t
}

// fronts are particles that are written joined to a word, longest first.
var fronts = []string{"وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ف", "ل", "ك", "el ", "al ", "l", "f", "b"}

// ofPlace is whether a word is what the place, or one around it, is called.
func (m *Model) ofPlace(s *Sketch, t *token) bool {
	for _, code := range s.chain {
		for _, p := range m.places[code] {
			if p.bone == t.bone && (p.key == t.key || arabic.LikenessFrom(p.sound, t.sound, wordsFrom) > 0) {
				return true
			}
		}
	}
	return false
}
