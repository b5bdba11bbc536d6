package places

import (
	"cmp"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// Candidate is a place that a text may mean.
type Candidate struct {
	Place  *Place
	Score  float64  // 0 to 1; 1 is the same name and nothing unexplained; no less than that of any behind it
	Reason string   // message key: why it is proposed (ByName, BySound …)
	Inside []*Place // other places the text names that this one lies in or beside, widest first

	rank float64 // the order: the score, and how many people such a name may mean
	own  float64 // of the name and the text, before what comes behind it
}

const (
	readRunes  = 300 // runes of a text that are read
	mostWords  = 24
	strong     = 0.9 // a named place that speaks against candidates elsewhere
	sound      = 0.75
	besideKm   = 25 // "near X" reaches this far
	mostEquals = 50
)

// query is one search under way.
type query struct {
	g      *Gazetteer
	learnt *index // nil when nothing was learnt
	room   *room
	memo   *memo  // nil where one text is asked for
	area   *Place // to which the answer keeps; nil is the whole country

	few     bool // no more than few are wanted
	settled bool // the text is all that somebody wrote: no name that goes on is wanted beside one that fits
}

func (g *Gazetteer) query(m *memo) *query {
	return &query{g: g, learnt: g.learnt.Load(), room: rooms.Get().(*room), memo: m}
}

func (q *query) close() { rooms.Put(q.room) }

func (q *query) indexes() []*index {
	if q.learnt == nil {
		return q.g.alone
	}
	return []*index{q.g.index, q.learnt}
}

// Search proposes the places a text may mean, the likeliest first. It reads any
// script and free text: "تيزي اوسم", "douar Tizi Oussem, commune Ouirgane",
// "دوار تيزي قرب ويركان". Places of wider levels named in the same text narrow
// the choice; words it cannot explain lower the score. Of names equally like the
// text, the place of more people comes first. Homonyms come back
// together: the limit never parts places of one name. within keeps to places in that code
// ("" is the whole country). A limit of 0 means 10. No answer is an empty list,
// never a refusal.
func (g *Gazetteer) Search(text, within string, limit int) []Candidate {
	q := g.query(nil)
	defer q.close()
	return q.search(text, within, limit)
}

func (q *query) search(asked, within string, limit int) []Candidate {
	g := q.g
	if limit <= 0 {
		limit = few
	}
	if p, ok := g.byCode[strings.TrimSpace(arabic.Digits(asked))]; ok && g.Within(p.Code, within) {
		return []Candidate{{Place: p, Score: 1, Reason: ByCode}}
	}
	q.area = g.byCode[within]
	if within != "" && q.area == nil {
		return nil // nothing lies in a place that is not there
	}
	t := g.words.read(asked)
	q.weights(t)
	list := q.weigh(t, q.mentions(t))
	slices.SortFunc(list, func(a, b *weighed) int { return byRank(&a.Candidate, &b.Candidate) })
	for i := len(list) - 2; i >= 0; i-- {
		list[i].Score = max(list[i].Score, list[i+1].Score)
	}
	end := min(limit, len(list))
	for i := end; end > 0 && i < min(len(list), mostEquals) && list[i].Score == list[end-1].Score; i++ {
		if list[i].Reason == ByName {
			end = i + 1
		}
	}
	out := make([]Candidate, end)
	for i := range out {
		out[i] = list[i].Candidate
	}
	return out
}

// weights says of each word how much it tells: one that many names share, little.
func (q *query) weights(t text) {
	x := q.g.index
	for i := range t.words {
		if len(x.words[t.words[i].key]) > x.common {
			t.words[i].weight = 0.5
		}
	}
}

// mention is a run of words and one place it may mean.
type mention struct {
	hit
	from, to int // words[from:to]
	kind     string
	near     bool
	phrase   int
}

// mostHeard is how many words of a sentence are compared by their sound: longer
// names are found in it as they stand, and by their parts.
const mostHeard = 4

// run is a stretch of words that stands in the text as a name does.
type run struct{ from, to int }

// mentions looks up every run of words inside a phrase, and the text as a whole.
func (q *query) mentions(t text) []mention {
	r := q.room
	r.found, r.runs = r.found[:0], r.runs[:0]
	all := len(t.words)
	widest := q.g.index.widest
	if q.learnt != nil {
		widest = max(widest, q.learnt.widest)
	}
	for size := min(all, widest); size > 0; size-- {
		for from := 0; from+size <= all; from++ {
			to := from + size
			if t.words[to-1].phrase != t.words[from].phrase || !t.named(from, to) || inside(r.runs, from, to) {
				continue
			}
			deep := t.depth(from, to)
			if size == 1 && deep == closely && len(q.g.index.words[t.words[from].key]) > q.g.index.common {
				deep = exactly // "Ait", "Sidi": it says nothing by itself
			}
			if size > mostHeard && deep == closely {
				deep = exactly
			}
			if q.look(t, from, to, deep) {
				r.runs = append(r.runs, run{from, to})
			}
		}
	}
	if all > 0 && t.words[0].phrase != t.words[all-1].phrase {
		q.look(t, 0, all, exactly)
	}
	return r.found
}

// look takes down what a run may mean, and says whether it is a name as it stands.
func (q *query) look(t text, from, to int, deep depth) (named bool) {
	first := t.words[from]
	if first.aside {
		first.kind, first.near = "", false // the label is part of the name
	} else if !t.opens(from) {
		first.kind = "" // "douar X Y": the label speaks of X
	}
	if deep == fully && q.few && to-from == len(t.words) && first.kind == "" && !first.near {
		deep = alone
	}
	for _, h := range q.lookup(t.join(from, to), deep) {
		if t.words[from].aside && h.score < asName {
			continue // "douar Kema" is no way to write Dar Jemaa
		}
		named = named || h.reason == ByName && h.score >= 0.97 || h.reason == BySound && h.score >= alikeEnough
		if deep == closely && h.score < halfHeard {
			h.score -= (halfHeard - h.score) / 2 // many words of a sentence sound a little like some place
		}
		if first.kind != "" && h.place.Kind != first.kind {
			h.score *= mislabelled(first.kind, h.place.Kind)
		}
		if first.near {
			h.score *= 0.9
		}
		q.room.found = append(q.room.found, mention{h, from, to, first.kind, first.near, first.phrase})
	}
	return named
}

// asName is how alike a run that begins with a label must be to a name that does.
const asName = 0.92

// alikeEnough is from where a run is a name, and its parts are none.
const alikeEnough = 0.87

// halfHeard is below what a few words of a sentence must sound like a name to
// count for all that they are.
const halfHeard = 0.9

// mislabelled is what is left of a name whose level was said and is another.
// "Douar Ouirgane" is often said of the commune's own village, which no list of
// douars has; the other way round hardly ever.
func mislabelled(said, is string) float64 {
	if said == Douar && is == Commune {
		return 0.85
	}
	return 0.7
}

// inside is whether a run is only a part of a longer name that stands in the
// text as it is: "Tizi" inside "Tizi Oussem".
func inside(sure []run, from, to int) bool {
	for _, r := range sure {
		if r.from <= from && to <= r.to && r.to-r.from > to-from {
			return true
		}
	}
	return false
}

// spot is a run of words with what it may mean for sure enough: what may narrow.
type spot struct {
	from, to   int
	start, end int // in the mentions
}

func firm(m mention) bool {
	return m.score >= sound && m.reason != ByPrefix && m.reason != ByWord && m.reason != ByShape
}

// weigh turns mentions into candidates: each is read together with what else the
// text names.
func (q *query) weigh(t text, all []mention) []*weighed {
	g, r := q.g, q.room
	r.spots = r.spots[:0]
	for i, m := range all {
		if n := len(r.spots); n > 0 && r.spots[n-1].from == m.from && r.spots[n-1].to == m.to {
			r.spots[n-1].end = i + 1
		} else {
			r.spots = append(r.spots, spot{m.from, m.to, i, i + 1})
		}
	}
	r.where.wipe(len(g.byCode))
	r.best = r.best[:0]
	narrowed := false
	for _, m := range all {
		if q.area != nil && !m.place.in(q.area) {
			continue
		}
		w := g.together(t, m, all, r.spots)
		narrowed = narrowed || w.agrees && m.score >= sound
		if r.where.tick(m.place.n) {
			if old := &r.best[r.where.notes[m.place.n]]; old.Score < w.Score {
				*old = w
			}
			continue
		}
		r.where.notes[m.place.n] = int32(len(r.best))
		r.best = append(r.best, w)
	}
	q.lift()
	q.stepBack()
	out := r.order[:0]
	for pass := 0; pass < 2 && len(out) == 0; pass++ { // what speaks against each other is better than nothing
		for i := range r.best {
			if w := &r.best[i]; !w.gone && w.Score >= 0.3 && (pass == 1 || !narrowed || !w.against) {
				w.Candidate.own, w.rank = w.Score, w.Score+w.Place.prior-w.less
				out = append(out, w)
			}
		}
	}
	r.order = out
	return out
}

// of is what a place was weighed; nil when nothing named it.
func (q *query) of(p *Place) *weighed {
	r := q.room
	if p == nil || r.where.ticks[p.n] != r.where.turn {
		return nil
	}
	return &r.best[r.where.notes[p.n]]
}

type weighed struct {
	Candidate
	named    float64 // of the name alone
	less     float64 // taken off its rank
	from, to int     // the words that name it
	labelled bool    // its level was said
	agrees   bool    // another named place holds it
	against  bool    // another named place lies elsewhere
	gone     bool    // it stood in the text to tell a finer one apart
}

// together weighs one reading against the rest of the text.
func (g *Gazetteer) together(t text, m mention, all []mention, spots []spot) weighed {
	w := weighed{Candidate: Candidate{Place: m.place, Reason: m.reason}, named: m.score, from: m.from, to: m.to, labelled: m.kind != ""}
	told := wordsOf(m.from, m.to) // words explained
	const open, settled = 1, 2
	var disputed [mostWords]uint8 // at the start of a strong mention elsewhere
	for _, s := range spots {
		if s.from < m.to && m.from < s.to {
			continue
		}
		for i := s.start; i < s.end; i++ {
			o := &all[i]
			if !firm(*o) {
				continue
			}
			switch {
			case o.place == m.place:
				told |= wordsOf(o.from, o.to)
				disputed[o.from] = settled
			case m.place.in(o.place) || o.near && g.beside(m.place, o.place):
				told |= wordsOf(o.from, o.to)
				disputed[o.from] = settled
				w.agrees = true
				if !slices.Contains(w.Inside, o.place) {
					w.Inside = append(w.Inside, o.place)
				}
			case o.place.in(m.place):
				disputed[o.from] = settled // the finer place is its own candidate
			case o.score >= strong && (o.phrase != m.phrase || o.kind != "") && disputed[o.from] == 0:
				disputed[o.from] = open
			}
		}
	}
	for _, state := range disputed {
		w.against = w.against || state == open
	}
	base := 0.6 // a name as it stands counts for something in any sentence, what only sounds like one for less
	if m.reason != ByName {
		base = 0.5
	}
	explained := t.explained(told) * (1 - 2*max(0, halfAlike-m.score)) // what is far from a name explains little
	w.Score = m.score * (base + (1-base)*explained)
	if w.against {
		w.Score *= 0.6
		w.less += perPhrase * float64(m.phrase)
	}
	slices.SortFunc(w.Inside, func(a, b *Place) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.Code, b.Code))
	})
	return w
}

// halfAlike is below what a name is too far from the words to explain them all: one
// that some of them name exactly may be meant instead.
const halfAlike = 0.8

// perPhrase is how much less is said of a place that is named later in a text
// whose places do not lie in each other: the first is the one that is meant.
const perPhrase = 0.02

// wordsOf has a bit for each word of a run.
func wordsOf(from, to int) uint32 { return (1<<to - 1) &^ (1<<from - 1) }

// beside is whether two places are near each other, as far as is known.
func (g *Gazetteer) beside(a, b *Place) bool {
	pa, _, okA := g.Point(a.Code)
	pb, _, okB := g.Point(b.Code)
	return okA && okB && geo.Distance(pa, pb) <= besideKm
}
