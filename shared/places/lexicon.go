package places

import (
	"strings"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
)

// lexicon is a country's words that stand beside names.
type lexicon struct {
	labels  map[string]string // word → the level it announces
	near    map[string]bool
	fillers map[string]bool
	persons map[string]bool // stand before a person's name
	held    map[string]bool // beginnings of names that end with a label: "Dar Jamaa"
}

func newLexicon(c Country) *lexicon {
	x := &lexicon{labels: map[string]string{}, near: map[string]bool{}, fillers: map[string]bool{}, persons: map[string]bool{}, held: map[string]bool{}}
	for _, level := range c.Levels {
		for _, w := range level.Words {
			x.labels[arabic.Key(w)] = level.Kind
		}
	}
	for words, set := range map[*[]string]map[string]bool{&c.Near: x.near, &c.Fillers: x.fillers, &c.Learn.Persons: x.persons} {
		for _, w := range *words {
			set[arabic.Key(w)] = true
		}
	}
	return x
}

// text is a query cut into words and phrases.
type text struct {
	words []word
}

type word struct {
	key    string
	phrase int     // which stretch between commas it stands in
	kind   string  // the level a word before it announced: "commune de X"
	near   bool    // after "near"
	aside  bool    // a label or a filler: explains itself
	label  bool    // announces a level
	weight float64 // how much it says: 1, or less where half the country's names have it
}

// read cuts a query. Commas, brackets and line ends part phrases; a label
// ("commune", «دوار») or a "near" opens a new one. A label with nothing after it
// announces nothing: it is the name («فم جماعة»).
func (x *lexicon) read(q string) text {
	t := text{words: make([]word, 0, 8)}
	phrase := 0
	for part := range strings.FieldsFuncSeq(clip(q), parts) {
		phrase++
		kind, near := "", false
		before := len(t.words)
		for key := range strings.FieldsSeq(arabic.Key(part)) {
			if len(t.words) == mostWords {
				break
			}
			bare := x.bare(key)
			w := word{key: inLetters(key), weight: 1}
			switch {
			case x.labels[bare] != "" && x.holds(t.words[before:], key):
				// part of the name
			case x.labels[bare] != "":
				kind, w.aside, w.label = x.labels[bare], true, true
				phrase++
			case x.near[bare]:
				kind, near, w.aside = "", true, true
				phrase++
			case x.fillers[bare]:
				w.aside = true
			}
			w.phrase, w.kind, w.near = phrase, kind, near
			t.words = append(t.words, w)
		}
		t.keepLast(before)
	}
	return t
}

// hold takes down a name that holds a label behind its first word: there it
// announces nothing.
func (x *lexicon) hold(key string) {
	for i, c := range key {
		if c != ' ' {
			continue
		}
		word, _, _ := strings.Cut(key[i+1:], " ")
		if x.labels[word] != "" {
			x.held[key[:i+1+len(word)]] = true
		}
	}
}

// holds is whether the words before a label and it begin a name that is known.
func (x *lexicon) holds(before []word, label string) bool {
	name := label
	for i := len(before) - 1; i >= 0 && !before[i].aside; i-- {
		if name = before[i].key + " " + name; x.held[name] {
			return true
		}
	}
	return false
}

// keepLast makes a label at the end of a stretch a word of the name before it.
func (t text) keepLast(from int) {
	last := len(t.words) - 1
	if last <= from || !t.words[last].label || t.words[last-1].aside {
		return
	}
	w := &t.words[last]
	before := t.words[last-1]
	w.aside, w.label, w.phrase, w.kind, w.near = false, false, before.phrase, before.kind, before.near
}

// inLetters writes a word in Tifinagh in the letters of lists.
func inLetters(key string) string {
	if strings.Contains(key, "\xE2\xB4") || strings.Contains(key, "\xE2\xB5") {
		return arabic.Key(arabic.Tifinagh(key))
	}
	return key
}

func clip(q string) string {
	if len(q) <= readRunes {
		return q
	}
	n := 0
	for i := range q {
		if n == readRunes {
			return q[:i]
		}
		n++
	}
	return q
}

func parts(r rune) bool {
	if r < 0x80 {
		switch r {
		case ',', ';', '|', '/', '(', ')', '[', ']', '{', '}', ':', '?', '!', '"', '\n', '\r', '\t':
			return true
		}
		return false
	}
	switch r {
	case '،', '؛', '؟', '«', '»', '“', '”', '\u2014', '\u2013', unicode.ReplacementChar:
		return true
	}
	return false
}

// bare takes the Arabic joined particles off a word (بجماعة, والدوار), when what
// is left is a word of ours.
func (x *lexicon) bare(key string) string {
	if x.ours(key) {
		return key
	}
	if key[0] < 0x80 {
		return key
	}
	for _, particle := range [...]string{"و", "ب", "ل", "ال", "بال", "وال", "لل"} {
		if rest, ok := strings.CutPrefix(key, particle); ok && x.ours(rest) {
			return rest
		}
	}
	return key
}

func (x *lexicon) ours(key string) bool { return x.labels[key] != "" || x.near[key] || x.fillers[key] }

// phones is how a name sounds without the words that carry none of it.
func (x *lexicon) phones(dst []byte, key string) []byte {
	if !strings.Contains(key, " ") {
		return arabic.AppendPhones(dst, key)
	}
	var room [96]byte
	bare := room[:0]
	for w := range strings.FieldsSeq(key) {
		if x.fillers[w] {
			continue
		}
		if len(bare) > 0 {
			bare = append(bare, ' ')
		}
		bare = append(bare, w...)
	}
	if len(bare) == 0 {
		return arabic.AppendPhones(dst, key)
	}
	return arabic.AppendPhones(dst, string(bare))
}

// join is the key of a run of words.
func (t text) join(from, to int) string {
	if to == from+1 {
		return t.words[from].key
	}
	var room [128]byte
	b := room[:0]
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ' ')
		}
		b = append(b, t.words[i].key...)
	}
	return string(b)
}

// named is whether the run says more than "commune of the".
func (t text) named(from, to int) bool {
	for _, w := range t.words[from:to] {
		if !w.aside {
			return true
		}
	}
	return to-from == len(t.words)
}

// opens is whether nothing of a name stands before from in its phrase.
func (t text) opens(from int) bool {
	for i := from - 1; i >= 0 && t.words[i].phrase == t.words[from].phrase; i-- {
		if !t.words[i].aside {
			return false
		}
	}
	return true
}

// depth says how to look a run up: as it stands when it begins or ends with
// "commune" or "of", which some names do; to the full when it is all that its
// phrase names.
func (t text) depth(from, to int) depth {
	if t.words[from].aside || t.words[to-1].aside {
		if to-from == len(t.words) {
			return closely // "Dar Jemaa": the label is part of the name
		}
		return exactly
	}
	for i, w := range t.words {
		if w.phrase == t.words[from].phrase && !w.aside && (i < from || i >= to) {
			return closely
		}
	}
	return fully
}

// explained is the share of what the words say that stands for something known:
// told has a bit for each word.
func (t text) explained(told uint32) float64 {
	left, all := 0.0, 0.0
	for i, w := range t.words {
		if !w.aside {
			all += w.weight
			if told&(1<<i) == 0 {
				left += w.weight
			}
		}
	}
	if all == 0 {
		return 1
	}
	return 1 - left/all
}
