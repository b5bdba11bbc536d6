package people

import (
	"context"
	"net/url"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Whoever holds a link may do these, and nobody else: the link is the permission.
var (
	welcomeRead    = deed.Deed{Name: "people.account.welcome", Open: true}
	accountSetPass = deed.Deed{Name: "people.account.set_password", Open: true}
	accountEnrol   = deed.Deed{Name: "people.account.enrol_totp", Open: true}
)

// issuer is how an authenticator app names the code.
const issuer = "Twiza"

// welcomePath is where a link leads, without the language.
func welcomePath(token string) string { return "/welcome/" + token }

// FirstAdmin is the path of a link ("/welcome/…") by which the first
// administrator comes in, for a house where nobody ever did; "" for any other.
// It lives a day, works once, and asking again ends the one before. Somebody
// who began and never showed a code goes on with the account they made.
func (s *Service) FirstAdmin(ctx context.Context) (link string, err error) {
	var token string
	err = welcome(s.h.Do(ctx, actor.Actor{System: "start", Channel: "cli"}, accountInvite, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		some, err := db.Has(t.Tx, `SELECT 1 FROM people_account WHERE state <> 'invited'`)
		if err != nil {
			return err
		}
		if some {
			return deed.ErrNothingDone
		}
		begun, err := db.List(t.Tx, scanAccount, `SELECT `+accountColumns+` FROM people_account a WHERE EXISTS
			(SELECT 1 FROM people_grant g WHERE g.account = a.id AND g.role = 'administrator' AND g.ended_at IS NULL) ORDER BY a.made_at LIMIT 1`)
		if err != nil {
			return err
		}
		kind, aid := kindFirst, actor.AccountID{}
		if len(begun) == 1 {
			kind, aid = kindInvite, begun[0].ID
		}
		if token, err = addInvite(t.Tx, aid, kind, linkLife); err != nil {
			return err
		}
		subject := "people.account/first"
		if !aid.IsZero() {
			subject = accountSubject(aid)
		}
		return t.Tell(subject, inviteTold{aid, kind})
	}))
	if err != nil || token == "" {
		return "", err
	}
	return welcomePath(token), nil
}

// chosen is what somebody chooses on the first page behind a link.
type chosen struct {
	login, name string // of the first administrator; others have theirs
	password    string // argon2id
	secret      string // of the second factor, base32
}

// opened is an invitation and whose it is. The account is the zero one for a
// first administrator who has not begun.
func openedInvite(t *db.Tx, token string) (i invite, a Account, err error) {
	if i, err = getInvite(t, token); err != nil || i.account.IsZero() {
		return i, a, err
	}
	a, err = getAccount(t, i.account)
	return i, a, err
}

// setPassword does the first step behind a link. password and again are as
// they were typed; login and name count for the first administrator only.
func (s *Service) setPassword(ctx context.Context, by actor.Actor, token string, c chosen, password, again string) error {
	var a Account
	if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		_, a, err = openedInvite(t, token)
		return err
	}); err != nil {
		return err
	}
	var all fault.All
	if a.ID.IsZero() {
		a.Login, a.Name = tidyLogin(c.login), tidy(c.name)
		all = a.wrong(nil)
	}
	if f := wrongPassword(password, a.Login); f != nil {
		all = append(all, f)
	} else if password != again {
		all = append(all, fault.New(fault.Invalid, "people.account.password_differs").On("again"))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	var err error
	if c.password, err = crypt.HashPassword(ctx, password); err != nil { // outside any unit of work
		return err
	}
	if c.secret, _, err = crypt.NewTOTP(a.Login, issuer); err != nil {
		return err
	}
	c.login, c.name = a.Login, a.Name
	return s.h.Do(ctx, by, accountSetPass, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		i, a, err := openedInvite(t.Tx, token)
		if err != nil {
			return err
		}
		return s.choose(t, i, a, c)
	})
}

// choose keeps what was chosen, and makes the first administrator's account.
func (s *Service) choose(t *deed.Tx, i invite, a Account, c chosen) error {
	if a.ID.IsZero() {
		a = Account{ID: id.New[actor.Account](t.Now()), Login: c.login, Name: c.name}
		if err := newAccount(t.Tx, a); err != nil {
			return err
		}
		if err := takeInvite(t.Tx, i, a.ID); err != nil {
			return err
		}
		g := Grant{ID: id.New[Grant](t.Now()), Account: a.ID, Role: actor.Administrator, GivenAt: t.Now()}
		if err := addGrant(t.Tx, g); err != nil {
			return err
		}
		if err := t.TellAs(grantGive, accountSubject(a.ID), g.told()); err != nil {
			return err
		}
		var err error
		if a, err = getAccount(t.Tx, a.ID); err != nil {
			return err
		}
	}
	if a.State != Invited {
		return fault.New(fault.Missing, "people.welcome.over")
	}
	a.password, a.totp, a.totpLast = c.password, s.vault.SealText(totpAt(a.ID), c.secret), 0
	if err := saveAccount(t.Tx, a); err != nil {
		return err
	}
	return t.Tell(accountSubject(a.ID), accountTold{Account: a.ID, State: a.State})
}

// enrol does the second step behind a link: the first code shows that the
// authenticator app works. The account opens, the link is used up, and whoever
// did it is signed in.
func (s *Service) enrol(ctx context.Context, by actor.Actor, token, code, device, old string) (session string, open Session, err error) {
	err = s.h.Do(ctx, by, accountEnrol, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		i, a, err := openedInvite(t.Tx, token)
		if err != nil {
			return err
		}
		secret, err := s.pendingSecret(a)
		if err != nil {
			return err
		}
		counter, ok := crypt.CheckTOTP(secret, code, t.Now(), a.totpLast)
		if !ok {
			return fault.New(fault.Invalid, "people.welcome.code_wrong").On("code")
		}
		if err := finish(t, i, a, counter); err != nil {
			return err
		}
		if err := s.rotate(t, old); err != nil {
			return err
		}
		if open, session, err = openSession(t.Tx, a.ID, device); err != nil {
			return err
		}
		return t.TellAs(sessionOpen, accountSubject(a.ID), sessionTold{Session: open.ID, Device: open.Device})
	})
	return session, open, err
}

// finish opens an account and uses up its link.
func finish(t *deed.Tx, i invite, a Account, counter int64) error {
	a.totpLast, a.State = counter, Active
	if err := saveAccount(t.Tx, a); err != nil {
		return err
	}
	if err := useInvite(t.Tx, i); err != nil {
		return err
	}
	return t.Tell(accountSubject(a.ID), accountTold{Account: a.ID, State: a.State})
}

// pendingSecret is the second factor of somebody who has chosen a password and
// not yet shown a code.
func (s *Service) pendingSecret(a Account) (string, error) {
	if a.State != Invited || a.password == "" || len(a.totp) == 0 {
		return "", fault.New(fault.Missing, "people.welcome.over")
	}
	return s.vault.OpenText(totpAt(a.ID), a.totp)
}

// totpURL is what an authenticator app reads from the QR code, as crypt.NewTOTP
// makes it for a secret that is new.
func totpURL(login, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {strconv.Itoa(6)}, "period": {strconv.Itoa(30)}}
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(login) + "?" + q.Encode()
}
