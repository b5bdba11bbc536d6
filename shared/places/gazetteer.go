package places

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twiza/twiza/base/geo"
)

// Gazetteer is all the places of one country, in memory.
type Gazetteer struct {
	country  Country
	byCode   map[string]*Place
	byKind   map[string][]*Place
	children map[string][]*Place // sorted for the default language; "" are the regions
	outlines map[string][]Outline
	circles  *circles // km around a place's own point
	drawn    *drawn   // what drawings of it have in common
	owners   *Owners  // who answers for the State in each place
	box      geo.Box  // around every place

	words  *lexicon
	index  *index
	alone  []*index               // the index, where nothing was learnt
	learnt *atomic.Pointer[index] // spellings that people confirmed: see Learn
	bare   *Place                 // whose spelling is hidden
	hidden map[int32]bool         // spellings that are not to be found: see Hiding
}

func build(c Country, lines []origin, outlines map[string][]Outline) *Gazetteer {
	g := &Gazetteer{
		country: c, byCode: map[string]*Place{}, byKind: map[string][]*Place{},
		children: map[string][]*Place{}, outlines: outlines, circles: new(circles), drawn: newDrawn(),
	}
	for _, o := range lines {
		p := o.Place
		p.n = int32(len(g.byCode))
		g.byCode[p.Code] = p
		g.byKind[p.Kind] = append(g.byKind[p.Kind], p)
		g.children[p.Parent] = append(g.children[p.Parent], p)
		if p.HasPoint {
			g.box = g.box.See(p.At)
		}
	}
	for _, list := range g.children {
		Sort(list, c.Default)
	}
	g.enter()
	return g
}

// enter puts every name into the index.
func (g *Gazetteer) enter() {
	g.words, g.learnt = newLexicon(g.country), new(atomic.Pointer[index])
	g.index = newIndex(g.words)
	for _, kind := range kinds {
		for _, p := range g.byKind[kind] {
			p.stand(g.byCode)
			seen := map[string]bool{}
			for _, name := range p.Names {
				for _, key := range nameKeys(name) {
					if !seen[key] {
						seen[key] = true
						g.index.add(p, key)
						p.spelt[scriptOf(key)] = true
						g.words.hold(key)
					}
				}
			}
		}
	}
	g.index.seal()
	g.alone = []*index{g.index}
}

// Country is what the pack says of its country.
func (g *Gazetteer) Country() Country { return g.country }

// Get is the place with this code.
func (g *Gazetteer) Get(code string) (*Place, bool) {
	p, ok := g.byCode[code]
	return p, ok
}

// All is every place of a kind, by code as the pack lists them.
func (g *Gazetteer) All(kind string) []*Place { return slices.Clone(g.byKind[kind]) }

// Children are the places that lie directly in code, sorted by name in the
// country's default language; "" gives the regions. See Sort for other readers.
func (g *Gazetteer) Children(code string) []*Place { return slices.Clone(g.children[code]) }

// Path is the place and all that it lies in, from the region down to itself.
// Empty for an unknown code.
func (g *Gazetteer) Path(code string) []*Place {
	var up []*Place
	for p := g.byCode[code]; p != nil; p = g.byCode[p.Parent] {
		up = append(up, p)
	}
	slices.Reverse(up)
	return up
}

// Commune is the commune that code is or lies in.
func (g *Gazetteer) Commune(code string) (*Place, bool) { return g.ancestor(code, Commune) }

// Province is the province that code is or lies in.
func (g *Gazetteer) Province(code string) (*Place, bool) { return g.ancestor(code, Province) }

func (g *Gazetteer) ancestor(code, kind string) (*Place, bool) {
	for p := g.byCode[code]; p != nil; p = g.byCode[p.Parent] {
		if p.Kind == kind {
			return p, true
		}
	}
	return nil, false
}

// Within is whether code is ancestor or lies in it. Everything lies in "", the
// whole country, also a place that is not known: a request from nowhere still
// belongs to whoever serves everywhere.
func (g *Gazetteer) Within(code, ancestor string) bool {
	if ancestor == "" {
		return true
	}
	p, q := g.byCode[code], g.byCode[ancestor]
	return p != nil && q != nil && p.in(q)
}

