package people

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// signed is somebody who is signed in, by account and token.
func (x *house) signed(aid actor.AccountID) (actor.Actor, string) {
	x.t.Helper()
	token, err := x.Session(context.Background(), actor.Actor{System: "test"}, aid)
	x.must(err)
	return x.who(token), token
}

// passkey gives an account one, in a device of its own.
func (x *house) passkey(aid actor.AccountID) *authenticator {
	x.t.Helper()
	a := newAuthenticator(x.t)
	x.must(x.enrolPasskey(aid, a))
	return a
}

func (x *house) enrolPasskey(aid actor.AccountID, a *authenticator) error {
	by, token := x.signed(aid)
	options, err := x.askNew(context.Background(), by, token)
	x.must(err)
	return x.AddPasskey(context.Background(), by, token, "Pixel "+by.Name, a.make(options))
}

func (x *house) ask(purpose string) []byte {
	x.t.Helper()
	options, err := x.askAny(context.Background(), nil, "192.0.2.1", purpose)
	x.must(err)
	return options
}

// comeIn signs in with a passkey alone.
func (x *house) comeIn(body []byte) (string, error) {
	token, _, err := x.SignInByPasskey(context.Background(), x.limit, Try{Passkey: body, From: "192.0.2.1", Device: "phone", Channel: "web"})
	return token, err
}

func (x *house) lastTold() string {
	lines := x.told()
	return lines[len(lines)-1]
}

func openWithKeys(t *testing.T, dsn string) *house {
	x := open(t, dsn)
	x.must(x.UsePasskeys(softSite))
	return x
}

func TestSomebodyComesInWithAPasskeyAloneAndTheJournalSaysHow(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid := x.account("salma", admin)
		x.account("idder")
		a := x.passkey(aid)
		if last := x.lastTold(); !strings.HasPrefix(last, "people.passkey.add people.account/"+aid.String()) || strings.Contains(last, "Pixel") {
			t.Errorf("journalled as %s", last)
		}
		for range 2 {
			token, err := x.comeIn(a.show(x.ask(askAlone)))
			x.must(err)
			if x.who(token).Account != aid {
				t.Error("somebody else came in")
			}
			if last := x.lastTold(); !strings.HasPrefix(last, "people.session.open") || !strings.Contains(last, `"by":"passkey"`) {
				t.Errorf("journalled as %s", last)
			}
		}
		x.clock.Advance(time.Second)
		synced := newAuthenticator(t)
		synced.counts = false
		x.must(x.enrolPasskey(aid, synced))
		for range 2 {
			_, err := x.comeIn(synced.show(x.ask(askAlone)))
			x.must(err)
		}
		x.read(func(t *db.Tx) error {
			all, err := passkeysOf(t, aid)
			if err == nil && (len(all) != 2 || all[0].UsedAt.IsZero() || all[0].key.Counter != 3) {
				x.t.Errorf("%d passkeys, %+v", len(all), all)
			}
			return err
		})
	})
}

func TestAPasskeyStandsForTheCodeAndNotForThePassword(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid := x.account("salma", admin)
		a := x.passkey(aid)
		other := x.passkey(x.account("idder"))
		second := func(password string, body []byte) error {
			_, _, err := x.SignIn(t.Context(), nil, Try{Login: "salma", Password: password, Passkey: body, From: "192.0.2.1", Device: "phone", Channel: "web"})
			return err
		}
		a.unverified = true // the password was asked for: the touch is enough
		x.must(second(goodPassword, a.show(x.ask(askSecond))))
		if last := x.lastTold(); !strings.Contains(last, `"by":"password_passkey"`) {
			t.Errorf("journalled as %s", last)
		}
		for what, err := range map[string]error{
			"a wrong password":          second("seven lanterns, two wells", a.show(x.ask(askSecond))),
			"somebody else's passkey":   second(goodPassword, other.show(x.ask(askSecond))),
			"a question to come alone":  second(goodPassword, a.show(x.ask(askAlone))),
			"no answer of any passkey":  second(goodPassword, []byte(`{"id":"x"}`)),
			"nothing and no code":       second(goodPassword, nil),
			"a passkey for the session": func() error { _, err := x.comeIn(a.show(x.ask(askSecond))); return err }(),
		} {
			if fault.KindOf(err) != fault.Unknown {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := x.signIn("salma", goodPassword, x.code(goodSecret))
		x.must(err) // the ways there were stay
	})
}

