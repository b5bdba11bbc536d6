package picture

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
)

// crisisPage tells what happened, what to do, where to go, and how far the work
// has come.
type crisisPage struct {
	ui.Frame
	Open     bool
	Name     template.HTML
	What     template.HTML
	Since    time.Time
	Advice   []template.HTML
	Calls    []call
	Near     string // as it was typed
	Found    template.HTML
	Lost     bool // what was typed is no place that we know
	Shelters []shelterRow
	Roads    []roadRow
	Map      template.HTML
	Cover    bool // some commune lacks a network
	Rows     []placeRow
	More     int
	All      row
	Floor    int
	Nobody   []nobodyRow
	NobodyIn int // communes
	AsOf     time.Time
	Old      time.Duration
}

// call is a number to call when life is in danger.
type call struct {
	Number string
	Name   template.HTML
}

type shelterRow struct {
	Name     string
	Place    template.HTML
	Capacity int
	Fit      bool
	Km       int // -1 is not known
	Since    time.Time
	ID       string
	Closed   bool
	Hidden   bool
}

type roadRow struct {
	Place template.HTML
	State string
	Km    int
	Since time.Time
}

type placeRow struct {
	Name  template.HTML
	Of    template.HTML // what it lies in
	R     row
	None  int
	Whole bool // a commune; else what is only known of a wider place
	Needs []bar
	Rest  bool   // more needs than stand here
	Wait  string // band
}

type nobodyRow struct {
	Name  template.HTML
	Wait  time.Duration
	Asked int
	Told  bool
}

// How many lines of each list stand on the page of the crisis; the others are one
// tap away.
const (
	shownPlaces   = 8
	shownNobody   = 6
	shownShelters = 12
	shownRoads    = 12
)

func (s *Service) calls(c *web.Ctx) (out []call) {
	for _, e := range s.places.Country().Emergency {
		text, lang := places.In(e.Names, c.Lang())
		out = append(out, call{e.Number, name(c, &places.Place{Names: map[string]string{lang: text}})})
	}
	return out
}

func (s *Service) showCrisis(c *web.Ctx) error {
	now, open, err := s.ports.Crisis(c.Context())
	if err != nil {
		return err
	}
	p := &crisisPage{Open: open, Calls: s.calls(c), Near: c.R.URL.Query().Get("near"), Floor: s.press.Floor()}
	p.Nav, p.Title = "crisis", c.P.Text("picture.crisis.none")
	if p.Near == "" {
		c.Keep()
		c.Common("cases.crisis", "cases.emergency", "picture.shelter", "field.road")
	}
	if !open {
		return c.Render("picture_crisis", p)
	}
	p.Name, p.Title, p.Since = c.P.T(now.Name), c.P.Text(now.Name), now.Since
	if now.What != "" && c.Site.Cat.Has(now.What) {
		p.What = c.P.T(now.What)
	}
	for _, key := range now.Advice {
		p.Advice = append(p.Advice, c.P.T(key))
	}
	from, found := geo.Point{}, false
	if p.Near != "" {
		if all := s.places.Search(p.Near, "", 1); len(all) > 0 {
			from, _, found = s.places.Point(all[0].Place.Code)
			p.Found = s.placeSay(c, all[0].Place.Code)
		}
		p.Lost = !found
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		if err := s.around(c, t, p, from, found); err != nil {
			return err
		}
		return s.fill(c, t, p, now)
	})
	if err != nil {
		return err
	}
	return c.Render("picture_crisis", p)
}

// around lists shelters and roads, the nearest first.
func (s *Service) around(c *web.Ctx, t *db.Tx, p *crisisPage, from geo.Point, found bool) error {
	km := func(code string) int {
		at, _, ok := s.places.Point(code)
		if !ok || !found {
			return -1
		}
		return int(geo.Distance(from, at) + 0.5)
	}
	shelters, err := publicShelters(t)
	if err != nil {
		return err
	}
	for _, x := range shelters {
		p.Shelters = append(p.Shelters, shelterRow{Name: x.Name, Place: s.placeSay(c, x.Place), Capacity: x.Capacity, Fit: x.Fit, Km: km(x.Place), Since: x.OpenedAt})
	}
	slices.SortStableFunc(p.Shelters, func(a, b shelterRow) int { return cmp.Compare(far(a.Km), far(b.Km)) })
	roads, err := s.ports.Roads(t)
	if err != nil {
		return err
	}
	for _, r := range roads {
		p.Roads = append(p.Roads, roadRow{Place: s.placeSay(c, r.Place), State: r.State, Km: km(r.Place), Since: r.Since})
	}
	slices.SortStableFunc(p.Roads, func(a, b roadRow) int {
		return cmp.Or(cmp.Compare(far(a.Km), far(b.Km)), b.Since.Compare(a.Since))
	})
	p.Shelters, p.Roads = p.Shelters[:min(len(p.Shelters), shownShelters)], p.Roads[:min(len(p.Roads), shownRoads)]
	return nil
}

func far(km int) int {
	if km < 0 {
		return 1 << 30
	}
	return km
}

