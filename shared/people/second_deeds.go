package people

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// secondPeople may agree: an administrator, or whoever holds the role already.
var secondPeople = []actor.Role{actor.Administrator, actor.Safeguarding}

var (
	secondRead    = deed.Deed{Name: "people.second.read", Roles: secondPeople}
	secondAsk     = deed.Deed{Name: "people.second.ask"}   // told when a role or a link waits for a second person
	secondFirst   = deed.Deed{Name: "people.second.first"} // told when a new house gets its first holder
	secondApprove = deed.Deed{Name: "people.second.approve", Roles: secondPeople}
	secondRefuse  = deed.Deed{Name: "people.second.refuse", Roles: secondPeople}
	secondSee     = deed.Deed{Name: "people.second.see", Roles: []actor.Role{actor.Safeguarding}}
)

// secondTold is the journal line of a wish and of its end.
type secondTold struct {
	Second  id.Of[Second]   `json:"second"`
	Kind    string          `json:"kind"`
	Account actor.AccountID `json:"account"`
	AskedBy actor.AccountID `json:"asked_by,omitzero"`
	Closed  int64           `json:"sessions_closed,omitempty"`
}

func (x Second) told() secondTold {
	return secondTold{Second: x.ID, Kind: x.Kind, Account: x.Account, AskedBy: x.AskedBy}
}

// giveGuarded does what may be done at once of giving the role that reads
// restricted concerns: the house's own gift, and the first holder of a new
// house by its first administrator. Everything else waits for a second person.
func (s *Service) giveGuarded(t *deed.Tx, a Account, g Grant) (waits bool, err error) {
	x := Second{ID: id.New[Second](t.Now()), Kind: secondGive, Account: a.ID, Grant: g.ID, Org: g.Org, Territory: g.Territory, Service: g.Service,
		State: "waiting", AskedAt: t.Now(), AskedBy: t.By.Account}
	some, err := everGuarded(t.Tx)
	if err != nil {
		return false, err
	}
	_, first, err := administers(t.Tx, t.By.Account)
	switch {
	case err != nil:
		return false, err
	case t.By.System != "":
		x.State = "house"
	case a.State != Active: // a link under way would be a way in for whoever made it
		return false, fault.New(fault.Conflict, "people.second.not_in_yet").On("role")
	case first && !some:
		x.State = "first"
	}
	if err := addSecond(t.Tx, x); err != nil {
		return false, err
	}
	if x.State == "waiting" {
		if held, err := holdsAlready(t.Tx, g); err != nil || held {
			return false, refuseHeld(err)
		}
		return true, t.TellAs(secondAsk, accountSubject(a.ID), x.told())
	}
	if x.State == "first" {
		if err := t.TellAs(secondFirst, accountSubject(a.ID), x.told()); err != nil {
			return false, err
		}
	}
	return false, keepGrant(t, g)
}

func refuseHeld(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "people.grant.held").On("role")
}

// endGuarded says whether the end of a role waits for a second person: nobody
// alone leaves a house without anybody who reads restricted concerns.
func endGuarded(t *deed.Tx, g Grant) (waits bool, err error) {
	last, err := lastGuardian(t.Tx, g.ID)
	if err != nil || !last || t.By.System != "" {
		return false, err
	}
	x := Second{ID: id.New[Second](t.Now()), Kind: secondEnd, Account: g.Account, Grant: g.ID, Org: g.Org, Territory: g.Territory, Service: g.Service,
		State: "waiting", AskedAt: t.Now(), AskedBy: t.By.Account}
	if err := addSecond(t.Tx, x); err != nil {
		return false, err
	}
	return true, t.TellAs(secondAsk, accountSubject(g.Account), x.told())
}

// askReset writes down that somebody wishes a new way into an account that
// reads restricted concerns. Its old access goes on.
func askReset(t *deed.Tx, aid actor.AccountID) error {
	x := Second{ID: id.New[Second](t.Now()), Kind: secondReset, Account: aid, State: "waiting", AskedAt: t.Now(), AskedBy: t.By.Account}
	if err := addSecond(t.Tx, x); err != nil {
		return err
	}
	return t.TellAs(secondAsk, accountSubject(aid), x.told())
}

// onSecond loads a wish for somebody who decides on it.
func (s *Service) onSecond(ctx context.Context, by actor.Actor, d deed.Deed, sid id.Of[Second], fn func(*deed.Tx, Second) error) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		x, err := getSecond(t.Tx, sid)
		if err != nil {
			return err
		}
		return fn(t, x)
	})
}

