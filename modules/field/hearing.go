package field

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// relocated follows a case that somebody located anew.
func (s *Service) relocated(ctx context.Context, r deed.Record) error {
	var told struct{ To string }
	c, err := caseOf(r)
	if err == nil {
		err = json.Unmarshal(r.Told, &told)
	}
	if err != nil {
		return err
	}
	commune := ""
	if p, ok := s.places.Commune(told.To); ok {
		commune = p.Code
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return moveStop(t, c, told.To, commune) })
}

// talked: a team that says something on its channel has been heard of.
func (s *Service) talked(ctx context.Context, r deed.Record) error {
	_, text, _ := strings.Cut(r.Subject, "/")
	mid, err := id.Parse[Mission](text)
	if err != nil {
		return err
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return heardOf(t, mid, r.At) })
}

// erased forgets the witnesses of a case whose person asked to be forgotten.
func (s *Service) erased(ctx context.Context, r deed.Record) error {
	c, err := caseOf(r)
	if err != nil {
		return err
	}
	return s.ForgetCase(ctx, c)
}

// ForgetCase erases what names a person here: who stood by at its deliveries.
// Doing it again changes nothing, so a restored backup can replay it.
func (s *Service) ForgetCase(ctx context.Context, c CaseID) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return eraseWitnesses(t, c) })
}

func caseOf(r deed.Record) (CaseID, error) {
	_, text, _ := strings.Cut(r.Subject, "/")
	return id.Parse[caseKind](text)
}
