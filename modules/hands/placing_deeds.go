package hands

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

// The deeds between a volunteer and a call. What is open the volunteer does.
var (
	DeedAskVolunteer = deed.Deed{Name: "hands.placing.ask", Roles: runs}
	DeedOfferSelf    = deed.Deed{Name: "hands.placing.offer", Open: true}
	DeedAnswer       = deed.Deed{Name: "hands.placing.answer", Open: true}
	DeedAskNext      = deed.Deed{Name: "hands.placing.again", Open: true} // a place is free: the next in line is asked
	DeedCheckIn      = deed.Deed{Name: "hands.placing.check_in", Open: true}
	DeedNotePresence = deed.Deed{Name: "hands.placing.note", Roles: leads}
	DeedConfirmHours = deed.Deed{Name: "hands.placing.confirm", Roles: leads}
	DeedRoster       = deed.Deed{Name: "hands.shift.roster", Roles: leads}
	DeedMyShifts     = deed.Deed{Name: "hands.shift.mine", Roles: []actor.Role{actor.Volunteer}}
)

// leads is who leads a shift.
var leads = []actor.Role{actor.Leader, actor.Coordinator}

// PlacingTold is what others hear of one volunteer and one call.
type PlacingTold struct {
	Placing PlacingID    `json:"placing"`
	Call    CallID       `json:"call"`
	State   PlacingState `json:"state"`
	Placed  int          `json:"placed,omitempty"` // how many have a place now
	Minutes int          `json:"minutes,omitempty"`
	Counted int          `json:"counted,omitempty"` // where the leader's word differs
	Reason  string       `json:"reason,omitempty"`
}

func placingSubject(pid PlacingID) string { return "hands.placing/" + pid.String() }

// mostAsked is how many are asked at one press of the button.
const mostAsked = 200

// Ask asks volunteers for a call, by text message and on their page: those whom
// a person chose, and of them only those who match. Whoever had put themselves
// forward said yes already, and gets a place while there is one. Nobody who said
// no is asked again.
func (s *Service) Ask(ctx context.Context, by actor.Actor, cid CallID, whom []VolunteerID) error {
	if len(whom) == 0 || len(whom) > mostAsked {
		return fault.New(fault.Invalid, "hands.call.choose_whom").On("volunteer")
	}
	return welcomed(s.h.Do(ctx, by, DeedAskVolunteer, func(t *deed.Tx) error {
		c, err := holdCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(c)); err != nil {
			return err
		}
		if c.Over(t.Now()) {
			return fault.New(fault.Conflict, "hands.call.is_over")
		}
		fit, err := s.fitting(t.Tx, c, 0)
		if err != nil {
			return err
		}
		done := false
		for _, x := range fit {
			if !slices.Contains(whom, x.Volunteer.ID) {
				continue
			}
			done = true
			if err := s.askOne(t, c, x); err != nil {
				return err
			}
		}
		if !done { // asked already, or they match no more
			return deed.ErrNothingDone
		}
		return saveCall(t.Tx, c)
	}))
}

func (s *Service) askOne(t *deed.Tx, c *Call, x Fit) error {
	p := x.Placing
	fresh := p == nil
	if fresh {
		p = &Placing{ID: id.New[Placing](t.Now()), Call: c.ID, Volunteer: x.Volunteer.ID, State: Asked, Minutes: -1}
	}
	p.AskedAt, p.AskedBy = t.Now(), t.By.Account
	if fresh {
		if err := addPlacing(t.Tx, p); err != nil {
			return err
		}
		if err := s.question(t, QuestionCall, c, p, c.Until); err != nil {
			return err
		}
	} else { // they put themselves forward
		if _, err := holdVolunteer(t.Tx, p.Volunteer); err != nil {
			return err
		}
		if err := s.sayYes(t, c, p); err != nil {
			return err
		}
		if p.State == Placed {
			if err := s.informVolunteerOf(t, c, p, "hands.sms.placed"); err != nil {
				return err
			}
		}
	}
	return t.Tell(placingSubject(p.ID), PlacingTold{Placing: p.ID, Call: c.ID, State: p.State, Placed: c.Placed})
}

