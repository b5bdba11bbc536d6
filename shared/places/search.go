package places

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// Candidate is a place that a text may mean.
type Candidate struct {
	Place  *Place
	Score  float64  // 0 to 1; 1 is the same name and nothing unexplained
	Reason string   // message key: why it is proposed (ByName, BySound …)
	Inside []*Place // other places the text names that this one lies in or beside, widest first
}

const (
	readRunes  = 300 // runes of a text that are read
	mostWords  = 24
	widestName = 5   // words
	strong     = 0.9 // a named place that speaks against candidates elsewhere
	sound      = 0.75
	besideKm   = 25 // "near X" reaches this far
	common     = 25 // a word of more names than this is none by itself
	mostEquals = 50
)

// Search proposes the places a text may mean, the likeliest first. It reads any
// script and free text: "تيزي اوسم", "douar Tizi Oussem, commune Ouirgane",
// "دوار تيزي قرب ويركان". Places of wider levels named in the same text narrow
// the choice; words it cannot explain lower the score. Homonyms come back
// together: the limit never parts places of one name. within keeps to places in that code
// ("" is the whole country). A limit of 0 means 10. No answer is an empty list,
// never a refusal.
func (g *Gazetteer) Search(q, within string, limit int) []Candidate {
	if limit <= 0 {
		limit = 10
	}
	if p, ok := g.byCode[strings.TrimSpace(arabic.Digits(q))]; ok && g.Within(p.Code, within) {
		return []Candidate{{Place: p, Score: 1, Reason: ByCode}}
	}
	t := g.index.read(q)
	mentions := g.index.mentions(t)
	list := g.weigh(t, mentions, within)
	slices.SortFunc(list, func(a, b Candidate) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), -cmp.Compare(a.Place.Population, b.Place.Population), cmp.Compare(a.Place.Code, b.Place.Code))
	})
	end := min(limit, len(list))
	for end > 0 && end < len(list) && end < mostEquals && list[end].Reason == ByName && list[end].Score == list[end-1].Score {
		end++
	}
	return list[:end]
}

// text is a query cut into words and phrases.
type text struct {
	words   []word
	content int // words that may be part of a name
}

type word struct {
	key    string
	phrase int    // which stretch between commas it stands in
	kind   string // the level a word before it announced: "commune de X"
	near   bool   // after "near"
	aside  bool   // a label or a filler: explains itself
}

// read cuts a query. Commas, brackets and line ends part phrases; a label
// ("commune", «دوار») or a "near" opens a new one.
func (x *index) read(q string) text {
	var t text
	phrase := 0
	for part := range strings.FieldsFuncSeq(clip(q), parts) {
		phrase++
		kind, near := "", false
		for key := range strings.FieldsSeq(arabic.Key(part)) {
			if len(t.words) == mostWords {
				return t
			}
			bare := x.bare(key)
			w := word{key: arabic.Key(arabic.Tifinagh(key))} // lists of douars are in other letters
			switch {
			case x.labels[bare] != "":
				kind, w.aside = x.labels[bare], true
				phrase++
			case x.near[bare]:
				kind, near, w.aside = "", true, true
				phrase++
			case x.fillers[bare]:
				w.aside = true
			default:
				t.content++
			}
			w.phrase, w.kind, w.near = phrase, kind, near
			t.words = append(t.words, w)
		}
	}
	return t
}

func clip(q string) string {
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
	return strings.ContainsRune(",،;؛|/()[]{}:؟?!«»\"“”\n\r\t", r) || r == '\u2014' || r == '\u2013' || r == unicode.ReplacementChar
}

// bare takes the Arabic joined particles off a word (بجماعة, والدوار), when what
// is left is a word of ours.
func (x *index) bare(key string) string {
	for _, particle := range [...]string{"", "و", "ب", "ل", "ال", "بال", "وال", "لل"} {
		if rest, ok := strings.CutPrefix(key, particle); ok && (x.labels[rest] != "" || x.near[rest] || x.fillers[rest]) {
			return rest
		}
	}
	return key
}

