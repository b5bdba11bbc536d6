package people

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// demo does what a demonstration needs, by the same deeds as people.
var demo = actor.Actor{System: "demo", Channel: "cli"}

// SeedOrganisation registers an invented organisation and brings it to its
// status. Doing it again changes nothing. The reason of a recognised one may be
// left out.
func (s *Service) SeedOrganisation(ctx context.Context, o Organisation) error {
	status, reason := o.Status, o.Reason
	if err := s.Register(ctx, demo, o); err != nil {
		return err
	}
	if reason == "" && status == Recognised {
		reason = ReasonsToRecognise[0]
	}
	was, err := s.organisation(ctx, o.ID)
	switch {
	case err != nil || was.Status == status:
		return err
	case status == Recognised:
		return s.Recognise(ctx, demo, o.ID, was.Version, reason)
	case status == Suspended:
		return s.Suspend(ctx, demo, o.ID, was.Version, reason)
	}
	return nil
}

func (s *Service) organisation(ctx context.Context, oid actor.OrganisationID) (o Organisation, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		o, err = getOrganisation(t, oid)
		return err
	})
	return o, err
}

// seeded are the hashes of passwords of invented accounts, by the digest of the
// password. Those of a demonstration, a bench or a test often share one, whose
// hash costs more than all else about the account.
var seeded sync.Map // [32]byte → string

func seedHash(ctx context.Context, password string) (string, error) {
	sum := sha256.Sum256([]byte(password))
	if hash, ok := seeded.Load(sum); ok {
		return hash.(string), nil
	}
	hash, err := crypt.HashPassword(ctx, password)
	if err == nil {
		seeded.Store(sum, hash)
	}
	return hash, err
}

// SeedAccount makes an account that may sign in at once, with a password and
// the base32 secret of its codes, and gives it roles (actor.Grant.Recognised is
// not read). A login that exists already is left as it is.
func (s *Service) SeedAccount(ctx context.Context, login, name, password, totpSecret string, langs []string, grants []actor.Grant) (actor.AccountID, error) {
	var was Account
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		was, err = accountByLogin(t, tidyLogin(login))
		return err
	})
	if err == nil || fault.KindOf(err) != fault.Missing {
		return was.ID, err
	}
	a := Account{ID: id.New[actor.Account](s.h.DB.Now()), Login: login, Name: name, Langs: langs}
	token, err := s.Invite(ctx, demo, a)
	if err != nil {
		return a.ID, err
	}
	if f := wrongPassword(password, login); f != nil {
		return a.ID, f
	}
	hash, err := seedHash(ctx, password)
	if err != nil {
		return a.ID, err
	}
	for _, step := range []struct {
		deed deed.Deed
		do   func(*deed.Tx, invite, Account) error
	}{
		{accountSetPass, func(t *deed.Tx, i invite, a Account) error {
			return s.choose(t, i, a, chosen{password: hash, secret: totpSecret})
		}},
		{accountEnrol, func(t *deed.Tx, i invite, a Account) error { return finish(t, i, a, 0) }},
	} {
		if err := s.h.Do(ctx, demo, step.deed, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			i, a, err := openedInvite(t.Tx, token)
			if err != nil {
				return err
			}
			return step.do(t, i, a)
		}); err != nil {
			return a.ID, err
		}
	}
	for _, g := range grants {
		if err := s.Give(ctx, demo, Grant{Account: a.ID, Role: g.Role, Org: g.Org, Territory: g.Territory, Service: g.Service}); err != nil {
			return a.ID, err
		}
	}
	return a.ID, nil
}
