package people

import (
	"context"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	sessionOpen   = deed.Deed{Name: "people.session.open", Open: true}
	sessionRefuse = deed.Deed{Name: "people.session.refuse", Open: true} // the house's own: a try that failed
	sessionClose  = deed.Deed{Name: "people.session.close", Open: true}  // one's own
	meRead        = deed.Deed{Name: "people.me.read", Open: true}        // one's own
)

// How many tries a login, an address and a link have. A login is tried by its
// owner a few times; an address may be an office behind one router; a link is
// four pages, and some mistakes.
const (
	triesPerLogin   = 5
	triesPerAddress = 30
	triesPerLink    = 30
	triesWithin     = 15 * time.Minute
)

// Try is what somebody shows at the door.
type Try struct {
	Login, Password, Code string
	From                  string // network address, for the limits only
	Device                string // phone, computer or program
	Channel               string // web or api
	Old                   string // the token of the session that this one replaces
	Passkey               []byte // what a passkey answered, instead of the code or of everything
}

// Why a try was refused, for the journal alone: whoever tries is always told
// the same.
const (
	whyLogin    = "login"    // no such account
	whyState    = "state"    // not active
	whyPassword = "password" // wrong
	whyCode     = "code"     // wrong, late or used before
	whyPasskey  = "passkey"  // unknown, wrong, late or answered before
	whyCopied   = "copied"   // a passkey of which there may be two
)

// By what somebody came in, where it was not by password and code.
const (
	byPasskey = "passkey"          // alone
	bySecond  = "password_passkey" // after the password
)

type refusedTold struct {
	Account actor.AccountID `json:"account,omitzero"`
	Result  string          `json:"result"`
}

type sessionTold struct {
	Session id.Of[Session] `json:"session"`
	Device  string         `json:"device"`
	By      string         `json:"by,omitempty"`
}

// refused carries the reason of a refusal out of a unit of work.
type refused struct {
	why string
	aid actor.AccountID
}

func (r *refused) Error() string { return "people: sign-in refused: " + r.why }

// SignIn checks login, password and code, and opens a session. The token is
// told once. Whatever is wrong, the answer is the same sentence after the same
// time; too many tries are fault.Limited.
func (s *Service) SignIn(ctx context.Context, limit *web.Limiter, try Try) (token string, till time.Time, err error) {
	try.Login = tidyLogin(try.Login)
	if err := limit.Take("sign-in from "+try.From, triesPerAddress, triesWithin); err != nil {
		return "", till, err
	}
	if loginShape.MatchString(try.Login) {
		if err := limit.Take("sign-in as "+try.Login, triesPerLogin, triesWithin); err != nil {
			return "", till, err
		}
	}
	token, till, err = s.signIn(ctx, try)
	if no, ok := errors.AsType[*refused](err); ok {
		if err := s.noteRefusal(ctx, try, no); err != nil {
			return "", till, err
		}
		return "", till, fault.New(fault.Unknown, "people.session.wrong")
	}
	return token, till, err
}

func (s *Service) signIn(ctx context.Context, try Try) (token string, till time.Time, err error) {
	var a Account
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		a, err = accountByLogin(t, try.Login)
		return err
	})
	if err != nil && fault.KindOf(err) != fault.Missing {
		return "", till, err
	}
	stored := a.password
	if a.State != Active {
		stored = "" // takes as long, and is never right
	}
	// Outside any unit of work: it takes a core for tens of milliseconds.
	right, err := crypt.VerifyPassword(ctx, stored, try.Password)
	switch {
	case err != nil:
		return "", till, err
	case a.ID.IsZero():
		return "", till, &refused{why: whyLogin}
	case a.State != Active:
		return "", till, &refused{whyState, a.ID}
	case !right:
		return "", till, &refused{whyPassword, a.ID}
	}
	if a.fresh, err = rehashed(ctx, stored, try.Password); err != nil {
		return "", till, err
	}
	factor, how := func(t *db.Tx) error { return s.useCode(t, a, try.Code) }, ""
	if len(try.Passkey) > 0 {
		k, err := s.proof(ctx, try.Channel, askSecond, try.Passkey)
		if err == nil && k.was.Account != a.ID {
			err = &refused{whyPasskey, a.ID}
		}
		if err != nil {
			return "", till, err
		}
		factor, how = func(t *db.Tx) error { return s.useSecond(t, a, k) }, bySecond
	}
	by := actor.Actor{Account: a.ID, Channel: try.Channel}
	err = s.h.Do(ctx, by, sessionOpen, func(t *deed.Tx) error {
		if err := t.Own(a.ID); err != nil {
			return err
		}
		if err := factor(t.Tx); err != nil {
			return err
		}
		token, till, err = s.enter(t, a.ID, try, how)
		return err
	})
	return token, till, err
}

// enter opens the session of somebody who has shown who they are, by what.
func (s *Service) enter(t *deed.Tx, aid actor.AccountID, try Try, how string) (token string, till time.Time, err error) {
	if err := s.rotate(t, try.Old); err != nil {
		return "", till, err
	}
	open, token, err := openSession(t.Tx, aid, try.Device)
	if err != nil {
		return "", till, err
	}
	return token, open.Till, t.Tell(accountSubject(aid), sessionTold{open.ID, open.Device, how})
}

