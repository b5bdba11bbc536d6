package field

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// roadsPage is what is known of the roads, the nearest first, and what people
// told that nobody has looked at.
type roadsPage struct {
	ui.Frame
	From    template.HTML // where distances are from; "" when from nowhere
	FromWas string
	Rows    []roadRow
	Reports []roadReportRow
	Map     template.HTML
	Pager   ui.Pager
	CSV     string
	CanSay  bool
}

type roadRow struct {
	Code   string
	Place  template.HTML
	State  RoadState
	Source string
	Since  time.Time
	Age    time.Duration // of the word, in round figures
	Until  time.Time
	Km     int // -1 when not known
}

type roadReportRow struct {
	Case, Receipt, Code string
	Href                string
	Place               template.HTML
	States              []ui.Option // what it says is chosen
	At                  time.Time
	Fresh               string // identifier of the word that it becomes
}

// roadFormPage says who gets to a place.
type roadFormPage struct {
	ui.Frame
	ID, Report, Base, BaseWas, Code, Since, Until string
	States, Sources                               []ui.Option
	Bases                                         ui.Choices
}

// roadPage is all that was said of one place.
type roadPage struct {
	ui.Frame
	Code   string
	Place  template.HTML
	Now    roadRow // what holds, of the place or what it lies in
	Rows   []roadRow
	CanSay bool
}

// origin is where a reader's distances are from: the place asked for, the base
// of their organisation's first team, or the area that they work in.
func (s *Service) origin(t *db.Tx, by actor.Actor, asked string) (code string, err error) {
	if asked != "" {
		if all := s.places.Search(asked, "", 1); len(all) > 0 {
			return all[0].Place.Code, nil
		}
	}
	if org := ownOrg(by); !org.IsZero() {
		teams, err := listTeams(t, teamFind{org: org, limit: 1})
		if err != nil {
			return "", err
		}
		if len(teams) > 0 {
			return teams[0].Base, nil
		}
	}
	for _, g := range by.Grants {
		if g.Territory != "" {
			return g.Territory, nil
		}
	}
	return "", nil
}

// away is how many kilometres a place is from a point, as the crow flies; -1
// when nobody knows.
func (s *Service) away(from geo.Point, known bool, code string) int {
	at, _, ok := s.places.Point(code)
	if !known || !ok {
		return -1
	}
	return int(geo.Distance(from, at) + 0.5)
}

// roadRows is all that is known, the nearest first, then the latest.
func (w *teller) roadRows(origin string) (out []roadRow) {
	known, err := roadsNow(w.t)
	if err != nil {
		w.err = err
		return nil
	}
	from, _, has := w.places.Point(origin)
	for _, r := range known {
		out = append(out, w.roadRow(r, w.away(from, has, r.Place)))
	}
	slices.SortFunc(out, func(a, b roadRow) int {
		far := func(r roadRow) int {
			if r.Km < 0 {
				return 1 << 30
			}
			return r.Km
		}
		return cmp.Or(cmp.Compare(far(a), far(b)), b.Since.Compare(a.Since), cmp.Compare(a.Code, b.Code))
	})
	return out
}

func (w *teller) roadRow(r RoadWord, km int) roadRow {
	return roadRow{Code: r.Place, Place: w.place(r.Place), State: r.State, Source: r.Source, Since: r.Since, Age: round(w.t.Now().Sub(r.Since)), Until: r.Until, Km: km}
}

// round is a length of time as people say it: minutes, then hours, then days.
func round(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return 0
	case d < time.Hour:
		return d.Truncate(time.Minute)
	case d < 2*day:
		return d.Truncate(time.Hour)
	}
	return d.Truncate(day)
}

const roadsPerPage = 100