func TestWhateverIsWrongWithAPasskeyOpensNothingAndIsToldInOneSentence(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid := x.account("salma", admin)
		off := x.account("idder")
		a, closed := x.passkey(aid), x.passkey(off)
		x.must(x.Disable(t.Context(), demo, off))
		lie := func(change func(*authenticator)) []byte {
			liar := *a
			change(&liar)
			liar.counter += 100 // never for its counter
			return liar.show(x.ask(askAlone))
		}
		used := a.show(x.ask(askAlone))
		_, err := x.comeIn(used)
		x.must(err)
		late := a.show(x.ask(askAlone))
		x.clock.Advance(questionLife)
		stranger := newAuthenticator(t)
		stranger.handle = a.handle
		made := a.show([]byte(`{"challenge":"` + base64url(make([]byte, 32)) + `"}`))
		for what, body := range map[string][]byte{
			"another site's page":      lie(func(a *authenticator) { a.origin = "https://twiza.example.evil.test" }),
			"the same site without s":  lie(func(a *authenticator) { a.origin = "http://twiza.example" }),
			"made for another site":    lie(func(a *authenticator) { a.rp = "evil.test" }),
			"nobody was verified":      lie(func(a *authenticator) { a.unverified = true }),
			"another key":              lie(func(a *authenticator) { a.key = stranger.key }),
			"another account's handle": lie(func(a *authenticator) { a.handle = handleOf(off) }),
			"no handle":                lie(func(a *authenticator) { a.handle = nil }),
			"an answer used before":    used,
			"an answer too late":       late,
			"a question nobody asked":  made,
			"a key nobody registered":  stranger.show(x.ask(askAlone)),
			"an account that is shut":  closed.show(x.ask(askAlone)),
			"garbage":                  []byte("{]"),
			"nothing":                  nil,
		} {
			_, err := x.comeIn(body)
			if f, ok := err.(*fault.Fault); !ok || f.Kind != fault.Unknown || f.Key != "people.passkey.wrong" || f.Args != nil {
				t.Errorf("%s: %v", what, err)
			}
			if last := x.lastTold(); !strings.HasPrefix(last, "people.session.refuse") {
				t.Errorf("%s is journalled as %s", what, last)
			}
		}
		a.counter += 200
		_, err = x.comeIn(a.show(x.ask(askAlone)))
		x.must(err)
	})
}

func TestACopiedPasskeyIsShutAndSaysSo(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid := x.account("salma", admin)
		a := x.passkey(aid)
		copied := *a
		for range 3 {
			_, err := x.comeIn(a.show(x.ask(askAlone)))
			x.must(err)
		}
		_, err := x.comeIn(copied.show(x.ask(askAlone)))
		if fault.KindOf(err) != fault.Unknown {
			t.Errorf("the copy: %v", err)
		}
		all := strings.Join(x.told(), "\n")
		if !strings.Contains(all, `people.passkey.copied people.account/`+aid.String()) || !strings.Contains(all, `"counter_kept":4`) || !strings.Contains(x.lastTold(), `"result":"copied"`) {
			t.Errorf("journalled as %s", all)
		}
		if _, err := x.comeIn(a.show(x.ask(askAlone))); fault.KindOf(err) != fault.Unknown {
			t.Errorf("nobody knows which of the two is the person's: %v", err)
		}
		if n := strings.Count(strings.Join(x.told(), "\n"), "people.passkey.copied"); n != 1 {
			t.Errorf("told %d times", n)
		}
		_, err = x.signIn("salma", goodPassword, x.code(goodSecret))
		x.must(err)
	})
}

