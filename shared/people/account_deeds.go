package people

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	accountRead    = deed.Deed{Name: "people.account.read", Roles: []actor.Role{actor.Administrator}}
	accountInvite  = deed.Deed{Name: "people.account.invite", Roles: []actor.Role{actor.Administrator}}
	accountReset   = deed.Deed{Name: "people.account.reset", Roles: []actor.Role{actor.Administrator}}
	accountDisable = deed.Deed{Name: "people.account.disable", Roles: []actor.Role{actor.Administrator}}
	accountEnable  = deed.Deed{Name: "people.account.enable", Roles: []actor.Role{actor.Administrator}}
	accountLangs   = deed.Deed{Name: "people.account.langs", Open: true} // one's own
	grantGive      = deed.Deed{Name: "people.grant.give", Roles: []actor.Role{actor.Administrator}}
	grantEnd       = deed.Deed{Name: "people.grant.end", Roles: []actor.Role{actor.Administrator}}
)

// linkLife is how long a link to choose a password lives: a shift, and a night
// for whoever has no network now.
const linkLife = 24 * time.Hour

type accountTold struct {
	Account actor.AccountID `json:"account"`
	State   Standing        `json:"state"`
	Closed  int64           `json:"sessions_closed,omitempty"`

	Passkeys int64 `json:"passkeys_ended,omitempty"`
}

type inviteTold struct {
	Account actor.AccountID `json:"account,omitzero"`
	Kind    string          `json:"kind"`
}

// GrantTold is what others hear when a role is given or ended.
type GrantTold struct {
	Grant     id.Of[Grant]         `json:"grant"`
	Account   actor.AccountID      `json:"account"`
	Role      actor.Role           `json:"role"`
	Org       actor.OrganisationID `json:"organisation,omitzero"`
	Territory string               `json:"territory,omitempty"`
	Service   string               `json:"service,omitempty"`
}

func (g Grant) told() GrantTold {
	return GrantTold{g.ID, g.Account, g.Role, g.Org, g.Territory, g.Service}
}

func accountSubject(aid actor.AccountID) string { return "people.account/" + aid.String() }

// languages is what people here may say they speak: what the country pack
// counts, and the languages of the pages.
func (s *Service) languages() []string {
	var all []string
	for _, spoken := range s.places.Country().Spoken {
		all = append(all, spoken.Code)
	}
	for _, l := range s.places.Country().Languages {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

// Invite makes an account, and the link with which its owner chooses a
// password and a second factor. The link is told once: the house keeps only
// its hash. Inviting the same account again, as long as nobody used it, gives
// another link and ends the first.
func (s *Service) Invite(ctx context.Context, by actor.Actor, a Account) (token string, err error) {
	a.Login, a.Name = tidyLogin(a.Login), tidy(a.Name)
	if err := a.wrong(s.languages()).OrNil(); err != nil {
		return "", err
	}
	err = s.h.Do(ctx, by, accountInvite, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		was, err := getAccount(t.Tx, a.ID)
		if err == nil {
			if alone, err := guarded(t.Tx, a.ID); err != nil || alone {
				return orFault(err, fault.Conflict, "people.second.new_link")
			}
		}
		switch {
		case err == nil && (was.Login != a.Login || was.State != Invited):
			return fault.New(fault.Conflict, "people.account.changed")
		case fault.KindOf(err) == fault.Missing:
			err = newAccount(t.Tx, a)
		}
		if err != nil {
			return err
		}
		if token, err = addInvite(t.Tx, a.ID, kindInvite, linkLife); err != nil {
			return err
		}
		return t.Tell(accountSubject(a.ID), inviteTold{a.ID, kindInvite})
	})
	return token, err
}

// newAccount keeps an account that nobody has used yet.
func newAccount(t *db.Tx, a Account) error {
	switch _, err := accountByLogin(t, a.Login); {
	case err == nil:
		return fault.New(fault.Conflict, "people.account.login_taken").On("login")
	case fault.KindOf(err) != fault.Missing:
		return err
	}
	a.State, a.MadeAt, a.password, a.totp, a.totpLast = Invited, t.Now(), "", nil, 0
	return addAccount(t, a)
}

// orFault is the error, or where there is none a sentence.
func orFault(err error, kind fault.Kind, key string) error {
	if err != nil {
		return err
	}
	return fault.New(kind, key)
}

// Reset gives somebody who lost the password or the phone a new link. From
// that moment the old password, the old codes and every session are worthless.
// For an account that reads restricted concerns no token comes back: a second
// person must agree first, and until then everything stays as it was.
func (s *Service) Reset(ctx context.Context, by actor.Actor, aid actor.AccountID) (token string, err error) {
	err = s.onOther(ctx, by, accountReset, aid, func(t *deed.Tx, a Account) error {
		if a.State == Disabled {
			return fault.New(fault.Conflict, "people.account.is_disabled")
		}
		alone, err := guarded(t.Tx, aid)
		switch {
		case err != nil:
			return err
		case alone && t.By.System == "":
			return askReset(t, aid)
		}
		token, _, err = newWayIn(t, a)
		return err
	})
	return token, err
}

// onOther does a deed of administrators on somebody else's account: nobody
// locks out, resets or promotes themselves.
func (s *Service) onOther(ctx context.Context, by actor.Actor, d deed.Deed, aid actor.AccountID, fn func(*deed.Tx, Account) error) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if aid == t.By.Account {
			return fault.New(fault.Denied, "people.account.not_oneself")
		}
		a, err := getAccount(t.Tx, aid)
		if err != nil {
			return err
		}
		return fn(t, a)
	})
}

