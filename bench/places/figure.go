package places

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

// Figure is what came of one set in one script.
type Figure struct {
	Set, Script string
	Asked       int
	Findable    int // the true place, or one within reach of the true point, is in the gazetteer
	First       int // right at once
	Fair        int // right at once, or among three where the first bears the same name
	Three       int // right among three
	Sure        int // the resolver would not have asked a person
	SureWrong   int // and was wrong: a lorry in the wrong valley
	Kms         []float64
	Took        []time.Duration
}

// reachKm is how far from the true point an answer may lie.
const reachKm = 10

// Measure asks everything once.
func Measure(g *places.Gazetteer, all []Truth, miss func(Truth, places.Answer)) []Figure {
	found := map[[2]string]*Figure{}
	for _, t := range all {
		f := found[[2]string{t.Set, t.Script}]
		if f == nil {
			f = &Figure{Set: t.Set, Script: t.Script}
			found[[2]string{t.Set, t.Script}] = f
		}
		f.ask(g, t, miss)
	}
	var out []Figure
	for _, f := range found {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Set, b.Set), cmp.Compare(a.Script, b.Script)) })
	return out
}

func (f *Figure) ask(g *places.Gazetteer, t Truth, miss func(Truth, places.Answer)) {
	if t.Hide != "" {
		g = g.Hiding(t.Hide, t.Text)
	}
	f.Asked++
	begun := time.Now()
	a := g.Resolve(t.Text, places.Hint{Within: t.Within})
	f.Took = append(f.Took, time.Since(begun))
	if !findable(g, t) {
		return
	}
	f.Findable++
	right := func(p *places.Place) bool {
		if t.Code != "" {
			return p.Code == t.Code
		}
		return near(g, p, t.At, reachKm)
	}
	ok := len(a.Candidates) > 0 && right(a.Candidates[0].Place)
	if ok {
		f.First++
	}
	if ok || homonym(g, t, a) && slices.ContainsFunc(a.Candidates[:min(3, len(a.Candidates))], func(c places.Candidate) bool { return right(c.Place) }) {
		f.Fair++
	}
	if slices.ContainsFunc(a.Candidates[:min(3, len(a.Candidates))], func(c places.Candidate) bool { return right(c.Place) }) {
		f.Three++
	}
	if a.Sure {
		f.Sure++
		if !ok {
			f.SureWrong++
		}
	}
	if t.HasPoint && len(a.Candidates) > 0 {
		if at, _, known := g.Point(a.Candidates[0].Place.Code); known {
			f.Kms = append(f.Kms, geo.Distance(at, t.At))
		}
	}
	if !ok && miss != nil {
		miss(t, a)
	}
}

// findable is whether the gazetteer has what the text means at all: its place,
// or, where only a point is known, one within reach of it whose name is like a
// part of the text. What nobody can find is asked and not counted.
func findable(g *places.Gazetteer, t Truth) bool {
	if t.Code != "" {
		return true
	}
	a := g.Resolve(t.Text, places.Hint{At: t.At, HasPoint: true})
	return slices.ContainsFunc(a.Candidates, func(c places.Candidate) bool { return c.Score >= 0.55 && near(g, c.Place, t.At, reachKm) })
}

// homonym is whether the first answer bears the name of the true place: nothing
// in the text could tell them apart.
func homonym(g *places.Gazetteer, t Truth, a places.Answer) bool {
	p, ok := g.Get(t.Code)
	if !ok || len(a.Candidates) == 0 {
		return false
	}
	for _, mine := range append(slices.Collect(maps.Values(p.Names)), t.Text) {
		for _, name := range a.Candidates[0].Place.Names {
			if arabic.Likeness(arabic.Phones(mine), arabic.Phones(name)) >= 0.95 {
				return true
			}
		}
	}
	return false
}

func near(g *places.Gazetteer, p *places.Place, at geo.Point, km float64) bool {
	where, reach, ok := g.Point(p.Code) // a commune is as wide as it is
	return ok && p.Kind != places.Province && p.Kind != places.Region && geo.Distance(where, at) <= max(km, reach)
}

// Print writes the table.
func Print(w io.Writer, all []Figure) {
	fmt.Fprintf(w, "%-22s %-5s %6s %9s %7s %7s %7s %7s %12s %9s %8s\n", "set", "script", "asked", "findable", "top-1", "fair", "top-3", "sure", "sure, wrong", "median km", "p99 ms")
	for _, f := range all {
		pct := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
		slices.Sort(f.Kms)
		slices.Sort(f.Took)
		km := math.NaN()
		if len(f.Kms) > 0 {
			km = f.Kms[len(f.Kms)/2]
		}
		fmt.Fprintf(w, "%-22s %-5s %6d %9d %6.1f%% %6.1f%% %6.1f%% %6.1f%% %11.1f%% %9.1f %8.2f\n", f.Set, f.Script, f.Asked, f.Findable, pct(f.First, f.Findable), pct(f.Fair, f.Findable), pct(f.Three, f.Findable),
			pct(f.Sure, f.Findable), pct(f.SureWrong, f.Findable), km, float64(f.Took[len(f.Took)*99/100].Microseconds())/1000)
	}
}
