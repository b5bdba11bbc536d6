package field

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
)

// Stop is a visit to the people of one case.
type Stop struct {
	ID        StopID
	Mission   MissionID
	Seq       int
	Case      CaseID
	Service   string
	Place     string // the finest code known; "" when none is
	Commune   string
	State     StopState
	Reason    string // of a stop that was not reached
	ChangedAt time.Time
}

// StopState is what became of a visit. The set is closed.
type StopState string

const (
	Waiting    StopState = "waiting"
	Delivered  StopState = "delivered"
	NotReached StopState = "not_reached"
)

// Why a team could not help somebody it went to, in the order in which people
// read it.
var ReasonsNotReached = []string{"road_closed", "unsafe", "not_found", "nobody_there", "already_served", "declined", "no_time"}

// reasonCancelled is that of the stops of a mission that never set out.
const reasonCancelled = "cancelled"

const maxStops = 60 // of one mission

// deliver and fail answer a stop that waits.
func (s *Stop) deliver(now time.Time) error { return s.answer(Delivered, "", now) }

func (s *Stop) fail(reason string, now time.Time) error {
	if !slices.Contains(ReasonsNotReached, reason) {
		return fault.New(fault.Invalid, "field.stop.reason_missing").On("reason")
	}
	return s.answer(NotReached, reason, now)
}

func (s *Stop) answer(to StopState, reason string, now time.Time) error {
	if s.State != Waiting {
		return fault.New(fault.Conflict, "field.stop.answered", "state", string(s.State))
	}
	s.State, s.Reason, s.ChangedAt = to, reason, now
	return nil
}