func TestANewPasskeyIsForWhoeverAskedForItAndOnce(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid, other := x.account("salma", admin), x.account("idder")
		by, token := x.signed(aid)
		his, hers := x.signed(other)
		ask := func() []byte {
			options, err := x.askNew(t.Context(), by, token)
			x.must(err)
			return options
		}
		options := ask()
		q := newAuthenticator(t).read(options)
		if q.Selection.ResidentKey != "required" || q.Attestation != "none" && q.Attestation != "" || q.RP.ID != "twiza.example" || strings.Contains(string(options), "people.") {
			t.Errorf("asked: %s", options)
		}
		a := newAuthenticator(t)
		body := a.make(options)
		wrong := func(what string, err error) {
			t.Helper()
			if all, ok := err.(fault.All); !ok || all[0].Key != "people.passkey.not_made" {
				t.Errorf("%s: %v", what, err)
			}
		}
		wrong("another account's question", x.AddPasskey(t.Context(), his, hers, "mine", body))
		wrong("a question that somebody else used up", x.AddPasskey(t.Context(), by, token, "mine", body))
		body = a.make(ask())
		x.must(x.AddPasskey(t.Context(), by, token, "mine", body))
		wrong("twice", x.AddPasskey(t.Context(), by, token, "mine", body))
		elsewhere := newAuthenticator(t)
		elsewhere.origin = "https://elsewhere.test"
		wrong("another site's page", x.AddPasskey(t.Context(), by, token, "mine", elsewhere.make(ask())))
		elsewhere.origin, elsewhere.rp = softSite, "elsewhere.test"
		wrong("another site's key", x.AddPasskey(t.Context(), by, token, "mine", elsewhere.make(ask())))
		if q := a.read(ask()); len(q.Exclude) != 1 || q.Exclude[0].ID != base64url(a.id) {
			t.Errorf("a device that has one is asked again: %+v", q)
		}
		if err := x.AddPasskey(t.Context(), by, token, "again", a.make(ask())); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same key a second time: %v", err)
		}
		if err := x.AddPasskey(t.Context(), by, token, " ", a.make(ask())); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a name: %v", err)
		}
	})
}

func TestOnlyWhoShowedJustNowWhoTheyAreChangesHowTheyComeIn(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		aid := x.account("salma", admin)
		x.passkey(aid)
		by, token := x.signed(aid)
		x.clock.Advance(recently - time.Second)
		_, err := x.askNew(t.Context(), by, token)
		x.must(err)
		var mine []Passkey
		x.read(func(t *db.Tx) (err error) { mine, err = passkeysOf(t, aid); return err })
		x.clock.Advance(2 * time.Second)
		denied := func(what string, err error) {
			t.Helper()
			if f, ok := err.(*fault.Fault); !ok || f.Key != "people.passkey.confirm_first" {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = x.askNew(t.Context(), by, token)
		denied("asking", err)
		denied("removing", x.RemovePasskey(t.Context(), by, token, mine[0].ID))
		if err := x.ConfirmSession(t.Context(), x.limit, by, "192.0.2.1", token, "seven lanterns, two wells"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a wrong password: %v", err)
		}
		denied("after a wrong password", x.RemovePasskey(t.Context(), by, token, mine[0].ID))
		x.must(x.ConfirmSession(t.Context(), x.limit, by, "192.0.2.1", token, goodPassword))
		options, err := x.askNew(t.Context(), by, token)
		x.must(err)
		x.must(x.AddPasskey(t.Context(), by, token, "new", newAuthenticator(t).make(options)))
		his, hers := x.signed(x.account("idder"))
		if err := x.RemovePasskey(t.Context(), his, hers, mine[0].ID); fault.KindOf(err) != fault.Missing {
			t.Errorf("somebody else's: %v", err)
		}
		x.must(x.RemovePasskey(t.Context(), by, token, mine[0].ID))
	})
}

func TestOfTwoProcessesThatAreAnsweredOneOpens(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		a := x.passkey(x.account("salma", admin))
		body := a.show(x.ask(askAlone))
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = x.comeIn(body) })
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
			t.Errorf("%d came in with one answer", in)
		}
	})
}

func TestANewWayInEndsThePasskeysToo(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		x.account("admin", admin)
		aid := x.account("salma")
		a := x.passkey(aid)
		_, err := x.Reset(t.Context(), demo, aid)
		x.must(err)
		if all := strings.Join(x.told(), "\n"); !strings.Contains(all, `"passkeys_ended":1`) {
			t.Errorf("journalled as %s", all)
		}
		if _, err := x.comeIn(a.show(x.ask(askAlone))); fault.KindOf(err) != fault.Unknown {
			t.Errorf("the old passkey: %v", err)
		}
	})
}

func TestQuestionsThatNobodyAnsweredAreForgottenAndCounted(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := openWithKeys(t, dsn)
		for range triesPerAddress {
			_, err := x.askAny(t.Context(), x.limit, "192.0.2.7", askAlone)
			x.must(err)
		}
		if _, err := x.askAny(t.Context(), x.limit, "192.0.2.7", askAlone); fault.KindOf(err) != fault.Limited {
			t.Errorf("one more: %v", err)
		}
		x.clock.Advance(questionLife + time.Second)
		x.must(x.tidySessions(t.Context()))
		x.read(func(tx *db.Tx) error {
			left, err := db.Has(tx, `SELECT 1 FROM people_passkey_question`)
			if left {
				t.Error("questions are kept for ever")
			}
			return err
		})
	})
}

