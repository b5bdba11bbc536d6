package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// kindOf is the key of an error for people.
func kindOf(err error) string {
	if all, ok := errors.AsType[fault.All](err); ok {
		return all[0].Key
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Key
	}
	return fmt.Sprint(err)
}

func staffOf(h *House, r actor.Role, territory string) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](h.clock.Now()), Name: "Idder", Grants: []actor.Grant{{Role: r, Territory: territory, Recognised: true}}, Channel: "web"}
}

func TestImportingAFileAgainAddsNothingAndAWrongRowHindersNoOther(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{})
		body := "id,received_at,needs_codes,nearest_city_raw,place_text,village_text,lat,lon,info_text,lang,contact_group\n" +
			"A1,2026-02-20T10:00,shelter|food_water,,Asni,,31.25,-7.98,words of one,ar,7\n" +
			"A2,2026-02-20T10:05,rescue,,somewhere nobody knows,,,,,fr,7\n" +
			"A3,not a time,food_water,,Asni,,,,,ar,8\n" +
			",2026-02-20T10:00,food_water,,Asni,,,,,ar,9\n" +
			"A5,2026-02-20T10:00,food_water,,,,,,,ar,9\n"
		by := staffOf(h, actor.CrisisCell, "")
		done, failed, err := h.Intake.TakeFile(t.Context(), by, []byte(body), kindOf)
		if err != nil || done.Added != 2 || len(done.Failed) != 3 || !strings.Contains(string(failed), "A3") {
			t.Fatalf("%+v %v %s", done, err, failed)
		}
		again, _, err := h.Intake.TakeFile(t.Context(), by, []byte(body), kindOf)
		if err != nil || again.Added != 0 || again.Again != 2 {
			t.Errorf("again: %+v %v", again, err)
		}
		if _, _, err := h.Intake.TakeFile(t.Context(), staffOf(h, actor.Agent, ""), []byte(body), kindOf); fault.KindOf(err) != fault.Denied {
			t.Error("anybody may import:", err)
		}
	})
}

func TestTheRequestsOfSeptember2023AreTakenInAndWorked(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile(testkit.Shared(t, "data", "nt3awnou", "help_requests.csv"))
	if err != nil {
		t.Fatal(err)
	}
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{})
		by := staffOf(h, actor.CrisisCell, "")
		done, _, err := h.Intake.TakeFile(t.Context(), by, body, kindOf)
		if err != nil {
			t.Fatal(err)
		}
		if done.Rows != 949 || done.Added+len(done.Failed) != 949 || len(done.Failed) > 20 {
			t.Fatalf("%d rows, %d taken in, %d failed", done.Rows, done.Added, len(done.Failed))
		}
		again, _, err := h.Intake.TakeFile(t.Context(), by, body, kindOf)
		if err != nil || again.Added != 0 {
			t.Errorf("again added %d: %v", again.Added, err)
		}
		var ranks []int64
		err = h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			ranks, err = db.List(tx, db.Int, `SELECT rank FROM cases_case WHERE phase = ?1 AND merged_into IS NULL`, string(service.Open))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		first := 0
		for _, r := range ranks {
			if r == 0 {
				first++
			}
		}
		if len(ranks) != done.Added-done.Restricted || first == 0 {
			t.Errorf("%d are open, %d of them first", len(ranks), first)
		}
	})
}

