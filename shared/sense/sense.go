// Package sense reads what people wrote in their own words, and proposes what it
// may mean: needs, who is fragile, whether a life is in danger, how many they
// are. Each proposal stands with the words that led to it, so that a person can
// confirm it at a glance. It decides nothing.
//
// It knows words, not people: it is a list that anybody can read and correct
// (sense.yaml of a country pack), in every language and script of the country,
// and it calls nobody. Words of distress are needs, never suspicions.
package sense

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Finding is one thing that a text says.
type Finding struct {
	Key      string // "needs.food", "weak.infant", "danger", "people", "households"
	Count    int    // how many, where a number stands beside it; 0 is not said
	From, To int    // the words that led to it: text[From:To]
}

// Reading is all that was found in a text.
type Reading struct {
	Lang     string // ar, ary, fr, en, shi, zgh; "" when nothing tells
	Findings []Finding
}

// Has is whether the text says it.
func (r Reading) Has(key string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Key == key })
}

// Keys is everything that the text says, each once, sorted.
func (r Reading) Keys() (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Key)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// People is how many people the text speaks of, when it says so once.
func (r Reading) People() int {
	n := 0
	for _, f := range r.Findings {
		if f.Key != "people" {
			continue
		}
		if n != 0 && n != f.Count {
			return 0
		}
		n = f.Count
	}
	return n
}

// mostRunes of a text are read.
const mostRunes = 4000

// word is one word of a text.
type word struct {
	key, bare string
	from, to  int
	clause    int
}

// cut parts a text into words and clauses.
func cut(text string) (out []word) {
	clause, from, runes := 0, -1, 0
	end := func(to int) {
		if from < 0 {
			return
		}
		for _, key := range fold(text[from:to]) {
			out = append(out, word{key, bare(key), from, to, clause})
			if clausal[key] {
				clause++
				out[len(out)-1].clause = clause
			}
		}
		from = -1
	}
	for i, r := range text {
		if runes++; runes > mostRunes {
			end(i)
			return out
		}
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.M, r):
			if from < 0 {
				from = i
			}
		default:
			end(i)
			if strings.ContainsRune(".;:!?،؛؟\n,", r) {
				clause++
			}
		}
	}
	end(len(text))
	return out
}

// clausal begin another clause.
var clausal = map[string]bool{"mais": true, "but": true, "لكن": true, "ولكن": true, "walakin": true, "walakine": true, "macha": true}

// bare takes the joined particles off an Arabic word: والماء, بالخيام, للدواء.
func bare(w string) string {
	for _, p := range []string{"وال", "بال", "فال", "كال", "ولل", "لل", "ال", "و", "ب", "ل", "ف"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len([]rune(rest)) >= 3 {
			return rest
		}
	}
	return w
}

// Read finds what a text says: by the list of words, and where the country has
// one by its model, which has the last word on what it knows.
func (l *Lexicon) Read(text string) Reading {
	words := cut(text)
	r, named := l.listed(text, words)
	if l.model != nil {
		r.Findings = l.weighed(words, r, named)
	}
	return r
}

// listed is what the list of words says by itself, and everything that is named
// in the text, whatever is said of it.
func (l *Lexicon) listed(text string, words []word) (r Reading, named []string) {
	r.Lang = l.language(text, words)
	all := l.hits(words)
	for _, h := range all {
		named = append(named, h.keys...)
		if l.there(words, h) || slices.ContainsFunc(all, h.partOf) {
			continue
		}
		for _, key := range h.keys {
			r.Findings = append(r.Findings, Finding{Key: key, Count: l.beside(words, h), From: words[h.from].from, To: words[h.to-1].to})
		}
	}
	r.Findings = append(r.Findings, l.counted(words)...)
	r.Findings = append(r.Findings, l.aged(words)...)
	r.settle()
	return r, named
}

func (r *Reading) settle() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Key, b.Key), cmp.Compare(a.To, b.To))
	})
	r.Findings = slices.Compact(r.Findings)
}

// MaybeDanger says that a life may be in danger: not enough speaks for it to say
// so, and too much to leave the text unread. Nearly every danger is one or the
// other.
const (
	danger      = "danger"
	MaybeDanger = "maybe_danger"
)

// By how much the model must outweigh the list of words: to take away what the
// list finds, to say what it does not name, and to say what it names and finds
// denied. Set on sentences written without the list in view, each read by a model
// that had not seen it.
const (
	toDrop = 1.5
	toAdd  = 0.25
	toDeny = 2.5
)