// SpokenFirst is the language most people speak where code is: shi, ary … It
// reads the census of the place or of the nearest wider place that has one, and
// is "" when none has. Of two equal shares the pack's order decides.
func (g *Gazetteer) SpokenFirst(code string) string {
	for p := g.byCode[code]; p != nil; p = g.byCode[p.Parent] {
		best, most := "", 0.0
		for _, s := range g.country.Spoken {
			if p.Langs[s.Code] > most {
				best, most = s.Code, p.Langs[s.Code]
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// Near is a place and how far it is.
type Near struct {
	Place *Place
	Km    float64 // as the crow flies; in the mountains the road is longer
}

// Nearest are the places of a kind nearest to p, nearest first, at most limit.
// Only places with a point of their own count.
func (g *Gazetteer) Nearest(p geo.Point, kind string, limit int) []Near {
	if !p.Valid() || limit <= 0 {
		return nil
	}
	var all []Near
	for _, place := range g.byKind[kind] {
		if place.HasPoint {
			all = append(all, Near{place, geo.Distance(p, place.At)})
		}
	}
	slices.SortFunc(all, func(a, b Near) int {
		return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(a.Place.Code, b.Place.Code))
	})
	return all[:min(limit, len(all))]
}

// Point is where to look for code, and within how many kilometres: its own point,
// or else the centre of what it lies in with that place's wider circle. Not ok for
// an unknown code, or when nothing on its path has a point.
func (g *Gazetteer) Point(code string) (at geo.Point, precisionKm float64, ok bool) {
	for p := g.byCode[code]; p != nil; p = g.byCode[p.Parent] {
		if p.HasPoint {
			return p.At, g.precision()[p.Code], true
		}
	}
	return geo.Point{}, 0, false
}

// A douar with a point is a village: a kilometre across, counting how the point
// was taken.
const douarKm = 1

// circles are measured when somebody first asks for one: no house has to wait
// for them before it opens.
type circles struct {
	once sync.Once
	km   map[string]float64 // by code
}

// precision works out the circle of each place from where its neighbours are,
// because the tables carry no areas. A commune reaches about as far as the next
// commune centres (the mean of the three nearest, at least 2 km); a province or
// region as far as the farthest commune in it.
func (g *Gazetteer) precision() map[string]float64 {
	g.circles.once.Do(func() { g.circles.km = g.measure() })
	return g.circles.km
}

func (g *Gazetteer) measure() map[string]float64 {
	out := make(map[string]float64, len(g.byCode))
	for _, p := range g.byKind[Douar] {
		out[p.Code] = douarKm
	}
	for _, p := range g.byKind[Commune] {
		if !p.HasPoint {
			continue
		}
		km := round1(max(2, g.neighbours(p)))
		out[p.Code] = km
		for _, wide := range g.Path(p.Code) {
			if wide.Kind != Commune && wide.HasPoint {
				out[wide.Code] = max(out[wide.Code], round1(geo.Distance(wide.At, p.At)+km))
			}
		}
	}
	return out
}

// Apart is a gazetteer of the same places that learns spellings of its own.
func (g *Gazetteer) Apart() *Gazetteer {
	other := *g
	other.learnt = new(atomic.Pointer[index])
	return &other
}

// neighbours is the mean distance of the three nearest places of p's kind.
func (g *Gazetteer) neighbours(p *Place) float64 {
	var near []float64 // the three nearest so far, in order
	// A degree of longitude is at least so long wherever a place may be among the
	// three; most are told to be too far by this, without a sine.
	east := .9 * degreeKm * math.Cos((math.Abs(p.At.Lat)+1)*math.Pi/180)
	for _, o := range g.byKind[p.Kind] {
		if o == p || !o.HasPoint || len(near) == 3 && math.Abs(o.At.Lat-p.At.Lat)*degreeKm > near[2] {
			continue
		}
		if len(near) == 3 && near[2] < degreeKm && math.Abs(o.At.Lon-p.At.Lon)*east > near[2] {
			continue
		}
		km := geo.Distance(p.At, o.At)
		at, _ := slices.BinarySearch(near, km)
		if at < 3 {
			near = slices.Insert(near, at, km)
			near = near[:min(3, len(near))]
		}
	}
	sum := 0.0
	for _, km := range near {
		sum += km
	}
	return sum / float64(max(1, len(near)))
}

// degreeKm is a degree of latitude.
const degreeKm = 111.195

func round1(km float64) float64 { return math.Ceil(km*10) / 10 }

// boxMargin is how far, in degrees, a point may lie outside all that the tables
// have a point of and still be taken for the country.
const boxMargin = 0.5

// Box is the part of the globe in which the country's places lie: a pasted
// coordinate outside of it may have been written the other way round.
func (g *Gazetteer) Box() geo.Box { return g.box.Wider(boxMargin) }

// Outlines are the borders of a kind of place, by code; nil where the pack has none.
func (g *Gazetteer) Outlines(kind string) []Outline { return g.outlines[kind] }
