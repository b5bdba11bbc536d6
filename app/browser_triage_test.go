package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

// made is how many messages became requests.
func (s *street) made() (n int64) {
	s.Helper()
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM intake_candidate WHERE state = 'case'`)
		return err
	}))
	return n
}

// confirms presses Enter, and waits as a person does until the next message stands
// there; on a machine that is busy a key may come before the page listens.
func (s *street) confirms(b *testkit.Browser) { s.Helper(); s.goesOn(b, "Enter") }

// goesOn presses a key that leads to another page.
func (s *street) goesOn(b *testkit.Browser, key string) {
	s.Helper()
	was := b.URL()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		b.Press(key)
		for look := time.Now().Add(2 * time.Second); time.Now().Before(look); time.Sleep(20 * time.Millisecond) {
			if b.URL() != was {
				return
			}
		}
	}
	s.Fatalf("%s does nothing", key)
}

// triages signs in somebody who may work in the whole country, in front of a talk.
func (s *street) triages(b *testkit.Browser, lang, talk string) {
	s.Helper()
	s.account("trieur", "Touria Amrani", actor.Grant{Role: actor.Dispatcher})
	_, _, err := s.h.Intake.TakeFile(s.Context(), System("test"), []byte(talk), s.h.sentence)
	s.must(err)
	s.signIn(b, lang, "trieur")
	b.Open(s.site + "/" + lang + "/triage")
}

func TestOnePersonConfirmsManyMessagesByKeysAlone(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	s := newStreet(t)
	b := testkit.Chromium(t)
	b.Size(1440, 900)
	s.triages(b, "fr", testkit.AsWhatsApp(testkit.Talk(220, 5), time.UTC))
	s.goesOn(b, "j") // begins
	if b.Count(".tri-form") != 1 || b.Count("mark") == 0 {
		t.Fatal("no message is open, or nothing in it is marked")
	}
	for _, v := range b.Axe(t) {
		t.Errorf("a message: %s", v)
	}
	b.Press("s") // another need, and off again
	b.Press("s")
	b.Press("1")
	if b.Count("input[name=place][value]:not([value=''])") > 0 && b.Count("input[name=place]:checked[data-key='1']") != 1 {
		t.Error("the first place was not chosen by its digit")
	}
	start, before := time.Now(), s.made()
	many := testkit.Size(12, 100)
	for range many {
		s.confirms(b)
	}
	took := time.Since(start)
	if n := s.made() - before; n != int64(many) {
		t.Fatalf("%d confirmations made %d requests", many, n)
	}
	testkit.Report(t, "chromium", "%d confirmations by Enter: %.1f s of the program and the browser, %d ms each", many, took.Seconds(), took.Milliseconds()/int64(many))

	was := b.URL()
	b.Press("x")
	s.goesOn(b, "2") // aside, with its reason
	s.goesOn(b, "u")
	if b.URL() != was {
		t.Errorf("U leads to %s, not back to %s", b.URL(), was)
	}
	s.goesOn(b, "o")
	s.goesOn(b, "u")
	if b.URL() != was {
		t.Errorf("after O, U leads to %s", b.URL())
	}
	s.goesOn(b, "j")
	s.goesOn(b, "k")
	if b.URL() != was {
		t.Errorf("J and K lead to %s", b.URL())
	}
	b.Fill("input[name=people]", "7")
	b.Press("Enter") // in a field: confirms with what was typed
	if b.URL() == was || s.made()-before != int64(many)+1 {
		t.Error("Enter in a field does not confirm")
	}
}

// On a developer's machine the real requests are confirmed where they lie; nothing
// of them is printed.
func TestRealRequestsAreConfirmedByKeysAlone(t *testing.T) {
	t.Parallel()
	real := testkit.Shared(t, "data", "nt3awnou", "help_requests.csv")
	testkit.NeedsChromium(t)
	s := newStreet(t)
	b := testkit.Chromium(t)
	b.Mute()
	b.Size(1440, 900)
	s.account("trieur", "Touria Amrani", actor.Grant{Role: actor.Dispatcher})
	s.signIn(b, "fr", "trieur")
	b.Open(s.site + "/fr/import")
	b.Upload("input[type=file]", real)
	b.Submit("main form")
	b.Follow("button[value=each]")
	if b.Count("main a[href$='/triage/next']") != 1 {
		t.Fatalf("the rows do not wait: %s at %s, %d", b.Text("h1"), b.URL(), b.Status())
	}
	b.Open(s.site + "/fr/triage/next")
	start, places := time.Now(), 0
	many := testkit.Size(12, 100)
	for range many {
		if b.Count("input[name=place]:checked:not([value=''])") == 0 && b.Count("input[name=place][data-key='1']") == 1 {
			b.Press("1") // a person would look; this measures the program
			places++
		}
		s.confirms(b)
	}
	took := time.Since(start)
	if n := s.made(); n != int64(many) {
		t.Fatalf("%d times Enter made %d requests", many, n)
	}
	testkit.Report(t, "chromium", "%d real requests: %.1f s of the program and the browser; for %d a place was chosen by its digit", many, took.Seconds(), places)
}

func TestTriageIsReadOnAPhoneAndAtADesk(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	s := newStreet(t)
	b := testkit.Chromium(t)
	s.triages(b, "ar", testkit.AsWhatsApp(testkit.Talk(60, 9), time.UTC))
	s.onDesk(b, "triage-list")
	b.Follow(".qi")
	for _, v := range b.Axe(t) {
		t.Errorf("%s", v)
	}
	s.onDesk(b, "triage-one")
	s.onPhone(b, "triage-one-phone")
	b.Open(strings.Replace(b.URL(), "/ar/", "/fr/", 1))
	b.Dark(true)
	s.onDesk(b, "triage-one-dark")
	b.Dark(false)
	for _, path := range []string{"/ar/import", "/fr/triage?state=aside"} {
		b.Open(s.site + path)
		s.onDesk(b, "triage-"+strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path), "-"))
	}
	b.Open(s.site + "/ar/import")
	file := filepath.Join(t.TempDir(), "_chat.txt")
	if err := os.WriteFile(file, []byte(testkit.AsWhatsApp(testkit.Talk(30, 11), time.UTC)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Upload("input[type=file]", file)
	b.Submit("main form")
	s.onDesk(b, "triage-chat")
	b.Submit("main form")
	s.onDesk(b, "triage-filed")
}
