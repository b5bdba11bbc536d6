package cases

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// What follows are ways in that somebody tried.

// api sends a request as a program does.
func (d *frontDesk) api(by actor.Actor, in map[string]any) (status int, out ReceiptOut) {
	d.w.t.Helper()
	d.by.Store(&by)
	body, err := json.Marshal(in)
	d.w.must(err)
	r, err := http.Post(d.srv.URL+"/api/v1/requests", "application/json", strings.NewReader(string(body)))
	d.w.must(err)
	defer r.Body.Close()
	said, err := io.ReadAll(r.Body)
	d.w.must(err)
	d.w.must(json.Unmarshal(said, &out))
	return r.StatusCode, out
}

func TestWhoReadsACaseCannotSendItAgainToBeToldItsDeliveryCode(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, somebody, mine := w.desk(), actor.Actor{Channel: "api"}, id.New[Case](w.clock.Now()).String()
		in := map[string]any{"id": mine, "service": "crisis_help", "lang": "fr", "answers": map[string]any{"need": []string{"food"},
			"where": map[string]any{"code": w.douar()}, "people": 4, "phone": string(phone1), "name": "Aicha", "words": "ask for Lahcen"}}
		status, first := d.api(somebody, in)
		if status != 201 || first.Code == "" {
			t.Fatalf("%d %+v", status, first)
		}
		if status, again := d.api(somebody, in); status != 200 || again.Receipt != first.Receipt || again.Code != first.Code {
			t.Errorf("the sender's retry gave %d %+v", status, again)
		}
		in["id"] = first.ID // what staff read in the address of the page
		if _, stolen := d.api(somebody, in); stolen.Code == first.Code {
			t.Error("the case's own identifier and its answers told the code again")
		}
		in["id"] = id.New[Case](w.clock.Now()).String()
		if _, desk := d.api(w.staff(actor.Agent, ""), in); desk.Code != "" {
			t.Error("an agent was told the code")
		}
		if _, stolen := d.api(somebody, in); stolen.Code != "" || !stolen.Again {
			t.Errorf("what an agent took down, sent again by nobody, told the code: %+v", stolen)
		}
	})
}

func TestALanguageThatIsNoneIsThatOfThePage(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		status, out := w.desk().api(actor.Actor{Channel: "api"}, map[string]any{"service": "crisis_help", "lang": "nonsense", "answers": map[string]any{
			"need": []string{"food"}, "where": map[string]any{"code": w.douar()}, "people": 4, "phone": string(phone1)}})
		if status != 201 {
			t.Fatal(status)
		}
		cid, err := id.Parse[Case](out.ID)
		w.must(err)
		if got := w.get(cid).Lang; got != "ar" && got != "fr" && got != "en" && got != "zgh" {
			t.Errorf("kept the language %q", got)
		}
	})
}

func TestNobodyLearnsFromATrackerOfTheirOwnOfAConcernAboutAnother(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), person()
		d.by.Store(&by)
		child := w.ask(forms.Answers{"need": []string{"rescue"}, "fragile": []string{"child_alone"}})
		mine := w.ask(forms.Answers{"phone": forms.Phone("+212661000001")})
		all, err := w.Concerns(t.Context(), w.staff(actor.Safeguarding, ""))
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
		complain := func(under string) string {
			form := url.Values{"id": {under}, "kind": {"late"}, "text": {"nobody came"}}
			r, err := http.NewRequest("POST", d.srv.URL+"/en/track/complain", strings.NewReader(form.Encode()))
			w.must(err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: trackCookie, Value: w.pass(Holder{Case: mine.ID}, w.clock.Now())})
			answer, err := http.DefaultClient.Do(r)
			w.must(err)
			defer answer.Body.Close()
			page, err := io.ReadAll(answer.Body)
			w.must(err)
			if answer.StatusCode != 200 {
				t.Fatal(answer.StatusCode, saidOn(string(page)))
			}
			return saidOn(string(page))
		}
		n := all[0].Receipt
		if said := complain(child.ID.String()); strings.Contains(said, n.String()) || strings.Contains(said, n.Groups()) {
			t.Error("a complaint under the identifier of a case told the receipt of the concern about it")
		}
		if again := id.New[Complaint](w.clock.Now()).String(); complain(again) != complain(again) {
			t.Error("sent twice is not sent once")
		}
	})
}

