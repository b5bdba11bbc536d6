package people

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

var guardian = actor.Grant{Role: actor.Safeguarding}

// waiting is the one wish about an account that waits.
func (x *house) waiting(aid actor.AccountID) Second {
	x.t.Helper()
	var all []Second
	x.read(func(t *db.Tx) (err error) {
		all, err = db.List(t, scanSecond, `SELECT `+secondColumns+` FROM people_second x WHERE x.account = ?1 AND x.state = 'waiting'`, aid)
		return err
	})
	if len(all) != 1 {
		x.t.Fatalf("%d wishes wait", len(all))
	}
	return all[0]
}

func (x *house) approve(by actor.Actor, s Second) (string, error) {
	token, _, err := x.Approve(x.t.Context(), by, s.ID)
	return token, err
}

func key(err error) string {
	if f, ok := err.(*fault.Fault); ok {
		return f.Key
	}
	return ""
}

func TestAnAdministratorAloneLetsNobodyReadConcerns(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("touria", admin)
		adm := x.as(x.account("alone", admin))
		holder := x.account("samira", guardian)
		puppet := x.account("puppet")
		x.must(x.Give(t.Context(), adm, Grant{Account: puppet, Role: actor.Safeguarding}))
		if x.as(puppet).Holds(actor.Safeguarding) {
			t.Fatal("one administrator was enough")
		}
		wish := x.waiting(puppet)
		if _, err := x.approve(adm, wish); key(err) != "people.second.not_oneself" {
			t.Errorf("whoever asked agreed: %v", err)
		}
		if err := x.Give(t.Context(), adm, Grant{Account: puppet, Role: actor.Safeguarding}); key(err) != "people.second.asked_already" {
			t.Errorf("asked twice: %v", err)
		}
		fresh := x.as(x.account("fresh", admin)) // let in today, perhaps by the same hand
		if _, err := x.approve(fresh, wish); key(err) != "people.second.too_new" {
			t.Errorf("an administrator of today agreed: %v", err)
		}
		if n, err := x.Notices(t.Context(), x.as(holder)); err != nil || n != 1 {
			t.Errorf("the holder is shown %d notices (%v)", n, err)
		}
		if _, err := x.approve(x.as(holder), wish); err != nil {
			t.Fatal(err)
		}
		if !x.as(puppet).Holds(actor.Safeguarding) {
			t.Error("two agreed and the role does not count")
		}
		if _, err := x.approve(x.as(holder), wish); key(err) != "people.second.decided" {
			t.Errorf("agreed twice: %v", err)
		}
		told := strings.Join(x.told(), "\n")
		for _, word := range []string{"people.second.ask ", "people.second.approve ", "people.grant.give "} {
			if !strings.Contains(told, word) {
				t.Errorf("the journal does not tell of %s", word)
			}
		}
		x.must(x.PutAside(t.Context(), x.as(holder)))
		if n, _ := x.Notices(t.Context(), x.as(holder)); n != 0 {
			t.Errorf("read, and %d notices are left", n)
		}
	})
}

func TestAnotherAdministratorOfLongStandingAgreesAndOneWhoWasResetTodayDoesNot(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		one, two, three := x.account("one", admin), x.account("two", admin), x.account("three", admin)
		x.account("samira", guardian)
		whom := x.account("whom")
		x.clock.Advance(settles + time.Hour)
		x.must(x.Give(t.Context(), x.as(one), Grant{Account: whom, Role: actor.Safeguarding}))
		token, err := x.Reset(t.Context(), x.as(one), three) // and comes in with the new link
		x.must(err)
		x.must(x.setPassword(t.Context(), actor.Actor{}, token, chosen{}, "a brand new lantern", "a brand new lantern"))
		x.must(x.finishWelcome(token))
		if _, err := x.approve(x.as(three), x.waiting(whom)); key(err) != "people.second.too_new" {
			t.Errorf("whoever was reset today agreed: %v", err)
		}
		wish := x.waiting(whom)
		x.must(x.Disable(t.Context(), x.as(two), one))
		if _, err := x.approve(x.as(two), wish); key(err) != "people.second.asker_gone" {
			t.Errorf("agreed with somebody who may not ask any more: %v", err)
		}
		x.must(x.Enable(t.Context(), x.as(two), one))
		_, err = x.approve(x.as(two), wish)
		x.must(err)
		if !x.as(whom).Holds(actor.Safeguarding) {
			t.Error("the role does not count")
		}
	})
}

