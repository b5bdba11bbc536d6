package hands

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// ownDoorPage asks for the number of a registration and the end of its phone.
type ownDoorPage struct {
	ui.Frame
	Number string
}

// ownPage is a volunteer's own page: what they were asked, where they are
// expected, their hours. Behind the number it is a citizen's page; for an
// account it is the page of their shifts, with what is called for near them.
type ownPage struct {
	ui.Frame
	Base     string // "/volunteer/mine" or "/shifts"
	Ticket   ui.Ticket
	State    string
	Reason   template.HTML
	Org      template.HTML
	Asked    []ownShift // to answer
	Coming   []ownShift // with a place
	Past     []ownShift
	Near     []nearCall
	Within   int // km
	Wider    int // km to widen to; 0 when it is as wide as it gets
	Minutes  int
	Total    string // hours and minutes
	Shifts   int
	HasPaper bool
	Signed   bool // an account, not a number
	None     bool // an account that stands for no volunteer
}

// ownShift is one call as its volunteer sees it.
type ownShift struct {
	Placing string
	State   string
	Call    callView
	Here    time.Time
	Gone    time.Time
	Minutes int
	Counted bool // minutes say something
	Signed  bool // the leader confirmed them
	Soon    bool // somebody may say that they are there
}

// nearCall is a call that somebody could answer, and how far it is.
type nearCall struct {
	Call    callView
	Km      int
	HasKm   bool
	Offered bool
}

const (
	ownCookie = "volunteer"
	ownHold   = 30 * time.Minute // on a phone that may be shared
	ownPass   = "hands_pass.volunteer|-"
)

func (s *Service) keepOwn(c *web.Ctx, vid VolunteerID) {
	plain := fmt.Sprintf("%s|%d", vid, s.h.DB.Now().Add(ownHold).Unix())
	value := base64.RawURLEncoding.EncodeToString(s.vault.Seal(ownPass, []byte(plain)))
	http.SetCookie(c.W, &http.Cookie{Name: ownCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
}

// ownOf is the volunteer whom the reader's browser may act for.
func (s *Service) ownOf(c *web.Ctx) (vid VolunteerID, ok bool) {
	k, err := c.R.Cookie(ownCookie)
	if err != nil {
		return vid, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return vid, false
	}
	plain, err := s.vault.Open(ownPass, sealed)
	if err != nil {
		return vid, false
	}
	text, end, _ := strings.Cut(string(plain), "|")
	var till int64
	if _, err := fmt.Sscan(end, &till); err != nil || s.h.DB.Now().Unix() > till {
		return vid, false
	}
	vid, err = id.Parse[Volunteer](text)
	return vid, err == nil
}

func (s *Service) ownDoor(c *web.Ctx) error {
	return s.showOwnDoor(c, c.R.URL.Query().Get("number"), nil)
}

func (s *Service) showOwnDoor(c *web.Ctx, number string, wrong error) error {
	p := &ownDoorPage{Number: number}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("hands.own.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_own_door", p)
}

// openOwn lets the holder of a number in. Tries are limited per number and per
// address, as those of a request for help: four digits are few.
func (s *Service) openOwn(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.All
	number, err := receipt.Parse(v.Get("number"))
	if err != nil {
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			return err
		}
		wrong = append(wrong, f.On("number"))
	}
	if strings.TrimSpace(v.Get("word")) == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "hands.own.word_missing").On("word"))
	}
	if len(wrong) > 0 {
		return s.showOwnDoor(c, v.Get("number"), wrong)
	}
	if err := limitOwn(c, number); err != nil {
		return s.showOwnDoor(c, v.Get("number"), err)
	}
	vid, err := s.Mine(c.Context(), number, v.Get("word"))
	if fault.KindOf(err) == fault.Missing {
		return s.showOwnDoor(c, v.Get("number"), fault.All{fault.New(fault.Invalid, "hands.own.no_match").On("word")})
	}
	if err != nil {
		return err
	}
	s.keepOwn(c, vid)
	return c.Seek("/volunteer/mine/open")
}

func limitOwn(c *web.Ctx, n receipt.Number) error {
	if err := c.Site.Limit.Take("volunteer mine:"+c.From(), 60, 15*time.Minute); err != nil {
		return err
	}
	if err := c.Site.Limit.Take("volunteer mine:"+n.String(), 6, 15*time.Minute); err != nil {
		return err
	}
	return c.Site.Limit.Take("volunteer mine a day:"+n.String(), 24, 24*time.Hour)
}