// rehashed is a password hashed as today's settings ask, when it was hashed
// with weaker ones; "" when it need not be.
func rehashed(ctx context.Context, stored, password string) (string, error) {
	if !crypt.NeedsRehash(stored) {
		return "", nil
	}
	return crypt.HashPassword(ctx, password)
}

// useCode checks the second factor and uses it up. The account is read again:
// what changed since the password was checked counts.
func (s *Service) useCode(t *db.Tx, seen Account, code string) error {
	a, err := getAccount(t, seen.ID)
	if err != nil {
		return err
	}
	if a.State != Active || a.password != seen.password {
		return &refused{whyState, a.ID}
	}
	secret, err := s.vault.OpenText(totpAt(a.ID), a.totp)
	if err != nil {
		return err
	}
	counter, ok := crypt.CheckTOTP(secret, code, t.Now(), a.totpLast)
	if !ok {
		return &refused{whyCode, a.ID}
	}
	if seen.fresh != "" {
		a.password = seen.fresh
	}
	n, err := t.Exec(`UPDATE people_account SET totp_last = ?1, password = ?2 WHERE id = ?3 AND totp_last < ?1`, counter, a.password, a.ID)
	if err == nil && n == 0 {
		return &refused{whyCode, a.ID} // another sign-in with this code was faster
	}
	return err
}

// useSecond takes a passkey that was shown in the place of the code. The account
// is read again, as for a code.
func (s *Service) useSecond(t *db.Tx, seen Account, k shown) error {
	a, err := getAccount(t, seen.ID)
	if err != nil {
		return err
	}
	if a.State != Active || a.password != seen.password {
		return &refused{whyState, a.ID}
	}
	if seen.fresh != "" {
		if err := setPasswordHash(t, a.ID, seen.fresh); err != nil {
			return err
		}
	}
	return usePasskey(t, k.was, k.now)
}

func totpAt(aid actor.AccountID) string { return crypt.At("people_account.totp_secret", aid.String()) }

// rotate ends the session that a new one replaces, whoever's it was: a shared
// phone must not keep the first person's.
func (s *Service) rotate(t *deed.Tx, old string) error {
	if old == "" {
		return nil
	}
	was, err := sessionByToken(t.Tx, old)
	if fault.KindOf(err) == fault.Missing {
		return nil
	}
	if err != nil {
		return err
	}
	if err := closeSession(t.Tx, was.Account, was.ID); err != nil {
		return err
	}
	return t.TellAs(sessionClose, accountSubject(was.Account), sessionTold{Session: was.ID, Device: was.Device})
}

// noteRefusal writes down that a try failed, without the login that was typed:
// people type passwords into that field.
func (s *Service) noteRefusal(ctx context.Context, try Try, no *refused) error {
	subject := accountSubject(no.aid)
	if no.aid.IsZero() {
		subject = "people.account/none"
	}
	return s.h.Do(ctx, actor.Actor{Channel: try.Channel}, sessionRefuse, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(subject, refusedTold{no.aid, no.why})
	})
}

// SignOut ends the session that a token stands for. One that is over already
// is as good.
func (s *Service) SignOut(ctx context.Context, by actor.Actor, token string) error {
	return welcome(s.h.Do(ctx, by, sessionClose, func(t *deed.Tx) error {
		was, err := sessionByToken(t.Tx, token)
		if fault.KindOf(err) == fault.Missing {
			return deed.ErrNothingDone
		}
		if err != nil {
			return err
		}
		return s.closeOwn(t, was)
	}))
}

// CloseSession ends one of one's own sessions, perhaps on a phone that was lost.
func (s *Service) CloseSession(ctx context.Context, by actor.Actor, sid id.Of[Session]) error {
	return s.h.Do(ctx, by, sessionClose, func(t *deed.Tx) error {
		was, err := db.One(t.Tx, scanSession, `SELECT `+sessionColumns+` FROM people_session s WHERE s.id = ?1 AND s.account = ?2`, sid, by.Account)
		if err != nil {
			return err
		}
		return s.closeOwn(t, was)
	})
}

func (s *Service) closeOwn(t *deed.Tx, was Session) error {
	if err := t.Own(was.Account); err != nil {
		return err
	}
	if err := closeSession(t.Tx, was.Account, was.ID); err != nil {
		return err
	}
	return t.Tell(accountSubject(was.Account), sessionTold{Session: was.ID, Device: was.Device})
}

// Session opens a session without password or code, for the house itself: the
// act-as switcher of a developer's house, and tests. by must be a chore of the
// house, which nothing from outside can be.
func (s *Service) Session(ctx context.Context, by actor.Actor, aid actor.AccountID) (token string, err error) {
	if by.System == "" {
		return "", fault.New(fault.Denied, "error.denied")
	}
	err = s.h.Do(ctx, by, sessionOpen, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		open, fresh, err := openSession(t.Tx, aid, "program")
		token = fresh
		if err != nil {
			return err
		}
		return t.Tell(accountSubject(aid), sessionTold{Session: open.ID, Device: open.Device})
	})
	return token, err
}

// tidySessions forgets sessions and links that are over.
func (s *Service) tidySessions(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(`DELETE FROM people_session WHERE expires_at <= ?1 OR seen_at <= ?2`, t.Now(), t.Now().Add(-sessionIdle)); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM people_invite WHERE used_at IS NULL AND expires_at <= ?1`, t.Now()); err != nil {
			return err
		}
		return tidyQuestions(t)
	})
}