// informVolunteerOf sends a notice about one placing.
func (s *Service) informVolunteerOf(t *deed.Tx, c *Call, p *Placing, key string) error {
	v, err := getVolunteer(t.Tx, p.Volunteer)
	if err != nil {
		return err
	}
	person, err := s.open(v)
	if err != nil || person.Phone == "" {
		return err
	}
	return s.crew.Phones.Inform(t, reach.Inform{Subject: placingSubject(p.ID), Phone: string(person.Phone), Lang: v.Lang, Line: reach.Line{Key: key, Args: s.callArgs(t.Tx, c, v.Lang)}})
}

// sayYes gives a place to whoever says yes while there is one; after that they
// stand in line. The call and the volunteer are held.
func (s *Service) sayYes(t *deed.Tx, c *Call, p *Placing) error {
	elsewhere, err := busy(t.Tx, c.ID, p.Volunteer, c.Shift.From, c.Shift.To)
	if err != nil {
		return err
	}
	if elsewhere[p.Volunteer] {
		return fault.New(fault.Conflict, "hands.answer.busy")
	}
	p.AnsweredAt = t.Now()
	if p.State = TooLate; c.seat() {
		p.State = Placed
	}
	c.ChangedAt = t.Now()
	return savePlacing(t.Tx, p)
}

// Answer takes a volunteer's yes or no to a call, from their page or their phone.
// A place that is given back goes to the next in line. The same answer again
// changes nothing. It gives back what came of it.
func (s *Service) Answer(ctx context.Context, by actor.Actor, pid PlacingID, yes bool) (state PlacingState, err error) {
	err = s.h.Do(ctx, by, DeedAnswer, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		p, c, v, err := s.holdPlacing(t.Tx, pid)
		if err != nil {
			return err
		}
		state = p.State
		if yes && (p.State == Placed || p.State == TooLate) || !yes && (p.State == SaidNo || p.State == Withdrew) {
			return deed.ErrNothingDone
		}
		if err := answerable(c, p, v, t.Now()); err != nil {
			return err
		}
		if yes {
			err = s.sayYes(t, c, p)
		} else {
			err = s.sayNo(t, c, p)
		}
		state = p.State
		if err := cmp.Or(err, saveCall(t.Tx, c)); err != nil {
			return err
		}
		return t.Tell(placingSubject(pid), PlacingTold{Placing: pid, Call: c.ID, State: p.State, Placed: c.Placed})
	})
	return state, welcomed(err)
}

// holdPlacing reads a placing, its call and its volunteer, and keeps every other
// hand off them: the call first, then the volunteer.
func (s *Service) holdPlacing(t *db.Tx, pid PlacingID) (*Placing, *Call, *Volunteer, error) {
	p, err := getPlacing(t, pid)
	if err != nil {
		return nil, nil, nil, err
	}
	c, err := holdCall(t, p.Call)
	if err != nil {
		return nil, nil, nil, err
	}
	v, err := holdVolunteer(t, p.Volunteer)
	if err != nil {
		return nil, nil, nil, err
	}
	p, err = getPlacing(t, pid) // as it is now that nobody else can change it
	return p, c, v, err
}

// answerable refuses an answer that comes when there is nothing left to say.
func answerable(c *Call, p *Placing, v *Volunteer, now time.Time) error {
	switch {
	case c.Over(now):
		return fault.New(fault.Conflict, "hands.answer.over")
	case v.State != Accepted:
		return fault.New(fault.Conflict, "hands.volunteer.cannot_now")
	case p.State == Offered:
		return fault.New(fault.Conflict, "hands.answer.not_asked")
	case !p.In.IsZero():
		return fault.New(fault.Conflict, "hands.shift.here_already")
	}
	return nil
}

