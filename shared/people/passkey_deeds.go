package people

import (
	"context"
	"encoding/json"
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
	passkeyAdd     = deed.Deed{Name: "people.passkey.add", Open: true}     // one's own
	passkeyRemove  = deed.Deed{Name: "people.passkey.remove", Open: true}  // one's own
	passkeyCopied  = deed.Deed{Name: "people.passkey.copied", Open: true}  // the house's own: a counter that went back
	sessionConfirm = deed.Deed{Name: "people.session.confirm", Open: true} // one's own
)

type passkeyTold struct {
	Account actor.AccountID `json:"account"`
	Passkey id.Of[Passkey]  `json:"passkey"`
}

// copiedTold says by how much a counter was behind: the last signature that the
// house saw, and the one that came after it.
type copiedTold struct {
	Account actor.AccountID `json:"account"`
	Passkey id.Of[Passkey]  `json:"passkey"`
	Kept    uint32          `json:"counter_kept"`
}

// UsePasskeys says at which address people come to this house; passkeys are bound
// to it. Where browsers make none for such an address the error is
// crypt.ErrPasskeySite, the pages say so, and the other ways in stay. Called
// before a door opens.
func (s *Service) UsePasskeys(site string) (err error) {
	s.passkeys, err = crypt.NewPasskeys(site, issuer)
	return err
}

// noPasskeys is the fault of a house whose address makes none possible.
func noPasskeys() error { return fault.New(fault.Conflict, "people.passkey.no_site") }

// recent refuses whoever showed long ago who they are.
func (s *Service) recent(t *db.Tx, token string) error {
	at, err := provenAt(t, token)
	if fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Unknown, "error.sign_in")
	}
	if err == nil && t.Now().Sub(at) >= recently {
		err = fault.New(fault.Denied, "people.passkey.confirm_first")
	}
	return err
}

// ConfirmSession asks whoever holds a session for their password again, so that
// they may change how they come in.
func (s *Service) ConfirmSession(ctx context.Context, limit *web.Limiter, by actor.Actor, from, token, password string) error {
	if err := s.Confirm(ctx, limit, by, from, password); err != nil {
		return err
	}
	return s.h.Do(ctx, by, sessionConfirm, func(t *deed.Tx) error {
		x, err := sessionByToken(t.Tx, token)
		if err != nil {
			return err
		}
		if err := t.Own(x.Account); err != nil {
			return err
		}
		if err := noteProven(t.Tx, x.ID); err != nil {
			return err
		}
		return t.Tell(accountSubject(x.Account), sessionTold{Session: x.ID, Device: x.Device})
	})
}

// askNew is what the browser of somebody who is signed in is told to make them a
// passkey.
func (s *Service) askNew(ctx context.Context, by actor.Actor, token string) (out json.RawMessage, err error) {
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	var a Account
	var have []crypt.Passkey
	err = s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if err := s.recent(t, token); err != nil {
			return err
		}
		all, err := passkeysOf(t, by.Account)
		if err != nil {
			return err
		}
		if len(all) >= maxPasskeys {
			return fault.New(fault.Conflict, "people.passkey.enough", "most", maxPasskeys)
		}
		for _, p := range all {
			have = append(have, p.key)
		}
		a, err = getAccount(t, by.Account)
		return err
	})
	if err != nil {
		return nil, err
	}
	q, err := s.passkeys.NewOne(handleOf(a.ID), a.Login, a.Name, have)
	if err != nil {
		return nil, err
	}
	return q.Options, s.keep(ctx, question{purpose: askAdd, account: a.ID, kept: q.Kept}, q.Challenge)
}

// askAny is what a browser is told to show any passkey. It costs a row for five
// minutes, so a network address gets as many as it has tries.
func (s *Service) askAny(ctx context.Context, limit *web.Limiter, from, purpose string) (json.RawMessage, error) {
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	if err := limit.Take("passkey from "+from, triesPerAddress, triesWithin); err != nil {
		return nil, err
	}
	q, err := s.passkeys.Any(purpose == askAlone)
	if err != nil {
		return nil, err
	}
	return q.Options, s.keep(ctx, question{purpose: purpose, kept: q.Kept}, q.Challenge)
}

func (s *Service) keep(ctx context.Context, q question, challenge string) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return keepQuestion(t, q, challenge) })
}

// taken is the question that an answer is to, taken away whether the answer is
// right or not. An answer to none, late, or to another kind, is ErrPasskey.
func (s *Service) taken(ctx context.Context, challenge, purpose string, aid actor.AccountID) (q question, err error) {
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		q, err = takeQuestion(t, challenge)
		if fault.KindOf(err) == fault.Missing {
			q, err = question{}, nil
		}
		if !t.Now().Before(q.till) {
			q = question{}
		}
		return err
	})
	if err == nil && (q.purpose != purpose || q.account != aid) {
		err = crypt.ErrPasskey
	}
	return q, err
}