func (s *Service) closeOwn(c *web.Ctx) error {
	http.SetCookie(c.W, &http.Cookie{Name: ownCookie, Path: "/", MaxAge: -1})
	return c.Seek("/volunteer/mine")
}

func (s *Service) volunteerMine(c *web.Ctx) error {
	vid, ok := s.ownOf(c)
	if !ok {
		return c.Seek("/volunteer/mine")
	}
	return s.showOwn(c, &ownPage{Base: "/volunteer/mine"}, []VolunteerID{vid}, nil)
}

// myShifts is the page of a volunteer who has an account.
func (s *Service) myShifts(c *web.Ctx) error {
	all, err := s.ofAccount(c)
	if err != nil {
		return err
	}
	return s.showOwn(c, &ownPage{Base: "/shifts", Signed: true, None: len(all) == 0}, all, nil)
}

// ofAccount are the registrations of whoever is signed in.
func (s *Service) ofAccount(c *web.Ctx) (out []VolunteerID, err error) {
	by := actor.From(c.Context())
	err = s.h.Look(c.Context(), by, DeedMyShifts, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := volunteersOf(t.Tx, by.Account)
		for _, v := range all {
			out = append(out, v.ID)
		}
		return err
	})
	return out, err
}

func (s *Service) showOwn(c *web.Ctx, p *ownPage, ids []VolunteerID, wrong error) error {
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("hands.own.title")
	if p.Signed {
		p.Kind, p.Nav, p.Title = ui.Staff, "shifts", c.P.Text("hands.shifts.title")
	}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	near := s.crew.Rules.Near
	p.Within, p.Wider = near.First, near.Wide
	if c.R.URL.Query().Get("wide") != "" || near.Wide == near.First {
		p.Within, p.Wider = near.Wide, 0
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedVolunteerMine, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		for _, vid := range ids {
			if err := s.fillOwn(c, t.Tx, p, vid); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_own", p)
}

func (s *Service) fillOwn(c *web.Ctx, t *db.Tx, p *ownPage, vid VolunteerID) error {
	v, err := getVolunteer(t, vid)
	if err == nil && !v.ForgottenAt.IsZero() {
		err = fault.New(fault.Denied, "hands.own.open_again")
	}
	if err != nil {
		return err
	}
	p.Ticket, p.State = ui.Ticket{Code: v.Receipt.String(), At: v.MadeAt, Label: c.P.T("hands.own.number")}, string(v.State)
	if !v.Org.IsZero() {
		name, err := s.orgs.Name(t, v.Org, c.Lang())
		if err != nil {
			return err
		}
		p.Org = saidIn(name, "", "")
	}
	if v.Reason != "" {
		p.Reason = c.P.T("hands.reason." + v.Reason)
	}
	all, err := placingsFor(t, vid, 100)
	if err != nil {
		return err
	}
	with := map[CallID]bool{}
	for _, x := range all {
		with[x.Call] = true
		if err := s.ownPlacing(c, t, p, x); err != nil {
			return err
		}
	}
	minutes, shifts, _, _, err := hoursOf(t, vid)
	if err != nil {
		return err
	}
	p.Minutes, p.Shifts = p.Minutes+minutes, p.Shifts+shifts
	p.Total, p.HasPaper = hourText(p.Minutes), p.Minutes > 0
	if v.State != Accepted {
		return nil
	}
	return s.ownNear(c, t, p, v, with)
}

func (s *Service) ownPlacing(c *web.Ctx, t *db.Tx, p *ownPage, x *Placing) error {
	k, err := getCall(t, x.Call)
	if err != nil {
		return err
	}
	view, err := s.callView(c, t, k)
	if err != nil {
		return err
	}
	row := ownShift{Placing: x.ID.String(), State: string(x.State), Call: view, Here: x.In, Gone: x.Out, Minutes: max(0, x.Minutes), Counted: x.Minutes >= 0, Signed: !x.ConfirmedAt.IsZero(),
		Soon: !t.Now().Before(k.Shift.From.Add(-time.Duration(s.crew.Rules.CheckIn.Early)))}
	switch {
	case x.State == Placed && t.Now().Before(k.Shift.To.Add(overtime)) && x.Out.IsZero() && x.ConfirmedAt.IsZero():
		p.Coming = append(p.Coming, row)
	case x.State == Placed || k.Over(t.Now()):
		if x.State == Placed || x.State == TooLate {
			p.Past = append(p.Past, row)
		}
	default:
		p.Asked = append(p.Asked, row)
	}
	return nil
}

// ownNear lists what somebody could answer, the nearest shift in time first.
func (s *Service) ownNear(c *web.Ctx, t *db.Tx, p *ownPage, v *Volunteer, with map[CallID]bool) error {
	all, err := listCalls(t, callFind{org: v.Org, limit: 50})
	if err != nil {
		return err
	}
	for _, k := range all {
		if with[k.ID] || k.State != Open {
			continue
		}
		f, ok, err := s.fit(t, k, v, p.Within)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		view, err := s.callView(c, t, k)
		if err != nil {
			return err
		}
		p.Near = append(p.Near, nearCall{Call: view, Km: int(f.Km + 0.5), HasKm: f.HasKm})
	}
	return nil
}

// hisOrHers finds the volunteers whom the reader may act for, by the way they
// came: a number, or an account.
func (s *Service) hisOrHers(c *web.Ctx, base string) ([]VolunteerID, error) {
	if base == "/shifts" {
		return s.ofAccount(c)
	}
	vid, ok := s.ownOf(c)
	if !ok {
		return nil, fault.New(fault.Denied, "hands.own.open_again")
	}
	return []VolunteerID{vid}, nil
}

// ownDeed does what a volunteer asked for on their page. Each door is counted,
// so that nobody fills a journal by holding a button down.
func (s *Service) ownDeed(base, said string, do func(*web.Ctx, []VolunteerID, url.Values) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		v, err := c.Form()
		if err != nil {
			return err
		}
		ids, err := s.hisOrHers(c, base)
		if err != nil {
			return err
		}
		for _, vid := range ids {
			if err := c.Site.Limit.Take("volunteer deed:"+vid.String(), 40, time.Hour); err != nil {
				return err
			}
		}
		if err := do(c, ids, v); err != nil {
			if _, fields := c.FieldErrors(err); fields {
				return s.showOwn(c, &ownPage{Base: base, Signed: base == "/shifts"}, ids, err)
			}
			return err
		}
		c.Flash(said)
		if base == "/shifts" {
			return c.Seek(base)
		}
		return c.Seek(base + "/open")
	}
}

// theirs is a placing of one of those volunteers; another's is as if it were not.
func (s *Service) theirs(c *web.Ctx, ids []VolunteerID, text string) (pid PlacingID, err error) {
	pid, err = id.Parse[Placing](text)
	if err != nil {
		return pid, fault.New(fault.Missing, "error.missing")
	}
	return pid, s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		p, err := getPlacing(t, pid)
		if err != nil {
			return err
		}
		for _, vid := range ids {
			if p.Volunteer == vid {
				return nil
			}
		}
		return fault.New(fault.Missing, "error.missing")
	})
}