func TestAComplaintOfAbusePassesByWhoHadTheCaseLast(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, org := w.delivered()
		if err := w.Confirm(t.Context(), person(), DeedConfirm, out.ID, No); err != nil {
			t.Fatal(err)
		}
		if !w.get(out.ID).Org.IsZero() {
			t.Fatal("the case is somebody's still")
		}
		def, _ := w.current("crisis_help")
		for _, k := range def.Complaints {
			if !k.Restricted {
				continue
			}
			if _, _, err := w.Complain(t.Context(), out.ID, id.New[Complaint](w.clock.Now()), k.Code, "He asked for something", "fr"); err != nil {
				t.Fatal(err)
			}
		}
		inside := w.staff(actor.Safeguarding, "")
		if all, _ := w.Concerns(t.Context(), inside); len(all) == 0 {
			t.Fatal("the trained people do not have it")
		}
		inside.Grants = append(inside.Grants[:1:1], actor.Grant{Role: actor.Leader, Org: org.Org, Recognised: true})
		if all, _ := w.Concerns(t.Context(), inside); len(all) != 0 {
			t.Error("somebody of the organisation reads what is said of it")
		}
	})
}

func TestAnOrganisationSuspendedMeanwhileTakesNothing(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.ask(nil), w.staff(actor.Coordinator, tidili) // recognised as the request came in
		w.orgs.suspended[by.Org] = true
		if err := w.Claim(t.Context(), by, out.ID); kind(err) != "error.organisation_not_recognised" {
			t.Errorf("a claim gave %v", err)
		}
	})
}

func TestAJoinedCaseTakesItsVoicesAlong(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		by := w.staff(actor.Dispatcher, tidili)
		voice, middle, last := w.ask(nil), w.ask(nil), w.ask(nil)
		for _, pair := range [][2]CaseID{{voice.ID, middle.ID}, {middle.ID, last.ID}} {
			if err := w.Merge(t.Context(), by, pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.get(voice.ID).MergedInto; got != last.ID {
			t.Errorf("the first voice leads to %s", got)
		}
	})
}

func TestACrisisIsOpenedAndClosedWhereItsOpenerWorks(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		here, all := w.staff(actor.CrisisCell, tidili), w.staff(actor.CrisisCell, "")
		for _, area := range [][]string{nil, {"09.541"}, {tidili, "09.541"}} {
			if _, err := w.OpenCrisis(t.Context(), here, "earthquake", area); kind(err) != "error.denied_here" {
				t.Errorf("in %v: %v", area, err)
			}
		}
		k, err := w.OpenCrisis(t.Context(), all, "earthquake", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.CloseCrisis(t.Context(), here, k.ID); kind(err) != "error.denied_here" {
			t.Errorf("the country's crisis was closed from one province: %v", err)
		}
	})
}

func TestFourDigitsCannotBeTriedOut(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, out, let := w.desk(), w.ask(nil), 0
		for range 100 { // slowly enough for the quarter of an hour
			if status, page := d.post(actor.Actor{Channel: "web"}, "/en/track", "number", out.Receipt.String(), "word", "0000"); status == 422 && !strings.Contains(saidOn(page), "Too many tries") {
				let++
			}
			w.clock.Advance(3 * time.Minute)
		}
		if let > 30 {
			t.Errorf("%d tries in five hours", let)
		}
	})
}

func TestAWordOfSignsOpensNoTracker(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ask := func(word string) (Asked, error) {
			return w.Ask(t.Context(), person(), DeedAsk, Request{Service: "crisis_help", Lang: "ar", Channel: "web", Answers: w.answers(forms.Answers{"phone": nil, "secret": word})})
		}
		for _, word := range []string{"؟؟؟؟", "!!!!", "a...", "ــــ"} {
			if _, err := ask(word); !strings.Contains(kind(err), "letters") && !strings.Contains(kind(err), "word_short") {
				t.Errorf("%q was taken: %v", word, err)
			}
		}
		out, err := ask("زيتون ١٢")
		if err != nil {
			t.Fatal(err)
		}
		for typed, opens := range map[string]bool{"زيتون 12": true, "": false, "!": false, "؟؟؟؟": false} {
			if _, err := w.Recognise(t.Context(), out.Receipt, typed); (err == nil) != opens {
				t.Errorf("%q gives %v", typed, err)
			}
		}
	})
}

func TestWhoWasForgottenIsNotTakenUpAgain(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		by := w.staff(actor.Dispatcher, tidili)
		out, joined, into := w.ask(nil), w.ask(nil), w.ask(nil)
		for _, err := range []error{w.End(t.Context(), by, DeedRefuse, out.ID, "nothing_left", ""), w.Merge(t.Context(), by, joined.ID, into.ID),
			w.Erase(t.Context(), person(), out.ID), w.Erase(t.Context(), person(), joined.ID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for what, err := range map[string]error{"by a tracker left open": w.Reopen(t.Context(), person(), DeedReopen, out.ID),
			"by staff": w.Reopen(t.Context(), by, DeedReopenFor, out.ID), "taken apart": w.Unmerge(t.Context(), by, joined.ID)} {
			if kind(err) != "cases.case.cannot_now" {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
