package cases

import (
	"html/template"

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
	c.Common("cases.crisis", "cases.emergency")
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
	c.Common("cases.crisis", "cases.emergency")
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
	c.Common("cases.crisis", "cases.emergency")
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
