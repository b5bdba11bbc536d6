package cases

import (
	"html/template"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// homePage is the first door: ask, follow, and what one may ask for.
type homePage struct {
	ui.Frame
	Services []Tile
}

// Tile is one service on the home page, under the digit that it has in every channel.
type Tile struct {
	Href, Icon, Colour string
	Digit              int
	Name               template.HTML
	Purpose            template.HTML
}

// helpPage lists the services that take requests now.
type helpPage struct {
	ui.Frame
	Services []Tile
	Danger   template.HTML
	Calls    []Emergency
}

// Emergency is a number to call when life is in danger.
type Emergency struct {
	Number string
	Name   template.HTML
}

// crisisPage tells what happened, what to do, and how far the work has come.
type crisisPage struct {
	ui.Frame
	Open   bool
	Name   template.HTML
	Since  any
	Advice []template.HTML
	Calls  []Emergency
	Help   string
	Map    template.HTML
	Cover  bool // some commune lacks a network
	Rows   []AreaRow
	AsOf   any
}

// AreaRow is one province in the public picture. Small counts are hidden.
type AreaRow struct {
	Name              template.HTML
	Asked, Done       int
	AskedHid, DoneHid bool
}

// aboutPage says who answers for this house, and for what.
type aboutPage struct {
	ui.Frame
	Calls []Emergency
}

var DeedRead = deed.Deed{Name: "cases.page.read", Open: true}

func (o *Office) tiles(c *web.Ctx) (out []Tile, err error) {
	open, err := o.openServices(c.Context())
	for _, d := range open {
		out = append(out, Tile{Href: c.Href("/help/" + d.Code), Icon: d.Icon, Colour: d.Colour, Digit: d.Digit,
			Name: c.P.T(key(d, "text.name")), Purpose: c.P.T(key(d, "text.purpose"))})
	}
	return out, err
}

func (o *Office) home(c *web.Ctx) error {
	all, err := o.tiles(c)
	if err != nil {
		return err
	}
	p := &homePage{Services: all}
	p.Nav, p.Title = "home", c.P.Text("cases.home.title")
	c.Keep()
	return c.Render("cases_home", p)
}

func (o *Office) help(c *web.Ctx) error {
	all, err := o.tiles(c)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return c.Seek("/help/" + all[0].code())
	}
	p := &helpPage{Services: all, Danger: o.danger(c), Calls: o.emergency(c)}
	p.Nav, p.Title = "help", c.P.Text("cases.help.title")
	c.Keep()
	return c.Render("cases_help", p)
}

func (t Tile) code() string {
	for i := len(t.Href) - 1; i >= 0; i-- {
		if t.Href[i] == '/' {
			return t.Href[i+1:]
		}
	}
	return t.Href
}

func (o *Office) about(c *web.Ctx) error {
	p := &aboutPage{Calls: o.emergency(c)}
	p.Nav, p.Title = "about", c.P.Text("cases.about.title")
	return c.Render("cases_about", p)
}

// emergency is whom to call, from the country pack.
func (o *Office) emergency(c *web.Ctx) (out []Emergency) {
	for _, e := range o.places.Country().Emergency {
		name, lang := places.In(e.Names, c.Lang())
		out = append(out, Emergency{Number: e.Number, Name: marked(c, name, lang)})
	}
	return out
}

func (o *Office) danger(c *web.Ctx) template.HTML { return c.P.T("cases.ask.danger") }

// small is the least count that a public page shows (requirements N42, T2).
const small = 5

func (o *Office) crisis(c *web.Ctx) error {
	now, err := o.Crises(c.Context())
	if err != nil {
		return err
	}
	p := &crisisPage{Calls: o.emergency(c), AsOf: o.h.DB.Now()}
	p.Nav, p.Title = "crisis", c.P.Text("cases.crisis.none")
	c.Keep()
	if len(now) == 0 {
		return c.Render("cases_crisis", p)
	}
	k := now[0]
	p.Open, p.Since = true, k.OpenedAt
	p.Name = c.P.T(k.key("name"))
	p.Title = c.P.Text(k.key("name"))
	tpl, ok := o.services.Crisis(k.Template)
	if !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	for i := range tpl.Advice {
		p.Advice = append(p.Advice, c.P.T(k.advice(i)))
	}
	sums, err := o.publicSums(c.Context())
	if err != nil {
		return err
	}
	var marks []places.Mark
	for _, s := range sums {
		place, ok := o.places.Get(s.Province)
		if !ok {
			continue
		}
		p.Rows = append(p.Rows, AreaRow{Name: named(c, place), Asked: s.Asked, Done: s.Done, AskedHid: s.Asked < small, DoneHid: s.Done < small})
		if s.Asked >= small {
			marks = append(marks, places.Mark{Code: s.Province, Rank: 3, Count: s.Asked})
		}
	}
	var cover map[string]places.Cover
	if err := o.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { cover, err = o.covers(t); return err }); err != nil {
		return err
	}
	p.Map, p.Cover = o.sketch(c, k.Area, marks, cover), len(cover) > 0
	return c.Render("cases_crisis", p)
}

// Sum is how many asked in a province, and how many were answered.
type Sum struct {
	Province    string
	Asked, Done int
}

func publicSums(t *db.Tx) ([]Sum, error) {
	return db.List(t, func(r db.Row) (s Sum, err error) { return s, r.Scan(&s.Province, &s.Asked, &s.Done) },
		`SELECT province, COUNT(*), SUM(CASE WHEN phase IN ('waiting', 'final') THEN 1 ELSE 0 END) FROM cases_case
		WHERE province IS NOT NULL AND merged_into IS NULL GROUP BY province ORDER BY COUNT(*) DESC, province`)
}
