package cases

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const elsewhere = "09.541" // Taroudannt: not where the story happens

func TestWhoCouldNotSeeACaseIsNotToldWhoHasIt(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, owner := w.owned()
		name := "Org " + owner.Org.String()[30:]
		path := "/en/cases/" + out.ID.String()
		far := []actor.Actor{w.staff(actor.Coordinator, elsewhere), w.staff(actor.Dispatcher, elsewhere)}
		other := w.staff(actor.Coordinator, tidili)
		other.Grants[0].Service = "road_report"
		for _, by := range append(far, other) {
			page, _ := d.get(by, path)
			for _, word := range []string{"claim", "release", "assign", "contact", "refuse", "reveal"} {
				status, said := d.post(by, path+"/"+word, "result", "reached", "reason", "call", "team", id.New[teamKind](w.clock.Now()).String())
				if strings.Contains(said, name) {
					t.Errorf("%s by a %s who cannot see the case names its owner", word, by.Grants[0].Role)
				}
				if status != page {
					t.Errorf("%s by a %s answers %d, its page %d", word, by.Grants[0].Role, status, page)
				}
			}
			if status, said := d.post(by, "/api/v1/cases/"+out.ID.String()+"/claim"); status != page || strings.Contains(said, name) {
				t.Errorf("the API answers a %s %d: %s", by.Grants[0].Role, status, said)
			}
		}
		near := w.staff(actor.Coordinator, tidili) // might have gone: sees the case as taken
		if status, said := d.post(near, path+"/claim"); status != http.StatusConflict || !strings.Contains(said, name) {
			t.Errorf("who comes second is not told by whom: %d", status)
		}
		if status, said := d.post(near, "/api/v1/cases/"+out.ID.String()+"/claim"); status != http.StatusConflict || !strings.Contains(said, name) {
			t.Errorf("a program that comes second is not told by whom: %d %s", status, said)
		}
	})
}

func TestAMissionAcrossTheLineIsNotToldWhoHasTheCase(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, _ := w.owned()
		far := w.staff(actor.Coordinator, elsewhere)
		if _, err := w.CheckCode(t.Context(), far, out.ID, "000000"); kind(err) != "error.denied_here" {
			t.Errorf("a code tried from afar: %v", err)
		}
		if err := w.Claim(t.Context(), far, out.ID); kind(err) != "error.denied_here" {
			t.Errorf("a claim from afar: %v", err)
		}
	})
}

func TestAServiceThatNarrowsWhoHandsOverNarrowsWhoTriesTheCode(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.delivered()
		body, err := packs.FS.ReadFile("services/crisis_help.yaml")
		if err != nil {
			t.Fatal(err)
		}
		narrow := strings.Replace(string(body), "  deliver: [leader, coordinator, dispatcher, crisis_cell]", "  deliver: [leader, dispatcher, crisis_cell]", 1)
		if narrow == string(body) {
			t.Fatal("the service does not name who delivers as this test expects")
		}
		if err := w.h.DB.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO cases_service (code, version, hash, body, at) VALUES ('crisis_help', 99, 'x', ?1, ?2)`, narrow, tx.Now()); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE cases_case SET service_version = 99 WHERE id = ?1`, out.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.CheckCode(t.Context(), by, out.ID, out.Code); fault.KindOf(err) != fault.Denied {
			t.Errorf("a coordinator who may not hand over tried a code: %v", err)
		}
		lead := w.staff(actor.Leader, tidili)
		lead.Grants[0].Org = by.Org
		if ok, err := w.CheckCode(t.Context(), lead, out.ID, out.Code); err != nil || !ok {
			t.Errorf("a leader who may was refused: %v", err)
		}
	})
}

func TestAnOldPassOpensNothingOfWhoWasForgotten(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), person()
		d.by.Store(&by)
		out := w.ask(nil)
		pass := w.pass(Holder{Case: out.ID}, w.clock.Now())
		w.must(w.End(t.Context(), w.staff(actor.Dispatcher, tidili), DeedRefuse, out.ID, "nothing_left", ""))
		knock := func(method, path string) (int, string) {
			form := url.Values{"stars": {"5"}, "answer": {"yes"}, "id": {id.New[Complaint](w.clock.Now()).String()}, "kind": {"late"}, "text": {"nobody came"}}
			r, err := http.NewRequest(method, d.srv.URL+path, strings.NewReader(form.Encode()))
			w.must(err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: trackCookie, Value: pass})
			c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			answer, err := c.Do(r)
			w.must(err)
			answer.Body.Close()
			return answer.StatusCode, answer.Header.Get("Location")
		}
		if status, _ := knock("GET", "/en/track/open"); status != 200 {
			t.Fatalf("a closed case is closed to its person: %d", status)
		}
		w.must(w.Erase(t.Context(), person(), out.ID))
		for _, path := range []string{"/en/track/open", "/en/track/complain"} {
			if status, to := knock("GET", path); status != 303 || to != "/en/track" {
				t.Errorf("%s opens: %d %s", path, status, to)
			}
		}
		for _, word := range []string{"answer", "reopen", "rate", "erase", "complain"} {
			if status, _ := knock("POST", "/en/track/"+word); status != 403 {
				t.Errorf("%s with an old pass answers %d", word, status)
			}
		}
		if _, _, err := w.Complain(t.Context(), out.ID, id.New[Complaint](w.clock.Now()), "late", "nobody came", "fr"); kind(err) != "cases.track.open_again" {
			t.Errorf("a complaint under way was taken: %v", err)
		}
		if err := w.Rate(t.Context(), out.ID, 5); kind(err) != "cases.track.open_again" {
			t.Errorf("a rating under way was taken: %v", err)
		}
	})
}