// AddPasskey keeps the passkey that a browser made for whoever holds the session.
func (s *Service) AddPasskey(ctx context.Context, by actor.Actor, token, name string, body []byte) error {
	if s.passkeys == nil {
		return noPasskeys()
	}
	name = tidy(name)
	if err := wrongPasskeyName(name); err != nil {
		return err
	}
	made, err := s.made(ctx, by, body)
	if errors.Is(err, crypt.ErrPasskey) {
		s.h.Log.Info("a passkey was not taken", "problem", err.Error())
		return fault.All{fault.New(fault.Invalid, "people.passkey.not_made").On("name")}
	}
	if err != nil {
		return err
	}
	return s.h.Do(ctx, by, passkeyAdd, func(t *deed.Tx) error {
		if err := t.Own(by.Account); err != nil {
			return err
		}
		if err := s.recent(t.Tx, token); err != nil {
			return err
		}
		have, err := passkeysOf(t.Tx, by.Account)
		if err != nil {
			return err
		}
		if len(have) >= maxPasskeys {
			return fault.New(fault.Conflict, "people.passkey.enough", "most", maxPasskeys)
		}
		p := Passkey{ID: id.New[Passkey](t.Now()), Account: by.Account, MadeAt: t.Now(), key: made}
		p.name = s.vault.SealText(passkeyNameAt(p.ID), name)
		if err := addPasskey(t.Tx, p); err != nil {
			return err
		}
		return t.Tell(accountSubject(by.Account), passkeyTold{by.Account, p.ID})
	})
}

func (s *Service) made(ctx context.Context, by actor.Actor, body []byte) (crypt.Passkey, error) {
	a, err := crypt.ReadNewPasskey(body)
	if err != nil {
		return crypt.Passkey{}, err
	}
	q, err := s.taken(ctx, a.Challenge, askAdd, by.Account)
	if err != nil {
		return crypt.Passkey{}, err
	}
	return s.passkeys.Made(a, q.kept, handleOf(by.Account))
}

// RemovePasskey takes one's own passkey away: it opens nothing from now on.
func (s *Service) RemovePasskey(ctx context.Context, by actor.Actor, token string, pid id.Of[Passkey]) error {
	return s.h.Do(ctx, by, passkeyRemove, func(t *deed.Tx) error {
		if err := t.Own(by.Account); err != nil {
			return err
		}
		if err := s.recent(t.Tx, token); err != nil {
			return err
		}
		if err := removePasskey(t.Tx, by.Account, pid); err != nil {
			return err
		}
		return t.Tell(accountSubject(by.Account), passkeyTold{by.Account, pid})
	})
}

// shown is a passkey that was shown rightly, as it was kept and as it is now.
type shown struct {
	was Passkey
	now crypt.Passkey
}

// proof finds whose passkey answered a question of such a purpose. Whatever is
// wrong is *refused, with the account where the passkey is known.
func (s *Service) proof(ctx context.Context, channel, purpose string, body []byte) (k shown, err error) {
	if s.passkeys == nil {
		return k, noPasskeys()
	}
	a, err := crypt.ReadPasskey(body)
	if err != nil {
		return k, s.doubtful(err, k)
	}
	q, err := s.taken(ctx, a.Challenge, purpose, actor.AccountID{})
	if err != nil {
		return k, s.doubtful(err, k)
	}
	err = s.h.DB.Read(ctx, func(t *db.Tx) (err error) { k.was, err = passkeyOf(t, a.Credential); return err })
	if fault.KindOf(err) == fault.Missing {
		return k, &refused{why: whyPasskey}
	}
	if err != nil {
		return k, err
	}
	var copied bool
	if k.now, copied, err = s.passkeys.Shown(a, q.kept, handleOf(k.was.Account), k.was.key); err != nil {
		return k, s.doubtful(err, k)
	}
	if copied || !k.was.CopiedAt.IsZero() {
		return k, s.noteCopied(ctx, channel, k.was)
	}
	return k, nil
}

// doubtful is a refusal for an answer that is not right, and any other error as
// it is.
func (s *Service) doubtful(err error, k shown) error {
	if !errors.Is(err, crypt.ErrPasskey) {
		return err
	}
	s.h.Log.Info("a passkey was refused", "problem", err.Error())
	return &refused{whyPasskey, k.was.Account}
}

// noteCopied writes down that a passkey's counter went back, shuts it, and is the
// refusal. Its holder sees it on their page, and an auditor in the journal.
func (s *Service) noteCopied(ctx context.Context, channel string, p Passkey) error {
	if p.CopiedAt.IsZero() {
		err := s.h.Do(ctx, actor.Actor{Channel: channel}, passkeyCopied, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			if err := markCopied(t.Tx, p.ID); err != nil {
				return err
			}
			return t.Tell(accountSubject(p.Account), copiedTold{p.Account, p.ID, p.key.Counter})
		})
		if err != nil {
			return err
		}
	}
	return &refused{whyCopied, p.Account}
}

// SignInByPasskey opens a session with a passkey and nothing else: the device
// checked that it is its owner who holds it. The answer to whatever is wrong is
// one sentence.
func (s *Service) SignInByPasskey(ctx context.Context, limit *web.Limiter, try Try) (token string, till time.Time, err error) {
	if err := limit.Take("sign-in from "+try.From, triesPerAddress, triesWithin); err != nil {
		return "", till, err
	}
	k, err := s.proof(ctx, try.Channel, askAlone, try.Passkey)
	if err == nil {
		err = s.h.Do(ctx, actor.Actor{Account: k.was.Account, Channel: try.Channel}, sessionOpen, func(t *deed.Tx) error {
			if err := t.Own(k.was.Account); err != nil {
				return err
			}
			if a, err := getAccount(t.Tx, k.was.Account); err != nil {
				return err
			} else if a.State != Active {
				return &refused{whyState, a.ID}
			}
			if err := usePasskey(t.Tx, k.was, k.now); err != nil {
				return err
			}
			token, till, err = s.enter(t, k.was.Account, try, byPasskey)
			return err
		})
	}
	if no, ok := errors.AsType[*refused](err); ok {
		if err := s.noteRefusal(ctx, try, no); err != nil {
			return "", till, err
		}
		return "", till, fault.New(fault.Unknown, "people.passkey.wrong")
	}
	return token, till, err
}
