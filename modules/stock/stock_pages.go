package stock

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
)

// depotPage is what lies in depots, what arrived last, and two forms.
type depotPage struct {
	ui.Frame
	Rows    []depotRow
	Lots    []lotRow
	Losses  []lossRow
	MayKeep bool
	One     bool   // of one organisation
	Org     string // whose depot the forms are of
	ID      string
	LossID  string
	Goods   []ui.Option
	Lost    []ui.Option // goods that it may have lost
	Sources []ui.Option
	Reasons []ui.Option
	V       map[string]string
}

type depotRow struct {
	Org, Good               template.HTML
	Depot, Road, Gave, Gone int64
	Uncounted               bool
}

// depotRows is a table of them.
type depotRows struct {
	Rows         []depotRow
	One, Counted bool
}

// Counted and Rest are those whose depots are counted, and the others.
func (p *depotPage) Counted() depotRows { return p.that(true) }
func (p *depotPage) Rest() depotRows    { return p.that(false) }

func (p *depotPage) that(counted bool) depotRows {
	out := depotRows{One: p.One, Counted: counted}
	for _, r := range p.Rows {
		if r.Uncounted != counted {
			out.Rows = append(out.Rows, r)
		}
	}
	return out
}

type lotRow struct {
	Org, Good template.HTML
	Units     int
	Source    Source
	Customs   string
	Minor     int64
	At        time.Time
	Fates     []fateRow
}

type fateRow struct {
	State State
	Units int64
	Where template.HTML
}

// add puts units to those of the same state and place.
func (r *lotRow) add(f fateRow) {
	i := slices.IndexFunc(r.Fates, func(o fateRow) bool { return o.State == f.State && o.Where == f.Where })
	if i < 0 {
		r.Fates = append(r.Fates, f)
		return
	}
	r.Fates[i].Units += f.Units
}

type lossRow struct {
	Org, Good template.HTML
	Units     int
	Reason    string
	At        time.Time
}

const mostShown = 30

func (s *Service) doors() []module.Door {
	return []module.Door{
		module.Get("/depot", DeedSee, s.showDepot),
		module.Post("/depot/lots", DeedReceive, s.receiveForm),
		module.Post("/depot/losses", DeedLose, s.loseForm),
	}
}

// own is the organisation that somebody coordinates; zero is none.
func own(by actor.Actor) (org actor.OrganisationID) {
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator && org.IsZero() {
			org = g.Org
		}
	}
	return org
}

// sees is of which organisation somebody sees the depots; zero is all.
func sees(by actor.Actor) actor.OrganisationID {
	for _, g := range by.Grants {
		if g.Role != actor.Coordinator && slices.Contains(DeedSee.Roles, g.Role) {
			return actor.OrganisationID{}
		}
	}
	return own(by)
}

func (s *Service) showDepot(c *web.Ctx) error { return s.depot(c, url.Values{}, nil) }

func (s *Service) depot(c *web.Ctx, v url.Values, wrong error) error {
	by := actor.From(c.Context())
	org := sees(by)
	p := &depotPage{Frame: ui.Frame{Title: c.P.Text("stock.depot.title"), Kind: ui.Staff, Nav: "depot"}, MayKeep: !own(by).IsZero() && deed.May(by, DeedReceive) == nil, One: !org.IsZero(), Org: own(by).String(), V: map[string]string{}}
	for name := range v {
		p.V[name] = v.Get(name)
	}
	status, err := p.refused(c, wrong)
	if err != nil {
		return err
	}
	now := s.h.DB.Now()
	p.ID, p.LossID = cmp.Or(p.V["lot"], id.New[Lot](now).String()), cmp.Or(p.V["loss"], id.New[Loss](now).String())
	s.options(c, p)
	err = s.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := s.rows(c, t.Tx, p, org); err != nil {
			return err
		}
		return s.last(c, t.Tx, p, org)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "stock_depot", p)
}

func (p *depotPage) refused(c *web.Ctx, wrong error) (int, error) {
	if wrong == nil {
		return 200, nil
	}
	errs, ok := c.FieldErrors(wrong)
	if !ok {
		return 0, wrong
	}
	p.Errors = errs
	return 422, nil
}

func (s *Service) options(c *web.Ctx, p *depotPage) {
	for _, g := range s.p.Goods() {
		p.Goods = append(p.Goods, ui.Option{Value: g.Code, Title: c.P.T(g.Key), Chosen: p.V["good"] == g.Code})
		p.Lost = append(p.Lost, ui.Option{Value: g.Code, Title: c.P.T(g.Key), Chosen: p.V["lost_good"] == g.Code})
	}
	for _, x := range Sources {
		p.Sources = append(p.Sources, ui.Option{Value: string(x), Title: c.P.T("stock.source." + string(x)), Chosen: p.V["source"] == string(x)})
	}
	for _, r := range Reasons {
		p.Reasons = append(p.Reasons, ui.Option{Value: r, Title: c.P.T("stock.reason." + r), Chosen: p.V["reason"] == r})
	}
}

