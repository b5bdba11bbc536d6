package places

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
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
	SureAround  int // of those wrong, how often it was the place around the true one
	Astray      int // asked with a point that is evidently wrong, and not findable by it
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
		if astray(g, t, a) {
			f.Astray++
		}
		return
	}
	f.Findable++
	right := func(p *places.Place) bool {
		if t.Code != "" {
			return p.Code == t.Code
		}
		return p.Code == t.Commune || near(g, p, t.At, reachKm)
	}
	ok := len(a.Candidates) > 0 && right(a.Candidates[0].Place)
	if ok {
		f.First++
	}
	if ok || homonym(g, t, a, right) && slices.ContainsFunc(a.Candidates[:min(3, len(a.Candidates))], func(c places.Candidate) bool { return right(c.Place) }) {
		f.Fair++
	}
	if slices.ContainsFunc(a.Candidates[:min(3, len(a.Candidates))], func(c places.Candidate) bool { return right(c.Place) }) {
		f.Three++
	}
	if a.Sure {
		f.Sure++
		if !ok {
			f.SureWrong++
			if t.Code != "" && g.Within(t.Code, a.Candidates[0].Place.Code) {
				f.SureAround++
			}
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
// or, where only a point is known, one within reach of it whose name sounds like
// some words of the text. It asks the names themselves, not the search that is
// measured. What nobody can find is asked and not counted.
func findable(g *places.Gazetteer, t Truth) bool {
	if t.Code != "" {
		return true
	}
	words := strings.Fields(arabic.Key(arabic.Tifinagh(t.Text)))
	var runs [][]byte
	for from := range words {
		for to := from + 1; to <= min(len(words), from+5); to++ {
			run := strings.Join(words[from:to], " ")
			if p := arabic.Phones(run); len(p) > 2 && (to > from+1 || bearers(g, run) <= mostBearers) {
				runs = append(runs, p)
			}
		}
	}
	for _, kind := range [...]string{places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			if p.Code != t.Commune && !near(g, p, t.At, reachKm) {
				continue
			}
			for _, name := range p.Names {
				phones := arabic.Phones(name)
				if slices.ContainsFunc(runs, func(r []byte) bool { return arabic.LikenessFrom(r, phones, named) > 0 }) {
					return true
				}
			}
		}
	}
	return false
}

// mostBearers is how many names may hold a word that names a place by itself:
// "Ait" or "Tizi" in a text is no village of that name.
const mostBearers = 25

var bearing sync.Map // of each gazetteer, how many names hold a word

func bearers(g *places.Gazetteer, word string) int {
	known, ok := bearing.Load(g)
	if !ok {
		count := map[string]int{}
		for _, kind := range [...]string{places.Commune, places.Douar} {
			for _, p := range g.All(kind) {
				for _, name := range p.Names {
					for w := range strings.FieldsSeq(arabic.Key(name)) {
						count[w]++
					}
				}
			}
		}
		known, _ = bearing.LoadOrStore(g, count)
	}
	return known.(map[string]int)[word]
}

// named is how alike some words of a text and a name must be for the text to name
// the place: a vowel or two, not another consonant of a short name.
const named = 0.8

// astray is whether the point of a text is evidently wrong: the text names a
// commune or a province, and the point lies well outside all that it names.
func astray(g *places.Gazetteer, t Truth, a places.Answer) bool {
	if !t.HasPoint || len(a.Candidates) == 0 {
		return false
	}
	named := a.Candidates[0].Inside
	if p := a.Candidates[0].Place; a.Candidates[0].Score >= 0.9 && (p.Kind == places.Commune || p.Kind == places.Province) {
		named = append(slices.Clone(named), p)
	}
	for _, p := range named {
		at, reach, ok := g.Point(p.Code)
		if ok && p.Kind != places.Region && geo.Distance(at, t.At) > reach+astrayKm {
			return true
		}
	}
	return false
}

// astrayKm is how far outside a place that its text names a point must lie to be
// evidently wrong: tables carry no areas, and a circle is a guess.
const astrayKm = 15

// homonym is whether the first answer bears the name of the true place, or of
// the one among three that lies where it should: nothing in the text could tell
// them apart.
func homonym(g *places.Gazetteer, t Truth, a places.Answer, right func(*places.Place) bool) bool {
	if len(a.Candidates) == 0 {
		return false
	}
	var mine []string
	if p, ok := g.Get(t.Code); ok {
		mine = append(slices.Collect(maps.Values(p.Names)), t.Text)
	} else {
		for _, c := range a.Candidates[:min(3, len(a.Candidates))] {
			if right(c.Place) {
				mine = slices.AppendSeq(mine, maps.Values(c.Place.Names))
			}
		}
	}
	for _, my := range mine {
		for _, name := range a.Candidates[0].Place.Names {
			if arabic.Likeness(arabic.Phones(my), arabic.Phones(name)) >= 0.95 {
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

// PrintWrong writes how often somebody would have been sent to the wrong village
// without being asked, and what became of the points that are evidently wrong.
func PrintWrong(w io.Writer, all []Figure) {
	scripts := map[string]*Figure{}
	sum := Figure{Script: "all"}
	for _, f := range all {
		s := scripts[f.Script]
		if s == nil {
			s = &Figure{Script: f.Script}
			scripts[f.Script] = s
		}
		for _, to := range []*Figure{s, &sum} {
			to.Findable += f.Findable
			to.Sure += f.Sure
			to.SureWrong += f.SureWrong
			to.SureAround += f.SureAround
		}
	}
	per := func(f Figure) float64 { return 1000 * float64(f.SureWrong) / float64(max(1, f.Findable)) }
	worst := sum
	for _, s := range slices.Sorted(maps.Keys(scripts)) {
		if f := *scripts[s]; per(f) > per(worst) || worst.Script == "all" {
			worst = f
		}
	}
	fmt.Fprintf(w, "\nwrong village without asking, of 1,000: %.1f overall, %.1f in the worst script (%s); %d of %d are the commune around the village\n", per(sum), per(worst), worst.Script, sum.SureAround, sum.SureWrong)
	for _, f := range all {
		if f.Astray > 0 {
			fmt.Fprintf(w, "%s %s: %d points lie outside the commune or province that their text names; counted as misses, top-1 is %.1f%%\n", f.Set, f.Script, f.Astray, 100*float64(f.First)/float64(max(1, f.Findable+f.Astray)))
		}
	}
}
