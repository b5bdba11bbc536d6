package atlas

import (
	"math"
	"strings"
)

// index is every request that is not over, in memory, for as long as somebody
// looks at a map: some sixty bytes each. Whoever holds store.mu may use it.
type index struct {
	buckets map[uint64][]dot // by square of zoom bucketAt
	at      map[mark]slot
	paths   names // "region province commune smallest"
	orgs    names
	service names
	phases  names
	views   map[string]*view
	uses    uint64
}

// slot is where a dot stands; a request without a point stands in noBucket.
type slot struct {
	bucket uint64
	i      uint32
}

// names gives texts small numbers.
type names struct {
	of  map[string]int
	all []string
}

func (n *names) put(s string) int {
	i, ok := n.of[s]
	if !ok {
		if n.of == nil {
			n.of = map[string]int{}
		}
		i = len(n.all)
		n.of[s], n.all = i, append(n.all, s)
	}
	return i
}

const (
	bucketAt = 13 // zoom whose squares are buckets: some four kilometres
	noBucket = 1<<64 - 1
)

func newIndex() *index {
	return &index{buckets: map[uint64][]dot{}, at: map[mark]slot{}, views: map[string]*view{}}
}

// square is the square of a zoom that a position lies in.
func square(x, y, zoom uint32) uint64 {
	return uint64(x>>(axis-zoom))<<axis | uint64(y>>(axis-zoom))
}

// dotOf is a request as it is kept. What has more organisations or services
// than numbers is refused: see put.
func (ix *index) dotOf(r Request) (d dot, ok bool) {
	if d.id, ok = markOf(r.ID); !ok {
		return d, false
	}
	org, service, phase := ix.orgs.put(r.Org), ix.service.put(r.Service), ix.phases.put(r.Phase)
	if org > math.MaxUint16 || service > math.MaxUint8 || phase > math.MaxUint8 || r.Level < 1 || r.Level > levels {
		return d, false
	}
	d.where = uint32(ix.paths.put(strings.Join([]string{r.Region, r.Province, r.Commune, r.Smallest}, " ")))
	d.org, d.service, d.phase, d.level, d.placed = uint16(org), uint8(service), uint8(phase), uint8(r.Level), r.Placed
	d.radius = uint16(min(math.MaxUint16, math.Round(max(0, r.RadiusKm)*100)))
	if r.Placed {
		d.x, d.y = project(r.At)
	}
	return d, true
}

// put keeps a request as it is now, in the place of what was kept of it before.
// It tells whether it could.
func (ix *index) put(r Request) bool {
	d, ok := ix.dotOf(r)
	if !ok {
		return false
	}
	if s, known := ix.at[d.id]; known {
		if old := ix.buckets[s.bucket][s.i]; old == d {
			return true
		}
		ix.drop(d.id)
	}
	b := uint64(noBucket)
	if d.placed {
		b = square(d.x, d.y, bucketAt)
	}
	ix.at[d.id] = slot{b, uint32(len(ix.buckets[b]))}
	ix.buckets[b] = append(ix.buckets[b], d)
	for _, v := range ix.views {
		if v.sees(ix, &d) {
			v.put(&d)
		}
	}
	return true
}

// drop forgets a request: it is over, or joined to another.
func (ix *index) drop(id mark) {
	s, ok := ix.at[id]
	if !ok {
		return
	}
	all := ix.buckets[s.bucket]
	d := all[s.i]
	last := len(all) - 1
	all[s.i] = all[last]
	ix.at[all[s.i].id] = slot{s.bucket, s.i}
	delete(ix.at, id)
	if ix.buckets[s.bucket] = all[:last]; last == 0 {
		delete(ix.buckets, s.bucket)
	}
	for _, v := range ix.views {
		if v.sees(ix, &d) {
			v.drop(&d)
		}
	}
}

// find is what is kept of a request.
func (ix *index) find(id mark) (d dot, ok bool) {
	s, ok := ix.at[id]
	if ok {
		d = ix.buckets[s.bucket][s.i]
	}
	return d, ok
}

// codes are the place codes of a dot, widest first, "" where not known.
func (ix *index) codes(d *dot) []string { return strings.Split(ix.paths.all[d.where], " ") }