// mention is a run of words and one place it may mean.
type mention struct {
	hit
	from, to int // words[from:to]
	kind     string
	near     bool
	phrase   int
}

// mentions looks up every run of words inside a phrase, and the text as a whole.
func (x *index) mentions(t text) []mention {
	var out []mention
	look := func(from, to int, depth depth) {
		keys := make([]string, 0, to-from)
		for _, w := range t.words[from:to] {
			keys = append(keys, w.key)
		}
		first := t.words[from]
		if first.aside {
			first.kind, first.near = "", false // the label is part of the name
		} else if !t.opens(from) {
			first.kind = "" // "douar X Y": the label speaks of X
		}
		for _, h := range x.lookup(strings.Join(keys, " "), depth) {
			if first.kind != "" && h.place.Kind != first.kind {
				h.score *= mislabelled(first.kind, h.place.Kind)
			}
			if first.near {
				h.score *= 0.9
			}
			out = append(out, mention{h, from, to, first.kind, first.near, first.phrase})
		}
	}
	all := len(t.words)
	var sure []run
	for size := min(all, x.widest); size > 0; size-- {
		for from := 0; from+size <= all; from++ {
			to := from + size
			if t.words[to-1].phrase != t.words[from].phrase || !t.named(from, to) || inside(sure, from, to) {
				continue
			}
			deep := t.depth(from, to)
			if size == 1 && deep == closely && len(x.words[t.words[from].key]) > common {
				deep = exactly // "Ait", "Sidi": it says nothing by itself
			}
			before := len(out)
			look(from, to, deep)
			if slices.ContainsFunc(out[before:], func(m mention) bool { return m.reason == ByName && m.score >= 0.97 }) {
				sure = append(sure, run{from, to})
			}
		}
	}
	if all > 0 && t.words[0].phrase != t.words[all-1].phrase {
		look(0, all, exactly)
	}
	return out
}

// mislabelled is what is left of a name whose level was said and is another.
// "Douar Ouirgane" is often said of the commune's own village, which no list of
// douars has; the other way round hardly ever.
func mislabelled(said, is string) float64 {
	if said == Douar && is == Commune {
		return 0.85
	}
	return 0.7
}

// run is a stretch of words.
type run struct{ from, to int }

// inside is whether a run is only a part of a longer name that stands in the
// text as it is: "Tizi" inside "Tizi Oussem".
func inside(sure []run, from, to int) bool {
	return slices.ContainsFunc(sure, func(r run) bool { return r.from <= from && to <= r.to && r.to-r.from > to-from })
}

