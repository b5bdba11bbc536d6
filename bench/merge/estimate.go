package merge

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// Estimate is how often a level of something was seen between reports of one
// need, and between others: counted where the truth is known, and by EM, which
// is not told it (Winkler 1988; Jaro 1989).
type Estimate struct {
	Thing, Level string
	M, U, EM, EU float64
	Of           int // pairs of one need that told of the thing
}

// Estimates counts a training night. Pairs of others are drawn at random from
// the whole night, as the prior is for any two of its reports.
func (r *Reader) Estimates(n *Night, seed uint64) (out []Estimate, prior float64) {
	g := rand.New(rand.NewPCG(seed, 2))
	var one, other []map[string]string
	events := map[int][]int{}
	for i, q := range n.Requests {
		for _, j := range events[q.Event] {
			one = append(one, r.Model.Levels(n.Sketches[i], n.Sketches[j]))
		}
		events[q.Event] = append(events[q.Event], i)
	}
	for len(other) < min(400_000, 200*len(n.Requests)) {
		p := Pair{g.IntN(len(n.Requests)), g.IntN(len(n.Requests))}
		if p.A != p.B && !n.one(p) {
			other = append(other, r.Model.Levels(n.Sketches[p.A], n.Sketches[p.B]))
		}
	}
	size := float64(len(n.Requests))
	prior = float64(len(one)) / (size * (size - 1) / 2)
	m, seen := tally(one, nil)
	u, _ := tally(other, nil)
	em, eu := r.expect(n)
	for key := range seen {
		out = append(out, Estimate{key[0], key[1], m[key], u[key], em[key], eu[key], seen[key]})
	}
	slices.SortFunc(out, func(a, b Estimate) int { return cmp.Or(cmp.Compare(a.Thing, b.Thing), -cmp.Compare(a.M/a.U, b.M/b.U)) })
	return out, prior
}

// tally is the share of each level among the pairs that both tell of its thing;
// weights, where given, say how much each pair counts.
func tally(pairs []map[string]string, weights []float64) (shares map[[2]string]float64, seen map[[2]string]int) {
	shares, seen = map[[2]string]float64{}, map[[2]string]int{}
	sum := 0.0
	for i, levels := range pairs {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum += w
		for thing, level := range levels {
			shares[[2]string{thing, level}] += w
			seen[[2]string{thing, level}]++
		}
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares, seen
}

// expect estimates from the pairs that meet, without the truth: it begins with a
// guess, says how likely each pair is one, counts anew, and again.
func (r *Reader) expect(n *Night) (m, u map[[2]string]float64) {
	var pairs []map[string]string
	var one []float64
	for _, p := range n.Candidates() {
		levels := r.Model.Levels(n.Sketches[p.A], n.Sketches[p.B])
		for _, thing := range [...]string{"needs", "rescue", "ago", "whole"} {
			delete(levels, thing) // what kind of need it is would be the clearest two classes, and not these
		}
		w := 0.02
		if levels["phone"] == "same" || levels["name"] == "same" {
			w = 0.9
		}
		pairs, one = append(pairs, levels), append(one, w)
	}
	other := make([]float64, len(one))
	for range 15 {
		share := 0.0
		for i, w := range one {
			other[i] = 1 - w
			share += w
		}
		share /= float64(len(one))
		m, _ = tally(pairs, one)
		u, _ = tally(pairs, other)
		for i, levels := range pairs {
			a, b := math.Log(share), math.Log(1-share)
			for _, thing := range slices.Sorted(maps.Keys(levels)) {
				k := [2]string{thing, levels[thing]}
				a, b = a+math.Log(m[k]+1e-6), b+math.Log(u[k]+1e-6)
			}
			one[i] = 1 / (1 + math.Exp(b-a))
		}
	}
	return m, u
}

// PrintEstimates writes them.
func PrintEstimates(w io.Writer, all []Estimate, prior float64) {
	fmt.Fprintf(w, "two reports of a night are of one need: %.6f\n", prior)
	fmt.Fprintf(w, "%-8s %-8s %8s %9s %6s   %8s %9s %6s %8s\n", "thing", "level", "m", "u", "bits", "m by EM", "u by EM", "bits", "pairs")
	for _, e := range all {
		fmt.Fprintf(w, "%-8s %-8s %8.4f %9.6f %6.1f   %8.4f %9.6f %6.1f %8d\n", e.Thing, e.Level, e.M, e.U, math.Log2(e.M/e.U), e.EM, e.EU, math.Log2(e.EM/e.EU), e.Of)
	}
}
