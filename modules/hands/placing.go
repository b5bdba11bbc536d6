package hands

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

type PlacingID = id.Of[Placing]

// Placing is one volunteer and one call: whether they were asked, what they
// said, and the hours that came of it.
type Placing struct {
	ID          PlacingID
	Call        CallID
	Volunteer   VolunteerID
	State       PlacingState
	AskedAt     time.Time
	AskedBy     actor.AccountID
	AnsweredAt  time.Time
	In, Out     time.Time
	Minutes     int // whole; -1 while nothing was counted
	Reason      string
	ConfirmedAt time.Time
	ConfirmedBy actor.AccountID
}

// PlacingState is what came of asking somebody. The set is closed.
type PlacingState string

const (
	Offered  PlacingState = "offered" // put themselves forward; nobody has asked them yet
	Asked    PlacingState = "asked"
	Placed   PlacingState = "placed"
	TooLate  PlacingState = "full" // said yes when all places were taken; asked again when one is free
	SaidNo   PlacingState = "no"
	Withdrew PlacingState = "withdrew" // had a place and gave it back
	Silent   PlacingState = "silent"   // never answered
)

// ReasonsCorrected are why a leader writes down other hours than were counted.
var ReasonsCorrected = []string{"forgot_to_arrive", "forgot_to_leave", "came_late", "left_early", "break_taken", "did_not_come"}

// overtime is how much longer than its shift somebody may have stayed.
const overtime = 12 * time.Hour

// arrive notes that somebody is there.
func (p *Placing) arrive(s Shift, early time.Duration, now time.Time) error {
	switch {
	case p.State != Placed:
		return fault.New(fault.Conflict, "hands.shift.not_yours")
	case !p.In.IsZero():
		return fault.New(fault.Conflict, "hands.shift.here_already")
	case now.Before(s.From.Add(-early)):
		return fault.New(fault.Conflict, "hands.shift.too_early")
	case now.After(s.To):
		return fault.New(fault.Conflict, "hands.shift.too_late")
	}
	p.In = now
	return nil
}

// leave notes that somebody goes, and counts the whole minutes they were there.
func (p *Placing) leave(s Shift, now time.Time) error {
	switch {
	case p.In.IsZero():
		return fault.New(fault.Conflict, "hands.shift.not_here")
	case !p.Out.IsZero():
		return fault.New(fault.Conflict, "hands.shift.gone_already")
	}
	if last := s.To.Add(overtime); now.After(last) { // forgot to say so: nobody worked for days
		now = last
	}
	p.Out, p.Minutes = now, int(now.Sub(p.In)/time.Minute)
	return nil
}

// confirm is the leader's word on somebody's minutes. Others than were counted
// need a reason.
func (p *Placing) confirm(s Shift, minutes int, reason string, by actor.AccountID, now time.Time) error {
	switch {
	case p.State != Placed:
		return fault.New(fault.Conflict, "hands.shift.not_yours")
	case !p.ConfirmedAt.IsZero():
		return fault.New(fault.Conflict, "hands.hours.confirmed_already")
	case now.Before(s.From):
		return fault.New(fault.Conflict, "hands.shift.too_early")
	case minutes < 0 || minutes > int((s.To.Sub(s.From)+overtime)/time.Minute):
		return fault.New(fault.Invalid, "hands.hours.wrong")
	case minutes != p.Minutes && !slices.Contains(ReasonsCorrected, reason):
		return fault.New(fault.Invalid, "hands.hours.reason_missing")
	case minutes == p.Minutes:
		reason = ""
	}
	p.Minutes, p.Reason, p.ConfirmedAt, p.ConfirmedBy = minutes, reason, now, by
	return nil
}