func (s *Service) answerOwn(c *web.Ctx, ids []VolunteerID, v url.Values) error {
	pid, err := s.theirs(c, ids, v.Get("placing"))
	if err == nil {
		_, err = s.Answer(c.Context(), actor.From(c.Context()), pid, v.Get("answer") == "yes")
	}
	return err
}

func (s *Service) offerOwn(c *web.Ctx, ids []VolunteerID, v url.Values) error {
	cid, err := id.Parse[Call](v.Get("call"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	for _, vid := range ids {
		if e := s.OfferSelf(c.Context(), actor.From(c.Context()), vid, cid); e == nil || err == nil {
			if err = e; e == nil {
				return nil
			}
		}
	}
	return err
}

func (s *Service) hereOwn(c *web.Ctx, ids []VolunteerID, v url.Values) error {
	pid, err := s.theirs(c, ids, v.Get("placing"))
	if err == nil {
		err = c.Site.Limit.Take("shift code:"+pid.String(), 8, 30*time.Minute)
	}
	if err == nil {
		err = s.CheckIn(c.Context(), actor.From(c.Context()), pid, v.Get("code"))
	}
	return err
}

func (s *Service) forgetOwn(c *web.Ctx) error {
	vid, ok := s.ownOf(c)
	if !ok {
		return fault.New(fault.Denied, "hands.own.open_again")
	}
	if err := s.Forget(c.Context(), actor.From(c.Context()), vid); err != nil {
		return err
	}
	c.Flash("hands.own.forgotten")
	return s.closeOwn(c)
}
