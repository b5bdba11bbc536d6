package field

import (
	"html/template"
	"net/url"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// unreachedPage lists places with households of which nobody heard, and makes a
// round to some of them in one step.
type unreachedPage struct {
	ui.Frame
	ID           string // of the round, minted here
	Rows         []unreachedRow
	Teams        []ui.Option
	Most         int // places of a round
	Least        int
	Affected     int
	Level, Share int // points of the rule
	HarmLevel    int
}

type unreachedRow struct {
	Place      string
	Name       template.HTML
	Left       int // 0 when fewer than are shown
	Households int
	Level      int
	Points     int
	Going      bool
	Chosen     bool
}

// visitRow is a stop at a place.
type visitRow struct {
	ID         string
	Place      template.HTML
	Households int // 0 when fewer than are shown
	State      string
	Met        int
	Reason     string
	Reasons    []ui.Option
}

const unreachedShown = 120

func (s *Service) showUnreached(c *web.Ctx) error {
	return s.unreachedWith(c, url.Values{"id": {id.New[Mission](s.h.DB.Now()).String()}}, nil)
}

func (s *Service) unreachedWith(c *web.Ctx, v url.Values, wrong error) error {
	by, rule := actor.From(c.Context()), s.rules.Outreach
	p := &unreachedPage{ID: v.Get("id"), Most: rule.Stops, Least: rule.Least, Affected: rule.Affected, Level: rule.Points.Level, Share: rule.Points.Share, HarmLevel: rule.Level}
	p.Kind, p.Nav, p.Title = ui.Staff, "unreached", c.P.Text("field.outreach.title")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedUnreached, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		all, err := s.unreached(t.Tx)
		if err != nil {
			return err
		}
		for _, u := range all {
			if _, ok := by.May(DeedUnreached.Roles, actor.Scope{Path: s.path(u.Place)}); !ok && by.System == "" || len(p.Rows) == unreachedShown {
				continue
			}
			row := unreachedRow{Place: u.Place, Name: w.place(u.Place), Households: u.Households, Level: u.Level, Points: u.Points, Going: u.Going, Chosen: slices.Contains(v["place"], u.Place)}
			if u.left() >= rule.Least {
				row.Left = u.left()
			}
			p.Rows = append(p.Rows, row)
		}
		teams, err := w.freeTeams(by)
		for _, m := range teams {
			p.Teams = append(p.Teams, ui.Option{Value: m.ID, Title: m.Name + " · " + m.Base, Chosen: m.ID == v.Get("team")})
		}
		if err == nil {
			err = w.err
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_unreached", p)
}

func (s *Service) outreachForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var p Plan
	if p.ID, err = readID[Mission](v.Get("id")); err != nil {
		return err
	}
	p.Team, _ = id.Parse[Team](v.Get("team")) // none is no team: said with the rest
	if err := s.PlanOutreach(c.Context(), actor.From(c.Context()), p, v["place"]); err != nil {
		return s.unreachedWith(c, v, err)
	}
	c.Flash("field.outreach.planned_now")
	return c.Seek("/missions/" + p.ID.String())
}

func (s *Service) visitedForm(c *web.Ctx) error {
	return s.step(c, "field.outreach.kept", func(mid MissionID, v url.Values, by actor.Actor) error {
		vid, err := readID[Visit](c.R.PathValue("visit"))
		if err != nil {
			return err
		}
		n, wrong := readNumber(v, "met")
		if wrong != nil {
			return fault.All{fault.New(fault.Invalid, "field.outreach.met_wrong", "most", mostFound).On("met")}
		}
		return s.SayVisited(c.Context(), by, mid, vid, n, v.Get("reason"))
	})
}

func (w *teller) visits(j *Journey) (out []visitRow) {
	for _, x := range j.Visits {
		row := visitRow{ID: x.ID.String(), Place: w.place(x.Place), State: string(x.State), Met: x.Met, Reason: x.Reason, Reasons: options(w.p, "field.not_reached.", ReasonsNotReached)}
		if x.Households >= w.rules.Outreach.Least {
			row.Households = x.Households
		}
		out = append(out, row)
	}
	return out
}
