package field

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// wherePage is who does what where, for all staff to see.
type wherePage struct {
	ui.Frame
	Rows  []whereRow
	Pager ui.Pager
	CSV   string
	At    time.Time
}

type whereRow struct {
	Place template.HTML
	Org   template.HTML
	Team  template.HTML
	State string
	Since time.Time
	Stops int
	Goods []lineRow
}

const wherePerPage = 100

func (s *Service) showWhere(c *web.Ctx) error {
	p := &wherePage{CSV: c.Href("/who-what-where.csv")}
	p.Kind, p.Title = ui.Staff, c.P.Text("field.where.title")
	after := c.R.URL.Query().Get("after")
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedTeamList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.presences(t.Tx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(x Presence) bool { return x.mark() == after }); i >= 0 {
			all = all[i+1:]
		}
		p.At, p.Pager.Step = t.Now(), wherePerPage
		if len(all) > wherePerPage {
			all = all[:wherePerPage]
			p.Pager.More = c.Href("/who-what-where?after=" + url.QueryEscape(all[len(all)-1].mark()))
		}
		w := s.teller(c, t.Tx)
		for _, x := range all {
			j := x.Mission
			p.Rows = append(p.Rows, whereRow{w.place(x.Commune), w.org(j.Org), w.teamName(w.team(j.Team)), string(j.State), j.Since(), x.Stops, w.lines(j.Goods)})
		}
		p.Pager.Shown = len(p.Rows)
		return w.err
	})
	if err != nil {
		return err
	}
	return c.Render("field_where", p)
}

func (p Presence) mark() string { return p.Commune + "_" + p.Mission.ID.String() }

func (s *Service) whereCSV(c *web.Ctx) error {
	var rows [][]string
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedTeamList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.presences(t.Tx)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		var head []string
		for _, key := range []string{"code", "place", "org", "team", "state", "since", "stops", "goods"} {
			head = append(head, c.P.Text("field.where."+key))
		}
		rows = append(rows, head)
		for _, x := range all {
			rows = append(rows, w.csvRow(x))
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
	return c.Download("who-what-where.csv", "text/csv; charset=utf-8", body)
}
