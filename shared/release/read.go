package release

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

// Figure is a public count. Its zero is "none, or fewer than five": which of the
// two is not known to anybody who reads it.
type Figure struct {
	N           int
	People      int // rounded down to a multiple of the floor
	First, Last time.Time
}

// Shown tells whether there is a number to show.
func (f Figure) Shown() bool { return f.N > 0 }

func (f *Figure) add(s sum) {
	f.N, f.People = f.N+s.n, f.People+s.people
	if f.First.IsZero() || s.first.Before(f.First) {
		f.First = s.first
	}
	if s.last.After(f.Last) {
		f.Last = s.last
	}
}

// Sheet is what was published of a kind between two moments, by place.
type Sheet struct {
	Kind        string
	Since, Till time.Time
	g           *places.Gazetteer
	all         map[string]*Figure // with all that lies inside; "" is the whole country
	own         map[string]Figure  // under the name of this very place
}

// Sheet reads what was published of a kind after one moment and until another;
// a zero moment is the first and the last there are.
func (p *Press) Sheet(t *db.Tx, kind string, since, till time.Time) (*Sheet, error) {
	since, till = span(t, since, till)
	rows, err := p.sums(t, kind, since, till)
	s := &Sheet{kind, since, till, p.places, map[string]*Figure{}, map[string]Figure{}}
	for _, r := range rows {
		own := s.own[r.place]
		own.add(r)
		s.own[r.place] = own
		codes := []string{""}
		for _, o := range p.places.Path(r.place) {
			codes = append(codes, o.Code)
		}
		for _, code := range codes {
			f := s.all[code]
			if f == nil {
				f = &Figure{}
				s.all[code] = f
			}
			f.add(r)
		}
	}
	return s, err
}

// span puts the first and the last moment there may be for those that are not said.
func span(t *db.Tx, since, till time.Time) (time.Time, time.Time) {
	if since.IsZero() {
		since = time.Unix(0, 0)
	}
	if till.IsZero() {
		till = t.Now()
	}
	return since, till
}

// At is the figure of a place with all that lies inside; "" is the whole country.
func (s *Sheet) At(place string) (f Figure) {
	if x := s.all[place]; x != nil {
		f = *x
	}
	return f
}

// Own is what was published under the name of this very place, because too few
// were in each place inside, or because nobody knows where inside.
func (s *Sheet) Own(place string) Figure { return s.own[place] }

// Cell is a figure under a name: the code of a place, or a category; "" is what
// is not told.
type Cell struct {
	Code string
	Figure
}

// Places lists the places of a kind within another of which there is something
// to show, the largest first.
func (s *Sheet) Places(kind, within string) (out []Cell) {
	for code, f := range s.all {
		if p, ok := s.g.Get(code); ok && p.Kind == kind && s.g.Within(code, within) {
			out = append(out, Cell{code, *f})
		}
	}
	return sorted(out)
}

// Table is the units of a sheet, told apart by one dimension.
type Table struct {
	s  *Sheet
	of map[string]map[string]int // by place with all that lies inside, and category
}

// Table reads how the units of a sheet are told apart.
func (p *Press) Table(t *db.Tx, s *Sheet, dim string) (*Table, error) {
	rows, err := p.cells(t, s.Kind, dim, s.Since, s.Till)
	x := &Table{s, map[string]map[string]int{}}
	for _, r := range rows {
		if r.category == "" {
			continue
		}
		x.add("", r)
		for _, o := range p.places.Path(r.place) {
			x.add(o.Code, r)
		}
	}
	return x, err
}

func (x *Table) add(place string, r kinship) {
	of := x.of[place]
	if of == nil {
		of = map[string]int{}
		x.of[place] = of
	}
	of[r.category] += r.n
}

// At tells the units of a place apart, the largest first; those of whom it is not
// told come last, under "". Over all time it adds up to the figure of the place.
func (x *Table) At(within string) []Cell {
	rest := x.s.At(within).N
	var out []Cell
	for category, n := range x.of[within] {
		rest -= n
		out = append(out, Cell{category, Figure{N: n}})
	}
	out = sorted(out)
	if rest > 0 {
		out = append(out, Cell{"", Figure{N: rest}})
	}
	return out
}

// Moment is what was published of a place at one moment.
type Moment struct {
	At    time.Time
	Place string // under whose name
	N     int
}

// Moments lists what was published within a place, in the order of time.
func (p *Press) Moments(t *db.Tx, kind, within string, since, till time.Time) (out []Moment, err error) {
	since, till = span(t, since, till)
	all, err := p.moments(t, kind, since, till)
	for _, x := range all {
		if p.places.Within(x.place, within) {
			out = append(out, Moment{x.last, x.place, x.n})
		}
	}
	return out, err
}

// AsOf is the last moment of publication; zero before the first.
func (p *Press) AsOf(t *db.Tx) (time.Time, error) { return lastMoment(t) }

func sorted(out []Cell) []Cell {
	slices.SortFunc(out, func(a, b Cell) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code)) })
	return out
}

// Say puts the facts of a publication into words.
func (p *Press) Say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "kind":
			f.Words = c.P.T("release.kind." + f.Value)
		case "lots", "units":
			if n, err := strconv.Atoi(f.Value); err == nil {
				f.Words = c.P.T("release.fact."+f.Name, "n", n)
			}
		case "place":
			if o, ok := p.places.Get(f.Value); ok {
				name, _ := places.In(o.Names, c.Lang())
				f.Words = c.P.T("release.fact.place", "place", name)
			}
		}
	}
	return nil
}
