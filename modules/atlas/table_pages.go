package atlas

import (
	"html/template"
	"net/url"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// tablePage is the twin of the map: the same, by place, in words and figures.
type tablePage struct {
	ui.Frame
	Phase string
	Kinds []link
	Sorts []link
	Rows  []row
	Sum   row
	Pager ui.Pager
	One   *onePage // the requests of one place instead
}

type onePage struct {
	Name  template.HTML
	N     counts
	All   int
	Lines []Line
	Back  string
}

// link is a choice of the reader's.
type link struct {
	Href    string
	Key     string
	Current bool
}

// row is one place of the table.
type row struct {
	Href  string // to the requests there; "" where there is none
	Place template.HTML
	N     counts
	All   int
	Teams int
	Road  string // catalogue key
	Shut  bool
	Harm  int
}

// Line is one request in a list. Nothing in it names a person.
type Line struct {
	ID, Href, Receipt  string
	Level              int
	Title, Left, State template.HTML
	Late               bool
}

const (
	rowsOf  = 60
	linesOf = 30
)

// table is GET /atlas/table: by=province, commune or place; sort=urgent, count
// or name; phase as in the queue; place=CODE lists the requests of one.
func (s *Service) table(c *web.Ctx) error {
	q := c.R.URL.Query()
	by := actor.From(c.Context())
	r := reader{sight: s.ports.Requests.Sight(by)}
	if r.sight.Org != "" {
		r.org = by.Org
	}
	p := &tablePage{Phase: q.Get("phase")}
	if !phases[p.Phase] {
		p.Phase = ""
	}
	r.sight.Phase = p.Phase
	p.Kind, p.Nav, p.Title = ui.Staff, "queue", c.P.Text("atlas.table.title")
	v := url.Values{}
	if p.Phase != "" {
		v.Set("phase", p.Phase)
	}
	may := func(t *deed.Tx) error { return t.AllowAny() }
	fill := func() error { return s.all(c, p, r, v, q) }
	if code := q.Get("place"); code != "" {
		fill = func() error { return s.one(c, p, r, v, code, q.Get("after")) }
	}
	if err := s.h.Look(c.Context(), by, DeedSee, may); err != nil {
		return err
	}
	if err := fill(); err != nil { // reads by itself: a reader holds one connection at a time
		return err
	}
	return c.Render("atlas_table", p)
}

// kindsOf are the sizes of place that the table can be read by.
var kindsOf = []struct{ name, kind string }{{"province", places.Province}, {"commune", places.Commune}, {"place", places.Douar}}

func (s *Service) all(c *web.Ctx, p *tablePage, r reader, v, q url.Values) error {
	kind, by := places.Commune, q.Get("sort")
	for _, k := range kindsOf {
		if q.Get("by") == k.name {
			kind = k.kind
			v.Set("by", k.name)
		}
	}
	if sorts[by] == nil {
		by = "urgent"
	}
	to := func(name, value string) string {
		w := url.Values{}
		for k := range v {
			w.Set(k, v.Get(k))
		}
		w.Set(name, value)
		return c.Href("/atlas/table?" + w.Encode())
	}
	for _, k := range kindsOf {
		p.Kinds = append(p.Kinds, link{to("by", k.name), "atlas.table.by_" + k.name, k.kind == kind})
	}
	for _, k := range []string{"urgent", "count", "name"} {
		p.Sorts = append(p.Sorts, link{to("sort", k), "atlas.table.sort_" + k, k == by})
	}
	found, err := s.tallies(c.Context(), r, kind)
	if err != nil {
		return err
	}
	for code, y := range found {
		if x, ok := s.places.Get(code); ok {
			y.name, _ = x.Name(c.Lang())
		}
		for i, n := range y.n {
			p.Sum.N[i] += n
		}
		p.Sum.All += y.n.all()
		p.Sum.Teams += y.teams
	}
	v.Set("sort", by)
	lines := sorted(found, by)
	for i, y := range lines {
		if y.code != "" && y.code == q.Get("after") {
			lines = lines[i+1:]
			break
		}
	}
	if len(lines) > rowsOf {
		lines = lines[:rowsOf]
		p.Pager.More = to("after", lines[rowsOf-1].code)
	}
	p.Pager.Shown, p.Pager.Step = len(lines), rowsOf
	for _, y := range lines {
		p.Rows = append(p.Rows, s.row(c, y, p.Phase))
	}
	return nil
}

func (s *Service) row(c *web.Ctx, y *tally, phase string) row {
	w := row{N: y.n, All: y.n.all(), Teams: y.teams, Shut: y.road == closedRoad, Harm: y.harm, Place: s.name(c, y.code)}
	if y.road != "" {
		w.Road = "atlas.road." + y.road
	}
	if w.All > 0 {
		v := url.Values{"place": {y.code}}
		if y.code == "" {
			v.Set("place", nowhere)
		}
		if phase != "" {
			v.Set("phase", phase)
		}
		w.Href = c.Href("/atlas/table?" + v.Encode())
	}
	return w
}

// name is a place and what it lies in, for the reader.
func (s *Service) name(c *web.Ctx, code string) template.HTML {
	p, ok := s.places.Get(code)
	if !ok {
		return c.P.T("atlas.table.nowhere")
	}
	out := called(c, p)
	if p.Kind == places.Douar || p.Kind == places.Commune {
		if up, ok := s.places.Get(p.Parent); ok {
			out += c.P.T("atlas.table.in") + called(c, up)
		}
	}
	return out
}

// called marks a name that is in another language than the page.
func called(c *web.Ctx, p *places.Place) template.HTML {
	name, lang := p.Name(c.Lang())
	name = template.HTMLEscapeString(name)
	if lang == "" || lang == c.Lang() {
		return template.HTML("<bdi>" + name + "</bdi>")
	}
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `">` + name + "</bdi>")
}

// one lists the requests of one place, for whoever cannot point at a symbol.
func (s *Service) one(c *web.Ctx, p *tablePage, r reader, v url.Values, code, after string) error {
	back := c.Href("/atlas/table")
	if len(v) > 0 {
		back += "?" + v.Encode()
	}
	p.One = &onePage{Back: back}
	if p.One.Name = s.name(c, code); code == nowhere {
		p.One.Name = c.P.T("atlas.table.nowhere")
	}
	ids, total, more, err := s.within(c.Context(), r, code, after, linesOf)
	if err != nil {
		return err
	}
	p.One.N, p.One.All = total, total.all()
	if err = s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { p.One.Lines, err = s.ports.Requests.Lines(c, t, ids); return err }); err != nil {
		return err
	}
	p.Pager.Shown, p.Pager.Step = len(ids), linesOf
	if more {
		v.Set("place", code)
		v.Set("after", ids[len(ids)-1])
		p.Pager.More = c.Href("/atlas/table?" + v.Encode())
	}
	return nil
}
