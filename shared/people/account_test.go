package people

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestNobodyGivesARoleToThemselves(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		aid := x.account("admin", admin)
		by := x.as(aid)
		for name, err := range map[string]error{
			"give":    x.Give(t.Context(), by, Grant{Account: aid, Role: actor.CrisisCell}),
			"disable": x.Disable(t.Context(), by, aid),
			"enable":  x.Enable(t.Context(), by, aid),
			"end":     x.End(t.Context(), by, aid, x.grants(aid)[0].ID),
		} {
			if f, ok := err.(*fault.Fault); !ok || f.Kind != fault.Denied || f.Key != "people.account.not_oneself" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := x.Reset(t.Context(), by, aid); fault.KindOf(err) != fault.Denied {
			t.Errorf("reset: %v", err)
		}
		// The schema would refuse it too.
		if err := x.h.DB.Write(t.Context(), func(t *db.Tx) error {
			return addGrant(t, Grant{ID: id.New[Grant](t.Now()), Account: aid, Role: actor.Auditor, GivenAt: t.Now(), GivenBy: aid})
		}); err == nil {
			t.Error("the store kept a role that somebody gave to themselves")
		}
	})
}

func (x *house) grants(aid actor.AccountID) (all []Grant) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) {
		all, err = grantsOf(t, aid)
		return err
	})
	return all
}

func TestOnlyAnAdministratorLetsPeopleIn(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("admin", admin)
	org := x.org("Puits", Recognised)
	other := x.account("other")
	for _, role := range actor.Roles {
		g := actor.Grant{Role: role}
		if role.ForOrganisation() {
			g.Org = org
		}
		by := x.as(x.account("who."+string(role), g))
		want := fault.Denied
		if role == actor.Administrator {
			want = fault.Internal
		}
		_, invited := x.Invite(t.Context(), by, Account{ID: newID(x), Login: "new." + string(role), Name: "N"})
		for what, err := range map[string]error{"invite": invited, "give": x.Give(t.Context(), by, Grant{Account: other, Role: actor.Auditor})} {
			if (err == nil) != (want == fault.Internal) || err != nil && fault.KindOf(err) != want {
				t.Errorf("%s by %s: %v", what, role, err)
			}
		}
	}
}

func TestAHouseKeepsAnAdministratorEvenWhenTwoPutEachOtherOut(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		a, b := x.account("first", admin), x.account("second", admin)
		byA, byB := x.as(a), x.as(b)
		var errs [2]error
		var wg sync.WaitGroup
		wg.Go(func() { errs[0] = x.End(t.Context(), byA, b, x.grants(b)[0].ID) })
		wg.Go(func() { errs[1] = x.Disable(t.Context(), byB, a) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both or none went out: %v", errs)
		}
		for _, err := range errs {
			if err != nil && (fault.KindOf(err) != fault.Conflict || err.(*fault.Fault).Key != "people.account.last_administrator") {
				t.Error(err)
			}
		}
	})
}

func TestARoleThatEndedIsGoneAtTheNextRequest(t *testing.T) {
	x := open(t, model.SQLite(t))
	adm := x.as(x.account("admin", admin))
	aid := x.account("salma", actor.Grant{Role: actor.Dispatcher, Territory: "A1"}, actor.Grant{Role: actor.Agent})
	token, err := x.Session(t.Context(), actor.Actor{System: "test"}, aid)
	x.must(err)
	if g, ok := x.who(token).May([]actor.Role{actor.Dispatcher}, actor.Scope{Path: []string{"A", "A1"}}); !ok || g.Territory != "A1" {
		t.Fatalf("holds %+v", x.who(token).Grants)
	}
	var gid id.Of[Grant]
	for _, g := range x.grants(aid) {
		if g.Role == actor.Dispatcher {
			gid = g.ID
		}
	}
	x.must(x.End(t.Context(), adm, aid, gid))
	if x.who(token).Holds(actor.Dispatcher) {
		t.Error("the role goes on")
	}
	if err := x.End(t.Context(), adm, aid, gid); fault.KindOf(err) != fault.Missing {
		t.Errorf("it ended twice: %v", err)
	}
	x.must(x.Give(t.Context(), adm, Grant{Account: aid, Role: actor.Dispatcher, Territory: "A1"}))
	if err := x.Give(t.Context(), adm, Grant{Account: aid, Role: actor.Dispatcher, Territory: "A1"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("given twice: %v", err)
	}
	for _, bad := range []Grant{{Role: "king"}, {Role: actor.Leader}, {Role: actor.Agent, Territory: "Atlantis"}, {Role: actor.Administrator, Territory: "A1"}} {
		bad.Account = aid
		if err := x.Give(t.Context(), adm, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestAResetMakesTheOldPasswordWorthless(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		adm := x.as(x.account("admin", admin))
		aid := x.account("salma")
		session, err := x.signIn("salma", goodPassword, x.code(goodSecret))
		x.must(err)
		token, err := x.Reset(t.Context(), adm, aid)
		x.must(err)
		x.clock.Advance(time.Minute)
		if _, err := x.visit(t.Context(), session, "ar"); fault.KindOf(err) != fault.Unknown {
			t.Error("a session outlived the reset")
		}
		if _, err := x.signIn("salma", goodPassword, x.code(goodSecret)); fault.KindOf(err) != fault.Unknown {
			t.Errorf("the old password works: %v", err)
		}
		second, err := x.Reset(t.Context(), adm, aid)
		x.must(err)
		if err := x.setPassword(t.Context(), actor.Actor{}, token, chosen{}, "a brand new lantern", "a brand new lantern"); fault.KindOf(err) != fault.Missing {
			t.Errorf("a link works after another one was given: %v", err)
		}
		x.must(x.setPassword(t.Context(), actor.Actor{}, second, chosen{}, "a brand new lantern", "a brand new lantern"))
		x.must(x.finishWelcome(second))
		if _, _, err := x.enrol(t.Context(), actor.Actor{}, second, x.code(x.pending(aid)), "phone", ""); fault.KindOf(err) != fault.Missing {
			t.Errorf("a link works twice: %v", err)
		}
	})
}

// pending is the secret of an account's codes.
func (x *house) pending(aid actor.AccountID) (secret string) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		a, err := getAccount(t, aid)
		if err == nil {
			secret, err = x.vault.OpenText(totpAt(aid), a.totp)
		}
		return err
	})
	return secret
}

