package field

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Whereabouts is where a team is, who knows that how, and when it means to be
// back. Nobody's phone is followed: it is what the team told, or the last stop
// that it answered.
type Whereabouts struct {
	Place string // code; "" when nothing newer than its base is known
	At    time.Time
	Stop  bool      // known by a stop that it answered
	Back  time.Time // when it means to be free; zero when it did not say
}

// DeedTeamAt says where a team is, and so that it is well.
var DeedTeamAt = deed.Deed{Name: "field.team.say_where", Roles: abroad}

// mostBack is how far ahead a team may say when it will be back.
const mostBack = 14 * 24 * time.Hour

type whereTold struct {
	Team    TeamID    `json:"team"`
	Mission MissionID `json:"mission,omitzero"`
	Place   string    `json:"place"`
	Back    time.Time `json:"back,omitzero"`
}

// SayWhere keeps where a team says it is. A mission of theirs that is on its
// way counts as heard of.
func (s *Service) SayWhere(ctx context.Context, by actor.Actor, tid TeamID, place string, back time.Time) error {
	return s.h.Do(ctx, by, DeedTeamAt, func(t *deed.Tx) error {
		m, err := getTeam(t.Tx, tid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scopeOf(m)); err != nil {
			return err
		}
		var wrong fault.All
		if _, ok := s.places.Get(place); !ok {
			wrong = append(wrong, fault.New(fault.Invalid, "field.team.base_unknown").On("base"))
		}
		if !back.IsZero() && (!back.After(t.Now()) || back.Sub(t.Now()) > mostBack) {
			wrong = append(wrong, fault.New(fault.Invalid, "field.team.back_wrong").On("back"))
		}
		if m.State == Disbanded {
			return fault.New(fault.Conflict, "field.team.is_disbanded")
		}
		if err := wrong.OrNil(); err != nil {
			return err
		}
		mid, err := openMission(t.Tx, tid)
		if err != nil {
			return err
		}
		if !mid.IsZero() {
			if _, err := hold(t.Tx, mid); err != nil {
				return err
			}
		}
		if err := saveWhereabouts(t.Tx, tid, Whereabouts{Place: place, At: t.Now(), Back: back}); err != nil {
			return err
		}
		return t.Tell(teamSubject(tid), whereTold{tid, mid, place, back})
	})
}