// fill draws what was published since the crisis began.
func (s *Service) fill(c *web.Ctx, t *db.Tx, p *crisisPage, now Crisis) error {
	k, err := s.covered(t, time.Time{}, time.Time{}, "")
	if err != nil {
		return err
	}
	cover, err := s.ports.Cover(t)
	if err != nil {
		return err
	}
	p.All, p.AsOf, p.Cover = k.All, k.AsOf, len(cover) > 0
	if !k.AsOf.IsZero() {
		p.Old = t.Now().Sub(k.AsOf)
	}
	var marks []places.Mark
	for _, r := range k.Rows {
		if r.Kind == places.Commune {
			marks = append(marks, s.mark(c, r, k.Floor))
		}
	}
	p.Map = places.Sketch(s.places, s.area(now.Area), marks, places.Sheet{Lang: c.Lang(), Title: c.P.Text("picture.map.title"), Width: 360, Labels: true, Fit: true, Cover: cover})
	p.Rows, p.More = s.rows(c, k), 0
	if len(p.Rows) > shownPlaces {
		p.Rows, p.More = p.Rows[:shownPlaces], len(p.Rows)-shownPlaces
	}
	p.Nobody, err = s.nobody(c, t, now.Since, "")
	p.NobodyIn = len(p.Nobody)
	p.Nobody = p.Nobody[:min(len(p.Nobody), shownNobody)]
	return err
}

// mark is the symbol of a commune: its shape tells how much of it is covered, so
// that nobody needs colours.
func (s *Service) mark(c *web.Ctx, r row, floor int) places.Mark {
	m := places.Mark{Code: r.Code, Rank: 3, Count: r.Asked}
	if r.Reached == 0 {
		m.Rank = 1
	} else if 2*r.Reached < r.Asked {
		m.Rank = 2
	}
	if o, ok := s.places.Get(r.Code); ok {
		text, _ := o.Name(c.Lang())
		m.Title = c.P.Text("picture.map.mark", "place", text, "asked", r.Asked, "reached", r.Reached)
	}
	return m
}

// area is the region, when all of a crisis lies in one; else the country.
func (s *Service) area(codes []string) (within string) {
	if len(codes) == 1 {
		return codes[0]
	}
	for i, code := range codes {
		path := s.places.Path(code)
		if len(path) == 0 || i > 0 && path[0].Code != within {
			return ""
		}
		within = path[0].Code
	}
	return within
}

func (s *Service) rows(c *web.Ctx, k coverage) (out []placeRow) {
	say := s.needName(c)
	for _, r := range k.Rows {
		x := placeRow{Name: s.nameOf(c, r.Code), R: r, None: r.None(k.Floor), Whole: r.Kind == places.Commune}
		if x.Whole {
			x.Wait = k.Wait[r.Code]
			for _, n := range k.Needs[r.Code] {
				if n.Code != "" {
					x.Needs = append(x.Needs, bar{Name: say(n.Code), N: n.N})
				}
			}
		}
		if o, ok := s.places.Get(r.Code); ok && x.Whole {
			x.Of = s.nameOf(c, o.Parent)
		}
		out = append(out, x)
	}
	return out
}

func (s *Service) nobody(c *web.Ctx, t *db.Tx, since time.Time, within string) (out []nobodyRow, err error) {
	all, err := s.nobodyCame(t, since, within)
	for _, u := range all {
		out = append(out, nobodyRow{s.placeSay(c, u.Code), age(t.Now().Sub(u.Since)), u.Asked, u.Told})
	}
	return out, err
}

// age is how old something is, as people say it.
func age(d time.Duration) time.Duration {
	switch {
	case d >= 24*time.Hour:
		return d.Truncate(time.Hour)
	case d >= time.Hour:
		return d.Truncate(time.Minute * 10)
	}
	return max(d.Truncate(time.Minute), time.Minute)
}

// coveragePage is who is reached by whom, by commune, and where nobody came.
type coveragePage struct {
	ui.Frame
	Rows   []placeRow
	All    row
	None   int
	Floor  int
	Nobody []nobodyRow
	Areas  []ui.Option
	Query  template.URL
	AsOf   time.Time
	Next   time.Duration
}

func (s *Service) showCoverage(c *web.Ctx) error {
	within := s.asked(c)
	p := &coveragePage{Areas: s.areas(c, within), Next: s.press.Every()}
	if within != "" {
		p.Query = template.URL("?area=" + url.QueryEscape(within))
	}
	p.Nav, p.Title = "crisis", c.P.Text("picture.coverage.title")
	since := s.began(c)
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := s.covered(t, time.Time{}, time.Time{}, within)
		if err != nil {
			return err
		}
		p.Rows, p.All, p.None, p.Floor, p.AsOf = s.rows(c, k), k.All, k.All.None(k.Floor), k.Floor, k.AsOf
		p.Nobody, err = s.nobody(c, t, since, within)
		return err
	})
	if err != nil {
		return err
	}
	c.Common("cases.crisis", "cases.emergency", "picture.shelter", "field.road")
	return c.Render("picture_coverage", p)
}

// began is when the open crisis began; a month ago where none is open.
func (s *Service) began(c *web.Ctx) time.Time {
	if now, open, err := s.ports.Crisis(c.Context()); err == nil && open {
		return now.Since
	}
	return s.h.DB.Now().AddDate(0, 0, -30)
}

// asked is the region or province that the reader chose; "" is the country.
func (s *Service) asked(c *web.Ctx) string {
	code := c.R.URL.Query().Get("area")
	if p, ok := s.places.Get(code); ok && (p.Kind == places.Region || p.Kind == places.Province) {
		return code
	}
	return ""
}

// areas are the regions, and the provinces of the one that was chosen.
func (s *Service) areas(c *web.Ctx, chosen string) (out []ui.Option) {
	path := s.places.Path(chosen)
	for _, r := range s.places.All(places.Region) {
		out = append(out, ui.Option{Value: r.Code, Title: name(c, r), Chosen: r.Code == chosen})
		if len(path) > 0 && path[0].Code == r.Code {
			for _, p := range s.places.Children(r.Code) {
				out = append(out, ui.Option{Value: p.Code, Title: "– " + name(c, p), Chosen: p.Code == chosen})
			}
		}
	}
	return out
}
