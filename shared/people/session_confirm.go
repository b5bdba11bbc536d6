package people

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Confirm asks somebody who is signed in for their password once more, before
// what a borrowed session must not do. It is limited as signing in is, and a
// wrong try leaves the same line; a wrong password is a fault on its field.
func (s *Service) Confirm(ctx context.Context, limit *web.Limiter, by actor.Actor, from, password string) error {
	var a Account
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { a, err = getAccount(t, by.Account); return err })
	if err != nil {
		return err
	}
	if err := limit.Take("sign-in from "+from, triesPerAddress, triesWithin); err != nil {
		return err
	}
	if err := limit.Take("sign-in as "+a.Login, triesPerLogin, triesWithin); err != nil {
		return err
	}
	right, err := crypt.VerifyPassword(ctx, a.password, password)
	if err != nil {
		return err
	}
	if right && a.State == Active {
		return nil
	}
	if err := s.noteRefusal(ctx, Try{From: from, Channel: by.Channel}, &refused{whyPassword, a.ID}); err != nil {
		return err
	}
	return fault.All{fault.New(fault.Invalid, "people.session.password_wrong").On("password")}
}

// SessionOf names the session that a request comes with; "" is none.
func (s *Service) SessionOf(t *db.Tx, c *web.Ctx) (string, error) {
	token := held(c)
	if token == "" {
		return "", nil
	}
	x, err := sessionByToken(t, token)
	if fault.KindOf(err) == fault.Missing {
		return "", nil
	}
	return x.ID.String(), err
}

// EndSession ends one session of an account, in the unit of work of the deed
// that must end it: a phone that is cut off is signed out too. One that is over
// already is as good.
func (s *Service) EndSession(t *deed.Tx, aid actor.AccountID, session string) error {
	sid, err := id.Parse[Session](session)
	if err != nil {
		return err
	}
	switch err := closeSession(t.Tx, aid, sid); {
	case fault.KindOf(err) == fault.Missing:
		return nil
	case err != nil:
		return err
	}
	return t.TellAs(sessionClose, accountSubject(aid), sessionTold{Session: sid, Device: "phone"})
}