func (x *house) finishWelcome(token string) error {
	var a Account
	x.read(func(t *db.Tx) (err error) {
		_, a, err = openedInvite(t, token)
		return err
	})
	_, _, err := x.enrol(x.t.Context(), actor.Actor{}, token, x.code(x.pending(a.ID)), "phone", "")
	return err
}

func TestALinkEndsAfterADay(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("admin", admin)
	token, err := x.Invite(t.Context(), demo, Account{ID: newID(x), Login: "salma", Name: "Salma"})
	x.must(err)
	x.clock.Advance(linkLife)
	if err := x.setPassword(t.Context(), actor.Actor{}, token, chosen{}, goodPassword, goodPassword); fault.KindOf(err) != fault.Missing {
		t.Errorf("an old link works: %v", err)
	}
}

func TestTheFirstAdministratorComesInByOneLink(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		old, err := x.FirstAdmin(t.Context())
		x.must(err)
		link, err := x.FirstAdmin(t.Context())
		x.must(err)
		token := strings.TrimPrefix(link, "/welcome/")
		who := chosen{login: "First", name: "Touria M."}
		if err := x.setPassword(t.Context(), actor.Actor{}, strings.TrimPrefix(old, "/welcome/"), who, goodPassword, goodPassword); fault.KindOf(err) != fault.Missing {
			t.Errorf("the link before works: %v", err)
		}
		var errs [2]error // two open the link at once
		var wg sync.WaitGroup
		for i, login := range []string{"first", "thief"} {
			wg.Go(func() {
				errs[i] = x.setPassword(t.Context(), actor.Actor{}, token, chosen{login: login, name: "N"}, goodPassword, goodPassword)
			})
		}
		wg.Wait()
		x.read(func(t *db.Tx) error {
			n, err := db.One(t, db.Int, `SELECT COUNT(*) FROM people_account`)
			if n != 1 {
				x.t.Errorf("%d accounts from one link: %v", n, errs)
			}
			return err
		})
		// Somebody who began goes on with a new link and the same account.
		again, err := x.FirstAdmin(t.Context())
		x.must(err)
		token = strings.TrimPrefix(again, "/welcome/")
		x.must(x.setPassword(t.Context(), actor.Actor{}, token, chosen{}, goodPassword, goodPassword))
		x.must(x.finishWelcome(token))
		if link, err := x.FirstAdmin(t.Context()); err != nil || link != "" {
			t.Errorf("a house with an administrator gives another link: %q, %v", link, err)
		}
	})
}

func TestNothingPersonalStandsInTheJournal(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		adm := x.as(x.account("admin", admin))
		org := x.org("Zellidja", Recognised, "A1")
		x.must(x.Rename(t.Context(), demo, org, 0, Names{AR: "جمعية زليجة", FR: "Zellidja nouvelle"}))
		x.must(x.AddAlias(t.Context(), demo, org, Alias{Name: "Vieille Zellidja"}))
		aid := x.account("fadma.secret", actor.Grant{Role: actor.Leader, Org: org})
		_, err := x.signIn("fadma.secret", goodPassword, x.code(goodSecret))
		x.must(err)
		x.signIn("fadma.secret", "my other password", "111111")
		x.signIn("my password typed into the login", "x", "1")
		x.must(x.SetLangs(t.Context(), x.as(aid), []string{"isl"}))
		token, err := x.Reset(t.Context(), adm, aid)
		x.must(err)
		all := strings.ToLower(strings.Join(x.told(), "\n"))
		for _, secret := range []string{"zellidja", "زليجة", "fadma", "idder", "lantern", "password typed", "524001122", strings.ToLower(goodSecret), strings.ToLower(token), "argon2", "192.0.2"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q stands in the journal", secret)
			}
		}
	})
}

