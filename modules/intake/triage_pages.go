package intake

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// triagePage is the list of candidates and, beside it, the one under the hand.
type triagePage struct {
	ui.Frame
	Tabs    []Tab
	State   string
	Lines   []TriageLine
	More    bool
	First   string // where to begin; "" is nowhere
	CanUndo bool
	Open    *Opened
	Keys    Keys
}

// Keys are what is written on the keys that triage knows; triage.js presses what
// the page shows for each.
type Keys struct {
	Enter, Join, Aside, Offer, Next, Prev, Undo string
	Needs                                       []string
}

var keys = Keys{"Enter", "M", "X", "O", "J", "K", "U", []string{"A", "S", "D"}}

// Tab is one list of candidates.
type Tab struct {
	Href, Key string
	N         int
	Current   bool
}

// TriageLine is a candidate in the list. Nothing in it names a person.
type TriageLine struct {
	Href          string
	Title, Place  template.HTML
	Danger, Offer bool
	Current       bool
	At            time.Time
	Why           template.HTML
}

// listLong is how many candidates stand beside the one under the hand.
const listLong = 40

func (s *Service) triageDoor(c *web.Ctx) error {
	state := State(c.R.URL.Query().Get("state"))
	if !slices.Contains([]State{Waiting, Case, Joined, Offer, Aside}, state) {
		state = Waiting
	}
	return s.renderTriage(c, &triagePage{State: string(state)}, nil, http.StatusOK)
}

// nextDoor leads to the first candidate that waits.
func (s *Service) nextDoor(c *web.Ctx) error {
	next, err := s.following(c, nil)
	if err != nil {
		return err
	}
	return c.Seek(next)
}

// following is the page of the candidate after one in the list, or of the first.
func (s *Service) following(c *web.Ctx, after *Candidate) (string, error) {
	by := actor.From(c.Context())
	var all []*Candidate
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		if all, err = list(t, listed{state: Waiting, after: after, limit: 1, mine: by}); err == nil && len(all) == 0 && after != nil {
			all, err = list(t, listed{state: Waiting, limit: 1, mine: by})
		}
		return err
	})
	if len(all) == 0 {
		return "/triage", err
	}
	return "/triage/" + all[0].ID.String(), err
}

// renderTriage fills in the list around what is open.
func (s *Service) renderTriage(c *web.Ctx, p *triagePage, at *Candidate, status int) error {
	by := actor.From(c.Context())
	staff(c, &p.Frame, "triage", "intake.triage.title")
	p.Keys = keys
	state := State(p.State)
	var all []*Candidate
	var n map[State]int
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		if n, err = counts(t); err != nil {
			return err
		}
		l := listed{state: state, limit: listLong, mine: by, latest: state != Waiting}
		if at != nil && state == Waiting {
			if l.after, err = before(t, by, at); err != nil {
				return err
			}
		}
		if all, err = list(t, l); err != nil {
			return err
		}
		last, err := lastOf(t, by.Account)
		p.CanUndo = last != nil && last.undo(t.Now()) == nil
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range []State{Waiting, Case, Joined, Offer, Aside} {
		p.Tabs = append(p.Tabs, Tab{Href: c.Href("/triage?state=" + string(x)), Key: "intake.state." + string(x), N: n[x], Current: x == state})
	}
	for _, x := range all {
		line, err := s.line(c, x)
		if err != nil {
			return err
		}
		line.Current = at != nil && x.ID == at.ID
		p.Lines = append(p.Lines, line)
	}
	p.More = len(all) == listLong
	if len(all) > 0 && state == Waiting {
		p.First = c.Href("/triage/" + all[0].ID.String())
	}
	return c.RenderStatus(status, "intake_triage", p)
}

func (s *Service) line(c *web.Ctx, x *Candidate) (TriageLine, error) {
	def, err := s.def(x.Service)
	if err != nil {
		return TriageLine{}, err
	}
	l := TriageLine{Href: c.Href("/triage/" + x.ID.String()), Danger: x.Danger, Offer: x.Kind == Gives, At: x.SaidAt}
	if l.Title = c.P.T("intake.kind." + string(x.Kind)); len(x.Needs) > 0 && x.Kind == Need {
		l.Title = needsSay(c, def, x.Needs)
	}
	if x.Place != "" {
		l.Place = s.placeSay(c, x.Place)
	}
	if x.Reason != "" {
		l.Why = c.P.T("intake.aside." + x.Reason)
	}
	return l, nil
}

