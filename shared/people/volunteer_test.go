package people

import (
	"errors"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// crewDeed stands for the deed of another module that lets a volunteer in.
var crewDeed = deed.Deed{Name: "people.account.invite_volunteer", Roles: []actor.Role{actor.Coordinator, actor.Leader, actor.Dispatcher}}

func (x *house) letIn(by actor.Actor, a Account, org actor.OrganisationID) (link string, err error) {
	err = x.h.Do(x.t.Context(), by, crewDeed, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		link, err = x.InviteVolunteer(t, a, actor.Scope{Org: org})
		return err
	})
	return link, err
}

func (x *house) putOut(by actor.Actor, aid actor.AccountID, org actor.OrganisationID, forget bool) error {
	return x.h.Do(x.t.Context(), by, crewDeed, func(t *deed.Tx) error {
		return errors.Join(t.AllowAny(), x.EndVolunteer(t, aid, org, forget))
	})
}

func TestACoordinatorLetsVolunteersIntoTheirOwnOrganisationAndNobodyElse(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		ours, theirs := x.org("Puits", Recognised), x.org("Source", Recognised)
		by := x.as(x.account("coordinator", actor.Grant{Role: actor.Coordinator, Org: ours}))
		a := Account{ID: newID(x), Login: "v482719064", Name: "Tuda", Langs: nil}
		link, err := x.letIn(by, a, ours)
		x.must(err)
		if got := x.grants(a.ID); len(got) != 1 || got[0].Role != actor.Volunteer || got[0].Org != ours || got[0].GivenBy != by.Account {
			t.Errorf("the account holds %+v", got)
		}
		again, err := x.letIn(by, a, ours)
		if x.must(err); again == link || len(x.grants(a.ID)) != 1 {
			t.Error("inviting again gave the same link, or the role twice")
		}
		for what, try := range map[string]func() error{
			"another organisation": func() error {
				_, err := x.letIn(by, Account{ID: newID(x), Login: "v2", Name: "N"}, theirs)
				return err
			},
			"no organisation": func() error {
				_, err := x.letIn(by, Account{ID: newID(x), Login: "v3", Name: "N"}, actor.OrganisationID{})
				return err
			},
			"a leader": func() error {
				_, err := x.letIn(x.as(x.account("leader", actor.Grant{Role: actor.Leader, Org: ours})), Account{ID: newID(x), Login: "v4", Name: "N"}, ours)
				return err
			},
			"a way into a dispatcher's account": func() error {
				_, err := x.letIn(by, Account{ID: x.account("dispatch", actor.Grant{Role: actor.Dispatcher}), Login: "v50", Name: "N"}, ours)
				return err
			},
		} {
			if err := try(); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", what, err)
			}
		}
		used := x.account("vused", actor.Grant{Role: actor.Volunteer, Org: ours})
		if _, err := x.letIn(by, Account{ID: used, Login: "vused", Name: "N"}, ours); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a new way into an account that somebody uses: %v", err)
		}
	})
}

func TestAVolunteerWhoGoesLosesTheRoleAndTheSessionsAtOnce(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		ours := x.org("Puits", Recognised)
		by := x.as(x.account("coordinator", actor.Grant{Role: actor.Coordinator, Org: ours}))
		gone := x.account("v482719064", actor.Grant{Role: actor.Volunteer, Org: ours})
		both := x.account("leads.too", actor.Grant{Role: actor.Volunteer, Org: ours}, actor.Grant{Role: actor.Leader, Org: ours})
		x.must(x.putOut(by, gone, ours, true))
		x.must(x.putOut(by, both, ours, true))
		x.read(func(tx *db.Tx) error {
			a, err := getAccount(tx, gone)
			if err == nil && (a.State != Disabled || a.Name != a.Login) {
				t.Errorf("who was forgotten is %s, called %s", a.State, a.Name)
			}
			b, err2 := getAccount(tx, both)
			if err2 == nil && (b.State != Active || b.Name == b.Login) {
				t.Errorf("a leader lost more than the role of volunteer: %s, called %s", b.State, b.Name)
			}
			return errors.Join(err, err2)
		})
		if got := x.grants(gone); len(got) != 0 {
			t.Errorf("still holds %+v", got)
		}
		if got := x.grants(both); len(got) != 1 || got[0].Role != actor.Leader {
			t.Errorf("the leader holds %+v", got)
		}
	})
}
