package people

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

var admin = actor.Grant{Role: actor.Administrator}

func TestWhateverIsWrongAtTheDoorIsToldInOneSentence(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		aid := x.account("salma")
		off := x.account("idder")
		x.must(x.Disable(t.Context(), demo, off))
		_, err := x.Invite(t.Context(), demo, Account{ID: newID(x), Login: "young", Name: "Y"})
		x.must(err)
		code := x.code(goodSecret)
		for _, try := range []struct{ login, password, code, why string }{
			{"salma", "seven lanterns, two wells", code, `{"account":"` + aid.String() + `","result":"password"}`},
			{"salma", goodPassword, "000000", `"result":"code"`},
			{"salma", goodPassword, "", `"result":"code"`},
			{"nobody", goodPassword, code, `{"result":"login"}`},
			{"idder", goodPassword, code, `"result":"state"`},
			{"young", goodPassword, code, `"result":"state"`},
			{"' OR 1=1", goodPassword, code, `{"result":"login"}`},
		} {
			_, err := x.signIn(try.login, try.password, try.code)
			if f, ok := err.(*fault.Fault); !ok || f.Kind != fault.Unknown || f.Key != "people.session.wrong" || f.Args != nil || f.Field != "" {
				t.Errorf("%+v: %v", try, err)
			}
			lines := x.told()
			if last := lines[len(lines)-1]; !strings.Contains(last, "people.session.refuse") || !strings.Contains(last, try.why) {
				t.Errorf("%+v is journalled as %s", try, last)
			}
		}
		token, err := x.signIn(" SALMA ", goodPassword, code[:3]+" "+code[3:])
		x.must(err)
		if x.who(token).Account != aid {
			t.Error("somebody else came in")
		}
	})
}

func TestACodeWorksOnceEvenWhenTwoUseItAtOnce(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("salma", admin)
		code := x.code(goodSecret)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = x.signIn("salma", goodPassword, code) })
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if fault.KindOf(err) != fault.Unknown {
				t.Error(err)
			}
		}
		if in != 1 {
			t.Errorf("%d came in with one code", in)
		}
		x.clock.Advance(30 * time.Second)
		_, err := x.signIn("salma", goodPassword, x.code(goodSecret))
		x.must(err)
	})
}

func TestTriesAreLimitedByLoginAndByAddress(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("salma", admin)
	for n := range triesPerLogin {
		if _, err := x.signIn("salma", "wrong wrong wrong", "000000"); fault.KindOf(err) != fault.Unknown {
			t.Fatalf("try %d: %v", n, err)
		}
	}
	if _, err := x.signIn("Salma", goodPassword, x.code(goodSecret)); fault.KindOf(err) != fault.Limited {
		t.Fatalf("the sixth try was let through: %v", err)
	}
	for range triesPerAddress {
		x.signIn("", "", "")
	}
	if _, err := x.signIn("somebody-else", "", ""); fault.KindOf(err) != fault.Limited {
		t.Fatalf("an address that tried thirty times goes on: %v", err)
	}
	x.clock.Advance(triesWithin)
	if _, err := x.signIn("salma", goodPassword, x.code(goodSecret)); err != nil {
		t.Fatalf("the limit never ends: %v", err)
	}
}

// token opens a session of an account.
func (x *house) token(aid actor.AccountID) string {
	x.t.Helper()
	s, err := x.Session(context.Background(), actor.Actor{System: "test"}, aid)
	x.must(err)
	return s
}

// over tells whether a session opens nothing any more.
func (x *house) over(token string) bool {
	x.t.Helper()
	_, err := x.visit(context.Background(), token, "ar")
	if err != nil && fault.KindOf(err) != fault.Unknown {
		x.t.Fatal(err)
	}
	return err != nil
}

