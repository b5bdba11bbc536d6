package atlas

import (
	"cmp"
	"context"
	"slices"

	"github.com/twiza/twiza/shared/places"
)

// counts is how many requests of each level.
type counts [levels]int

// Each is a level and its count, for a row of cells.
func (c counts) Each() (out []levelCount) {
	for i, n := range c {
		out = append(out, levelCount{i + 1, n})
	}
	return out
}

func (c counts) all() (n int) {
	for _, x := range c {
		n += x
	}
	return n
}

type levelCount struct{ Level, N int }

// tally is what the map shows of one place, as a line of the table.
type tally struct {
	code  string // "" is where nobody knows the place
	n     counts
	teams int
	road  string // the worst word about a place in it; "" is none
	harm  int    // 0 is nothing known
	name  string // for sorting
}

// nowhere is the address of the requests that nobody knows the place of.
const nowhere = "none"

// tallies is the table of a reader: a line for each place of a kind where there
// is anything to show. The counts of all lines add up to all that they see.
func (s *Service) tallies(ctx context.Context, r reader, kind string) (map[string]*tally, error) {
	out := map[string]*tally{}
	at := func(code string) *tally {
		code = s.area(code, kind)
		if out[code] == nil {
			out[code] = &tally{code: code}
		}
		return out[code]
	}
	err := s.known.look(ctx, func(ix *index) {
		v := ix.view(r.sight)
		byPath := make([]counts, len(ix.paths.all))
		v.each(ix, func(d *dot) { byPath[d.where][d.level-1]++ })
		for where, n := range byPath {
			if n != (counts{}) {
				y := at(smallest(ix.codes(&dot{where: uint32(where)})))
				for i, x := range n {
					y.n[i] += x
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	teams, err := s.teams(ctx, r.org)
	if err != nil {
		return nil, err
	}
	for _, x := range teams {
		at(x.Place).teams++
	}
	roads, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range roads {
		if y := at(x.Place); slices.Index(roadStates, x.State) > slices.Index(roadStates, y.road) {
			y.road = x.State
		}
	}
	harm, err := s.harm(ctx)
	for code, level := range harm {
		y := at(code)
		y.harm = max(y.harm, level)
	}
	return out, err
}

// roadStates from the best to the worst.
var roadStates = []string{"open", "rough", "foot", closedRoad}

// area is the place of a kind that a place lies in; the place itself when it is
// wider, or when the smallest is asked for.
func (s *Service) area(code, kind string) string {
	switch kind {
	case places.Province:
		if p, ok := s.places.Province(code); ok {
			return p.Code
		}
	case places.Commune:
		if p, ok := s.places.Commune(code); ok {
			return p.Code
		}
	}
	return code
}

// each hands over every request that the view sees.
func (v *view) each(ix *index, fn func(*dot)) {
	for _, all := range ix.buckets {
		for i := range all {
			if d := &all[i]; v.sees(ix, d) {
				fn(d)
			}
		}
	}
}

// sorts are the orders in which the table can be read.
var sorts = map[string]func(a, b *tally) int{
	"urgent": func(a, b *tally) int {
		for i := range a.n {
			if c := cmp.Compare(b.n[i], a.n[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(b.harm, a.harm)
	},
	"count": func(a, b *tally) int { return cmp.Compare(b.n.all(), a.n.all()) },
	"name":  func(a, b *tally) int { return 0 },
}

// sorted is the lines in an order, then by name.
func sorted(all map[string]*tally, by string) (out []*tally) {
	for _, y := range all {
		out = append(out, y)
	}
	slices.SortFunc(out, func(a, b *tally) int {
		return cmp.Or(sorts[by](a, b), cmp.Compare(a.name, b.name), cmp.Compare(a.code, b.code))
	})
	return out
}

// within are the requests of a place and of what lies in it, the most urgent
// first and among those the one that waits longest; after is where the page
// before ended. more tells whether there are others.
func (s *Service) within(ctx context.Context, r reader, code, after string, limit int) (ids []string, total counts, more bool, err error) {
	type found struct {
		level uint8
		id    mark
	}
	order := func(a, b found) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.id[0], b.id[0]), cmp.Compare(a.id[1], b.id[1]))
	}
	var all []found
	err = s.known.look(ctx, func(ix *index) {
		here := make([]bool, len(ix.paths.all))
		for i := range here {
			codes := ix.codes(&dot{where: uint32(i)})
			small := smallest(codes)
			here[i] = code == nowhere && small == "" || code != nowhere && (slices.Contains(codes, code) || s.places.Within(small, code))
		}
		var last found
		if m, ok := markOf(after); ok {
			if d, ok := ix.find(m); ok {
				last = found{d.level, m}
			}
		}
		ix.view(r.sight).each(ix, func(d *dot) {
			if here[d.where] {
				total[d.level-1]++
				if f := (found{d.level, d.id}); order(f, last) > 0 {
					all = append(all, f)
				}
			}
		})
	})
	slices.SortFunc(all, order)
	more = len(all) > limit
	for _, f := range all[:min(limit, len(all))] {
		ids = append(ids, f.id.String())
	}
	return ids, total, more, err
}
