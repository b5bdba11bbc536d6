package reach

import (
	"context"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	DeedSendAgain = deed.Deed{Name: "reach.message.again", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedLetGo     = deed.Deed{Name: "reach.message.drop", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
)

type messageTold struct {
	Channel string `json:"channel"`
	Was     string `json:"was"` // failed or unsure
	Code    string `json:"code"`
}

// SendAgain tries messages again that failed, or of which nobody knows. One
// that has gone meanwhile is left alone; a notice is never sent to who said STOP.
func (s *Service) SendAgain(ctx context.Context, by actor.Actor, ids []MessageID) error {
	return s.settleUnsent(ctx, by, DeedSendAgain, ids, func(t *deed.Tx, m unsent) error {
		if m.stopped {
			return fault.New(fault.Conflict, "reach.unsent.stopped")
		}
		if over, err := questionOver(t.Tx, m.id); err != nil || over {
			if err == nil {
				err = fault.New(fault.Conflict, "reach.unsent.over")
			}
			return err
		}
		valid := time.Duration(s.Rules.Valid.Answer)
		if m.kind == "notice" {
			valid = time.Duration(s.Rules.Valid.Notice)
		}
		t.After(s.wakeAll(m.channel))
		return sendAgain(t.Tx, m.id, valid)
	})
}

// LetGo leaves messages unsent for good.
func (s *Service) LetGo(ctx context.Context, by actor.Actor, ids []MessageID) error {
	return s.settleUnsent(ctx, by, DeedLetGo, ids, func(t *deed.Tx, m unsent) error { return letGo(t.Tx, m.id) })
}

// settleUnsent does one thing to several messages, or to none of them: whoever
// may not see one of the cases they are about changes nothing.
func (s *Service) settleUnsent(ctx context.Context, by actor.Actor, d deed.Deed, ids []MessageID, do func(*deed.Tx, unsent) error) error {
	if len(ids) == 0 || len(ids) > mostAgain {
		return fault.New(fault.Invalid, "reach.unsent.choose").On("message")
	}
	if err := deed.May(by, d); err != nil {
		return err
	}
	about, err := s.unsentSubjects(ctx, ids)
	if err != nil {
		return err
	}
	for _, subject := range about {
		if !strings.HasPrefix(subject, ofCases) {
			continue
		}
		if _, err := s.Ports.MaySee(ctx, by, subject); err != nil {
			return err
		}
	}
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		done := false
		for _, mid := range ids {
			m, err := getUnsent(t.Tx, mid)
			if fault.KindOf(err) == fault.Missing { // somebody was faster, or it arrived after all
				continue
			}
			if err != nil {
				return err
			}
			if err := do(t, m); err != nil {
				return err
			}
			if err := t.Tell("reach.message/"+mid.String(), messageTold{string(m.channel), m.state, m.code}); err != nil {
				return err
			}
			done = true
		}
		if !done {
			return deed.ErrNothingDone
		}
		return nil
	}))
}

// unsentSubjects is what messages are about.
func (s *Service) unsentSubjects(ctx context.Context, ids []MessageID) (about []string, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		for _, mid := range ids {
			m, err := getUnsent(t, mid)
			if fault.KindOf(err) == fault.Missing {
				continue
			}
			if err != nil {
				return err
			}
			about = append(about, m.subject)
		}
		return nil
	})
	return about, err
}