func candidateID(c *web.Ctx) (CandidateID, error) {
	cid, err := id.Parse[candidateKind](c.R.PathValue("id"))
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (s *Service) candidateDoor(c *web.Ctx) error {
	cid, err := candidateID(c)
	if err != nil {
		return err
	}
	return s.showCandidate(c, cid, nil, nil)
}

// showCandidate opens what a candidate says; posted is a form to show again.
func (s *Service) showCandidate(c *web.Ctx, cid CandidateID, posted url.Values, wrong error) error {
	r, err := s.readCandidate(c.Context(), actor.From(c.Context()), cid)
	if err != nil {
		return err
	}
	p := &triagePage{State: string(r.candidate.State)}
	status := http.StatusOK
	if wrong != nil {
		errs, fields := c.FieldErrors(wrong)
		if !fields {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	if p.Open, err = s.opened(c, r, posted); err != nil {
		return err
	}
	return s.renderTriage(c, p, r.candidate, status)
}

// decideDoor takes what a person says of the candidate under their hand.
func (s *Service) decideDoor(c *web.Ctx) error {
	cid, err := candidateID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	var at *Candidate
	err = s.h.Look(c.Context(), by, DeedConfirm, func(t *deed.Tx) (err error) {
		if at, err = getCandidate(t.Tx, cid); err != nil {
			return err
		}
		return allow(t, at)
	})
	if err != nil {
		return err
	}
	said := ""
	switch v.Get("act") {
	case "look":
		return s.showCandidate(c, cid, v, nil)
	case "aside":
		said, err = "intake.triage.set_aside", s.SetAside(c.Context(), by, cid, v.Get("reason"))
	case "offer":
		said, err = "intake.triage.is_offer", s.AsOffer(c.Context(), by, cid)
	default:
		said, err = s.confirmForm(c, by, cid, v)
	}
	switch _, fields := c.FieldErrors(err); {
	case err == nil:
	case fault.KindOf(err) == fault.Conflict: // somebody was faster: they are told, and go on
		said = "intake.triage.conflict"
	case fields:
		return s.showCandidate(c, cid, v, err)
	default:
		return err
	}
	next, err := s.following(c, at)
	if err != nil {
		return err
	}
	c.Flash(said)
	return c.Seek(next)
}

// confirmForm reads what is ticked, and confirms it.
func (s *Service) confirmForm(c *web.Ctx, by actor.Actor, cid CandidateID, v url.Values) (string, error) {
	choice, err := s.choice(v)
	if err != nil {
		return "", err
	}
	said := "intake.triage.confirmed"
	if v.Get("act") == "join" {
		choice.Into, said = v.Get("into"), "intake.triage.joined"
		if choice.Into == "" {
			return "", fault.All{fault.New(fault.Invalid, "intake.triage.into_what").On("into")}
		}
	}
	out, err := s.Confirm(c.Context(), by, cid, choice)
	if out.Restricted {
		said = "intake.triage.restricted"
	}
	return said, err
}

func (s *Service) choice(v url.Values) (c Choice, err error) {
	c = Choice{Needs: v["need"], Fragile: v["fragile"], Place: v.Get("place"), PlaceText: cut(strings.TrimSpace(v.Get("place_text")), 300), Call: v.Get("call") != ""}
	if text := strings.TrimSpace(arabic.Digits(v.Get("people"))); text != "" {
		if c.People, err = strconv.Atoi(text); err != nil || c.People < 0 || c.People > 20_000 {
			return c, fault.All{fault.New(fault.Invalid, "intake.triage.people_wrong").On("people")}
		}
	}
	if _, known := s.places.Get(c.Place); !known {
		c.Place = ""
	}
	if level, err := strconv.Atoi(v.Get("level")); err == nil && level >= 1 && level <= 4 {
		c.Level = level
	}
	return c, nil
}

// undoDoor takes back what the reader said last.
func (s *Service) undoDoor(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	cid, err := s.UndoLast(c.Context(), actor.From(c.Context()))
	if err != nil {
		if f := fault.KindOf(err); f != fault.Conflict {
			return err
		}
		c.Flash("intake.triage.cannot_undo")
		return c.Seek("/triage")
	}
	c.Flash("intake.triage.undone")
	return c.Seek("/triage/" + cid.String())
}

// againDoor lets a candidate wait again that somebody set aside, or the house.
func (s *Service) againDoor(c *web.Ctx) error {
	cid, err := candidateID(c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	if err := s.Undo(c.Context(), actor.From(c.Context()), cid); err != nil {
		if fault.KindOf(err) != fault.Conflict {
			return err
		}
		c.Flash("intake.triage.cannot_undo")
		return c.Seek("/triage/" + cid.String())
	}
	c.Flash("intake.triage.undone")
	return c.Seek("/triage/" + cid.String())
}
