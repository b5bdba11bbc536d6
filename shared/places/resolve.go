package places

import (
	"cmp"
	"slices"

	"github.com/twiza/twiza/base/geo"
)

// Hint is what is known of a place beside its name.
type Hint struct {
	Within   string    // code of a place it lies in; "" is the whole country
	At       geo.Point // where somebody said they stand, when HasPoint
	HasPoint bool
}

// Answer is what a text may mean.
type Answer struct {
	Candidates []Candidate // the likeliest first; homonyms all
	Sure       bool        // no person needs to choose: one place, by far
}

const (
	sureScore = 0.9  // the least that needs no person
	sureGap   = 0.15 // by how much the second must stay behind
	hintKm    = 15   // a point speaks for what lies so near, and fades over as much again
)

// Resolve reads a text and proposes the places that it may mean. What is known
// beside it narrows: a place that it lies in, and a point, which moves homonyms
// near it to the front and the rest back.
func (g *Gazetteer) Resolve(text string, h Hint) Answer {
	q := g.query(nil)
	defer q.close()
	return q.resolve(text, h)
}

func (q *query) resolve(text string, h Hint) Answer {
	g, limit := q.g, few
	q.settled, q.few = true, !h.HasPoint
	if h.HasPoint {
		limit = mostEquals
	}
	a := Answer{Candidates: q.search(text, h.Within, limit)}
	if h.HasPoint {
		g.draw(a.Candidates, h.At)
	}
	if n := len(a.Candidates); n > 1 && a.Candidates[0].Place.Code == h.Within && a.Candidates[1].Score >= sound {
		a.Candidates = append(a.Candidates[1:n:n], a.Candidates[0]) // it was told already: the name says which place in it
	}
	a.Sure = g.sure(a.Candidates)
	return a
}

// sure is whether the first candidate stands alone. What lies in it and shares
// its name is no rival: "Asni" is the commune and the village in it.
func (g *Gazetteer) sure(all []Candidate) bool {
	if len(all) == 0 || all[0].Score < sureScore {
		return false
	}
	first := all[0]
	for _, c := range all[1:] {
		if c.Score <= first.Score-sureGap {
			break
		}
		if first.Place.Kind != Commune || !g.Within(c.Place.Code, first.Place.Code) {
			return false
		}
	}
	return true
}

// draw weighs candidates by how far from a point they lie: those beside it keep
// nearly all of their score, far ones lose half of it.
func (g *Gazetteer) draw(all []Candidate, at geo.Point) {
	for i := range all {
		where, reach, ok := g.Point(all[i].Place.Code)
		if !ok {
			continue
		}
		km := geo.Distance(where, at)
		beyond := (km - max(hintKm, reach)) / hintKm
		all[i].Score *= 1 - 0.03*min(1, km/hintKm) - 0.5*min(1, max(0, beyond))
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return -cmp.Compare(a.Score, b.Score) })
}