func TestAHolderKeepsTheirAccessUntilASecondPersonAgreesToANewLink(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		adm := x.as(x.account("admin", admin))
		samira, brahim := x.account("samira", guardian), x.account("brahim", guardian)
		session, err := x.Session(t.Context(), actor.Actor{System: "test"}, samira)
		x.must(err)
		if token, err := x.Reset(t.Context(), adm, samira); err != nil || token != "" {
			t.Fatalf("an administrator alone got a link: %q, %v", token, err)
		}
		if !x.who(session).Holds(actor.Safeguarding) {
			t.Error("the holder was put out before anybody agreed")
		}
		wish := x.waiting(samira)
		if _, err := x.approve(x.as(samira), wish); key(err) != "people.second.not_oneself" {
			t.Errorf("agreed about themselves: %v", err)
		}
		token, err := x.approve(x.as(brahim), wish)
		if err != nil || token == "" {
			t.Fatalf("two agreed, and there is no link: %v", err)
		}
		if _, err := x.visit(t.Context(), session, "fr"); fault.KindOf(err) != fault.Unknown {
			t.Errorf("the old session goes on: %v", err)
		}
		// The link is under way: the administrator cannot make another one and use that.
		if _, err := x.Invite(t.Context(), adm, Account{ID: samira, Login: "samira", Name: "Samira"}); key(err) != "people.second.new_link" {
			t.Errorf("inviting again made a way in: %v", err)
		}
		if token, err := x.Reset(t.Context(), adm, samira); err != nil || token != "" {
			t.Errorf("resetting again made a way in: %q, %v", token, err)
		}
		x.must(x.Refuse(t.Context(), x.as(brahim), x.waiting(samira).ID))
		x.must(x.setPassword(t.Context(), actor.Actor{}, token, chosen{}, "a brand new lantern", "a brand new lantern"))
		x.must(x.finishWelcome(token))
	})
}

func TestTheFirstHolderIsTheFirstAdministratorsToGiveOnceAndNeverAgain(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		first := x.account("first", admin)
		second, samira, other := x.account("second"), x.account("samira"), x.account("other")
		x.must(x.Give(t.Context(), x.as(first), Grant{Account: second, Role: actor.Administrator}))
		invited := newID(x)
		_, err := x.Invite(t.Context(), x.as(first), Account{ID: invited, Login: "under.way", Name: "N"})
		x.must(err)
		if err := x.Give(t.Context(), x.as(first), Grant{Account: invited, Role: actor.Safeguarding}); key(err) != "people.second.not_in_yet" {
			t.Errorf("given to whoever holds a link: %v", err)
		}
		x.must(x.Give(t.Context(), x.as(second), Grant{Account: other, Role: actor.Safeguarding}))
		if x.as(other).Holds(actor.Safeguarding) {
			t.Error("an administrator who is not the first gave the first role")
		}
		x.must(x.Give(t.Context(), x.as(first), Grant{Account: samira, Role: actor.Safeguarding}))
		if !x.as(samira).Holds(actor.Safeguarding) {
			t.Fatal("a new house has no holder")
		}
		if !strings.Contains(strings.Join(x.told(), "\n"), "people.second.first ") {
			t.Error("the journal does not tell of the first")
		}
		x.must(x.End(t.Context(), x.as(first), samira, x.grants(samira)[0].ID))
		x.clock.Advance(settles + time.Hour)
		_, err = x.approve(x.as(second), x.waiting(samira)) // nobody alone puts the last one out
		x.must(err)
		x.must(x.Give(t.Context(), x.as(first), Grant{Account: samira, Role: actor.Safeguarding}))
		if x.as(samira).Holds(actor.Safeguarding) {
			t.Error("putting the last holder out opened the door of the first day")
		}
	})
}

func TestNobodyAlonePutsTheLastReaderOfConcernsOut(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		one, two, samira, brahim := x.account("one", admin), x.account("two", admin), x.account("samira", guardian), x.account("brahim", guardian)
		x.clock.Advance(settles + time.Hour)
		x.must(x.End(t.Context(), x.as(one), brahim, x.grants(brahim)[0].ID)) // another is left: one administrator may
		if x.as(brahim).Holds(actor.Safeguarding) {
			t.Fatal("a role that ended counts")
		}
		gid := x.grants(samira)[0].ID
		x.must(x.End(t.Context(), x.as(one), samira, gid))
		if !x.as(samira).Holds(actor.Safeguarding) {
			t.Fatal("one administrator alone left nobody who reads concerns")
		}
		if err := x.End(t.Context(), x.as(two), samira, gid); key(err) != "people.second.asked_already" {
			t.Errorf("two who ask are not two who agree: %v", err)
		}
		wish := x.waiting(samira)
		if wish.Kind != secondEnd || wish.Grant != gid {
			t.Errorf("%+v", wish)
		}
		for name, by := range map[string]actor.AccountID{"whoever asked": one, "whoever it is about": samira} {
			if _, err := x.approve(x.as(by), wish); key(err) != "people.second.not_oneself" {
				t.Errorf("%s agreed: %v", name, err)
			}
		}
		_, err := x.approve(x.as(two), wish)
		x.must(err)
		if x.as(samira).Holds(actor.Safeguarding) {
			t.Error("two agreed, and the role counts")
		}
		if _, err := x.approve(x.as(two), wish); key(err) != "people.second.decided" {
			t.Errorf("agreed twice: %v", err)
		}
		told := strings.Join(x.told(), "\n")
		if strings.Count(told, "people.grant.end ") != 2 || !strings.Contains(told, `"kind":"end"`) {
			t.Error("the journal does not tell of it")
		}
	})
}

