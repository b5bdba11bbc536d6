package story

import (
	"slices"
	"time"
)

// How often a request is the second report of an earlier one, and how far
// back that one lies.
const (
	againShare  = 0.085
	againWithin = 6 * time.Hour
)

// original is an earlier request that request i tells again; -1 mostly.
func (a *asking) original(all []Request, i int) int {
	if i == 0 || a.r.Float64() >= againShare {
		return -1
	}
	for range 20 {
		j := i - 1 - a.r.IntN(min(i, 400))
		q := all[j]
		if q.DuplicateOf < 0 && q.Place != "" && all[i].At-q.At <= againWithin && !restricted(q) {
			return j
		}
	}
	return -1
}

// again tells a request a second time: the same family calls once more, or a
// neighbour asks for the same thing in other words.
func (a *asking) again(q *Request, before Request, j int) {
	q.DuplicateOf = j
	q.Merged = a.r.Float64() < 0.45
	q.Channel = pick(a.r, []string{"web", "phone", "import"}, []float64{45, 40, 15})
	q.Place, q.Spoken = before.Place, before.Spoken
	q.TextLang = a.written(q.Channel, q.Spoken)
	p := a.sameNeed(q.TextLang, before)
	q.TextLang = p.Lang
	q.Needs, q.ForWhom, q.People = slices.Clone(before.Needs), before.ForWhom, before.People
	q.Fragile = slices.Clone(p.Fragile)
	for _, flag := range before.Fragile {
		if !slices.Contains(q.Fragile, flag) {
			q.Fragile = append(q.Fragile, flag)
		}
	}
	a.who(q, p)
	if before.Phone != "" && a.r.Float64() < 0.55 {
		q.Phone, q.Word = before.Phone, ""
		if before.Name != "" {
			q.Name = before.Name
		}
	} else {
		q.ForWhom = "other"
	}
	a.write(q, p)
	q.Place = before.Place // its place is what makes it the same
}

// sameNeed is another way to say what was said before, of as many people, in
// that language if the pack has one. What was said itself is always one.
func (a *asking) sameNeed(lang string, before Request) phrase {
	var can []phrase
	for _, l := range []string{lang, before.TextLang} {
		for _, p := range a.said[l] {
			fits := p.People[0] <= before.People && before.People <= p.People[1]
			if fits && slices.Equal(p.Needs, before.Needs) && !slices.Contains(p.Fragile, "child_alone") {
				can = append(can, p)
			}
		}
		if len(can) > 0 {
			break
		}
	}
	return can[a.r.IntN(len(can))]
}

// restricted is whether a request is for the safeguarding people alone.
func restricted(q Request) bool { return slices.Contains(q.Fragile, "child_alone") }
