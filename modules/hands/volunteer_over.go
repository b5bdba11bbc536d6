package hands

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Remove ends somebody's volunteering here. Their places are free again, and
// their account ends.
func (s *Service) Remove(ctx context.Context, by actor.Actor, vid VolunteerID, reason string) error {
	if !slices.Contains(ReasonsRemoved, reason) {
		return fault.New(fault.Invalid, "hands.form.choose").On("reason")
	}
	return s.endVolunteer(ctx, by, DeedRemove, vid, func(t *deed.Tx, v *Volunteer) error {
		if err := v.move(Removed, reason, t.Now()); err != nil {
			return err
		}
		if err := s.endAccount(t, v, false); err != nil {
			return err
		}
		return saveVolunteer(t.Tx, v)
	})
}

// Forget lets a volunteer go, at once and for good: what names them is destroyed,
// their places are free again, their hours stay as counts. The house does it by
// itself for those whose time is over.
func (s *Service) Forget(ctx context.Context, by actor.Actor, vid VolunteerID) error {
	var at time.Time
	err := s.endVolunteer(ctx, by, DeedForget, vid, func(t *deed.Tx, v *Volunteer) error {
		if !v.ForgottenAt.IsZero() {
			return deed.ErrNothingDone
		}
		if t.By.System == "retention" && !s.over(v, t.Now()) { // something came up meanwhile
			return deed.ErrNothingDone
		}
		if v.State.Live() {
			if err := v.move(Left, "", t.Now()); err != nil {
				return err
			}
		}
		if err := s.endAccount(t, v, true); err != nil {
			return err
		}
		all, err := placingsFor(t.Tx, v.ID, 1000)
		for _, p := range all {
			if err := t.TellAs(deedForgetPlacing, placingSubject(p.ID), PlacingTold{Placing: p.ID, Call: p.Call, State: p.State}); err != nil {
				return err
			}
		}
		at = t.Now()
		return cmp.Or(err, forgetVolunteer(t.Tx, v, at))
	})
	if err == nil && !at.IsZero() && s.crew.Forgot != nil {
		err = s.crew.Forgot(vid, at)
	}
	return err
}

// Forgotten lists who was forgotten, so that the record that is kept outside the
// store can be made whole after a crash between the two.
func (s *Service) Forgotten(ctx context.Context) (all map[VolunteerID]time.Time, err error) {
	all = map[VolunteerID]time.Time{}
	err = s.h.DB.Read(ctx, func(t *db.Tx) error { return forgottenOnes(t, all) })
	return all, err
}

// ForgetAgain does on a restored backup what was done after it was made. It says
// whether there was anything to do.
func (s *Service) ForgetAgain(ctx context.Context, vid VolunteerID) (did bool, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		v, err := getVolunteer(t, vid)
		if fault.KindOf(err) == fault.Missing { // registered after the backup was made
			return nil
		}
		did = err == nil && v.ForgottenAt.IsZero()
		return err
	})
	if err == nil && did {
		err = s.Forget(ctx, actor.Actor{System: "restore"}, vid)
	}
	return did, err
}

// deedForgetPlacing tells others that nobody may be told of a placing any more.
var deedForgetPlacing = deed.Deed{Name: "hands.placing.forget", Open: true}

// ForgetWords are the deeds after which nothing may be sent about their subject.
func ForgetWords() []string { return []string{DeedForget.Name, deedForgetPlacing.Name} }

// endVolunteer frees the places of a volunteer who goes, then does what ends
// them. Calls are held before the volunteer is, always in the same order.
func (s *Service) endVolunteer(ctx context.Context, by actor.Actor, d deed.Deed, vid VolunteerID, end func(*deed.Tx, *Volunteer) error) error {
	return welcomed(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		v, err := getVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		if err := s.freeAll(t, v); err != nil {
			return err
		}
		if v, err = holdVolunteer(t.Tx, vid); err != nil {
			return err
		}
		if err := end(t, v); err != nil {
			return err
		}
		return t.Tell(volunteerSubject(vid), v.told())
	}))
}

// over tells whether the time is over for which the house may keep somebody whom
// nobody took.
func (s *Service) over(v *Volunteer, now time.Time) bool {
	f := s.crew.Rules.Forget
	switch v.State {
	case Declined, Removed:
		return !v.ChangedAt.Add(time.Duration(f.TurnedDown)).After(now)
	case Waiting:
		return !v.MadeAt.Add(time.Duration(f.Unanswered)).After(now)
	}
	return false
}

// retainBatch is how many the house forgets at a turn; the rest waits an hour.
const retainBatch = 500

// Retain forgets those who were turned down, removed or never answered, once the
// time is over for which the pack lets the house keep them.
func (s *Service) Retain(ctx context.Context) error {
	var all []VolunteerID
	f, now := s.crew.Rules.Forget, s.h.DB.Now()
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = overdue(t, now.Add(-time.Duration(f.TurnedDown)), now.Add(-time.Duration(f.Unanswered)), retainBatch)
		return err
	})
	for _, vid := range all {
		err = cmp.Or(err, s.Forget(ctx, actor.Actor{System: "retention"}, vid))
	}
	return err
}
