package hands

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// callsPage lists the calls for volunteers.
type callsPage struct {
	ui.Frame
	Ended   bool
	Rows    []callView
	Pager   ui.Pager
	CanMake bool
}

// callFormPage makes a call.
type callFormPage struct {
	ui.Frame
	ID                             string
	Orgs, Skills, Spoken, Missions []ui.Option
	Demands                        ui.Choices
	Where                          whereAsked
	Wanted, From, To               string
	WordsAR, WordsFR               string
	MeetAR, MeetFR                 string
	Children                       bool
}

// callPage is one call for those who run it: whom it may ask, whom it asked,
// what they said, and what came of it.
type callPage struct {
	ui.Frame
	Call    callView
	Fits    []fitRow
	Asked   []askedRow
	N       counts
	Saw     int
	Hours   string
	Within  int // km
	Wider   int // km to widen to; 0 when it is as wide as it gets
	CanAsk  bool
	CanLead bool
	Open    bool
}

// fitRow is somebody whom a call may ask, and why.
type fitRow struct {
	ID       string
	Number   string
	Initials template.HTML
	Place    template.HTML
	Why      []template.HTML
	Offered  bool
}

// askedRow is somebody who was asked.
type askedRow struct {
	Volunteer string
	Number    string
	Initials  template.HTML
	State     string
	At        time.Time
	Answered  time.Time
}

const callsPerPage = 50

func (s *Service) showCalls(c *web.Ctx) error {
	q, by := c.R.URL.Query(), actor.From(c.Context())
	p := &callsPage{Ended: q.Get("ended") != ""}
	p.Kind, p.Nav, p.Title = ui.Staff, "volunteers", c.P.Text("hands.calls.title")
	f := callFind{ended: p.Ended, limit: callsPerPage + 1}
	f.after, _ = id.Parse[Call](q.Get("after"))
	err := s.h.Look(c.Context(), by, DeedCallSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		f.org = coordinated(by, DeedCallSee.Roles...)
		all, err := listCalls(t.Tx, f)
		if err != nil {
			return err
		}
		p.Pager.Step = callsPerPage
		if len(all) > callsPerPage {
			all = all[:callsPerPage]
			q.Set("after", all[callsPerPage-1].ID.String())
			p.Pager.More = c.Href("/calls-for-volunteers?" + q.Encode())
		}
		for _, k := range all {
			if _, ok := by.May(DeedCallSee.Roles, s.callScope(k)); !ok {
				continue
			}
			row, err := s.callView(c, t.Tx, k)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		p.Pager.Shown = len(p.Rows)
		return nil
	})
	if err != nil {
		return err
	}
	p.CanMake = deed.May(by, DeedCallMake) == nil
	return c.Render("hands_calls", p)
}

func (s *Service) newCall(c *web.Ctx) error {
	v := url.Values{"id": {id.New[Call](s.h.DB.Now()).String()}, "mission": {c.R.URL.Query().Get("mission")}}
	return s.showCallForm(c, v, nil)
}

func (s *Service) showCallForm(c *web.Ctx, v url.Values, wrong error) error {
	p := &callFormPage{ID: v.Get("id"), Wanted: v.Get("wanted"), From: v.Get("from"), To: v.Get("to"), WordsAR: v.Get("words_ar"), WordsFR: v.Get("words_fr"),
		MeetAR: v.Get("meet_ar"), MeetFR: v.Get("meet_fr"), Children: v.Get("children") != ""}
	p.Kind, p.Nav, p.Title = ui.Staff, "volunteers", c.P.Text("hands.call.new")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	p.Where = s.askWhere(c, v, p.Error("place"))
	p.Where.Legend = c.P.T("hands.call.where")
	p.Skills, p.Spoken = codeOptions(c.P, "hands.skill.", Skills, v.Get("skill")), s.spokenOptions(c, v.Get("spoken"))
	p.Demands = ui.Choices{Name: "demands", Legend: c.P.T("hands.call.demands"), Hint: c.P.T("hands.call.demands_hint"), Many: true, Options: codeOptions(c.P, "hands.effort.", Efforts, v["demands"]...)}
	by := actor.From(c.Context())
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		orgs := ownOrgs(by, DeedCallMake)
		for _, org := range orgs {
			name, err := s.orgs.Name(t, org, c.Lang())
			if err != nil {
				return err
			}
			p.Orgs = append(p.Orgs, ui.Option{Value: org.String(), Title: saidIn(name, "", ""), Chosen: len(orgs) == 1 || org.String() == v.Get("org")})
			all, err := s.crew.Missions.Planned(t, org)
			if err != nil {
				return err
			}
			for _, j := range all {
				title := c.P.T("hands.call.mission_of", "place", template.HTML(template.HTMLEscapeString(s.plainPlace(c, j.Place))), "date", c.P.Text("hands.call.mission_day", "at", j.At))
				p.Missions = append(p.Missions, ui.Option{Value: j.ID, Title: title, Chosen: j.ID == v.Get("mission")})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_call_form", p)
}

// plainPlace is what a place is called, without marks.
func (s *Service) plainPlace(c *web.Ctx, code string) string {
	if p, ok := s.places.Get(code); ok {
		name, _ := p.Name(c.Lang())
		return name
	}
	return c.P.Text("hands.place.unknown")
}

func (s *Service) makeCallForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	if act := v.Get("act"); act == "search" || act == "list" {
		return s.showCallForm(c, v, nil)
	}
	k := Call{Place: s.readWhere(v), Wanted: readWhole(v.Get("wanted")), Skill: v.Get("skill"), Spoken: v.Get("spoken"), Children: v.Get("children") != "", Demands: v["demands"],
		Words: Words{forms.Clean(v.Get("words_ar"), true), forms.Clean(v.Get("words_fr"), true)},
		Shift: Shift{Mission: v.Get("mission"), Meet: Words{forms.Clean(v.Get("meet_ar"), false), forms.Clean(v.Get("meet_fr"), false)}, From: readMoment(c, v.Get("from")), To: readMoment(c, v.Get("to"))}}
	if k.ID, err = id.Parse[Call](v.Get("id")); err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	k.Org, _ = id.Parse[actor.Organisation](v.Get("org"))
	if err := s.MakeCall(c.Context(), actor.From(c.Context()), k); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showCallForm(c, v, err)
		}
		return err
	}
	c.Flash("hands.call.made")
	return c.Seek("/calls-for-volunteers/" + k.ID.String())
}

