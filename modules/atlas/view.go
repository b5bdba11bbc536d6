package atlas

import (
	"cmp"
	"fmt"
	"slices"
)

// view is the map of one sight: for each zoom at which a tile holds too many
// requests to look at each, how many stand in each square. It is counted once
// and then follows every change.
type view struct {
	sight Sight
	cells [coarse + 1]map[uint64]*cell // by zoom of the tile
	lost  cell                         // those that nobody knows the place of
	total cell
	used  uint64
	// which of the reader's parts hold, one bit each, by number in the index
	byPath, byService []uint64
}

const (
	coarse    = 9 // zoom up to which squares are kept; finer tiles are counted when they are asked for
	mostParts = 64
	maxViews  = 64
)

// grid is how many times a tile is halved to make the squares in which requests
// become one symbol: eight by eight, some sixty pixels, and finer close up.
func grid(zoom uint32) uint32 {
	switch {
	case zoom < 13:
		return 3
	case zoom == 13:
		return 5
	}
	return 6
}

// key tells sights apart.
func (s Sight) key() string {
	parts := slices.Clone(s.Parts)
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(a.Territory, b.Territory), cmp.Compare(a.Service, b.Service))
	})
	return fmt.Sprintf("%v %q %q %q", s.All, parts, s.Org, s.Phase)
}

// view is the map of a sight, counted now if nobody looked with it lately.
func (ix *index) view(s Sight) *view {
	key := s.key()
	ix.uses++
	v := ix.views[key]
	if v == nil {
		if len(ix.views) >= maxViews {
			ix.forgetView()
		}
		v = &view{sight: s}
		v.count(ix)
		ix.views[key] = v
	}
	v.used = ix.uses
	return v
}

// forgetView lets go of the view that nobody used for longest.
func (ix *index) forgetView() {
	oldest := ""
	for key, v := range ix.views {
		if oldest == "" || v.used < ix.views[oldest].used {
			oldest = key
		}
	}
	delete(ix.views, oldest)
}

// count looks at every request once. A bucket lies within one square of every
// coarse zoom, so that its sum is all that the others need.
func (v *view) count(ix *index) {
	for z := range v.cells {
		v.cells[z] = map[uint64]*cell{}
	}
	for _, all := range ix.buckets {
		var sum cell
		lost := false
		for i := range all {
			if d := &all[i]; v.sees(ix, d) {
				sum.add(d)
				lost = !d.placed
			}
		}
		if sum.count() == 0 {
			continue
		}
		v.total.join(&sum)
		if lost {
			v.lost.join(&sum)
			continue
		}
		x, y := sum.middle()
		for z := range v.cells {
			v.square(uint32(z), x, y).join(&sum)
		}
	}
}

// square is where a position is counted at a zoom.
func (v *view) square(zoom, x, y uint32) *cell {
	key := square(x, y, zoom+grid(zoom))
	c := v.cells[zoom][key]
	if c == nil {
		c = &cell{}
		v.cells[zoom][key] = c
	}
	return c
}

func (v *view) put(d *dot) {
	v.total.add(d)
	if !d.placed {
		v.lost.add(d)
		return
	}
	for z := range v.cells {
		v.square(uint32(z), d.x, d.y).add(d)
	}
}

func (v *view) drop(d *dot) {
	v.total.take(d)
	if !d.placed {
		v.lost.take(d)
		return
	}
	for z := range v.cells {
		key := square(d.x, d.y, uint32(z)+grid(uint32(z)))
		if c := v.cells[z][key]; c != nil {
			if c.take(d); c.count() == 0 {
				delete(v.cells[z], key)
			}
		}
	}
}

// sees tells whether the reader's queue would show a request.
func (v *view) sees(ix *index, d *dot) bool {
	if v.sight.Phase != "" && ix.phases.all[d.phase] != v.sight.Phase {
		return false
	}
	if v.sight.Org != "" && ix.phases.all[d.phase] != OpenPhase && ix.orgs.all[d.org] != v.sight.Org {
		return false
	}
	return v.sight.All || v.path(ix, d)&v.service(ix, d) != 0
}

// path is which parts reach the place of a dot.
func (v *view) path(ix *index, d *dot) uint64 {
	for n := len(v.byPath); n < len(ix.paths.all); n++ {
		codes := ix.codes(&dot{where: uint32(n)})
		v.byPath = append(v.byPath, v.parts(func(p Part) bool { return p.Territory == "" || slices.Contains(codes[:3], p.Territory) }))
	}
	return v.byPath[d.where]
}

// service is which parts are of the service of a dot.
func (v *view) service(ix *index, d *dot) uint64 {
	for n := len(v.byService); n < len(ix.service.all); n++ {
		name := ix.service.all[n]
		v.byService = append(v.byService, v.parts(func(p Part) bool { return p.Service == "" || p.Service == name }))
	}
	return v.byService[d.service]
}

func (v *view) parts(is func(Part) bool) (bits uint64) {
	for i, p := range v.sight.Parts[:min(mostParts, len(v.sight.Parts))] {
		if is(p) {
			bits |= 1 << i
		}
	}
	return bits
}

// symbol is one thing that a tile of requests shows.
type symbol struct {
	cell
	one   dot  // the only request in it
	alone bool // one holds
	where uint32
	same  bool // all of them are at the place where
}

// symbols are what a tile shows, in no order. Their counts add up to the
// requests in it.
func (v *view) symbols(ix *index, t Tile) (out []symbol) {
	if t.Z > coarse {
		return v.close(ix, t)
	}
	side := uint64(1) << grid(t.Z)
	for x := uint64(t.X) * side; x < uint64(t.X+1)*side; x++ {
		for y := uint64(t.Y) * side; y < uint64(t.Y+1)*side; y++ {
			if c := v.cells[t.Z][x<<axis|y]; c != nil {
				s := symbol{cell: *c}
				if c.count() == 1 {
					s.one, s.alone = ix.find(c.ids)
				}
				out = append(out, s)
			}
		}
	}
	return out
}

// close counts a tile whose requests are few enough to look at each.
func (v *view) close(ix *index, t Tile) (out []symbol) {
	fine := t.Z + grid(t.Z)
	at := map[uint64]int{}
	look := func(all []dot) {
		for i := range all {
			d := &all[i]
			if d.x>>(axis-t.Z) != t.X || d.y>>(axis-t.Z) != t.Y || !v.sees(ix, d) {
				continue
			}
			key := square(d.x, d.y, fine)
			n, ok := at[key]
			if !ok {
				n = len(out)
				at[key] = n
				out = append(out, symbol{one: *d, alone: true, where: d.where, same: true})
			} else {
				out[n].alone = false
				out[n].same = out[n].same && out[n].where == d.where
			}
			out[n].add(d)
		}
	}
	if t.Z >= bucketAt {
		up := t.Z - bucketAt
		look(ix.buckets[uint64(t.X>>up)<<axis|uint64(t.Y>>up)])
		return out
	}
	down := bucketAt - t.Z
	for x := uint64(t.X) << down; x < uint64(t.X+1)<<down; x++ {
		for y := uint64(t.Y) << down; y < uint64(t.Y+1)<<down; y++ {
			look(ix.buckets[x<<axis|y])
		}
	}
	return out
}