// Disable shuts an account and ends its sessions at once.
func (s *Service) Disable(ctx context.Context, by actor.Actor, aid actor.AccountID) error {
	return s.onOther(ctx, by, accountDisable, aid, func(t *deed.Tx, a Account) error {
		if a.State == Disabled {
			return fault.New(fault.Conflict, "people.account.is_disabled")
		}
		a.State = Disabled
		if err := keepingAdministrator(t.Tx, func() error { return saveAccount(t.Tx, a) }); err != nil {
			return err
		}
		closed, err := closeAll(t.Tx, aid)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM people_invite WHERE account = ?1 AND used_at IS NULL`, aid); err != nil {
			return err
		}
		return t.Tell(accountSubject(aid), accountTold{Account: aid, State: a.State, Closed: closed})
	})
}

// Enable opens an account again, as it was.
func (s *Service) Enable(ctx context.Context, by actor.Actor, aid actor.AccountID) error {
	return s.onOther(ctx, by, accountEnable, aid, func(t *deed.Tx, a Account) error {
		if a.State != Disabled {
			return fault.New(fault.Conflict, "people.account.is_enabled")
		}
		a.State = a.whenOpen()
		if err := saveAccount(t.Tx, a); err != nil {
			return err
		}
		return t.Tell(accountSubject(aid), accountTold{Account: aid, State: a.State})
	})
}

// Give lets an account act in a role. Nobody gives one to themselves, and nobody holds
// two that the country keeps apart. The role that reads restricted concerns waits for
// a second person.
func (s *Service) Give(ctx context.Context, by actor.Actor, g Grant) error {
	_, err := s.give(ctx, by, g)
	return err
}

// give also says whether the role waits for a second person.
func (s *Service) give(ctx context.Context, by actor.Actor, g Grant) (waits bool, err error) {
	all := g.wrong()
	if _, ok := s.places.Get(g.Territory); g.Territory != "" && !ok {
		all = append(all, fault.New(fault.Invalid, "people.territory.unknown", "place", g.Territory).On("territory"))
	}
	if err := all.OrNil(); err != nil {
		return false, err
	}
	err = s.onOther(ctx, by, grantGive, g.Account, func(t *deed.Tx, a Account) (err error) {
		if !g.Org.IsZero() {
			if _, err := getOrganisation(t.Tx, g.Org); err != nil {
				return err
			}
		}
		if err := s.keepApart(t.Tx, g); err != nil {
			return err
		}
		if g.ID.IsZero() {
			g.ID = id.New[Grant](t.Now())
		}
		g.GivenAt, g.GivenBy = t.Now(), t.By.Account
		if g.Role == actor.Safeguarding {
			waits, err = s.giveGuarded(t, a, g)
			return err
		}
		return keepGrant(t, g)
	})
	return waits, err
}

// keepApart refuses a role beside one that excludes it. Two that are given at once to
// one account come one after the other.
func (s *Service) keepApart(t *db.Tx, g Grant) error {
	if len(s.Apart) == 0 {
		return nil
	}
	if err := holdAccount(t, g.Account); err != nil {
		return err
	}
	held, err := grantsOf(t, g.Account)
	if err != nil {
		return err
	}
	for _, h := range held {
		if slices.Contains(s.Apart, [2]actor.Role{h.Role, g.Role}) || slices.Contains(s.Apart, [2]actor.Role{g.Role, h.Role}) {
			return fault.New(fault.Conflict, "people.grant.apart").On("role")
		}
	}
	return nil
}

// keepGrant gives a role now.
func keepGrant(t *deed.Tx, g Grant) error {
	if err := addGrant(t.Tx, g); err != nil {
		return err
	}
	return t.Tell(accountSubject(g.Account), g.told())
}

// End takes a role away; it is gone at the next request. The last one that reads
// restricted concerns waits for a second person, and counts until then.
func (s *Service) End(ctx context.Context, by actor.Actor, aid actor.AccountID, gid id.Of[Grant]) error {
	_, err := s.end(ctx, by, aid, gid)
	return err
}

// end also says whether the end waits for a second person.
func (s *Service) end(ctx context.Context, by actor.Actor, aid actor.AccountID, gid id.Of[Grant]) (waits bool, err error) {
	err = s.onOther(ctx, by, grantEnd, aid, func(t *deed.Tx, _ Account) error {
		g, err := getGrant(t.Tx, gid)
		if err != nil {
			return err
		}
		if g.Account != aid {
			return fault.New(fault.Missing, "error.missing")
		}
		end := func() error { return endGrant(t.Tx, gid, t.By.Account) }
		switch g.Role {
		case actor.Administrator:
			err = keepingAdministrator(t.Tx, end)
		case actor.Safeguarding:
			if waits, err = endGuarded(t, g); err == nil && !waits {
				err = end()
			}
		default:
			err = end()
		}
		if err != nil || waits {
			return err
		}
		return t.Tell(accountSubject(aid), g.told())
	})
	return waits, err
}

// SetLangs says which languages one speaks: calls in them come first.
func (s *Service) SetLangs(ctx context.Context, by actor.Actor, langs []string) error {
	if err := wrongLangs(langs, s.languages()).OrNil(); err != nil {
		return err
	}
	return s.h.Do(ctx, by, accountLangs, func(t *deed.Tx) error {
		if err := t.Own(by.Account); err != nil {
			return err
		}
		a, err := getAccount(t.Tx, by.Account)
		if err != nil {
			return err
		}
		a.Langs = langs
		if err := saveAccount(t.Tx, a); err != nil {
			return err
		}
		return t.Tell(accountSubject(a.ID), struct {
			Langs []string `json:"langs"`
		}{langs})
	})
}