// What earlier releases kept of files: the first in clear, the next sealed.
func TestWhatEarlierReleasesKeptOfFilesIsCarriedOver(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{})
		handler, by := h.Handler(), somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator})
		token, err := h.People.Session(t.Context(), System("test"), by)
		if err != nil {
			t.Fatal(err)
		}
		mapping := `{"code":"file","service":"crisis_help","id":"id","columns":{"words":{"from":["Fadma of Tizi"]}}}`
		first, next, waits := freshID(), freshID(), freshID()
		err = h.DB.Write(t.Context(), func(tx *db.Tx) error {
			add := func(iid, name, mapping, state string, sealed, body, errors []byte) error {
				_, err := tx.Exec(`INSERT INTO cases_import (id, name, service, mapping, sealed, body, errors, state, rows, added, again, failed, account, made_at, done_at)
					VALUES (?1, ?2, 'crisis_help', ?3, ?4, ?5, ?6, ?7, 1, 0, 0, 1, ?8, ?9, ?9)`, iid, name, mapping, sealed, body, errors, state, by, tx.Now())
				return err
			}
			about, err := json.Marshal(map[string]any{"name": "Aicha.csv", "mapping": json.RawMessage(mapping)})
			if err != nil {
				return err
			}
			if err := add(first, "Lahcen.csv", mapping, "done", nil, nil, nil); err != nil {
				return err
			}
			if err := add(next, "", "", "done", h.Vault.Seal(crypt.At("cases_import.sealed", next), about), nil, h.Vault.Seal(crypt.At("cases_import.errors", next), []byte("id,why\n1,two\n"))); err != nil {
				return err
			}
			if err := add(waits, "", "", "preview", h.Vault.Seal(crypt.At("cases_import.sealed", waits), about), h.Vault.Seal(crypt.At("cases_import.body", waits), []byte("id,Fadma of Tizi\n1,x\n")), nil); err != nil {
				return err
			}
			for _, heads := range []string{"id\x1fFadma of Tizi", "7\x1f0661234542"} {
				if _, err := tx.Exec(`INSERT INTO cases_mapping (heads, mapping, at) VALUES (?1, ?2, ?3)`, heads, mapping, tx.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // again changes nothing
			if err := h.carryFiles(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if left := strings.Join(countRows(t, h, "cases_import", "cases_mapping", "cases_reading"), " "); strings.Trim(left, " 0abcdefghijklmnopqrstuvwxyz_:=,") != "" {
			t.Errorf("something is left: %s", left)
		}
		if kept := keptOfFiles(t, h); strings.Contains(kept, "Lahcen") || strings.Contains(kept, "Fadma") || strings.Contains(kept, "0661234542") {
			t.Error("it still stands in clear")
		}
		page := knock(handler, "GET", "/en/import", token, nil).Body.String()
		if !strings.Contains(page, "Lahcen.csv") || !strings.Contains(page, "Aicha.csv") {
			t.Error("their owner lost them")
		}
		if w := knock(handler, "GET", "/en/import/"+next+"/errors.csv", token, nil); !strings.Contains(w.Body.String(), "1,two") {
			t.Errorf("the rows that failed are lost: %d", w.Code)
		}
		if w := knock(handler, "GET", "/en/import/"+waits, token, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `value="Fadma of Tizi" selected`) {
			t.Errorf("the file that waited is lost: %d", w.Code)
		}
		w := upload(handler, "/en/import", token, "again.csv", "id,Fadma of Tizi\n2,y\n")
		if w := knock(handler, "GET", w.Header().Get("Location"), token, nil); !strings.Contains(w.Body.String(), `value="Fadma of Tizi" selected`) {
			t.Error("how these heads are read was lost")
		}
	})
}

// keptOfFiles is what a thief reads of them.
func keptOfFiles(t *testing.T, h *House) (all string) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{`SELECT sealed FROM intake_file`, `SELECT errors FROM intake_file WHERE errors IS NOT NULL`, `SELECT body FROM intake_file WHERE body IS NOT NULL`, `SELECT sealed FROM intake_reading`} {
			raw, err := db.List(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, q)
			if err != nil {
				return err
			}
			for _, b := range raw {
				all += string(b)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A whole house: from a chat to requests, by the pages, with the real cases.
func TestNothingOfAChatBecomesACaseBeforeAPersonConfirms(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{})
		handler := h.Handler()
		token, err := h.People.Session(t.Context(), System("test"), somebody(t, h, "touria", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
		if err != nil {
			t.Fatal(err)
		}
		post := func(path string, form url.Values) (int, string) {
			t.Helper()
			w := knock(handler, "POST", path, token, form)
			if w.Code != http.StatusSeeOther && w.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", path, w.Code, mainOf(w.Body.String()))
			}
			return w.Code, w.Header().Get("Location")
		}
		cased := func() int { return len(casesOf(t, h)) }
		talk := "09/09/2023, 03:10 - A: Ijoukak, des gens sous les décombres. Tel 0661234542\n09/09/2023, 03:11 - B: Ijoukak : 20 tentes pour 30 personnes, appelez le 06 61 23 45 42\n09/09/2023, 03:12 - C: Asni, il manque de l'eau pour 12 personnes\n"
		to := upload(handler, "/fr/import", token, "_chat.txt", talk).Header().Get("Location")
		post(to, url.Values{"act": {"each"}})
		if cased() != 0 {
			t.Fatal("requests were made by nobody")
		}
		first := knock(handler, "GET", "/fr/triage/next", token, nil).Header().Get("Location")
		page := knock(handler, "GET", first, token, nil).Body.String()
		if !strings.Contains(page, `value="rescue" checked`) || strings.Contains(page, "61234542") {
			t.Fatalf("the first is not the one in danger, or tells a number:\n%s", mainOf(page))
		}
		place := chosenPlace(t, page)
		post(first, url.Values{"act": {"confirm"}, "need": {"rescue"}, "place": {place}, "call": {"1"}})
		all := casesOf(t, h)
		if len(all) != 1 || all[0] != "1 import received" {
			t.Fatalf("cases: %v", all)
		}
		find := func(words string) string {
			t.Helper()
			for _, m := range regexp.MustCompile(`class="qi" href="(/fr/triage/[^"]+)"`).FindAllStringSubmatch(knock(handler, "GET", "/fr/triage", token, nil).Body.String(), -1) {
				if page = knock(handler, "GET", m[1], token, nil).Body.String(); strings.Contains(page, words) {
					return m[1]
				}
			}
			t.Fatalf("no message says %s", words)
			return ""
		}
		second := find("tentes")
		into := regexp.MustCompile(`name="into" value="([^"]+)"`).FindStringSubmatch(page)
		if into == nil {
			t.Fatalf("the same number is not shown as alike:\n%s", mainOf(page))
		}
		post(second, url.Values{"act": {"join"}, "into": {into[1]}, "need": {"shelter"}, "people": {"30"}, "place": {place}, "call": {"1"}})
		if got := countRows(t, h, "cases_join"); !strings.HasSuffix(strings.Join(got, ""), "1") {
			t.Errorf("joined: %v", got)
		}
		post("/fr/triage/undo", url.Values{})
		open := 0
		for _, c := range casesOf(t, h) {
			if strings.HasSuffix(c, "received") {
				open++
			}
		}
		if open != 1 {
			t.Errorf("after undoing: %v", casesOf(t, h))
		}
		post(find("manque"), url.Values{"act": {"aside"}, "reason": {"told_before"}})
		if cased() != 2 {
			t.Errorf("cases: %v", casesOf(t, h))
		}
	})
}

// casesOf is every case as its level, its channel and its state.
func casesOf(t *testing.T, h *House) (all []string) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (string, error) {
			var level int
			var channel, state string
			err := r.Scan(&level, &channel, &state)
			return fmt.Sprintf("%d %s %s", level, channel, state), err
		}, `SELECT level, channel, state FROM cases_case ORDER BY made_at, id`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func chosenPlace(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`name="place" value="([^"]+)" checked`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no place is chosen")
	}
	return m[1]
}

func TestARequestThatSomebodyTookUpIsNotTakenBack(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{})
		by := staffOf(h, actor.CrisisCell, "")
		body := "id,need,where,people\n1,food,Asni,3\n2,water,Asni,4\n"
		var made []string
		_, _, err := h.Intake.TakeFile(t.Context(), by, []byte(body), kindOf)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			made, err = db.List(tx, db.Text, `SELECT id FROM cases_case ORDER BY id`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		one, two := caseIDOf(t, made[0]), caseIDOf(t, made[1])
		if err := h.Cases.Contact(t.Context(), by, one, "reached", ""); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.TakeBack(t.Context(), by, one); fault.KindOf(err) != fault.Conflict {
			t.Errorf("somebody called, and it was taken back: %v", err)
		}
		for range 2 { // again is welcome
			if err := h.Cases.TakeBack(t.Context(), by, two); err != nil {
				t.Error(err)
			}
		}
		if err := h.Cases.TakeBack(t.Context(), staffOf(h, actor.Coordinator, ""), one); fault.KindOf(err) != fault.Denied {
			t.Errorf("anybody takes back: %v", err)
		}
	})
}

func caseIDOf(t *testing.T, text string) cases.CaseID {
	t.Helper()
	k, err := id.Parse[cases.Case](text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The port tells intake all that it asks for.
var _ intake.Cases = intakeCases{}
