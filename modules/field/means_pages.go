package field

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// meansPage proposes by what help could get somewhere, with reasons: for each
// stop of a mission, or for one place.
type meansPage struct {
	ui.Frame
	Mission string // "" when it is about a place
	Errands []errandRow
	From    string // what was asked, when it is about a place
	Base    string
	Kg      string
	Level   string
	Levels  []ui.Option
}

type errandRow struct {
	Name    string // of its table, unlike any other of the page
	Place   template.HTML
	Receipt string
	Level   int
	Road    RoadState
	Said    time.Time
	Km      int // -1 when not known
	Kg      float64
	Means   []meanRow
	Money   string
}

type meanRow struct {
	Kind  string
	Road  RoadClass
	Have  bool
	Best  bool
	Gets  bool
	Trips int
	Takes time.Duration
	Cost  int64 // minor units; 0 when not known
	Why   []template.HTML
}

// How many ways are shown for an errand: a mission has many.
const (
	shownMeans   = 5
	shownForStop = 3
)

// mission proposes for each stop that waits, and what of the load would go there:
// the same share of it for each.
func (s *Service) missionMeans(c *web.Ctx) error {
	p := &meansPage{}
	err := s.inMission(c, DeedMissionSee, func(t *db.Tx, w *teller, j *Journey) error {
		p.Mission = j.ID.String()
		team := w.team(j.Team)
		name, _ := team.Names.In(w.lang())
		p.Kind, p.Title = ui.Staff, w.p.Text("field.means.title", "team", name)
		if len(s.means.Kinds) == 0 {
			return errNoMeans()
		}
		have, err := s.have(t, j.Org, w.vehicles(j))
		if err != nil {
			return err
		}
		legs, err := s.routeOf(t, j)
		if err != nil {
			return err
		}
		rows := w.stops(j, false)
		b, n := s.burden(j.Goods), int64(max(1, len(legs)))
		here, _, known := s.places.Point(team.Base)
		for _, l := range legs {
			i := slices.IndexFunc(rows, func(r stopRow) bool { return r.Stop == l.stop.ID.String() })
			e := Errand{Burden: Burden{Grams: b.Grams / n, Millilitres: b.Millilitres / n}, Level: max(1, rows[i].Level), Road: l.road.State, HasKm: known && l.known}
			if e.HasKm {
				e.Km = geo.Distance(here, l.at)
			}
			row := w.errand(e, have, shownForStop)
			row.Place, row.Receipt, row.Said = rows[i].Place, rows[i].Receipt, l.road.Since
			row.Name = w.p.Text("field.means.ways_of", "n", len(p.Errands)+1, "place", w.plainPlace(l.stop.Place))
			p.Errands = append(p.Errands, row)
		}
		return w.err
	})
	if err != nil {
		return err
	}
	return c.Render("field_means", p)
}

// placeMeans proposes for one place, from where the reader works.
func (s *Service) placeMeans(c *web.Ctx) error {
	q, by := c.R.URL.Query(), actor.From(c.Context())
	p := &meansPage{Base: q.Get("base"), Kg: q.Get("kg"), From: q.Get("from"), Level: q.Get("level")}
	p.Kind, p.Nav, p.Title = ui.Staff, "roads", c.P.Text("field.means.for_place")
	for i := 1; i <= 4; i++ {
		n := strconv.Itoa(i)
		p.Levels = append(p.Levels, ui.Option{Value: n, Title: c.P.T("field.means.level." + n), Chosen: p.Level == n || p.Level == "" && i == 2})
	}
	err := s.h.Look(c.Context(), by, DeedRoadList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if len(s.means.Kinds) == 0 {
			return errNoMeans()
		}
		if p.Base == "" {
			return nil
		}
		w := s.teller(c, t.Tx)
		found := s.places.Search(p.Base, "", 1)
		if len(found) == 0 {
			p.Errors = append(p.Errors, ui.FieldError{Field: "base", Text: c.P.T("field.team.base_unknown")})
			return nil
		}
		row, err := w.toPlace(by, found[0].Place.Code, p)
		p.Errands = []errandRow{row}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("field_means", p)
}

func (w *teller) toPlace(by actor.Actor, code string, p *meansPage) (errandRow, error) {
	kg, wrong := readNumber(map[string][]string{"kg": {p.Kg}}, "kg")
	if wrong != nil {
		p.Errors = append(p.Errors, ui.FieldError{Field: "kg", Text: w.p.T(wrong.Key, web.Pairs(wrong.Args)...)})
	}
	origin, err := w.origin(w.t, by, p.From)
	if err != nil {
		return errandRow{}, err
	}
	known, err := roadsNow(w.t)
	if err != nil {
		return errandRow{}, err
	}
	have, err := w.have(w.t, ownOrg(by), nil)
	if err != nil {
		return errandRow{}, err
	}
	word := known.at(w.path(code))
	e := Errand{Burden: Burden{Grams: int64(kg) * 1000}, Road: word.State, Level: 2}
	if n, err := strconv.Atoi(p.Level); err == nil && n >= 1 && n <= 4 {
		e.Level = n
	}
	from, _, a := w.places.Point(origin)
	to, _, b := w.places.Point(code)
	if e.HasKm = a && b; e.HasKm {
		e.Km = geo.Distance(from, to)
	}
	row := w.errand(e, have, shownMeans)
	row.Place, row.Said, row.Name = w.place(code), word.Since, w.p.Text("field.means.ways")
	return row, nil
}

// have is what can be sent: what is on the mission, and what was offered.
func (s *Service) have(t *db.Tx, org actor.OrganisationID, vehicles []Vehicle) (out []Mean, err error) {
	for _, v := range vehicles {
		out = append(out, Mean{Kind: v.Kind, Road: v.Road, Kg: v.Kg, Litres: v.Litres, Have: true, Offer: v.Offer})
	}
	if org.IsZero() {
		return out, nil
	}
	lent, err := s.freeVehicles(t, org)
	for _, o := range lent {
		m := Mean{Kind: o.Kind, Road: RoadClass(o.RoadClass), Kg: o.Kg, Have: true, Offer: o.Offer}
		if k, ok := s.means.Kind(o.Kind); ok {
			m.Litres = k.Litres
		}
		if !slices.ContainsFunc(out, func(x Mean) bool { return x.Offer == o.Offer }) && o.Until.After(t.Now()) {
			out = append(out, m)
		}
	}
	return out, err
}

func (w *teller) errand(e Errand, have []Mean, most int) errandRow {
	out := errandRow{Money: w.places.Country().Currency, Level: e.Level, Road: e.Road, Km: -1, Kg: thousands(e.Grams)}
	if e.HasKm {
		out.Km = int(e.Km + 0.5)
	}
	for i, m := range w.means.Rank(e, have) {
		if i >= most {
			break
		}
		row := meanRow{Kind: m.Kind, Road: m.Road, Have: m.Have, Best: i == 0 && m.Reach != GetsNot && !m.Far, Gets: m.Reach != GetsNot && !m.Far, Trips: m.Trips, Takes: m.Takes, Cost: int64(m.Cost) * 100}
		for _, y := range m.Why {
			row.Why = append(row.Why, w.p.T(y.Key, y.Args...))
		}
		out.Means = append(out.Means, row)
	}
	return out
}
