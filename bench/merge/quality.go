package merge

import (
	"fmt"
	"slices"

	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/shared/linkage"
)

// Night is a night that was read: what is true of each report, and its sketch.
type Night struct {
	Requests []nightone.Request
	Sketches []linkage.Sketch
	Keys     [][]string
}

// Read prepares a night.
func (r *Reader) Read(all []nightone.Request) *Night {
	n := &Night{Requests: all}
	for _, q := range all {
		s := r.Model.Sketch(r.Report(q))
		n.Sketches = append(n.Sketches, s)
		n.Keys = append(n.Keys, r.Model.Blocks(s))
	}
	return n
}

// Limits of a search, those of the store: the latest so many of each key, and so
// many compared in all, those of the most telling keys first.
const (
	PerKey   = 16
	Compared = 32
)

// Pair is two reports by their numbers in the night, the later first.
type Pair struct{ A, B int }

// Candidates are the pairs that are compared when each report meets those before it.
func (n *Night) Candidates() (out []Pair) {
	index := map[string][]int{}
	for i, keys := range n.Keys {
		met := map[int]bool{}
		for _, k := range keys {
			held := index[k]
			for at := len(held) - 1; at >= max(0, len(held)-PerKey) && len(met) < Compared; at-- {
				if j := held[at]; !met[j] {
					met[j] = true
					out = append(out, Pair{i, j})
				}
			}
		}
		for _, k := range keys {
			index[k] = append(index[k], i)
		}
	}
	return out
}

// Score is what came of one way of saying which pairs are one need.
type Score struct {
	Way                string // very likely, likely, same phone, same place and need
	Of                 string // all, or a language and script
	Pairs, Right, True int    // called so; of them one need; all that are
	Reports, Wrong     int    // reports, and those that would be merged wrongly if somebody believed the best that was called so
	Family             int    // of them into the need of other people
	Later, Led         int    // reports with an earlier one of their need, and those that were led to one
}

// Precision is how many of those that were called so are.
func (s Score) Precision() float64 { return part(s.Right, s.Pairs) }

// Recall is how many of those that are were called so.
func (s Score) Recall() float64 { return part(s.Right, s.True) }

// Found is how many of the reports that have an earlier one were led to it.
func (s Score) Found() float64 { return part(s.Led, s.Later) }

// WrongPerThousand is how many of a thousand reports would be merged into another
// need, if somebody believed the best proposal for each.
func (s Score) WrongPerThousand() float64 { return 1000 * part(s.Wrong, s.Reports) }

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// judged is a pair with what was said of it.
type judged struct {
	Pair
	linkage.Judgement
}

// Quality measures a night.
func (r *Reader) Quality(n *Night) (scores []Score, found Score, calibration []Score) {
	var all []judged
	for _, p := range n.Candidates() {
		all = append(all, judged{p, r.Model.Compare(n.Sketches[p.A], n.Sketches[p.B])})
	}
	at := func(least linkage.Band) func(judged) bool {
		return func(j judged) bool { return j.Band >= least }
	}
	scores = append(scores, n.score("very likely", "all", all, at(linkage.VeryLikely), nil), n.score("likely or very likely", "all", all, at(linkage.Likely), nil))
	scores = append(scores, n.chain(all))
	phone, place := n.baselines()
	always := func(judged) bool { return true }
	scores = append(scores, n.score("the same phone", "all", phone, always, nil), n.score("the same place and need", "all", place, always, nil))
	for _, tongue := range n.tongues() {
		scores = append(scores, n.score("very likely", tongue, all, at(linkage.VeryLikely), func(q nightone.Request) bool { return q.Lang+" "+q.Script == tongue }))
	}
	scores = append(scores, n.score("very likely", "one of two is a message", all, at(linkage.VeryLikely), func(q nightone.Request) bool { return q.Channel == "sms" }))
	found = n.score("met at all", "all", all, always, nil)
	for _, least := range []float64{0.1, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95} {
		calibration = append(calibration, n.score(fmt.Sprintf("%.2f", least), "", all, func(j judged) bool { return j.Probability >= least }, nil))
	}
	return scores, found, calibration
}

func (n *Night) tongues() (out []string) {
	for _, q := range n.Requests {
		if t := q.Lang + " " + q.Script; !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return out
}

// score counts; of limits it to pairs one of which it is true of.
func (n *Night) score(way, name string, all []judged, called func(judged) bool, of func(nightone.Request) bool) Score {
	s := Score{Way: way, Of: name}
	mine := func(i int) bool { return of == nil || of(n.Requests[i]) }
	best, led := map[int]judged{}, map[int]bool{}
	for _, j := range all {
		if !called(j) || !mine(j.A) && !mine(j.B) {
			continue
		}
		s.Pairs++
		if n.one(j.Pair) {
			s.Right++
			led[j.A] = led[j.A] || mine(j.A)
		}
		if b, ok := best[j.A]; mine(j.A) && (!ok || j.Probability > b.Probability) {
			best[j.A] = j
		}
	}
	for _, j := range best {
		if !n.one(j.Pair) {
			s.Wrong++
			if n.Requests[j.A].Home != n.Requests[j.B].Home {
				s.Family++
			}
		}
	}
	for _, yes := range led {
		if yes {
			s.Led++
		}
	}
	events := map[int][]int{}
	for i, q := range n.Requests {
		if mine(i) {
			s.Reports++
			if len(events[q.Event]) > 0 {
				s.Later++
			}
		}
		for _, j := range events[q.Event] {
			if mine(i) || mine(j) {
				s.True++
			}
		}
		events[q.Event] = append(events[q.Event], i)
	}
	return s
}

func (n *Night) one(p Pair) bool { return n.Requests[p.A].Event == n.Requests[p.B].Event }

// baselines are what is usually done: exactly the same phone, and the same place
// with the same need.
func (n *Night) baselines() (phone, place []judged) {
	phones, spots := map[string][]int{}, map[string][]int{}
	for i, q := range n.Requests {
		if q.Phone != "" {
			for _, j := range phones[q.Phone] {
				phone = append(phone, judged{Pair: Pair{i, j}})
			}
			phones[q.Phone] = append(phones[q.Phone], i)
		}
		if len(q.Needs) > 0 && q.Chosen != "" {
			key := q.Chosen + " " + q.Needs[0]
			for _, j := range spots[key] {
				place = append(place, judged{Pair: Pair{i, j}})
			}
			spots[key] = append(spots[key], i)
		}
	}
	return phone, place
}