func (s *Service) showRoads(c *web.Ctx) error {
	q, by := c.R.URL.Query(), actor.From(c.Context())
	p := &roadsPage{FromWas: q.Get("from")}
	p.Kind, p.Title, p.CanSay = ui.Staff, c.P.Text("field.roads.title"), deed.May(by, DeedRoadSay) == nil
	err := s.h.Look(c.Context(), by, DeedRoadList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		from, err := s.origin(t.Tx, by, p.FromWas)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		if from != "" {
			p.From = w.place(from)
		}
		p.CSV = c.Href("/roads.csv?from=" + url.QueryEscape(from))
		all := w.roadRows(from)
		p.Map = s.roadMap(c, all)
		after := slices.IndexFunc(all, func(r roadRow) bool { return r.Code == q.Get("after") })
		p.Rows, p.Pager.Step = all[after+1:], roadsPerPage
		if len(p.Rows) > roadsPerPage {
			p.Rows = p.Rows[:roadsPerPage]
			p.Pager.More = c.Href("/roads?from=" + url.QueryEscape(p.FromWas) + "&after=" + url.QueryEscape(p.Rows[roadsPerPage-1].Code))
		}
		p.Pager.Shown = len(p.Rows)
		if p.CanSay {
			p.Reports, err = w.reportRows(t)
		}
		return cmp.Or(err, w.err)
	})
	if err != nil {
		return err
	}
	return c.Render("field_roads", p)
}

func (w *teller) reportRows(t *deed.Tx) (out []roadReportRow, err error) {
	all, err := w.reports(t)
	for _, r := range all {
		row := roadReportRow{Case: r.Case.String(), Href: cmp.Or(r.Href, "/cases/"+r.Case.String()), Receipt: r.Receipt, Code: r.Place, Place: w.place(r.Place), At: r.At, Fresh: id.New[RoadWord](t.Now()).String()}
		for _, s := range RoadStates {
			row.States = append(row.States, ui.Option{Value: string(s), Title: w.p.T("field.road.state." + string(s)), Chosen: s == r.State})
		}
		out = append(out, row)
	}
	return out, err
}

// roadMap shows the words by place, the worst of a commune where several fall
// together. It is never the only place where they stand.
func (s *Service) roadMap(c *web.Ctx, all []roadRow) template.HTML {
	var list []places.Mark
	for _, r := range all {
		name := r.Code
		if p, ok := s.places.Get(r.Code); ok {
			name, _ = p.Name(c.Lang())
		}
		list = append(list, places.Mark{Code: r.Code, Rank: len(RoadStates) - r.State.rank(), Title: name + " — " + c.P.Text("field.road.state."+string(r.State))})
	}
	if len(list) == 0 {
		return ""
	}
	return places.Sketch(s.places, "", list, places.Sheet{Title: c.P.Text("field.roads.map"), Lang: c.Lang(), Labels: true, Fit: true})
}

func (s *Service) roadsCSV(c *web.Ctx) error {
	var rows [][]string
	var head []string
	for _, key := range []string{"code", "place", "state", "source", "since", "until", "km"} {
		head = append(head, c.P.Text("field.roads."+key))
	}
	rows = append(rows, head)
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedRoadList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		stamp := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.In(w.zone).Format(time.RFC3339)
		}
		for _, r := range w.roadRows(c.R.URL.Query().Get("from")) {
			km := ""
			if r.Km >= 0 {
				km = strconv.Itoa(r.Km)
			}
			rows = append(rows, []string{r.Code, w.plainPlace(r.Code), c.P.Text("field.road.state." + string(r.State)), c.P.Text("field.road.source." + r.Source),
				stamp(r.Since), stamp(r.Until), km})
		}
		return w.err
	})
	if err != nil {
		return err
	}
	body, err := sheet(rows)
	if err != nil {
		return err
	}
	return c.Download("roads.csv", "text/csv; charset=utf-8", body)
}

