package hands

import (
	"bytes"
	"encoding/csv"
	"html/template"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedFunnelRead shows what became of calls and offers: counts alone.
var DeedFunnelRead = deed.Deed{Name: "hands.funnel.read", Roles: append([]actor.Role{actor.Auditor, actor.Administrator}, choosers...)}

// funnelPage is what became of every call, or of one.
type funnelPage struct {
	ui.Frame
	One   bool
	Rows  []funnelRow
	CSV   string
	AsOf  time.Time
	Steps []string
}

type funnelRow struct {
	Call    string // "" for offers that answered none
	Kind    string
	Thing   template.HTML
	Org     template.HTML
	Place   template.HTML
	Wanted  int
	Counts  []funnelStep
	First   time.Duration
	MadeAt  time.Time
	Ordinal int
}

// funnelStep is one count, with how much of the pledged it is, for the bar.
type funnelStep struct {
	Step  string
	N     int
	Share int // per cent of what was pledged; 0 to 100
	Shown bool
}

const funnelCalls = 200

func (s *Service) showFunnel(c *web.Ctx) error {
	var only CallID
	if text := c.R.PathValue("call"); text != "" {
		call, err := id.Parse[Call](text)
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		only = call
	}
	p := &funnelPage{One: !only.IsZero(), CSV: c.Href("/funnel.csv"), AsOf: s.h.DB.Now(), Steps: FunnelSteps}
	p.Kind, p.Nav, p.Title = ui.Staff, "offers", c.P.Text("hands.funnel.title")
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedFunnelRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := funnels(t.Tx, only, funnelCalls)
		if err == nil && p.One && len(all) == 0 {
			err = fault.New(fault.Missing, "error.missing")
		}
		for i, f := range all {
			if err != nil {
				return err
			}
			var row funnelRow
			row, err = s.funnelRow(c, t.Tx, f)
			row.Ordinal = i + 1
			p.Rows = append(p.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("hands_funnel", p)
}

func (s *Service) funnelRow(c *web.Ctx, t *db.Tx, f Funnel) (row funnelRow, err error) {
	row = funnelRow{Kind: f.Kind, Wanted: f.Wanted, First: f.First, MadeAt: f.MadeAt}
	if f.Kind == People {
		row.Thing = c.P.T("hands.funnel.people")
	} else {
		row.Thing = s.thingSay(c, OfferKind(f.Kind), f.Thing)
	}
	if !f.Call.IsZero() {
		row.Call, row.Place = f.Call.String(), s.placeSay(c, f.Place)
		org, wrong := id.Parse[actor.Organisation](f.Org)
		if wrong != nil {
			return row, wrong
		}
		var name string
		name, err = s.orgs.Name(t, org, c.Lang())
		row.Org = saidIn(name, "", "")
	}
	for i, n := range f.Counts() {
		step := funnelStep{Step: FunnelSteps[i], N: n, Shown: i > 0 || !f.Call.IsZero()}
		if i > 0 && f.Pledged > 0 {
			step.Share = min(100, n*100/f.Pledged)
		}
		row.Counts = append(row.Counts, step)
	}
	return row, err
}

// funnelCSV is the same as a table for a program: codes, not words.
func (s *Service) funnelCSV(c *web.Ctx) error {
	var all []Funnel
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedFunnelRead, func(t *deed.Tx) (err error) {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err = funnels(t.Tx, CallID{}, 10_000)
		return err
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(append([]string{"call", "kind", "thing", "organisation", "place", "wanted"}, append(FunnelSteps, "first_delivery_hours")...))
	for _, f := range all {
		line := []string{f.Call.String(), f.Kind, f.Thing, f.Org, f.Place, strconv.Itoa(f.Wanted)}
		for _, n := range f.Counts() {
			line = append(line, strconv.Itoa(n))
		}
		_ = w.Write(append(line, strconv.FormatFloat(f.First.Hours(), 'f', 1, 64)))
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Download("funnel.csv", "text/csv; charset=utf-8", b.Bytes())
}