// sayNo takes a no, or a place back. A place that is free again is for the next
// in line, who is asked once more: they may have planned something else.
func (s *Service) sayNo(t *deed.Tx, c *Call, p *Placing) error {
	had := p.State == Placed
	p.State, p.AnsweredAt = SaidNo, t.Now()
	if had {
		p.State = Withdrew
		c.free()
		c.ChangedAt = t.Now()
	}
	if err := savePlacing(t.Tx, p); err != nil || !had {
		return err
	}
	return s.askNext(t, c)
}

func (s *Service) askNext(t *deed.Tx, c *Call) error {
	next, err := nextInLine(t.Tx, c.ID)
	if err != nil || next == nil {
		return err
	}
	next.State, next.AskedAt = Asked, t.Now()
	if err := savePlacing(t.Tx, next); err != nil {
		return err
	}
	if err := s.question(t, QuestionFree, c, next, c.Until); err != nil {
		return err
	}
	return t.TellAs(DeedAskNext, placingSubject(next.ID), PlacingTold{Placing: next.ID, Call: c.ID, State: next.State, Placed: c.Placed})
}

// freeAll gives back every place that a volunteer has not taken up yet, in the
// order of the calls' identifiers.
func (s *Service) freeAll(t *deed.Tx, v *Volunteer) error {
	all, err := placingsFor(t.Tx, v.ID, 1000)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b *Placing) int { return cmp.Compare(a.Call.String(), b.Call.String()) })
	for _, was := range all {
		c, err := holdCall(t.Tx, was.Call)
		if err != nil {
			return err
		}
		p, err := getPlacing(t.Tx, was.ID)
		if err != nil {
			return err
		}
		if c.Over(t.Now()) || !p.In.IsZero() || p.State == SaidNo || p.State == Withdrew || p.State == Silent {
			continue
		}
		if err := cmp.Or(s.sayNo(t, c, p), saveCall(t.Tx, c)); err != nil {
			return err
		}
	}
	return nil
}

// OfferSelf lets a volunteer put themselves forward for a call that they match.
// A person of the organisation then asks them, or does not.
func (s *Service) OfferSelf(ctx context.Context, by actor.Actor, vid VolunteerID, cid CallID) error {
	return welcomed(s.h.Do(ctx, by, DeedOfferSelf, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		c, err := holdCall(t.Tx, cid)
		if err != nil {
			return err
		}
		v, err := holdVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if old, err := placingOf(t.Tx, cid, vid); err != nil || old != nil {
			return cmp.Or(err, deed.ErrNothingDone)
		}
		if c.Over(t.Now()) || c.State != Open || v.State != Accepted {
			return fault.New(fault.Conflict, "hands.answer.over")
		}
		if _, ok, err := s.fit(t.Tx, c, v, 0); err != nil || !ok {
			return cmp.Or(err, error(fault.New(fault.Conflict, "hands.call.not_for_you")))
		}
		p := &Placing{ID: id.New[Placing](t.Now()), Call: cid, Volunteer: vid, State: Offered, AskedAt: t.Now()}
		if err := addPlacing(t.Tx, p); err != nil {
			return err
		}
		return t.Tell(placingSubject(p.ID), PlacingTold{Placing: p.ID, Call: cid, State: Offered})
	}))
}

// Heard takes the answer to one of the questions that were put to a phone: 1 is
// yes, 2 is no. What comes back is said to them.
func (s *Service) Heard(ctx context.Context, by actor.Actor, subject string, choice int) (reach.Line, error) {
	pid, err := id.Parse[Placing](strings.TrimPrefix(subject, "hands.placing/"))
	if err != nil {
		return reach.Line{}, fault.New(fault.Missing, "hands.answer.over")
	}
	state, err := s.Answer(ctx, by, pid, choice == 1)
	if err != nil {
		return reach.Line{}, err
	}
	line := reach.Line{Key: map[PlacingState]string{Placed: "hands.sms.placed", TooLate: "hands.sms.full", SaidNo: "hands.sms.no", Withdrew: "hands.sms.withdrawn"}[state]}
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		p, err := getPlacing(t, pid)
		if err != nil {
			return err
		}
		c, err := getCall(t, p.Call)
		if err != nil {
			return err
		}
		v, err := getVolunteer(t, p.Volunteer)
		if err == nil {
			line.Args = s.callArgs(t, c, v.Lang)
		}
		return err
	})
	return line, err
}