func (s *Service) showRoad(c *web.Ctx) error {
	p, by := &roadPage{Code: c.R.PathValue("place")}, actor.From(c.Context())
	if _, ok := s.places.Get(p.Code); !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	p.Kind = ui.Staff
	err := s.h.Look(c.Context(), by, DeedRoadList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		p.Title, p.Place = c.P.Text("field.road.title", "place", w.plainPlace(p.Code)), w.place(p.Code)
		_, p.CanSay = by.May(DeedRoadSay.Roles, actor.Scope{Path: s.path(p.Code)})
		known, err := roadsNow(t.Tx)
		if err != nil {
			return err
		}
		if r := known.at(s.path(p.Code)); r.State != "" {
			p.Now = w.roadRow(r, -1)
		}
		all, err := roadHistory(t.Tx, p.Code)
		for _, r := range all {
			p.Rows = append(p.Rows, w.roadRow(r, -1))
		}
		return cmp.Or(err, w.err)
	})
	if err != nil {
		return err
	}
	return c.Render("field_road", p)
}

func (s *Service) newRoad(c *web.Ctx) error {
	q := c.R.URL.Query()
	v := url.Values{"id": {id.New[RoadWord](s.h.DB.Now()).String()}, "since": {s.h.DB.Now().In(c.Site.Zone).Format(localTime)}, "source": {"seen"}}
	if p, ok := s.places.Get(q.Get("place")); ok {
		name, _ := p.Name(c.Lang())
		v.Set("base", name)
		v.Set("base_was", name)
		v.Set("base_code", p.Code)
	}
	return s.showRoadForm(c, v, nil, nil)
}

func (s *Service) showRoadForm(c *web.Ctx, v url.Values, found []string, wrong error) error {
	p := &roadFormPage{ID: v.Get("id"), Report: v.Get("report"), Base: v.Get("base"), BaseWas: v.Get("base"), Code: v.Get("base_code"), Since: v.Get("since"), Until: v.Get("until")}
	p.Kind, p.Title = ui.Staff, c.P.Text("field.road.say")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, st := range RoadStates {
		p.States = append(p.States, ui.Option{Value: string(st), Title: c.P.T("field.road.state." + string(st)), Chosen: v.Get("state") == string(st)})
	}
	p.Sources = options(c.P, "field.road.source.", RoadSources, v.Get("source"))
	return s.read(c, func(t *db.Tx) error {
		w := s.teller(c, t)
		if len(found) > 1 {
			p.Bases = ui.Choices{Name: "base_code", Legend: c.P.T("field.team.base_which"), Error: p.Error("base_code")}
			for _, code := range found {
				p.Bases.Options = append(p.Bases.Options, ui.Option{Value: code, Title: w.place(code), Chosen: code == v.Get("base_code")})
			}
		}
		return c.RenderStatus(status, "field_road_form", p)
	})
}

func (s *Service) sayRoad(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	w, found, err := s.readRoad(v, c.Site.Zone)
	if err == nil {
		err = s.SayRoad(c.Context(), actor.From(c.Context()), w)
	}
	if err != nil {
		return s.showRoadForm(c, v, found, err)
	}
	c.Flash("field.road.said_now")
	return c.Seek("/roads")
}

// readRoad reads what the form says; a report of people becomes a word with the
// same form, in one step.
func (s *Service) readRoad(v url.Values, zone *time.Location) (w RoadWord, found []string, err error) {
	w = RoadWord{State: RoadState(v.Get("state")), Source: v.Get("source")}
	if w.ID, err = readID[RoadWord](v.Get("id")); err != nil {
		return w, nil, err
	}
	if text := v.Get("report"); text != "" {
		if w.Report, err = readID[caseKind](text); err != nil {
			return w, nil, err
		}
	}
	var all fault.All
	for name, to := range map[string]*time.Time{"since": &w.Since, "until": &w.Until} {
		if text := v.Get(name); text != "" {
			if *to, err = time.ParseInLocation(localTime, text, zone); err != nil {
				all = append(all, fault.New(fault.Invalid, "field.mission.leave_wrong").On(name))
			}
		}
	}
	var wrong *fault.Fault
	if w.Place, found, wrong = s.readBase(v); wrong != nil {
		all = append(all, wrong)
	}
	if len(all) > 0 {
		for _, f := range w.wrong(s.h.DB.Now()) {
			if f.Field == "state" || f.Field == "source" {
				all = append(all, f)
			}
		}
	}
	return w, found, all.OrNil()
}