// Approve is the second person's yes: the role counts from now, or has ended, or
// the account gets a new link, which is told to this person alone to hand over.
func (s *Service) Approve(ctx context.Context, by actor.Actor, sid id.Of[Second]) (token string, aid actor.AccountID, err error) {
	err = s.onSecond(ctx, by, secondApprove, sid, func(t *deed.Tx, x Second) error {
		if err := t.Allow(s.where(x)); err != nil {
			return err
		}
		if err := s.mayAgree(t, x); err != nil {
			return err
		}
		a, err := getAccount(t.Tx, x.Account)
		if err != nil {
			return err
		}
		if err := decideSecond(t.Tx, x, "done", t.By.Account); err != nil {
			return err
		}
		told := x.told()
		aid = a.ID
		switch x.Kind {
		case secondReset:
			token, told.Closed, err = newWayIn(t, a)
		case secondEnd:
			err = endAgreed(t, x)
		default:
			err = giveAgreed(t, x, a)
		}
		if err != nil {
			return err
		}
		return t.Tell(accountSubject(a.ID), told)
	})
	return token, aid, err
}

// where is where a wish lies: whoever holds the role for one place does not
// agree to it for the whole country.
func (s *Service) where(x Second) actor.Scope {
	if x.Territory == "" {
		return actor.Scope{Service: x.Service}
	}
	at := scope(s.places, x.Territory)
	at.Service = x.Service
	return at
}

// mayAgree tells whether the doer is a second person for it, and whether
// whoever asked could still ask.
func (s *Service) mayAgree(t *deed.Tx, x Second) error {
	if err := x.wrong(t.By.Account); err != nil {
		return err
	}
	asker, _, err := administers(t.Tx, x.AskedBy)
	if err != nil {
		return err
	}
	if !asker {
		return fault.New(fault.Conflict, "people.second.asker_gone")
	}
	if _, trained := t.By.May([]actor.Role{actor.Safeguarding}, s.where(x)); trained {
		return nil
	}
	if !t.By.Holds(actor.Administrator) {
		return fault.New(fault.Denied, "error.denied_here")
	}
	ok, err := settled(t.Tx, t.By.Account)
	if err == nil && !ok {
		return fault.New(fault.Denied, "people.second.too_new", "days", int(settles.Hours())/24)
	}
	return err
}

func giveAgreed(t *deed.Tx, x Second, a Account) error {
	if a.State != Active {
		return fault.New(fault.Conflict, "people.second.not_in_yet")
	}
	g := Grant{ID: x.Grant, Account: x.Account, Role: actor.Safeguarding, Org: x.Org, Territory: x.Territory, Service: x.Service, GivenAt: t.Now(), GivenBy: x.AskedBy}
	if err := addGrant(t.Tx, g); err != nil {
		return err
	}
	return t.TellAs(grantGive, accountSubject(g.Account), g.told())
}

func endAgreed(t *deed.Tx, x Second) error {
	g, err := getGrant(t.Tx, x.Grant)
	if fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Conflict, "people.grant.ended")
	}
	if err == nil {
		err = endGrant(t.Tx, g.ID, x.AskedBy)
	}
	if err != nil {
		return err
	}
	return t.TellAs(grantEnd, accountSubject(g.Account), g.told())
}

// newWayIn takes from an account everything it came in by, and makes a link.
func newWayIn(t *deed.Tx, a Account) (token string, closed int64, err error) {
	if a.State == Disabled {
		return "", 0, fault.New(fault.Conflict, "people.account.is_disabled")
	}
	a.password, a.totp, a.totpLast, a.State = "", nil, 0, Invited
	if err := keepingAdministrator(t.Tx, func() error { return saveAccount(t.Tx, a) }); err != nil {
		return "", 0, err
	}
	if closed, err = closeAll(t.Tx, a.ID); err != nil {
		return "", 0, err
	}
	keys, err := dropPasskeys(t.Tx, a.ID)
	if err != nil {
		return "", 0, err
	}
	if token, err = addInvite(t.Tx, a.ID, kindReset, linkLife); err != nil {
		return "", 0, err
	}
	return token, closed, t.TellAs(accountReset, accountSubject(a.ID), accountTold{Account: a.ID, State: a.State, Closed: closed, Passkeys: keys})
}

// Refuse ends a wish without granting it: any second person may, whoever asked,
// and the account that it is about.
func (s *Service) Refuse(ctx context.Context, by actor.Actor, sid id.Of[Second]) error {
	return s.onSecond(ctx, by, secondRefuse, sid, func(t *deed.Tx, x Second) error {
		if err := decideSecond(t.Tx, x, "refused", t.By.Account); err != nil {
			return err
		}
		return t.Tell(accountSubject(x.Account), x.told())
	})
}

// PutAside says that a holder has read every notice of now.
func (s *Service) PutAside(ctx context.Context, by actor.Actor) error {
	return s.h.Do(ctx, by, secondSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := putAside(t.Tx, t.By.Account)
		if err != nil {
			return err
		}
		return t.Tell(accountSubject(t.By.Account), struct {
			Read int64 `json:"read"`
		}{n})
	})
}

// Notices is how many things about the role that reads restricted concerns
// somebody has to read or to decide; none for everybody else.
func (s *Service) Notices(ctx context.Context, by actor.Actor) (n int64, err error) {
	if !by.Holds(secondPeople...) {
		return 0, nil
	}
	err = s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if by.Holds(actor.Safeguarding) {
			n, err = unread(t, by.Account)
		} else {
			n, err = toDecide(t, by.Account)
		}
		return err
	})
	return n, err
}