func TestOfTwoRolesThatTwoEndAtOnceOneIsLeft(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		one, two, samira, brahim := x.account("one", admin), x.account("two", admin), x.account("samira", guardian), x.account("brahim", guardian)
		g1, g2 := x.grants(samira)[0].ID, x.grants(brahim)[0].ID
		first, second := x.as(one), x.as(two)
		var both sync.WaitGroup
		var err1, err2 error
		both.Go(func() { err1 = x.End(context.Background(), first, samira, g1) })
		both.Go(func() { err2 = x.End(context.Background(), second, brahim, g2) })
		both.Wait()
		x.must(err1)
		x.must(err2)
		if n := len(x.grants(samira)) + len(x.grants(brahim)); n != 1 {
			t.Errorf("%d people read concerns now", n)
		}
	})
}

func TestOnlyWhoHoldsTheRoleEverywhereAgreesToItEverywhere(t *testing.T) {
	x := open(t, model.SQLite(t))
	adm := x.as(x.account("admin", admin))
	local := x.as(x.account("local", actor.Grant{Role: actor.Safeguarding, Territory: "A1"}))
	whom := x.account("whom")
	x.must(x.Give(t.Context(), adm, Grant{Account: whom, Role: actor.Safeguarding}))
	if _, err := x.approve(local, x.waiting(whom)); fault.KindOf(err) != fault.Denied {
		t.Errorf("the holder of one province let somebody read the whole country's: %v", err)
	}
	x.must(x.Refuse(t.Context(), local, x.waiting(whom).ID))
	x.must(x.Give(t.Context(), adm, Grant{Account: whom, Role: actor.Safeguarding, Territory: "A1"}))
	_, err := x.approve(local, x.waiting(whom))
	x.must(err)
}

func TestARoleThatNobodyAgreedToIsFound(t *testing.T) {
	x := open(t, model.SQLite(t))
	adm, whom := x.account("admin", admin), x.account("whom")
	gid := id.New[Grant](x.clock.Now())
	write := func(q string, args ...any) {
		x.must(x.h.DB.Write(t.Context(), func(t *db.Tx) error {
			_, err := t.Exec(q, args...)
			return err
		}))
	}
	write(`INSERT INTO people_grant (id, account, role, territory, service, given_at, given_by) VALUES (?1, ?2, 'safeguarding', '', '', ?3, ?4)`, gid, whom, x.clock.Now(), adm)
	hit := false
	for _, k := range x.Manifest().Checks {
		hit = hit || k.Name == "people.two_give_the_role_that_reads_concerns" && len(x.find(k)) == 1
	}
	if !hit {
		t.Error("the check does not see it")
	}
	write(`DELETE FROM people_grant WHERE id = ?1`, gid)
}

func TestTheSecondPersonAgreesOnAPageAndReceivesTheLink(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		srv := x.edge()
		x.account("touria", admin)
		samira := x.account("samira", guardian)
		x.account("brahim", guardian)
		in := func(login string) *browser {
			b := x.browser(srv)
			b.post("/fr/sign-in", "login", login, "password", goodPassword, "code", x.code(goodSecret))
			return b
		}
		adm, second := in("touria"), in("brahim")
		if status, body, to := adm.post("/fr/accounts/" + samira.String() + "/reset"); status != 303 || to != "/fr/accounts/"+samira.String() || strings.Contains(body, "/welcome/") {
			t.Fatalf("asked: %d %q", status, to)
		}
		wish := x.waiting(samira)
		if status, body := adm.get("/fr/safeguarding"); status != 200 || strings.Contains(body, wish.ID.String()+"/approve") {
			t.Errorf("whoever asked is offered to agree: %d", status)
		}
		if status, body := second.get("/fr/safeguarding"); status != 200 || !strings.Contains(body, wish.ID.String()+"/approve") {
			t.Errorf("the second person is not asked: %d", status)
		}
		if status, body, _ := second.post("/fr/safeguarding/" + wish.ID.String() + "/approve"); status != 200 || !strings.Contains(body, "/fr/welcome/") {
			t.Errorf("agreed: %d", status)
		}
		if status, _, _ := second.post("/fr/safeguarding/seen"); status != 303 {
			t.Errorf("read: %d", status)
		}
	})
}
