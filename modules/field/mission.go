package field

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
)

// Mission is one journey of a team: planned, on the way, ended.
type Mission struct {
	ID         MissionID
	Org        actor.OrganisationID
	Team       TeamID
	State      MissionState
	PlannedAt  time.Time // when it is meant to set out
	DepartedAt time.Time
	ClosedAt   time.Time // when it ended, either way
	MadeAt     time.Time
	ChangedAt  time.Time
}

// MissionState is how far a mission has come. The set is closed.
type MissionState string

const (
	Planned   MissionState = "planned"
	Departed  MissionState = "departed"
	Closed    MissionState = "closed"
	Cancelled MissionState = "cancelled" // before it set out
)

// moves is every change of state there is.
var moves = map[MissionState][]MissionState{
	Planned:  {Departed, Cancelled},
	Departed: {Closed},
}

// Open tells whether the team is still bound by the mission.
func (m *Mission) Open() bool { return m.State == Planned || m.State == Departed }

// Since is when the mission came into its state.
func (m *Mission) Since() time.Time {
	switch m.State {
	case Departed:
		return m.DepartedAt
	case Closed, Cancelled:
		return m.ClosedAt
	}
	return m.MadeAt
}

func (m *Mission) move(to MissionState, now time.Time) error {
	for _, s := range moves[m.State] {
		if s == to {
			m.State, m.ChangedAt = to, now
			return nil
		}
	}
	return fault.New(fault.Conflict, "field.mission.cannot_now", "state", string(m.State))
}

// must refuses what is for missions of another state.
func (m *Mission) must(be MissionState) error {
	if m.State == be {
		return nil
	}
	return fault.New(fault.Conflict, "field.mission.cannot_now", "state", string(m.State))
}

// Journey is a mission with its stops and what it carries.
type Journey struct {
	Mission
	Stops  []Stop
	Goods  Manifest
	Visits []Visit // stops at places, where nobody asked
}

// depart sets out. A mission goes to somebody: without a stop it stays.
func (j *Journey) depart(now time.Time) error {
	if len(j.Stops)+len(j.Visits) == 0 && j.State == Planned {
		return fault.New(fault.Conflict, "field.mission.no_stops")
	}
	if err := j.move(Departed, now); err != nil {
		return err
	}
	j.DepartedAt = now
	return nil
}

// cancel gives up a mission that has not set out; its stops wait no more.
func (j *Journey) cancel(now time.Time) error {
	if j.State == Departed {
		return fault.New(fault.Conflict, "field.mission.cancel_late")
	}
	if err := j.move(Cancelled, now); err != nil {
		return err
	}
	j.ClosedAt = now
	for i := range j.Stops {
		if s := &j.Stops[i]; s.State == Waiting {
			s.State, s.Reason, s.ChangedAt = NotReached, reasonCancelled, now
		}
	}
	for i := range j.Visits {
		if v := &j.Visits[i]; v.State == VisitWaiting {
			v.State, v.ChangedAt = VisitCancelled, now
		}
	}
	return nil
}

// close ends a mission: every stop has been answered, and every good balances
// to the unit. What does not is named, all of it.
func (j *Journey) close(now time.Time) error {
	if err := j.must(Departed); err != nil {
		return err
	}
	all := j.Goods.unbalanced()
	if n := len(j.waiting()) + j.toVisit(); n > 0 {
		all = append(all, fault.New(fault.Conflict, "field.mission.stops_open", "n", n))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	j.ClosedAt = now
	return j.move(Closed, now)
}

// waiting are the stops that nobody has come to yet.
func (j *Journey) waiting() (out []*Stop) {
	for i := range j.Stops {
		if j.Stops[i].State == Waiting {
			out = append(out, &j.Stops[i])
		}
	}
	return out
}

func (j *Journey) stop(sid StopID) (*Stop, error) {
	for i := range j.Stops {
		if j.Stops[i].ID == sid {
			return &j.Stops[i], nil
		}
	}
	return nil, fault.New(fault.Missing, "field.stop.missing")
}