func TestASessionEnds(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		admin := x.account("admin", admin)
		idle := x.token(admin)
		x.clock.Advance(sessionIdle - time.Second)
		if x.over(idle) {
			t.Error("a session ended before its time")
		}
		x.clock.Advance(sessionIdle - time.Second) // it was seen a moment ago
		if x.over(idle) {
			t.Error("a session in use ended")
		}
		x.clock.Advance(sessionIdle)
		if !x.over(idle) {
			t.Error("a session nobody used for half a day goes on")
		}

		week := x.token(admin)
		for range 14 {
			x.clock.Advance(sessionIdle - time.Minute)
			x.over(week)
		}
		x.clock.Advance(time.Hour)
		if !x.over(week) {
			t.Error("a session lives for more than a week")
		}
		x.must(x.tidySessions(t.Context()))
		left := int64(0)
		x.read(func(t *db.Tx) (err error) {
			left, err = db.One(t, db.Int, `SELECT COUNT(*) FROM people_session`)
			return err
		})
		if left != 0 {
			t.Errorf("%d sessions that are over are still kept", left)
		}
	})
}

func TestClosingASessionOrAnAccountCountsAtOnce(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		admin := x.account("admin", admin)
		salma := x.account("salma")
		one, two := x.token(salma), x.token(salma)
		by := x.who(one)
		x.must(x.SignOut(t.Context(), by, one))
		x.must(x.SignOut(t.Context(), by, one)) // again is as good
		if !x.over(one) || x.over(two) {
			t.Error("signing out ended the wrong session")
		}
		x.must(x.Disable(t.Context(), x.as(admin), salma))
		if !x.over(two) {
			t.Error("a closed account goes on working")
		}
		x.must(x.Enable(t.Context(), x.as(admin), salma))
		if !x.over(two) {
			t.Error("a session rose from the dead")
		}
	})
}

func TestNobodyClosesTheSessionOfSomebodyElse(t *testing.T) {
	x := open(t, model.SQLite(t))
	a, b := x.account("salma", admin), x.account("idder")
	x.as(a)
	var hers []Session
	x.read(func(t *db.Tx) (err error) {
		hers, err = sessionsOf(t, a)
		return err
	})
	if err := x.CloseSession(t.Context(), x.as(b), hers[0].ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("got %v", err)
	}
	if err := x.CloseSession(t.Context(), actor.Actor{}, hers[0].ID); err == nil {
		t.Error("a passer-by closed a session")
	}
	x.must(x.CloseSession(t.Context(), x.as(a), hers[0].ID))
}

func TestSigningInEndsTheSessionThatWasThereBefore(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("salma", admin)
	old, err := x.Session(t.Context(), actor.Actor{System: "test"}, x.account("idder"))
	x.must(err)
	fresh, _, err := x.SignIn(t.Context(), nil, Try{Login: "salma", Password: goodPassword, Code: x.code(goodSecret), Device: "phone", Channel: "web", Old: old})
	x.must(err)
	if _, err := x.visit(t.Context(), old, "ar"); fault.KindOf(err) != fault.Unknown {
		t.Error("the session of a shared phone's first user goes on")
	}
	if fresh == old {
		t.Error("the token was not changed")
	}
}

func TestOnlyTheHouseItselfOpensASessionWithoutAPassword(t *testing.T) {
	x := open(t, model.SQLite(t))
	aid := x.account("salma", admin)
	for _, by := range []actor.Actor{{}, {Account: aid}, x.as(aid)} {
		if _, err := x.Session(t.Context(), by, aid); fault.KindOf(err) != fault.Denied {
			t.Errorf("%v: %v", by, err)
		}
	}
}

func TestWhatIsKeptOfATokenOpensNothing(t *testing.T) {
	x := open(t, model.SQLite(t))
	aid := x.account("salma", admin)
	token, err := x.Session(context.Background(), actor.Actor{System: "test"}, aid)
	x.must(err)
	x.read(func(t *db.Tx) error {
		kept, err := db.List(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT token FROM people_session`)
		if err != nil || len(kept) != 1 || len(kept[0]) != 32 || strings.Contains(token, string(kept[0])) {
			x.t.Errorf("kept %d tokens: %v", len(kept), err)
		}
		if _, err := sessionByToken(t, string(kept[0])); fault.KindOf(err) != fault.Missing {
			x.t.Error("what is kept is a token itself")
		}
		secret, err := db.One(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT totp_secret FROM people_account`)
		if err != nil || strings.Contains(string(secret), goodSecret) {
			x.t.Errorf("the secret of the codes is kept in the clear: %v", err)
		}
		return nil
	})
}
