package hands

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// shiftPage is who is expected at a shift, for whoever leads it: the code that
// those who are there type, who came, who went, the hours to confirm. Names are
// on the one page that answers a reveal.
type shiftPage struct {
	ui.Frame
	Call  callView
	Code  string
	Rows  []rosterRow
	Named bool
	Why   []ui.Option
	Early bool // nobody may arrive yet
}

type rosterRow struct {
	ID       string
	Number   string
	Initials template.HTML
	Name     template.HTML // "" until it is revealed
	Phone    string
	In, Out  time.Time
	Counted  string // hours and minutes; "" when nothing was counted
	Signed   bool
	Reason   template.HTML
	Reasons  []ui.Option
	Minutes  int
}

func (s *Service) showShift(c *web.Ctx) error { return s.shiftPage(c, &shiftPage{}, nil, nil) }

func (s *Service) shiftPage(c *web.Ctx, p *shiftPage, names map[PlacingID]Person, wrong error) error {
	cid, err := pathID[Call](c, "id")
	if err != nil {
		return err
	}
	p.Kind, p.Nav = ui.Staff, "volunteers"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedRoster, func(t *deed.Tx) error {
		k, err := getCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(k)); err != nil {
			return err
		}
		if p.Call, err = s.callView(c, t.Tx, k); err != nil {
			return err
		}
		p.Code, p.Early = s.ShiftCode(k.Shift.ID), t.Now().Before(k.Shift.From.Add(-time.Duration(s.crew.Rules.CheckIn.Early)))
		all, err := placingsOf(t.Tx, cid)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.State != Placed {
				continue
			}
			row, err := s.rosterRow(c, t, x)
			if err != nil {
				return err
			}
			if person, ok := names[x.ID]; ok {
				row.Name, row.Phone = saidIn(person.Name, "", ""), string(person.Phone)
			}
			p.Rows = append(p.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.Title, p.Named, p.Why = c.P.Text("hands.shift.title"), names != nil, codeOptions(c.P, "hands.peek.", ReasonsToReveal, "shift")
	return c.RenderStatus(status, "hands_shift", p)
}

func (s *Service) rosterRow(c *web.Ctx, t *deed.Tx, x *Placing) (rosterRow, error) {
	v, short, err := s.short(t.Tx, x.Volunteer)
	if err != nil {
		return rosterRow{}, err
	}
	row := rosterRow{ID: x.ID.String(), Number: v.Receipt.String(), Initials: short, In: x.In, Out: x.Out, Signed: !x.ConfirmedAt.IsZero(), Minutes: max(0, x.Minutes),
		Reasons: codeOptions(c.P, "hands.corrected.", ReasonsCorrected)}
	if x.Minutes >= 0 {
		row.Counted = hourText(x.Minutes)
	}
	if x.Reason != "" {
		row.Reason = c.P.T("hands.corrected." + x.Reason)
	}
	return row, nil
}

// rosterTold says that the names of a shift were opened, and why.
type rosterTold struct {
	Call   CallID `json:"call"`
	People int    `json:"people"`
	Reason string `json:"reason"`
}

// nameShift opens the names of those who are expected, on this one answer.
func (s *Service) nameShift(c *web.Ctx) error {
	cid, err := pathID[Call](c, "id")
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	names, err := s.Roster(c, cid, v.Get("why"))
	if _, fields := c.FieldErrors(err); err != nil && fields {
		return s.shiftPage(c, &shiftPage{}, nil, err)
	}
	if err != nil {
		return err
	}
	return s.shiftPage(c, &shiftPage{}, names, nil)
}

// Roster opens who is expected at a shift, for whoever leads it. It leaves a line.
func (s *Service) Roster(c *web.Ctx, cid CallID, why string) (names map[PlacingID]Person, err error) {
	if len(known([]string{why}, ReasonsToReveal)) == 0 {
		return nil, fault.New(fault.Invalid, "hands.form.choose").On("why")
	}
	err = s.h.Do(c.Context(), actor.From(c.Context()), DeedRoster, func(t *deed.Tx) error {
		k, err := getCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(k)); err != nil {
			return err
		}
		all, err := placingsOf(t.Tx, cid)
		if err != nil {
			return err
		}
		names = map[PlacingID]Person{}
		for _, x := range all {
			if x.State != Placed {
				continue
			}
			v, err := getVolunteer(t.Tx, x.Volunteer)
			if err != nil {
				return err
			}
			if names[x.ID], err = s.open(v); err != nil {
				return err
			}
		}
		return t.Tell(callSubject(cid), rosterTold{cid, len(names), why})
	})
	return names, err
}

// onRoster does one of the deeds of a shift's page.
func (s *Service) onRoster(said string, do func(*web.Ctx, PlacingID, url.Values) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		cid, err := pathID[Call](c, "id")
		if err != nil {
			return err
		}
		pid, err := pathID[Placing](c, "placing")
		if err != nil {
			return err
		}
		v, err := c.Form()
		if err != nil {
			return err
		}
		if err := do(c, pid, v); err != nil {
			if _, fields := c.FieldErrors(err); fields {
				return s.shiftPage(c, &shiftPage{}, nil, err)
			}
			return err
		}
		c.Flash(said)
		return c.Seek("/calls-for-volunteers/" + cid.String() + "/shift")
	}
}

func (s *Service) noteForm(c *web.Ctx, pid PlacingID, v url.Values) error {
	return s.Note(c.Context(), actor.From(c.Context()), pid, v.Get("word") == "gone")
}

func (s *Service) confirmForm(c *web.Ctx, pid PlacingID, v url.Values) error {
	minutes, ok := readHours(v.Get("hours"))
	if !ok {
		return fault.New(fault.Invalid, "hands.hours.wrong")
	}
	return s.ConfirmHours(c.Context(), actor.From(c.Context()), pid, minutes, v.Get("reason"))
}

// readHours reads "6:05" or "6" as minutes, in any digits.
func readHours(text string) (minutes int, ok bool) {
	whole, part, found := strings.Cut(strings.TrimSpace(arabic.Digits(text)), ":")
	h, m := readWhole(whole), 0
	if found {
		m = readWhole(part)
	}
	if h < 0 || h > 400 || m < 0 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}
