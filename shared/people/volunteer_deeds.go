package people

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Whoever runs an association's work may let its volunteers in, and put them
// out: the role volunteer, in the name of their own organisation, and no other.
var (
	accountInviteVolunteer = deed.Deed{Name: "people.account.invite_volunteer", Roles: []actor.Role{actor.Coordinator}}
	accountEndVolunteer    = deed.Deed{Name: "people.account.end_volunteer", Roles: []actor.Role{actor.Coordinator}}
)

// InviteVolunteer makes an account with the role volunteer of an organisation,
// in the caller's own unit of work, and gives back the path of the link by which
// its owner chooses a password ("/welcome/…"). The link is told once. For an
// account that nobody used yet it makes another link; for one that somebody
// uses, it is a conflict: a new way into it is for an administrator to give.
func (s *Service) InviteVolunteer(t *deed.Tx, a Account, where actor.Scope) (link string, err error) {
	if _, ok := t.By.May(accountInviteVolunteer.Roles, where); !ok && t.By.System == "" || where.Org.IsZero() {
		return "", fault.New(fault.Denied, "error.denied_here")
	}
	a.Login, a.Name = tidyLogin(a.Login), tidy(a.Name)
	if err := a.wrong(s.languages()).OrNil(); err != nil {
		return "", err
	}
	was, err := getAccount(t.Tx, a.ID)
	switch {
	case fault.KindOf(err) == fault.Missing:
		if err := newVolunteer(t, a, where.Org); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	default:
		if err := onlyVolunteer(t, was, where.Org); err != nil {
			return "", err
		}
	}
	token, err := addInvite(t.Tx, a.ID, kindInvite, linkLife)
	if err != nil {
		return "", err
	}
	return welcomePath(token), t.TellAs(accountInviteVolunteer, accountSubject(a.ID), inviteTold{a.ID, kindInvite})
}

func newVolunteer(t *deed.Tx, a Account, org actor.OrganisationID) error {
	if err := newAccount(t.Tx, a); err != nil {
		return err
	}
	g := Grant{ID: id.New[Grant](t.Now()), Account: a.ID, Role: actor.Volunteer, Org: org, GivenAt: t.Now(), GivenBy: t.By.Account}
	if err := addGrant(t.Tx, g); err != nil {
		return err
	}
	return t.TellAs(grantGive, accountSubject(a.ID), g.told())
}

// onlyVolunteer refuses to make a way into an account that is more than a
// volunteer's of this organisation, or that somebody uses already.
func onlyVolunteer(t *deed.Tx, a Account, org actor.OrganisationID) error {
	all, err := grantsOf(t.Tx, a.ID)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.Role != actor.Volunteer || g.Org != org {
			return fault.New(fault.Denied, "error.denied_here")
		}
	}
	if a.State != Invited || len(all) == 0 {
		return fault.New(fault.Conflict, "people.account.changed")
	}
	return nil
}

// EndVolunteer takes the role volunteer of one organisation from an account, in
// the caller's own unit of work: for the organisation, or for the volunteer
// themselves, whom the caller knows. An account that holds no other role is shut
// and its sessions end; with forget it bears its login instead of a name.
func (s *Service) EndVolunteer(t *deed.Tx, aid actor.AccountID, org actor.OrganisationID, forget bool) error {
	a, err := getAccount(t.Tx, aid)
	if err != nil {
		return err
	}
	all, err := grantsOf(t.Tx, aid)
	if err != nil {
		return err
	}
	others := false
	for _, g := range all {
		if g.Role != actor.Volunteer || g.Org != org {
			others = true
			continue
		}
		if err := endGrant(t.Tx, g.ID, t.By.Account); err != nil {
			return err
		}
		if err := t.TellAs(grantEnd, accountSubject(aid), g.told()); err != nil {
			return err
		}
	}
	if others {
		return nil
	}
	a.State = Disabled
	if forget {
		a.Name, a.Langs = a.Login, nil
	}
	if err := saveAccount(t.Tx, a); err != nil {
		return err
	}
	closed, err := closeAll(t.Tx, aid)
	if err != nil {
		return err
	}
	if err := dropInvites(t.Tx, aid); err != nil {
		return err
	}
	return t.TellAs(accountEndVolunteer, accountSubject(aid), accountTold{Account: aid, State: a.State, Closed: closed})
}
