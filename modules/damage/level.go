package damage

import (
	"math"
	"slices"
	"strconv"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

// Worst is the highest level: 0 nothing seen, 1 slight, 2 moderate, 3 heavy,
// 4 very heavy.
const Worst = 4

// Seen is what one layer says of one place.
type Seen struct {
	Place  string
	Level  int
	Counts [Worst + 1]int // points within reach, by their level; none of an area
	Km     float64        // the reach; 0 of an area or of a code
	Value  string         // of the area, as the layer writes it: "8.4"
}

// upTo is how many points are of a level or worse.
func (s *Seen) upTo(level int) (n int) {
	for _, k := range s.Counts[level:] {
		n += k
	}
	return n
}

// reading is a layer held against the places of the country.
type reading struct {
	Seen    []Seen
	Levels  [Worst + 1]int // features, by their level
	Unknown int            // features whose attributes the mapping does not know
	Away    int            // features outside the country, or codes that nobody has
}

// read gives each place its level. A point counts for the places within reach of
// it; an area for the places whose own point lies in it; a code for its place.
// The same features, mapping and places give the same, in the same order.
func (r *Rules) read(g *places.Gazetteer, m Mapping, all []Feature) (out reading) {
	land := newLand(g)
	marks := newMarks()
	var areas []area
	coded := map[string]Seen{}
	for i := range all {
		f := &all[i]
		level, value, ok := m.level(f.Props)
		b := f.box()
		_, known := g.Get(f.Code)
		switch {
		case !ok:
			out.Unknown++
			continue
		case len(f.Points)+len(f.Rings) == 0 && !known, len(f.Points)+len(f.Rings) > 0 && !land.touches(b):
			out.Away++
			continue
		}
		out.Levels[level]++
		switch {
		case len(f.Points) > 0:
			for _, p := range f.Points {
				marks.add(p, level)
			}
		case len(f.Rings) > 0 && m.Kind != Shaking: // a building, a block, a cell: where it is
			marks.add(b.middle(), level)
		case len(f.Rings) > 0:
			areas = append(areas, area{f, b, level, value})
		case level > coded[f.Code].Level:
			coded[f.Code] = Seen{Place: f.Code, Level: level, Value: value}
		}
	}
	slices.SortStableFunc(areas, func(a, b area) int { return b.level - a.level })
	for _, kind := range []string{places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			s, has := coded[p.Code]
			if p.HasPoint {
				_, km, _ := g.Point(p.Code)
				for _, x := range []Seen{inAreas(areas, p), r.near(marks, p, km)} {
					if x.Level > s.Level {
						s, has = x, true
					}
				}
			}
			if has && s.Level > 0 {
				out.Seen = append(out.Seen, s)
			}
		}
	}
	return out
}

// area is a feature that surrounds places.
type area struct {
	f     *Feature
	b     box
	level int
	value string
}

// inAreas is the worst area that a place's point lies in.
func inAreas(all []area, p *places.Place) (s Seen) {
	for _, a := range all { // the worst first; of equal ones the largest value is told
		if s.Level > a.level {
			break
		}
		if a.b.holds(p.At) && a.f.surrounds(p.At) && (s.Level == 0 || larger(a.value, s.Value)) {
			s = Seen{Place: p.Code, Level: a.level, Value: a.value}
		}
	}
	return s
}

// larger compares two numbers as a file writes them.
func larger(a, b string) bool {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	return x > y
}

// near counts the points within reach of a place: at least a kilometre, and as
// far as its own point is uncertain. A level counts when enough points are of it
// or worse; too few count one less.
func (r *Rules) near(m *marks, p *places.Place, precision float64) Seen {
	s := Seen{Place: p.Code, Km: min(max(r.Reach.LeastKm, precision), r.Reach.MostKm)}
	m.within(p.At, s.Km, func(level int) { s.Counts[level]++ })
	for level := Worst; level > 0; level-- {
		switch n := s.upTo(level); {
		case n >= r.Reach.Marks:
			s.Level = max(s.Level, level)
		case n > 0:
			s.Level = max(s.Level, level-1, 1)
		}
		if s.Level > 0 {
			break
		}
	}
	return s
}

// marks are points in squares of a tenth of a degree, so that the few around a
// place are found among many thousand.
type marks struct{ squares map[[2]int][]mark }

type mark struct {
	at    geo.Point
	level int
}

func newMarks() *marks { return &marks{map[[2]int][]mark{}} }

const square = 0.1 // degrees

func squareOf(p geo.Point) [2]int {
	return [2]int{int(math.Floor(p.Lat / square)), int(math.Floor(p.Lon / square))}
}

func (m *marks) add(p geo.Point, level int) {
	k := squareOf(p)
	m.squares[k] = append(m.squares[k], mark{p, level})
}

func (m *marks) within(p geo.Point, km float64, each func(level int)) {
	if len(m.squares) == 0 {
		return
	}
	const degreeKm = 111.195
	lat := km / degreeKm
	lon := lat / max(0.05, math.Cos(p.Lat*math.Pi/180))
	from, to := squareOf(geo.Point{Lat: p.Lat - lat, Lon: p.Lon - lon}), squareOf(geo.Point{Lat: p.Lat + lat, Lon: p.Lon + lon})
	for y := from[0]; y <= to[0]; y++ {
		for x := from[1]; x <= to[1]; x++ {
			for _, k := range m.squares[[2]int{y, x}] {
				if geo.Distance(p, k.at) <= km {
					each(k.level)
				}
			}
		}
	}
}

// land is where the country is, with a border wide enough for what happens next
// to it.
type land struct{ b box }

func newLand(g *places.Gazetteer) land {
	l := land{box{91, 181, -91, -181}}
	for _, kind := range []string{places.Province, places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			if p.HasPoint {
				l.b.south, l.b.north = min(l.b.south, p.At.Lat-1), max(l.b.north, p.At.Lat+1)
				l.b.west, l.b.east = min(l.b.west, p.At.Lon-1), max(l.b.east, p.At.Lon+1)
			}
		}
	}
	return l
}

func (l land) touches(b box) bool {
	return b.south <= l.b.north && b.north >= l.b.south && b.west <= l.b.east && b.east >= l.b.west
}

// swapped tells whether the points of a file lie in the country once longitude
// and latitude change places, and not as they stand: the commonest slip there is.
func swapped(g *places.Gazetteer, all []Feature) bool {
	l := newLand(g)
	here, there := 0, 0
	for i := range all {
		if len(all[i].Points)+len(all[i].Rings) == 0 {
			continue
		}
		b := all[i].box()
		if l.touches(b) {
			here++
		}
		if l.touches(box{b.west, b.south, b.east, b.north}) {
			there++
		}
	}
	return here == 0 && there > 0
}

// fitsLand says what is wrong with a whole file: it lies elsewhere.
func fitsLand(g *places.Gazetteer, all []Feature, read reading) error {
	switch {
	case swapped(g, all):
		return wrongFile("swapped")
	case read.Away == len(all):
		return wrongFile("elsewhere")
	}
	return nil
}
