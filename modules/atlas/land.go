package atlas

import (
	"math"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

// land is the country itself, in positions of the world: outlines and places.
type land struct {
	borders map[string][]border // by kind of place
	of      map[string]border   // by code
	spots   []spot
}

// border is the outline of a place.
type border struct {
	code  string
	rings [][][2]uint32
	box   box
}

// spot is a place with a point.
type spot struct {
	x, y uint32
	at   *places.Place
}

// box is a part of the world, its edges included.
type box struct{ x0, y0, x1, y1 uint32 }

func (b box) meets(o box) bool { return b.x0 <= o.x1 && o.x0 <= b.x1 && b.y0 <= o.y1 && o.y0 <= b.y1 }

// margin is how far beyond its edges a tile shows shapes, in its units, so that
// their ends are not seen.
const margin = 128

// box is what of the world a tile shows.
func (t Tile) box() box {
	shift := axis - t.Z
	wide := uint64(margin) << (shift - 12)
	less := func(v uint64) uint32 { return uint32(max(0, int64(v)-int64(wide))) }
	more := func(v uint64) uint32 { return uint32(min(math.MaxUint32, v+wide)) }
	return box{less(uint64(t.X) << shift), less(uint64(t.Y) << shift), more(uint64(t.X+1) << shift), more(uint64(t.Y+1) << shift)}
}

func drawLand(g *places.Gazetteer) *land {
	l := &land{borders: map[string][]border{}, of: map[string]border{}}
	for _, kind := range []string{places.Region, places.Province, places.Commune} {
		for _, o := range g.Outlines(kind) {
			b := borderOf(o.Code, o.Rings)
			l.borders[kind] = append(l.borders[kind], b)
			l.of[o.Code] = b
		}
	}
	for _, kind := range []string{places.Province, places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			if p.HasPoint {
				x, y := project(p.At)
				l.spots = append(l.spots, spot{x, y, p})
			}
		}
	}
	return l
}

func borderOf(code string, rings [][]geo.Point) border {
	b := border{code: code, box: box{math.MaxUint32, math.MaxUint32, 0, 0}}
	for _, ring := range rings {
		var out [][2]uint32
		for _, p := range ring {
			x, y := project(p)
			out = append(out, [2]uint32{x, y})
			b.box = box{min(b.box.x0, x), min(b.box.y0, y), max(b.box.x1, x), max(b.box.y1, y)}
		}
		b.rings = append(b.rings, out)
	}
	return b
}

// around is a circle about a point, for a place whose outline nobody has.
func around(code string, at geo.Point, km float64) border {
	const corners = 48
	ring := make([]geo.Point, corners)
	for i := range ring {
		turn := 2 * math.Pi * float64(i) / corners
		ring[i] = geo.Point{Lat: at.Lat + km/degreeKm*math.Cos(turn), Lon: at.Lon + km/degreeKm/math.Max(0.1, math.Cos(at.Lat*math.Pi/180))*math.Sin(turn)}
	}
	return borderOf(code, [][]geo.Point{ring})
}

// degreeKm is a degree of latitude.
const degreeKm = 111.195

// in is a ring in the units of a tile, without the points that fall together.
func (t Tile) in(ring [][2]uint32) (out [][2]int) {
	for _, p := range ring {
		x, y := t.place(p[0], p[1])
		if n := len(out); n == 0 || abs(out[n-1][0]-x)+abs(out[n-1][1]-y) >= 6 {
			out = append(out, [2]int{x, y})
		}
	}
	return out
}

func abs(n int) int { return max(n, -n) }

// fill writes the pieces of a border that lie in a tile, each turned the way of
// an outer ring. Nothing is written when there is none.
func (l *layer) fill(t Tile, b border) (some bool) {
	for _, ring := range b.rings {
		inside := clip(t.in(ring))
		if len(inside) < 3 {
			continue
		}
		if turn := area(inside); turn == 0 {
			continue
		} else if turn < 0 {
			for i, j := 0, len(inside)-1; i < j; i, j = i+1, j-1 {
				inside[i], inside[j] = inside[j], inside[i]
			}
		}
		l.ring(inside)
		some = true
	}
	return some
}

// stroke writes the lines of a border that lie in a tile.
func (l *layer) stroke(t Tile, b border) (some bool) {
	for _, ring := range b.rings {
		all := t.in(ring)
		if len(all) < 2 {
			continue
		}
		var run [][2]int
		flush := func() {
			if len(run) > 1 {
				l.path(run)
				some = true
			}
			run = run[:0]
		}
		for i := range all {
			from, to, ok := cut(all[i], all[(i+1)%len(all)])
			if !ok {
				flush()
				continue
			}
			if n := len(run); n == 0 || run[n-1] != from {
				flush()
				run = append(run, from)
			}
			run = append(run, to)
		}
		flush()
	}
	return some
}

// area is twice what a ring encloses; positive the way outer rings turn.
func area(ring [][2]int) (sum int) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return sum
}

const least, most = -margin, extent + margin

// clip is the part of a ring that lies in a tile (Sutherland and Hodgman, 1974).
func clip(ring [][2]int) [][2]int {
	for _, side := range []func([2]int) int{
		func(p [2]int) int { return p[0] - least }, func(p [2]int) int { return most - p[0] },
		func(p [2]int) int { return p[1] - least }, func(p [2]int) int { return most - p[1] },
	} {
		var kept [][2]int
		for i, p := range ring {
			before := ring[(i+len(ring)-1)%len(ring)]
			in, was := side(p), side(before)
			if in >= 0 != (was >= 0) {
				f := float64(was) / float64(was-in)
				kept = append(kept, [2]int{before[0] + int(math.Round(f*float64(p[0]-before[0]))), before[1] + int(math.Round(f*float64(p[1]-before[1])))})
			}
			if in >= 0 {
				kept = append(kept, p)
			}
		}
		ring = kept
	}
	return ring
}

// cut is the part of a line that lies in a tile (Liang and Barsky, 1984).
func cut(a, b [2]int) (from, to [2]int, ok bool) {
	t0, t1 := 0.0, 1.0
	for i := range 2 {
		d := float64(b[i] - a[i])
		for _, edge := range [2]float64{float64(least - a[i]), float64(most - a[i])} {
			enters := (edge == float64(least-a[i])) == (d > 0)
			switch {
			case d == 0 && (a[i] < least || a[i] > most):
				return from, to, false
			case d == 0:
			case enters:
				t0 = max(t0, edge/d)
			default:
				t1 = min(t1, edge/d)
			}
		}
	}
	if t0 > t1 {
		return from, to, false
	}
	at := func(t float64) (p [2]int) {
		for i := range p {
			p[i] = a[i] + int(math.Round(t*float64(b[i]-a[i])))
		}
		return p
	}
	return at(t0), at(t1), true
}
