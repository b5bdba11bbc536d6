package giving

import (
	"context"
	"time"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// EndFund says that a fund collects no more: no numbers are handed out, and its page tells
// people not to give. Numbers that were handed out still count, and what it has is still
// spent.
func (s *Service) EndFund(ctx context.Context, by actor.Actor, code string) error {
	return s.collecting(ctx, by, DeedEnd, code, false)
}

// ReopenFund lets a fund collect again.
func (s *Service) ReopenFund(ctx context.Context, by actor.Actor, code string) error {
	return s.collecting(ctx, by, DeedReopen, code, true)
}

func (s *Service) collecting(ctx context.Context, by actor.Actor, d deed.Deed, code string, collects bool) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		if f.EndedAt.IsZero() == collects {
			return deed.ErrNothingDone
		}
		kind, ended := "ended", t.Now()
		if collects {
			kind, ended = "reopened", time.Time{}
		}
		if err := collect(t.Tx, f.ID, ended); err != nil {
			return err
		}
		subject := "giving.fund/" + f.ID.String()
		if _, err := s.tellPublic(t, subject, "", map[string]string{"fund": "fund/" + f.Code, "kind": kind}, nil); err != nil {
			return err
		}
		return t.Tell(subject, struct {
			Code string `json:"code"`
			Kind string `json:"kind"`
		}{f.Code, kind})
	})
}
