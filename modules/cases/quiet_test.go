package cases

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
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

// bring uploads a file as its reader does.
func (d *frontDesk) bring(by actor.Actor, name, body string) (status int, said, to string) {
	d.w.t.Helper()
	d.by.Store(&by)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	d.w.must(err)
	io.WriteString(part, body)
	d.w.must(m.Close())
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.Post(d.srv.URL+"/en/import", m.FormDataContentType(), &b)
	d.w.must(err)
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	d.w.must(err)
	return r.StatusCode, saidOn(string(page)), r.Header.Get("Location")
}

func TestAFileWithoutHeadsIsTurnedAwayBeforeAnyOfItIsKept(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, tidili)
		for _, line := range []string{"7,Aicha,0661234542,food", "7;Aicha;٠٦٦١٢٣٤٥٤٢;food", "7,Aicha,31.2345,-7.8912", `7,"31.2, -7.8",food`, "7,2023-09-09T03:12,food",
			"7,aicha@example.org,food", "7,food,\"" + strings.Repeat("the houses fell and we wait ", 6) + "\"", "AB123456789,food"} {
			status, said, _ := d.bring(by, "list.csv", line+"\n8,x,y,z\n")
			if status != 422 || !strings.Contains(said, "Add a first line with the names of the columns") || strings.Contains(said, "Aicha") {
				t.Errorf("%q: %d", line, status)
			}
			if _, _, err := w.TakeFile(t.Context(), by, []byte(line+"\n8,x,y,z\n"), nil); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q by the command line: %v", line, err)
			}
		}
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			n, err := db.One(tx, db.Int, `SELECT (SELECT COUNT(*) FROM cases_import) + (SELECT COUNT(*) FROM cases_reading) + (SELECT COUNT(*) FROM cases_mapping)`)
			if n != 0 {
				t.Errorf("%d rows were kept", n)
			}
			return err
		}))
		for _, heads := range []string{"id,received_at,lang,contact_group,needs_codes,village_text,lat,lon", "رقم الهاتف,الاسم,المكان", "phone2,2023,need", "id,What do you need most right now? (choose several)"} {
			if status, _, _ := d.bring(by, "list.csv", heads+"\n1,2,3,4,5,6,7,8\n"); status != 303 {
				t.Errorf("%q are heads, and were refused: %d", heads, status)
			}
		}
	})
}

func TestWhatAFileIsCalledAndHowItsColumnsAreNamedIsSealed(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, tidili)
		body := "id,need,Fadma of Tizi\n1,food,x\n"
		status, _, to := d.bring(by, "Lahcen Ait Brahim.csv", body)
		if status != 303 {
			t.Fatal(status)
		}
		if status, _ := d.post(by, to, "id", "id", "q.words", "Fadma of Tizi", "act", "map"); status != 303 {
			t.Fatal(status)
		}
		if dump := w.dump(); strings.Contains(dump, "Lahcen") || strings.Contains(dump, "Fadma of Tizi") {
			t.Error("the name of the file or of a column stands in a table")
		}
		if _, page := d.get(by, to); !strings.Contains(page, "Lahcen Ait Brahim.csv") {
			t.Error("its owner does not see which file it is")
		}
		if status, _ := d.post(by, to, "id", "id", "q.words", "Fadma of Tizi", "act", "take"); status != 200 {
			t.Fatal(status)
		}
		if _, page := d.get(by, "/en/import"); !strings.Contains(page, "Lahcen Ait Brahim.csv") {
			t.Error("the files brought before do not list it")
		}
		_, _, again := d.bring(by, "other.csv", body)
		if _, page := d.get(by, again); !strings.Contains(page, `value="Fadma of Tizi" selected`) {
			t.Error("how the columns are read was not remembered for the same heads")
		}
	})
}

func TestWhatTheFirstReleaseKeptInClearAboutFilesIsSealedAtTheStart(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, tidili)
		mapping := `{"code":"file","service":"crisis_help","id":"id","columns":{"words":{"from":["Fadma of Tizi"]}}}`
		iid := id.New[importKind](w.clock.Now())
		w.must(w.h.DB.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO cases_import (id, name, service, mapping, state, rows, added, again, failed, account, made_at, done_at)
				VALUES (?1, 'Lahcen.csv', 'crisis_help', ?2, 'done', 1, 1, 0, 0, ?3, ?4, ?4)`, iid, mapping, by.Account, tx.Now()); err != nil {
				return err
			}
			for _, heads := range []string{"id\x1fFadma of Tizi", "7\x1f0661234542"} {
				if _, err := tx.Exec(`INSERT INTO cases_mapping (heads, mapping, at) VALUES (?1, ?2, ?3)`, heads, mapping, tx.Now()); err != nil {
					return err
				}
			}
			return nil
		}))
		for range 2 { // again changes nothing
			w.must(w.SealImports(context.Background()))
		}
		if dump := w.dump(); strings.Contains(dump, "Lahcen") || strings.Contains(dump, "Fadma") || strings.Contains(dump, "0661234542") {
			t.Error("it still stands in clear")
		}
		if _, page := d.get(by, "/en/import"); !strings.Contains(page, "Lahcen.csv") {
			t.Error("its owner lost it")
		}
		m, err := w.mappingFor(t.Context(), Table{Heads: []string{"id", "Fadma of Tizi"}})
		if err != nil || len(m.Columns) != 1 {
			t.Errorf("how these heads are read was lost: %+v %v", m, err)
		}
	})
}