func (s *Service) showCall(c *web.Ctx) error { return s.callPage(c, nil) }

func (s *Service) callPage(c *web.Ctx, wrong error) error {
	cid, err := pathID[Call](c, "id")
	if err != nil {
		return err
	}
	by, near := actor.From(c.Context()), s.crew.Rules.Near
	p := &callPage{Within: near.First, Wider: near.Wide}
	if c.R.URL.Query().Get("wide") != "" || near.Wide == near.First {
		p.Within, p.Wider = near.Wide, 0
	}
	p.Kind, p.Nav = ui.Staff, "volunteers"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedCallSee, func(t *deed.Tx) error {
		k, err := getCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(k)); err != nil {
			return err
		}
		_, p.CanAsk = by.May(runs, s.callScope(k))
		_, p.CanLead = by.May(leads, s.callScope(k))
		p.Open, p.Saw = !k.Over(t.Now()), k.Saw
		return s.fillCall(c, t.Tx, p, k)
	})
	if err != nil {
		return err
	}
	p.Title = c.P.Text("hands.call.one")
	return c.RenderStatus(status, "hands_call", p)
}

func (s *Service) fillCall(c *web.Ctx, t *db.Tx, p *callPage, k *Call) (err error) {
	if p.Call, err = s.callView(c, t, k); err != nil {
		return err
	}
	if p.N, err = countPlacings(t, k.ID); err != nil {
		return err
	}
	p.Hours = hourText(p.N.Minutes)
	all, err := placingsOf(t, k.ID)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.State == Offered {
			continue
		}
		v, short, err := s.short(t, x.Volunteer)
		if err != nil {
			return err
		}
		p.Asked = append(p.Asked, askedRow{v.ID.String(), v.Receipt.String(), short, string(x.State), x.AskedAt, x.AnsweredAt})
	}
	if !p.CanAsk || !p.Open {
		return nil
	}
	fits, err := s.fitting(t, k, p.Within)
	if err != nil {
		return err
	}
	for _, f := range fits[:min(len(fits), mostAsked)] {
		_, short, err := s.short(t, f.Volunteer.ID)
		if err != nil {
			return err
		}
		p.Fits = append(p.Fits, fitRow{f.Volunteer.ID.String(), f.Volunteer.Receipt.String(), short, s.placeSay(c, f.Volunteer.Commune),
			f.why(c.P, k, func(code string) template.HTML { return s.spokenSay(c, code) }), f.Placing != nil})
	}
	return nil
}

// short is a volunteer and the initials by which a list shows them.
func (s *Service) short(t *db.Tx, vid VolunteerID) (*Volunteer, template.HTML, error) {
	v, err := getVolunteer(t, vid)
	if err != nil {
		return nil, "", err
	}
	p, err := s.open(v)
	return v, saidIn(initials(p.Name), "", ""), err
}

func (s *Service) askForm(c *web.Ctx) error {
	cid, err := pathID[Call](c, "id")
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	var whom []VolunteerID
	for _, x := range v["volunteer"] {
		if vid, err := id.Parse[Volunteer](x); err == nil && !slices.Contains(whom, vid) {
			whom = append(whom, vid)
		}
	}
	if err := s.Ask(c.Context(), actor.From(c.Context()), cid, whom); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.callPage(c, err)
		}
		return err
	}
	c.Flash("hands.call.asked")
	return c.Seek("/calls-for-volunteers/" + cid.String())
}

func (s *Service) closeCallForm(c *web.Ctx) error {
	cid, err := pathID[Call](c, "id")
	if err == nil {
		err = s.CloseCall(c.Context(), actor.From(c.Context()), cid)
	}
	if err != nil {
		return err
	}
	c.Flash("hands.call.closed")
	return c.Seek("/calls-for-volunteers/" + cid.String())
}

// hourText is minutes as people read hours: "6:05".
func hourText(minutes int) string {
	return strconv.Itoa(minutes/60) + ":" + strings.Repeat("0", 2-len(strconv.Itoa(minutes%60))) + strconv.Itoa(minutes%60)
}
