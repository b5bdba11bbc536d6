package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// struck is the commune of the epicentre.
const struck = "07.041.07.05"

func (h *House) mapOf(t *testing.T, k damage.Kind, file string) damage.LayerID {
	t.Helper()
	by := actor.Actor{System: "test"}
	all, err := damage.Read([]byte(file), map[string]bool{"mmi": true, "damage": true})
	if err != nil {
		t.Fatal(err)
	}
	lid, _, err := h.Damage.Bring(t.Context(), by, damage.Layer{Kind: k, Name: "x", Source: "USGS", Licence: "public domain", Author: "Idder", Dated: "2023-09-08"}, []byte(file), all)
	if err == nil {
		err = h.Damage.Accept(t.Context(), by, lid)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return lid
}

func (h *House) askFrom(t *testing.T, place string, need []string) cases.Asked {
	t.Helper()
	out, err := h.Cases.Ask(t.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "web",
		Answers: forms.Answers{"need": need, "where": forms.Place{Code: place}, "people": int64(4), "secret": "two olive trees"}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stands is the level and rank of a case, and the codes of its reasons.
func (h *House) stands(t *testing.T, c cases.CaseID) (level, rank int, reasons string) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		k, err := h.Cases.Get(tx, c)
		if err == nil {
			level, rank = k.Level, k.Rank
			for _, r := range k.Reasons {
				reasons += r.Code + " "
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return level, rank, reasons
}

func TestAMapOfDamageRaisesNewAndOpenRequestsWithItsReasonAndLowersNobody(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, &clock.Held{At: morning})
		quiet, other, trapped := h.askFrom(t, struck, []string{"food"}), h.askFrom(t, "01.051.01.01", []string{"food"}), h.askFrom(t, struck, []string{"rescue"})
		if quiet.Level != 3 {
			t.Fatalf("food alone is of level %d", quiet.Level)
		}
		lid := h.mapOf(t, damage.Damage, "code,damage\n"+struck+",Destroyed\n")
		if level, rank, reasons := h.stands(t, quiet.ID); level != 2 || rank != 1 || !strings.HasPrefix(reasons, "place_damaged ") {
			t.Errorf("an open request stands at %d, rank %d, for %s", level, rank, reasons)
		}
		if level, _, _ := h.stands(t, other.ID); level != 3 {
			t.Errorf("a request from elsewhere moved to %d", level)
		}
		if level, rank, _ := h.stands(t, trapped.ID); level != 1 || rank != 0 {
			t.Errorf("people in danger now stand at %d, rank %d", level, rank)
		}
		fresh := h.askFrom(t, struck, []string{"shelter"})
		if level, rank, reasons := h.stands(t, fresh.ID); level != 2 || rank != 1 || !strings.Contains(reasons, "place_damaged") {
			t.Errorf("a new request stands at %d, rank %d, for %s", level, rank, reasons)
		}
		if err := h.Damage.Withdraw(t.Context(), actor.Actor{System: "test"}, lid); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Jobs.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if level, _, _ := h.stands(t, quiet.ID); level != 2 {
			t.Errorf("taking the map back lowered somebody to %d", level)
		}
		var lines int64
		if err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			lines, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record WHERE deed = 'cases.case.weigh'`)
			return err
		}); err != nil || lines != 1 {
			t.Errorf("%d lines tell of requests that rose (%v)", lines, err)
		}
	})
}

func TestWhatAPersonDecidedAboutUrgencyIsNotUndoneByTheSameReasons(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	h.mapOf(t, damage.Damage, "code,damage\n"+struck+",Destroyed\n")
	k := h.askFrom(t, struck, []string{"food"})
	if err := h.Cases.Prioritise(t.Context(), actor.Actor{System: "test"}, k.ID, 4, ""); err != nil {
		t.Fatal(err)
	}
	h.mapOf(t, damage.Damage, "code,damage\n"+struck+",Damaged\n")
	if level, _, _ := h.stands(t, k.ID); level != 4 {
		t.Errorf("a second map that says the same moved it to %d", level)
	}
}

// A citizen with the cheapest phone and no script tells of a road; the page is
// public by commune alone.
func TestACitizenTellsWithoutScriptAndNobodyReadsWhoItWas(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	door := h.Handler()
	w := knock(door, "GET", "/ar/report", "", nil)
	send := regexp.MustCompile(`/ar/report/[0-9a-f-]{36}/send`).FindString(w.Body.String())
	if w.Code != http.StatusOK || send == "" || w.Header().Get("X-Cache-Page") != "1" {
		t.Fatalf("%d, no form in %s", w.Code, w.Body)
	}
	if n := len(regexp.MustCompile(`<(input|select|textarea) [^>]*name="(words|phone|place\.text)"`).FindAllString(w.Body.String(), -1)) + 1; n != 4 {
		t.Errorf("%d things are asked", n)
	}
	douar := ""
	for _, d := range h.Places.All("douar") {
		if k, ok := h.Places.Commune(d.Code); ok && k.Code == struck {
			douar = d.Code
		}
	}
	form := url.Values{"what": {"road"}, "place.code": {douar}, "words": {"عند دار عائشة بنت علي"}, "phone": {"0661 00 00 07"}, "lat": {"31.13713"}, "lon": {"-8.43417"}}
	w = knock(door, "POST", send, "", form)
	done := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasSuffix(done, "/done") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w = knock(door, "POST", send, "", form); w.Header().Get("Location") != done {
		t.Errorf("sent again: %d", w.Code)
	}
	if w = knock(door, "GET", done, "", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "عائشة") {
		t.Errorf("%d", w.Code)
	}
	w = knock(door, "GET", "/en/reports", "", nil)
	body := w.Body.String()
	name, _ := h.Places.All("commune")[0].Name("en")
	if k, ok := h.Places.Get(struck); ok {
		name, _ = k.Name("en")
	}
	if w.Code != http.StatusOK || !strings.Contains(body, name) || !strings.Contains(body, "Not verified: one source") || !strings.Contains(body, "Nobody has arrived yet") {
		t.Errorf("the public page is %d: %s", w.Code, body)
	}
	d, _ := h.Places.Get(douar)
	douarName, _ := d.Name("en")
	for _, secret := range []string{"661000007", "61 00 00 07", "عائشة", "31.137", "-8.434", douar, ">" + douarName + "<"} {
		if strings.Contains(body, secret) {
			t.Errorf("the public page shows %q", secret)
		}
	}
}

func TestAReportThatWaitedOnAPhoneIsTakenByProgram(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	door := h.Handler()
	at := "/fr/report/" + id.New[damage.Report](morning).String() + "/send"
	send := func(form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+at, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w
	}
	form := url.Values{"_keep": {at}, "what": {"bridge"}, "place.text": {"Ighil"}}
	var out struct{ Receipt, Say, Done string }
	first := send(form)
	if err := json.Unmarshal(first.Body.Bytes(), &out); err != nil || first.Code != http.StatusOK || len(out.Receipt) != 9 || !strings.HasSuffix(out.Done, "/done") {
		t.Fatalf("%d %s (%v)", first.Code, first.Body, err)
	}
	if again := send(form); again.Body.String() != first.Body.String() {
		t.Errorf("%s became %s", first.Body, again.Body)
	}
	if bad := send(url.Values{"_keep": {at}}); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Body.String(), `"fields"`) {
		t.Errorf("%d %s", bad.Code, bad.Body)
	}
}

func TestManyReportsFromOneAddressAreStopped(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	door := h.Handler()
	stopped := 0
	for range 40 {
		w := knock(door, "POST", "/fr/report/"+freshID()+"/send", "", url.Values{"what": {"water"}, "place.code": {struck}})
		if w.Code == http.StatusTooManyRequests {
			stopped++
		}
	}
	if stopped != 10 {
		t.Errorf("%d of 40 were stopped", stopped)
	}
}

func TestACutRoadThatCitizensTellOfReachesThoseWhoKeepTheRoads(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	r, err := s.h.Damage.Tell(s.Context(), actor.Actor{Channel: "web"}, damage.Report{ID: id.New[damage.Report](morning), What: "road", Place: struck, Lang: "fr"}, damage.Private{})
	s.must(err)
	seen := 0
	for _, v := range visitors {
		w := knock(s.handler, "GET", "/fr/roads", v.token, nil)
		if strings.Contains(w.Body.String(), "/damage/reports/"+r.Claim.String()) {
			seen++
		}
	}
	if seen == 0 {
		t.Error(fmt.Sprint("nobody of ", len(visitors), " visitors sees it among the reports of roads"))
	}
}

func TestWhoIsOnTheWayStandsOnNoPublicPage(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t)
	for range s.douars {
		s.reportedDamage(false, false)
	}
	s.h.clock.(*clock.Held).Advance(time.Minute)
	says := func() string {
		w := knock(s.handler, "GET", "/en/reports?area=", "", nil) // with a question mark it is made anew
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	before := says()
	if !strings.Contains(before, "Nobody has arrived yet") {
		t.Fatalf("the page has no place that waits: %s", before)
	}
	_, stop := s.mission(true) // to a place of the same commune
	s.must(s.h.DB.Read(t.Context(), func(x *db.Tx) error {
		gone, err := s.h.Field.Gone(x, morning)
		if err == nil && len(gone) != 1 {
			t.Errorf("%v: nobody set out with %s", gone, stop)
		}
		return err
	}))
	if on := says(); on != before {
		t.Error("the page changes when a team sets out")
	}
}
