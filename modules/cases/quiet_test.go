package cases

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// What follows is about what must stay unsaid.

// send knocks as somebody, with a form, and follows nothing.
func (d *frontDesk) send(by actor.Actor, path, cookie string, form url.Values) *http.Response {
	d.w.t.Helper()
	d.by.Store(&by)
	r, err := http.NewRequest("POST", d.srv.URL+path, strings.NewReader(form.Encode()))
	d.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: trackCookie, Value: cookie})
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := c.Do(r)
	d.w.must(err)
	d.w.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func TestANumberThatStaffLookForStandsInNoAddress(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, tidili)
		out := w.ask(nil)
		answer := d.send(by, "/en/queue/find", "", url.Values{"q": {"06 61 23 45 42"}, "phase": {"open"}, "level": {"2"}})
		to := answer.Header.Get("Location")
		if answer.StatusCode != 303 || strings.Contains(strings.NewReplacer("+", "", "%20", "", "-", "").Replace(to), "61234542") || !strings.Contains(to, "level=2") {
			t.Fatalf("%d %q", answer.StatusCode, to)
		}
		status, page := d.get(by, to)
		if status != 200 || !strings.Contains(page, out.ID.String()) {
			t.Fatalf("the case of that number is not found: %d", status)
		}
		for _, m := range []string{"href=", "action=", "src="} {
			for _, part := range strings.Split(page, m)[1:] {
				if address, _, _ := strings.Cut(part, ">"); strings.Contains(strings.ReplaceAll(address, "+", ""), "61234542") {
					t.Errorf("an address of the page holds the number: %s", address)
				}
			}
		}
		if !strings.Contains(page, `method="post" action="/en/queue/find"`) {
			t.Error("the search of the page is not sent by POST")
		}
		if _, page := d.get(by, "/en/queue?q=0661234542&phase=open"); strings.Contains(page, `value="0661234542"`) {
			t.Error("a number in an address is still looked for")
		}
		if status, _ := d.get(w.staff(actor.Dispatcher, tidili), to); status != 200 {
			t.Errorf("somebody else's search: %d", status) // followed to an empty search
		}
		if other := d.follow(w.staff(actor.Dispatcher, tidili), to); other != "/en/queue?phase=open" {
			t.Errorf("somebody else reads what was looked for: %q", other)
		}
		w.clock.Advance(findFor + time.Second)
		if again := d.follow(by, to); again != "/en/queue?phase=open" {
			t.Errorf("the address finds for longer than it should: %q", again)
		}
	})
}

// follow is where a page sends its reader; "" when it shows itself.
func (d *frontDesk) follow(by actor.Actor, path string) string {
	d.w.t.Helper()
	d.by.Store(&by)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.Get(d.srv.URL + path)
	d.w.must(err)
	r.Body.Close()
	return r.Header.Get("Location")
}

func TestWhoeverHoldsAButtonDownFillsNoJournal(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), person()
		out := w.ask(nil)
		w.must(w.End(t.Context(), w.staff(actor.Dispatcher, tidili), DeedRefuse, out.ID, "nothing_left", ""))
		lines := func() (n int64) {
			w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
				n, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record WHERE subject = ?1`, subject(out.ID))
				return err
			}))
			return n
		}
		pass, before := w.pass(Holder{Case: out.ID}, w.clock.Now()), lines()
		last, said := 0, ""
		for range 25 {
			answer := d.send(by, "/en/track/rate", pass, url.Values{"stars": {"4"}})
			body, err := io.ReadAll(answer.Body)
			w.must(err)
			last, said = answer.StatusCode, saidOn(string(body))
		}
		if last != http.StatusTooManyRequests || !strings.Contains(said, "You have sent this several times") {
			t.Errorf("the last of 25 ratings answers %d: %s", last, said)
		}
		if n := lines() - before; n != sendsPerCase {
			t.Errorf("25 ratings left %d lines", n)
		}
		for _, word := range []string{"answer", "reopen", "complain"} {
			if status := d.send(by, "/en/track/"+word, pass, url.Values{"answer": {"yes"}, "id": {"x"}}).StatusCode; status == http.StatusTooManyRequests {
				t.Errorf("%s is closed by another door", word)
			}
			for range sendsPerCase {
				d.send(by, "/en/track/"+word, pass, url.Values{"answer": {"nonsense"}, "id": {id.New[Complaint](w.clock.Now()).String()}})
			}
			if status := d.send(by, "/en/track/"+word, pass, url.Values{"answer": {"yes"}, "id": {id.New[Complaint](w.clock.Now()).String()}}).StatusCode; status != http.StatusTooManyRequests {
				t.Errorf("%s has no limit: %d", word, status)
			}
		}
		w.clock.Advance(time.Hour)
		if status := d.send(by, "/en/track/rate", w.pass(Holder{Case: out.ID}, w.clock.Now()), url.Values{"stars": {"4"}}).StatusCode; status == http.StatusTooManyRequests {
			t.Error("an hour later it is still closed")
		}
	})
}