func TestAPasswordThatStrangersTryFirstIsRefused(t *testing.T) {
	for _, bad := range []string{"short", "123456789012", "password1234", "PasswordPassword!", "motdepasse2026", "azertyuiop123", "casablanca2026", "salma.salma.salma", "aaaaaaaaaaaa", "١٢٣٤٥٦٧٨٩٠١٢", "qwertyuiop[]", "Twiza2026Twiza"} {
		if wrongPassword(bad, "salma") == nil {
			t.Errorf("%q is let through", bad)
		}
	}
	for _, good := range []string{goodPassword, "سبعة فوانيس وبئر", "ⴰⵎⴰⵏ ⵏ ⵓⵎⴰⵍⵓ", "x7#kQ!m2@vLp", "correct horse battery staple"} {
		if f := wrongPassword(good, "salma"); f != nil {
			t.Errorf("%q: %v", good, f)
		}
	}
}

func TestSeedingAgainChangesNothing(t *testing.T) {
	x := open(t, model.SQLite(t))
	a := x.account("salma", admin)
	o := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: Association, Names: Names{AR: "جمعية البئر", FR: "Le Puits"}, Receipt: "1", Status: Suspended, Reason: "report_overdue"}
	x.must(x.SeedOrganisation(t.Context(), o))
	lines := len(x.told())
	x.must(x.SeedOrganisation(t.Context(), o))
	if b := x.account("salma", admin); a != b || len(x.told()) != lines {
		t.Errorf("%v, %v, %d lines and then %d", a, b, lines, len(x.told()))
	}
}

func TestTheChecksFindWhatTheSchemaCannotSay(t *testing.T) {
	x := open(t, model.SQLite(t))
	aid := x.account("admin", admin)
	x.org("Puits", Recognised, "A1")
	x.as(aid)
	for _, c := range []struct{ check, harm, heal string }{
		{"people.sessions_of_active_accounts", `UPDATE people_account SET state = 'disabled'`, `UPDATE people_account SET state = 'active'`},
		{"people.somebody_lets_people_in", `UPDATE people_grant SET ended_at = 1`, `UPDATE people_grant SET ended_at = NULL`},
		{"people.names_find_their_organisation", `UPDATE people_organisation SET sort_fr = 'other'`, `UPDATE people_organisation SET sort_fr = 'association puits'`},
		{"people.territories_are_places", `UPDATE people_territory SET code = 'X9'`, `UPDATE people_territory SET code = 'A1'`},
	} {
		write := func(q string) {
			x.must(x.h.DB.Write(t.Context(), func(t *db.Tx) error {
				_, err := t.Exec(q)
				return err
			}))
		}
		write(c.harm)
		hit := false
		for _, k := range x.Manifest().Checks {
			if found := x.find(k); k.Name == c.check && len(found) > 0 {
				hit = true
			}
		}
		if !hit {
			t.Errorf("%s does not see: %s", c.check, c.harm)
		}
		write(c.heal)
	}
}

func TestWhoeverPaysIsNotGivenWhatDecidesOrReceives(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.Apart = [][2]actor.Role{{actor.Treasurer, actor.CrisisCell}, {actor.Auditor, actor.Treasurer}}
		by := x.as(x.account("admin", admin))
		keeper := x.account("keeper")
		give := func(aid actor.AccountID, role actor.Role) error {
			return x.Give(t.Context(), by, Grant{Account: aid, Role: role})
		}
		if err := give(keeper, actor.Treasurer); err != nil {
			t.Fatal(err)
		}
		for role, refused := range map[actor.Role]bool{actor.CrisisCell: true, actor.Auditor: true, actor.Agent: false} {
			err := give(keeper, role)
			if refused && (fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "people.grant.apart")) || !refused && err != nil {
				t.Errorf("%s beside treasurer: %v", role, err)
			}
		}
		for _, g := range x.grants(keeper) {
			if g.Role == actor.Treasurer {
				if err := x.End(t.Context(), by, keeper, g.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := give(keeper, actor.CrisisCell); err != nil {
			t.Errorf("the role that excluded it has ended: %v", err)
		}
		// given at once, one of the two comes second
		for i := range 5 {
			other := x.account(fmt.Sprint("other", i))
			var errs [2]error
			var both sync.WaitGroup
			both.Go(func() { errs[0] = give(other, actor.Treasurer) })
			both.Go(func() { errs[1] = give(other, actor.CrisisCell) })
			both.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("given at once: %v, %v", errs[0], errs[1])
			}
		}
	})
}