// rows is where the units of each good are, by organisation.
func (s *Service) rows(c *web.Ctx, t *db.Tx, p *depotPage, only actor.OrganisationID) error {
	totals, err := ledger.Totals(t)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, x := range totals {
		org, good, ok := ledger.ParseGoods(x.Asset)
		if !ok || !only.IsZero() && org != only.String() {
			continue
		}
		i, known := at[x.Asset]
		if !known {
			name, err := s.orgName(c, t, org)
			if err != nil {
				return err
			}
			i = len(p.Rows)
			at[x.Asset], p.Rows = i, append(p.Rows, depotRow{Org: name, Good: s.goodName(c, good), Uncounted: true})
		}
		r := &p.Rows[i]
		switch x.Kind {
		case ledger.Stock:
			r.Depot, r.Uncounted = r.Depot+x.Sum, false
		case ledger.Transit:
			r.Road += x.Sum
		case ledger.Given:
			r.Gave += x.Sum
		case ledger.Lost:
			r.Gone += x.Sum
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b depotRow) int { return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Good, b.Good)) })
	return nil
}

// last are the newest lots, with where their units are, and the newest losses.
func (s *Service) last(c *web.Ctx, t *db.Tx, p *depotPage, only actor.OrganisationID) error {
	lots, err := lotsOf(t, only, mostShown)
	if err != nil {
		return err
	}
	known := map[string]good{}
	for _, l := range lots {
		name, err := s.orgName(c, t, l.Org.String())
		if err != nil {
			return err
		}
		asset := ledger.GoodsAsset(l.Org.String(), l.Good)
		g, seen := known[asset]
		if !seen {
			if g, err = s.played(t, l.Org.String(), l.Good); err != nil {
				return err
			}
			known[asset] = g
		}
		r := lotRow{Org: name, Good: s.goodName(c, l.Good), Units: l.Units, Source: l.Source, Customs: l.Customs, Minor: l.Minor, At: l.At}
		for _, x := range g.runs(l.ID.String()) {
			r.add(fateRow{x.State, x.Units, s.where(c.Lang(), x.Commune)})
		}
		p.Lots = append(p.Lots, r)
	}
	losses, err := lossesOf(t, only, mostShown)
	for _, x := range losses {
		name, err := s.orgName(c, t, x.Org.String())
		if err != nil {
			return err
		}
		p.Losses = append(p.Losses, lossRow{name, s.goodName(c, x.Good), x.Units, x.Reason, x.At})
	}
	return err
}

// PlaceName is what a place is called in a language; "" for none.
func (s *Service) PlaceName(lang, code string) string {
	x, ok := s.places.Get(code)
	if !ok {
		return ""
	}
	name, _ := x.Name(lang)
	return name
}

func (s *Service) where(lang, code string) template.HTML {
	if name := s.PlaceName(lang, code); name != "" {
		return ui.Isolated(name)
	}
	return ""
}

func (s *Service) receiveForm(c *web.Ctx) error {
	return s.form(c, func(ctx context.Context, by actor.Actor, v url.Values) error {
		lid, err := id.Parse[Lot](v.Get("lot"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		org, err := id.Parse[actor.Organisation](v.Get("org"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		l := Lot{ID: lid, Org: org, Good: v.Get("good"), Units: whole(v.Get("units")), Source: Source(v.Get("source")), Customs: v.Get("customs")}
		if a, err := money.Parse(v.Get("amount"), s.p.Currency); err == nil {
			l.Minor = a.Minor
		}
		return s.Receive(ctx, by, l, v.Get("number"))
	})
}

func (s *Service) loseForm(c *web.Ctx) error {
	return s.form(c, func(ctx context.Context, by actor.Actor, v url.Values) error {
		xid, err := id.Parse[Loss](v.Get("loss"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		org, err := id.Parse[actor.Organisation](v.Get("org"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		return s.Lose(ctx, by, Loss{ID: xid, Org: org, Good: v.Get("lost_good"), Units: whole(v.Get("lost_units")), Reason: v.Get("reason")})
	})
}

// form does what a form asks, or shows it again with what is wrong and what was typed.
func (s *Service) form(c *web.Ctx, do func(context.Context, actor.Actor, url.Values) error) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	err = do(c.Context(), actor.From(c.Context()), v)
	if err == nil {
		return c.Seek("/depot")
	}
	if all, ok := errors.AsType[fault.All](err); ok {
		return s.depot(c, v, all)
	}
	return err
}

// whole reads a number as people type it, in any digits; what is none is -1.
func whole(text string) int {
	n, err := strconv.Atoi(strings.Join(strings.Fields(arabic.Digits(text)), ""))
	if err != nil {
		return -1
	}
	return n
}
