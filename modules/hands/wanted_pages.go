package hands

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// wantedPage lists, for anybody, the calls that look for people now, with the
// places that are left.
type wantedPage struct {
	ui.Frame
	Rows  []callView
	Pager ui.Pager
}

// wantedOnePage is one of them.
type wantedOnePage struct {
	ui.Frame
	Call callView
}

// attestationPage says to anybody whether a paper is true.
type attestationPage struct {
	ui.Frame
	Typed     string // a code to look up; "" on the page of one that was found
	Found     bool
	Code      string
	Org       template.HTML
	Hours     string
	Shifts    int
	From, To  time.Time
	MadeAt    time.Time
	Initials  template.HTML // "" of somebody who was forgotten
	Statement string
	Signature string
	Key       string
}

// attestedPage is the attestation itself, to print.
type attestedPage struct {
	ui.Frame
	Name     template.HTML
	Org      template.HTML
	Hours    string
	Shifts   int
	From, To time.Time
	MadeAt   time.Time
	Code     string
	Address  string
	QR       template.HTML
	Back     string
}

func (s *Service) showWanted(c *web.Ctx) error {
	p := &wantedPage{}
	p.Nav, p.Title = "help", c.P.Text("hands.wanted.title")
	after, _ := id.Parse[Call](c.R.URL.Query().Get("after"))
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedCallRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listCalls(t.Tx, callFind{after: after, limit: callsPerPage + 1})
		if err != nil {
			return err
		}
		p.Pager.Step = callsPerPage
		if len(all) > callsPerPage {
			all = all[:callsPerPage]
			p.Pager.More = c.Href("/wanted?after=" + all[callsPerPage-1].ID.String())
		}
		p.Rows, err = s.mayCall(c, t.Tx, all)
		p.Pager.Shown = len(p.Rows)
		return err
	})
	if err != nil {
		return err
	}
	c.Common("cases.crisis", "cases.emergency", "hands.call", "people.organisation")
	return c.Render("hands_wanted", p)
}

// mayCall are the calls of organisations that may act now: one that was
// suspended calls nobody (M22).
func (s *Service) mayCall(c *web.Ctx, t *db.Tx, all []*Call) (out []callView, err error) {
	for _, k := range all {
		ok, err := s.orgs.Recognised(t, k.Org)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		view, err := s.callView(c, t, k)
		if err != nil {
			return nil, err
		}
		out = append(out, view)
	}
	return out, nil
}

func (s *Service) showWantedOne(c *web.Ctx) error {
	cid, err := pathID[Call](c, "id")
	if err != nil {
		return err
	}
	p := &wantedOnePage{}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedCallRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		k, err := getCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if p.Call, err = s.callView(c, t.Tx, k); err != nil {
			return err
		}
		if ok, err := s.orgs.Recognised(t.Tx, k.Org); err != nil || !ok {
			p.Call.State, p.Call.Left = string(Closed), 0
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Saw(cid)
	p.Nav, p.Title = "help", c.P.Text("hands.wanted.one")
	return c.Render("hands_wanted_one", p)
}

// CallOut is a call for people as the interface gives it.
type CallOut struct {
	ID       string    `json:"id"`
	Org      string    `json:"organisation"`
	Place    string    `json:"place"`
	Wanted   int       `json:"wanted"`
	Left     int       `json:"places_left"`
	Skill    string    `json:"skill,omitempty"`
	Spoken   string    `json:"language,omitempty"`
	Children bool      `json:"with_children"`
	Demands  []string  `json:"demands,omitempty"`
	WordsAR  string    `json:"what_ar,omitempty"`
	WordsFR  string    `json:"what_fr,omitempty"`
	MeetAR   string    `json:"meet_ar,omitempty"`
	MeetFR   string    `json:"meet_fr,omitempty"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

// CallsOut is a page of calls; Next is what ?after= takes for the rest.
type CallsOut struct {
	Calls []CallOut `json:"calls"`
	Next  string    `json:"next,omitempty"`
}

func (s *Service) apiCalls(c *web.Ctx) error {
	out := CallsOut{Calls: []CallOut{}}
	after, _ := id.Parse[Call](c.R.URL.Query().Get("after"))
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedCallRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listCalls(t.Tx, callFind{after: after, limit: callsPerPage + 1})
		if err != nil {
			return err
		}
		if len(all) > callsPerPage {
			all = all[:callsPerPage]
			out.Next = all[callsPerPage-1].ID.String()
		}
		for _, k := range all {
			if ok, err := s.orgs.Recognised(t.Tx, k.Org); err != nil || !ok {
				if err != nil {
					return err
				}
				continue
			}
			name, err := s.orgs.Name(t.Tx, k.Org, c.Lang())
			if err != nil {
				return err
			}
			out.Calls = append(out.Calls, CallOut{ID: k.ID.String(), Org: name, Place: k.Place, Wanted: k.Wanted, Left: k.Left(), Skill: k.Skill, Spoken: k.Spoken, Children: k.Children, Demands: k.Demands,
				WordsAR: k.Words.AR, WordsFR: k.Words.FR, MeetAR: k.Shift.Meet.AR, MeetFR: k.Shift.Meet.FR, From: k.Shift.From, To: k.Shift.To})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(200, out)
}
