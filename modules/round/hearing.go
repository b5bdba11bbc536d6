package round

import (
	"context"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// erased forgets what was written down about a case whose person is forgotten.
func (s *Service) erased(ctx context.Context, r deed.Record) error {
	_, about, _ := strings.Cut(r.Subject, "/")
	return s.ForgetCase(ctx, about)
}

// ForgetCase erases the answers, photos and waiting words of a case. Doing it
// again changes nothing, so a restored backup can replay it.
func (s *Service) ForgetCase(ctx context.Context, caseID string) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return forgetRecords(t, caseID) })
}

// mostWaiting is how long the words of a record wait for a person. Nobody
// looked in half a year: they are let go, and the line says so.
const mostWaiting = 180 * 24 * time.Hour

// DeedDrop is the house letting go of what nobody looked at.
var DeedDrop = deed.Deed{Name: "round.record.drop"}

// tidy forgets the parts of photos that never became whole, and what waited too long.
func (s *Service) tidy(ctx context.Context) error {
	if err := s.h.DB.Write(ctx, dropStale); err != nil {
		return err
	}
	return welcome(s.h.Do(ctx, byItself, DeedDrop, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		old, err := waitedTooLong(t.Tx, t.Now().Add(-mostWaiting))
		if err != nil {
			return err
		}
		if len(old) == 0 {
			return deed.ErrNothingDone
		}
		for _, r := range old {
			if _, err := settleRecord(t.Tx, r.ID, Theirs, "other", byItself.Account); err != nil {
				return err
			}
			if err := t.Tell(recordSubject(r.ID), settleTold{Record: r.ID, Choice: Theirs, Reason: "other"}); err != nil {
				return err
			}
		}
		return nil
	}))
}