func TestAHouseWithoutASafeAddressSaysWhyItHasNoPasskeys(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	for _, site := range []string{"http://twiza.example", "http://192.0.2.1:8080", "https://192.0.2.1", "http://127.0.0.1:8080", "twiza.example", "", "ftp://localhost", "https://u@twiza.example"} {
		if err := x.UsePasskeys(site); err == nil {
			t.Errorf("%q was taken", site)
		}
	}
	x.account("salma", admin)
	srv := x.edge()
	b := x.browser(srv)
	b.post("/fr/sign-in", "login", "salma", "password", goodPassword, "code", x.code(goodSecret))
	if status, body := b.get("/fr/me/passkeys"); status != 200 || !strings.Contains(body, "--site") || strings.Contains(body, "data-ask") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.post("/fr/me/passkeys/ask"); status != http.StatusConflict || !strings.Contains(body, "https") {
		t.Errorf("%d %s", status, body)
	}
	x.must(x.UsePasskeys("https://elsewhere.test"))
	if _, body := b.get("/fr/me/passkeys"); !strings.Contains(body, "elsewhere.test") || strings.Contains(body, "data-ask") {
		t.Error("the page does not say where passkeys work")
	}
	if _, body := x.browser(srv).get("/fr/sign-in"); strings.Contains(body, "data-ask") || strings.Contains(body, "/assets/passkey.") {
		t.Error("the door offers what cannot work here")
	}
}

func TestThePagesTakeAPasskeyFromItsFirstQuestionToItsEnd(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	x.account("salma", admin)
	srv := x.edge()
	site := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	x.must(x.UsePasskeys(site))
	b := x.browser(srv)
	b.base = site
	a := newAuthenticator(t)
	a.origin, a.rp = site, "localhost"
	asked := func(path string) []byte {
		status, body, _ := b.post(path)
		var out struct{ Options json.RawMessage }
		if err := json.Unmarshal([]byte(body), &out); status != 200 || err != nil {
			t.Fatalf("%s: %d %v %s", path, status, err, body)
		}
		return out.Options
	}
	b.post("/fr/sign-in", "login", "salma", "password", goodPassword, "code", x.code(goodSecret))
	if _, body := b.get("/fr/me/passkeys"); !strings.Contains(body, `data-ask="/fr/me/passkeys/ask"`) || !strings.Contains(body, "<noscript>") {
		t.Fatal(body)
	}
	if status, body, _ := b.post("/fr/me/passkeys", "name", "", "answer", string(a.make(asked("/fr/me/passkeys/ask")))); status != 422 || !strings.Contains(body, "Donnez un nom") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, to := b.post("/fr/me/passkeys", "name", "Samsung <b>bleu</b>", "answer", string(a.make(asked("/fr/me/passkeys/ask")))); status != 303 || to != "/fr/me/passkeys" {
		t.Fatalf("%d %s", status, body)
	}
	_, page := b.get("/fr/me/passkeys")
	if !strings.Contains(page, "Samsung &lt;b&gt;bleu") {
		t.Error("the passkey is not on the page")
	}
	b.post("/fr/sign-out")
	if _, body := b.get("/fr/sign-in"); strings.Count(body, "data-ask=") != 2 || !strings.Contains(body, "/assets/passkey.") {
		t.Error("the door does not offer passkeys")
	}
	if status, body, _ := b.post("/fr/sign-in/passkey", "answer", "{}"); status != 422 || !strings.Contains(body, "Cette clé n’ouvre pas ici") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, to := b.post("/fr/sign-in/passkey", "next", "/me/passkeys", "answer", string(a.show(asked("/fr/sign-in/passkey/ask")))); status != 303 || to != "/fr/me/passkeys" {
		t.Fatalf("%d to %s", status, to)
	}
	pid := between(page, `action="/fr/me/passkeys/`, `/remove"`)
	if status, _, to := b.post(fmt.Sprintf("/fr/me/passkeys/%s/remove", pid)); status != 303 || to != "/fr/me/passkeys" {
		t.Errorf("removing: %d to %s", status, to)
	}
	x.clock.Advance(recently + time.Second)
	if status, body := b.get("/fr/me/passkeys"); status != 200 || !strings.Contains(body, `action="/fr/me/passkeys/confirm"`) || strings.Contains(body, "data-ask") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.post("/fr/me/passkeys/confirm", "password", "no"); status != 422 || !strings.Contains(body, `id="e-password"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := b.post("/fr/me/passkeys/confirm", "password", goodPassword); status != 303 {
		t.Errorf("confirming: %d", status)
	}
}
