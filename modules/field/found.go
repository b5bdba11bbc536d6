package field

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Found is how many people a mission found, by how they were. It holds numbers
// and nothing else: who they are is for those whom they ask to know.
type Found struct {
	ID      FoundID
	Mission MissionID
	Stop    StopID // zero: on the way
	Safe    int
	Hurt    int
	Dead    int
	Account actor.AccountID
	At      time.Time
	Undone  time.Time // told by mistake, and taken back
}

type FoundID = id.Of[Found]

// The deeds on what was found.
var (
	DeedFound     = deed.Deed{Name: "field.mission.found", Roles: afield}
	DeedFoundUndo = deed.Deed{Name: "field.mission.found_undo", Roles: afield}
)

const mostFound = 20000

type foundTold struct {
	Mission MissionID `json:"mission"`
	Stop    StopID    `json:"stop,omitzero"`
	Safe    int       `json:"safe"`
	Hurt    int       `json:"hurt"`
	Dead    int       `json:"dead"`
}

func (f *Found) wrong() (all fault.All) {
	for _, x := range []struct {
		field string
		n     int
	}{{"safe", f.Safe}, {"hurt", f.Hurt}, {"dead", f.Dead}} {
		if x.n < 0 || x.n > mostFound {
			all = append(all, fault.New(fault.Invalid, "field.found.number_wrong", "most", mostFound).On(x.field))
		}
	}
	if len(all) == 0 && f.Safe+f.Hurt+f.Dead == 0 {
		all = append(all, fault.New(fault.Invalid, "field.found.nobody").On("safe"))
	}
	return all
}

func (f *Found) same(o Found) bool {
	return f.Mission == o.Mission && f.Stop == o.Stop && f.Safe == o.Safe && f.Hurt == o.Hurt && f.Dead == o.Dead
}

// SayFound keeps how many people a mission that is on its way found. The same
// again is the same; the identifier with other numbers is a conflict.
func (s *Service) SayFound(ctx context.Context, by actor.Actor, f Found) error {
	if err := f.wrong().OrNil(); err != nil {
		return err
	}
	return s.act(ctx, by, DeedFound, f.Mission, func(t *deed.Tx, j *Journey) (any, error) {
		old, err := findFound(t.Tx, f.ID)
		switch {
		case err != nil:
			return nil, err
		case old != nil && !f.same(*old):
			return nil, fault.New(fault.Conflict, "field.found.id_taken")
		case old != nil:
			return nil, deed.ErrNothingDone
		}
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		if !f.Stop.IsZero() {
			if _, err := j.stop(f.Stop); err != nil {
				return nil, err
			}
		}
		f.Account, f.At = t.By.Account, t.Now()
		return foundTold{f.Mission, f.Stop, f.Safe, f.Hurt, f.Dead}, addFound(t.Tx, f)
	})
}

// UndoFound takes back numbers that were told by mistake, while the mission is
// on its way. They stay on record as taken back.
func (s *Service) UndoFound(ctx context.Context, by actor.Actor, mid MissionID, fid FoundID) error {
	return s.act(ctx, by, DeedFoundUndo, mid, func(t *deed.Tx, j *Journey) (any, error) {
		f, err := findFound(t.Tx, fid)
		switch {
		case err != nil:
			return nil, err
		case f == nil || f.Mission != mid:
			return nil, fault.New(fault.Missing, "error.missing")
		case !f.Undone.IsZero():
			return nil, deed.ErrNothingDone
		}
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		return foundTold{mid, f.Stop, f.Safe, f.Hurt, f.Dead}, undoFound(t.Tx, fid)
	})
}

// sum is what counts of several reports.
func sum(all []Found) (out Found) {
	for _, f := range all {
		if f.Undone.IsZero() {
			out.Safe, out.Hurt, out.Dead = out.Safe+f.Safe, out.Hurt+f.Hurt, out.Dead+f.Dead
		}
	}
	return out
}