// weighed is what the model makes of the findings: it takes some away and adds
// others, with the words that spoke most for them.
func (l *Lexicon) weighed(words []word, r Reading, named []string) []Finding {
	seen := l.notice(words, r, named)
	scores := l.model.scores(seen)
	for k, key := range l.model.Keys {
		listed := r.Has(key)
		from := float64(l.model.From[k])
		switch {
		case listed:
			from -= toDrop
		case slices.Contains(named, key):
			from += toDeny
		default:
			from += toAdd
		}
		said := scores[k] >= from
		as := key
		if key == danger && !said && scores[k] >= float64(l.model.Maybe[k]) {
			as, said = MaybeDanger, true
		}
		switch {
		case as != key:
			r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return f.Key == key })
			from, to := l.model.words(seen, k, len(words))
			if to > from {
				r.Findings = append(r.Findings, Finding{Key: as, From: words[from].from, To: words[to-1].to})
			}
		case listed && !said:
			r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return f.Key == key })
		case said && !listed:
			if from, to := l.model.words(seen, k, len(words)); to > from {
				r.Findings = append(r.Findings, Finding{Key: key, From: words[from].from, To: words[to-1].to})
			}
		}
	}
	r.settle()
	return r.Findings
}

// Plain is what a list of words alone would say: whatever is named is needed,
// whatever stands around it. It is here to be compared with.
func (l *Lexicon) Plain(text string) (out []string) {
	words := cut(text)
	for i := range words {
		for _, p := range l.starting(words[i]) {
			if len(p.pieces) == 1 && len(p.pieces[0]) == 1 {
				out = append(out, p.keys...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hit is a pattern that stands in words[from:to].
type hit struct {
	keys     []string
	from, to int
	row      bool // all of words[from:to] is meant
	thing    bool // a thing, which may be there already
}

// partOf is whether the hit is only a part of a longer one: "sugar" in "has
// sugar", which is an illness.
func (h hit) partOf(o hit) bool {
	return h.thing && !o.thing && o.row && o.from <= h.from && h.to <= o.to && o.to-o.from > h.to-h.from && !slices.Contains(o.keys, "danger")
}

func (l *Lexicon) hits(words []word) (out []hit) {
	for i := range words {
		for _, p := range l.starting(words[i]) {
			if to, from, ok := p.at(words, i); ok {
				out = append(out, hit{p.keys, from, to, len(p.pieces) == 1, p.thing})
			}
		}
	}
	return out
}

// there is whether the text says that what was named is not needed: it is there
// already, it is not wanted, or there is none ("pas de blessés").
func (l *Lexicon) there(words []word, h hit) bool {
	clause := words[h.from].clause
	before := func(marks *marks, reach int) bool {
		for i := h.from - 1; i >= 0 && i >= h.from-reach && words[i].clause == clause; i-- {
			if marks.ends(words, i) {
				return true
			}
		}
		return false
	}
	if before(&l.refuse, 4) {
		return true
	}
	if !h.thing {
		return before(&l.none, 1)
	}
	if before(&l.lack, 3) {
		return false
	}
	if before(&l.have, 3) {
		return true
	}
	for i := h.to; i < len(words) && i < h.to+2 && words[i].clause == clause; i++ {
		if l.lack.begins(words, i) {
			return false
		}
		if l.have.begins(words, i) {
			return true
		}
	}
	return false
}

// language tells the language of a text by its letters, and where those do not
// say it by the words known of each.
func (l *Lexicon) language(text string, words []word) string {
	arab, latin := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Tifinagh, r):
			return "zgh"
		case unicode.Is(unicode.Arabic, r):
			arab++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	if arab == 0 && latin == 0 {
		return ""
	}
	votes := map[string]int{}
	for _, w := range words {
		for _, lang := range l.languages[w.key] {
			votes[lang]++
		}
		if strings.ContainsAny(w.key, "379") && strings.ContainsAny(w.key, "abcdefghijklmnopqrstuvwxyz") {
			votes["ary"]++ // 7it, 3afak
		}
	}
	best, from := "", []string{"shi", "ary", "fr", "en"}
	if arab >= latin {
		best, from = "ar", []string{"ary"}
	}
	for _, lang := range from {
		if votes[lang] > votes[best] {
			best = lang
		}
	}
	return best
}