// named is whether the run says more than "commune of the".
func (t text) named(from, to int) bool {
	return slices.ContainsFunc(t.words[from:to], func(w word) bool { return !w.aside }) || to-from == len(t.words)
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

// weigh turns mentions into candidates: each is read together with what else the
// text names.
func (g *Gazetteer) weigh(t text, mentions []mention, within string) []Candidate {
	var firm []mention // what may narrow: sure enough by itself
	for _, m := range mentions {
		if m.score >= sound && m.reason != ByPrefix && m.reason != ByWord && m.reason != ByShape {
			firm = append(firm, m)
		}
	}
	best := map[*Place]weighed{}
	narrowed := false
	for _, m := range mentions {
		if !g.Within(m.place.Code, within) {
			continue
		}
		w := g.together(t, m, firm)
		narrowed = narrowed || w.agrees && m.score >= sound
		if old, ok := best[m.place]; !ok || old.Score < w.Score {
			best[m.place] = w
		}
	}
	g.lift(best)
	g.stepBack(best)
	var out, apart []Candidate
	for _, w := range best {
		switch {
		case w.Score < 0.3:
		case narrowed && w.against:
			apart = append(apart, w.Candidate)
		default:
			out = append(out, w.Candidate)
		}
	}
	if len(out) == 0 {
		return apart // what speaks against each other is better than nothing
	}
	return out
}

// lift gives a commune the rank of the douar in it that bears its name: who says
// the name alone may mean either, and both lie there. Elsewhere the wider place
// is the likelier one: a tenth part of a letter more is no reason to send people
// to a hamlet that they never heard of.
func (g *Gazetteer) lift(best map[*Place]weighed) {
	for p, w := range best {
		if p.Kind != Douar || w.labelled {
			continue
		}
		if c, ok := best[g.byCode[p.Parent]]; ok && c.own >= 0.75 && c.from == w.from && c.to == w.to {
			c.Score, c.own = max(c.Score, w.Score-0.001), max(c.own, w.own)
			best[c.Place] = c
		}
	}
}

// stepBack puts a wider place behind the finer one it was named to tell apart:
// it leaves the list when the finer one is certain.
func (g *Gazetteer) stepBack(best map[*Place]weighed) {
	for level := len(kinds) - 1; level > 0; level-- {
		for _, p := range sorted(best, kinds[level]) {
			w := best[p]
			for _, parent := range w.Inside {
				wide, ok := best[parent]
				if !ok || w.own < sound || !g.Within(p.Code, parent.Code) {
					continue
				}
				if w.own >= strong {
					delete(best, parent)
				} else if wide.Score >= w.Score {
					wide.Score = w.Score - 0.01
					best[parent] = wide
				}
			}
		}
	}
}

// sorted are the weighed places of a kind, in an order that never changes.
func sorted(best map[*Place]weighed, kind string) []*Place {
	var out []*Place
	for p := range best {
		if p.Kind == kind {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Place) int { return strings.Compare(a.Code, b.Code) })
	return out
}

type weighed struct {
	Candidate
	own      float64 // of the name alone
	from, to int     // the words that name it
	labelled bool    // its level was said
	agrees   bool    // another named place holds it
	against  bool    // another named place lies elsewhere
}

// together weighs one reading against the rest of the text.
func (g *Gazetteer) together(t text, m mention, firm []mention) weighed {
	w := weighed{Candidate: Candidate{Place: m.place, Reason: m.reason}, own: m.score, from: m.from, to: m.to, labelled: m.kind != ""}
	told := make([]bool, len(t.words)) // words explained
	tell := func(from, to int) {
		for i := from; i < to; i++ {
			told[i] = true
		}
	}
	tell(m.from, m.to)
	disputed := map[int]bool{} // start of a strong mention elsewhere, unless settled
	for _, o := range firm {
		if o.from < m.to && m.from < o.to {
			continue
		}
		switch {
		case o.place == m.place:
			tell(o.from, o.to)
			disputed[o.from] = false
		case g.Within(m.place.Code, o.place.Code) || o.near && g.beside(m.place, o.place):
			tell(o.from, o.to)
			disputed[o.from] = false
			w.agrees = true
			if !slices.Contains(w.Inside, o.place) {
				w.Inside = append(w.Inside, o.place)
			}
		case g.Within(o.place.Code, m.place.Code):
			disputed[o.from] = false // the finer place is its own candidate
		case o.score >= strong && (o.phrase != m.phrase || o.kind != ""):
			if _, settled := disputed[o.from]; !settled {
				disputed[o.from] = true
			}
		}
	}
	for _, yes := range disputed {
		w.against = w.against || yes
	}
	w.Score = m.score * (0.6 + 0.4*t.explained(told))
	if w.against {
		w.Score *= 0.6
	}
	slices.SortFunc(w.Inside, func(a, b *Place) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Code, b.Code))
	})
	return w
}

// explained is the share of the words that stand for something known.
func (t text) explained(told []bool) float64 {
	left := 0
	for i, w := range t.words {
		if !w.aside && !told[i] {
			left++
		}
	}
	return 1 - float64(left)/float64(max(1, t.content))
}

// beside is whether two places are near each other, as far as is known.
func (g *Gazetteer) beside(a, b *Place) bool {
	pa, _, okA := g.Point(a.Code)
	pb, _, okB := g.Point(b.Code)
	return okA && okB && geo.Distance(pa, pb) <= besideKm
}
