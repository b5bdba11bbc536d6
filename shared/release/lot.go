package release

import (
	"cmp"
	"slices"
	"time"

	"github.com/twiza/twiza/shared/places"
)

// unit waits to be published.
type unit struct {
	id     string
	place  string
	at     time.Time
	people int
}

// lot is units to be published together.
type lot struct {
	place string
	units []unit
}

func (l lot) people(floor int) (n int) {
	for _, u := range l.units {
		n += u.people
	}
	return n / floor * floor
}

// sorting puts what waits into lots.
type sorting struct {
	g     *places.Gazetteer
	rules Rules
	now   time.Time
	pool  map[string][]unit
	below map[string]bool // something waits there or inside
	lots  []lot
}

// lots is what can be published now of the units that wait. Those of a kind that
// follows another go into lots of their own place or wait on: elsewhere they
// could be more than were published there.
func (p *Press) lots(waiting []unit, alone bool, now time.Time) []lot {
	return p.lotsIn("", waiting, alone, now)
}

func (p *Press) lotsIn(root string, waiting []unit, alone bool, now time.Time) []lot {
	s := &sorting{g: p.places, rules: p.rules, now: now, pool: map[string][]unit{}, below: map[string]bool{}}
	for _, u := range waiting {
		s.pool[u.place] = append(s.pool[u.place], u)
		for _, o := range p.places.Path(u.place) {
			s.below[o.Code] = true
		}
	}
	if alone {
		for code, all := range s.pool {
			s.full(code, all)
		}
	} else {
		s.rise(root)
	}
	slices.SortFunc(s.lots, func(a, b lot) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(len(a.units), len(b.units)))
	})
	return s.lots
}

// full makes a lot of the units of one place, if they are enough.
func (s *sorting) full(code string, all []unit) (rest []unit) {
	if len(all) < s.rules.Floor {
		return all
	}
	s.lots = append(s.lots, lot{code, all})
	return nil
}

// rise makes the lots of a place and of all that lies in it. It returns what is
// left for a wider one, and from how many places at most: fewer than floor from
// each. Those of whom nobody knows where inside they are go with the rest, but
// are not relied on: there may be none, and that may be known.
func (s *sorting) rise(code string) (rest []unit, from int) {
	before := len(s.lots)
	rest = s.full(code, s.pool[code])
	if o, ok := s.g.Get(code); ok && o.Kind == places.Commune { // nothing is counted of less
		if len(s.lots) > before {
			return nil, 0 // all of it was published: it hides nobody
		}
		return rest, 1
	}
	for _, c := range s.g.Children(code) {
		if !s.below[c.Code] {
			from++
			continue
		}
		more, n := s.rise(c.Code)
		rest, from = append(rest, more...), from+n
	}
	if code != "" && from < fewest { // they hide nobody: those of a wider place hide them
		return rest, from
	}
	if len(rest) < s.rules.Floor {
		return rest, 1
	}
	if from >= fewest && len(rest) <= (s.rules.Floor-1)*(from-1) && s.now.Sub(oldest(rest)) >= s.rules.Wait {
		s.lots = append(s.lots, lot{code, rest})
	}
	return nil, 0 // published, or they wait here
}

// fewest is how many places are counted together at least.
const fewest = 3

func oldest(all []unit) time.Time {
	return slices.MinFunc(all, func(a, b unit) int { return a.at.Compare(b.at) }).at
}

// bag is lots that are told apart together.
type bag struct {
	place string
	lots  []printed
	n     int
}

// printed is a lot that was published.
type printed struct {
	id     string
	place  string
	n      int
	moment time.Time
}

// bags puts lots together until there are enough to be told apart, at the
// narrowest place where there are. Lots of a commune that are too few and younger
// than late wait for more of their commune; then they go with their neighbours. It
// looks at nothing but what is public: places, sizes and moments of lots.
func bags(g *places.Gazetteer, all []printed, enough int, late time.Time) (out []bag) {
	at, below := map[string][]printed{}, map[string]bool{}
	for _, l := range all {
		at[l.place] = append(at[l.place], l)
		for _, o := range g.Path(l.place) {
			below[o.Code] = true
		}
	}
	var rise func(code string) bag
	rise = func(code string) bag {
		b := bag{place: code, lots: at[code]}
		for _, l := range b.lots {
			b.n += l.n
		}
		for _, c := range g.Children(code) {
			if below[c.Code] {
				x := rise(c.Code)
				b.lots, b.n = append(b.lots, x.lots...), b.n+x.n
			}
		}
		if b.n < enough {
			if o, ok := g.Get(code); ok && o.Kind == places.Commune {
				b.n, b.lots = 0, slices.DeleteFunc(slices.Clone(b.lots), func(l printed) bool { return l.moment.After(late) })
				for _, l := range b.lots {
					b.n += l.n
				}
			}
			return b
		}
		out = append(out, b)
		return bag{}
	}
	rise("")
	return out
}