// Assigned are the missions that a volunteer's account has a place on: what they
// may carry with them into a valley without network.
func (s *Service) Assigned(t *db.Tx, a actor.AccountID) ([]string, error) { return missionsOf(t, a) }

// codePurpose keeps the codes of shifts apart from all others.
const (
	codePurpose = "hands_shift"
	codeDigits  = 6
)

// ShiftCode is what the leader of a shift shows, and whoever is there types.
func (s *Service) ShiftCode(sid ShiftID) string {
	return s.vault.Code(codePurpose, sid.String(), codeDigits)
}

// CheckIn notes that a volunteer is there, on the word of the leader's code; a
// second time, that they go.
func (s *Service) CheckIn(ctx context.Context, by actor.Actor, pid PlacingID, code string) error {
	return s.onShift(ctx, by, DeedCheckIn, pid, func(t *deed.Tx, c *Call, p *Placing) (PlacingTold, error) {
		if !s.vault.Match(codePurpose, c.Shift.ID.String(), codeDigits, code) {
			return PlacingTold{}, fault.New(fault.Invalid, "hands.shift.code_wrong").On("code")
		}
		if p.In.IsZero() {
			return PlacingTold{}, p.arrive(c.Shift, time.Duration(s.crew.Rules.CheckIn.Early), t.Now())
		}
		return PlacingTold{}, p.leave(c.Shift, t.Now())
	})
}

// Note is the leader's word that somebody came or went, for those without a phone.
func (s *Service) Note(ctx context.Context, by actor.Actor, pid PlacingID, gone bool) error {
	return s.onShift(ctx, by, DeedNotePresence, pid, func(t *deed.Tx, c *Call, p *Placing) (PlacingTold, error) {
		if gone {
			return PlacingTold{}, p.leave(c.Shift, t.Now())
		}
		return PlacingTold{}, p.arrive(c.Shift, time.Duration(s.crew.Rules.CheckIn.Early), t.Now())
	})
}

// ConfirmHours is the leader's word on the minutes that somebody worked.
func (s *Service) ConfirmHours(ctx context.Context, by actor.Actor, pid PlacingID, minutes int, reason string) error {
	return s.onShift(ctx, by, DeedConfirmHours, pid, func(t *deed.Tx, c *Call, p *Placing) (told PlacingTold, err error) {
		counted := p.Minutes
		if err := p.confirm(c.Shift, minutes, reason, t.By.Account, t.Now()); err != nil {
			return told, err
		}
		if counted != minutes && counted >= 0 {
			told.Counted = counted
		}
		told.Reason = p.Reason
		return told, nil
	})
}

// onShift holds a placing, asks whether the doer may, decides, saves, tells. Who
// leads a shift does not answer for hours of their own.
func (s *Service) onShift(ctx context.Context, by actor.Actor, d deed.Deed, pid PlacingID, decide func(*deed.Tx, *Call, *Placing) (PlacingTold, error)) error {
	return welcomed(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		p, c, v, err := s.holdPlacing(t.Tx, pid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(c)); err != nil {
			return err
		}
		if !d.Open && !v.Account.IsZero() && v.Account == t.By.Account {
			return fault.New(fault.Denied, "hands.hours.not_oneself")
		}
		told, err := decide(t, c, p)
		if err != nil {
			return err
		}
		told.Placing, told.Call, told.State = pid, c.ID, p.State
		if p.Minutes > 0 {
			told.Minutes = p.Minutes
		}
		if err := savePlacing(t.Tx, p); err != nil {
			return err
		}
		return t.Tell(placingSubject(pid), told)
	}))
}
