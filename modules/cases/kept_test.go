package cases

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// phoned is what a phone hears about a form that it kept.
type phoned struct {
	status int
	keptOut
	Title  string
	Code   string
	Fields []struct{ Field, Title string }
}

// drains sends a form as the worker of a phone does: without cookies, for JSON.
func (d *frontDesk) drains(path string, v url.Values) (out phoned) {
	d.w.t.Helper()
	by := actor.Actor{Channel: "web"}
	d.by.Store(&by)
	r, err := http.NewRequest("POST", d.srv.URL+path, strings.NewReader(v.Encode()))
	d.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	d.w.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	d.w.must(err)
	out.status = answer.StatusCode
	if err := json.Unmarshal(body, &out); err != nil {
		d.w.t.Errorf("%s answers %d %s", path, answer.StatusCode, body)
	}
	return out
}

func (w *world) cases() (n int) {
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, func(r db.Row) (n int, err error) { return n, r.Scan(&n) }, `SELECT COUNT(*) FROM cases_case`)
		return err
	}))
	return n
}

// minted is the folder of a form whose identifier a phone made.
func (w *world) minted() string {
	return "/en/help/crisis_help/" + id.New[draftKind](w.clock.Now()).String() + "/"
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(_[a-z]+)" value="([^"]*)">`)

// carriedBy is what a page gives a phone to keep with a form.
func carriedBy(page string) url.Values {
	v := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

func TestAFormKeptOnAPhoneIsOneRequestHoweverOftenAndInWhateverOrderItIsSent(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, at := w.desk(), w.minted()
		form := w.filled(url.Values{"_all": {"1"}, "_keep": {at + "send"}})
		all := make([]phoned, 8)
		var wait sync.WaitGroup
		for i := range all { // two tabs, a repeated answer, a browser that was killed: all at once
			wait.Go(func() { all[i] = d.drains(at+"send", form) })
		}
		wait.Wait()
		for _, x := range append(all, d.drains(at+"send", form), d.drains(at+"send", url.Values{})) {
			if x.status != 200 || x.Receipt == "" || x.Receipt != all[0].Receipt || x.Done != at+"done" || !strings.Contains(x.Say, " ") {
				t.Errorf("%+v, first %s", x, all[0].Receipt)
			}
		}
		late := d.drains(at+"send", w.filled(url.Values{"_all": {"1"}, "need": {"water"}})) // written before, come after
		browser := d.window(t, actor.Actor{Channel: "web"})
		browser.send(at+"people", url.Values{"people": {"9"}}) // a step that had been under way
		if late.Receipt != all[0].Receipt || !strings.HasSuffix(browser.at, "/done") || w.cases() != 1 {
			t.Errorf("%d cases, %+v, at %s", w.cases(), late, browser.at)
		}
		if did, _ := id.Parse[draftKind](at[len(at)-37 : len(at)-1]); true {
			if _, err := w.ReadDraft(t.Context(), did); kind(err) != "cases.draft.gone" {
				t.Error("what was sent lies there as a draft still:", err)
			}
		}
		if second := d.drains(w.minted()+"send", form); second.Receipt == all[0].Receipt || w.cases() != 2 {
			t.Error("two people who filled in copies of one page became one request")
		}
	})
}

func TestWhatWasSaidOutlivesOurOwnCopyOfIt(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		helper := d.window(t, actor.Actor{Channel: "web"})
		at := helper.draft()
		consent := helps(HowSpoken)
		consent.Set("own", "yes") // their own phone: it may wait there
		helper.send(at+"helper", consent)
		_, page := helper.send(at+"all", w.filled(nil))
		out := carriedBy(page)
		if out.Get("_keep") != at+"send" || len(out.Get("_kept")) < 100 || personal.MatchString(page) != strings.Contains(page, "Ouzal") {
			t.Fatalf("the summary gives the phone %v", out)
		}
		w.clock.Advance(3 * draftLife)
		w.must(w.SweepDrafts(t.Context()))
		other := w.minted()
		if x := d.drains(other+"send", out); x.status != 404 || x.Code != "cases.draft.gone" {
			t.Errorf("what was sealed for one form opens another: %+v", x)
		}
		bent := url.Values{"_kept": {out.Get("_kept")[1:] + "A"}}
		if x := d.drains(at+"send", bent); x.status != 404 {
			t.Errorf("what we did not seal is believed: %+v", x)
		}
		x := d.drains(at+"send", out)
		if x.status != 200 || d.drains(at+"send", out).Receipt != x.Receipt || w.cases() != 1 {
			t.Fatalf("three days later: %+v", x)
		}
		var way string
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			way, err = db.One(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) }, `SELECT way FROM cases_case`)
			return err
		}))
		if way != "helper" {
			t.Errorf("the helper's consent did not travel along: %q", way)
		}
	})
}

func TestARefusedFormSaysWhyAndIsMendedUnderItsOwnName(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, at := w.desk(), w.minted()
		form := w.filled(url.Values{"_all": {"1"}, "_keep": {at + "send"}, "people": {"a few"}})
		x := d.drains(at+"send", form)
		if x.status != 422 || len(x.Fields) != 1 || x.Fields[0].Field != "people" || x.Fields[0].Title == "" || w.cases() != 0 {
			t.Fatalf("%+v", x)
		}
		browser := d.window(t, actor.Actor{Channel: "web"})
		if status, page := browser.send(at+"all", form); status != 422 || !strings.Contains(page, "a few") || !strings.Contains(page, "the bridge of Tamaloukt") || !strings.Contains(page, "e-people") {
			t.Fatalf("mending it: %d %s", status, page)
		}
		form.Set("people", "5")
		browser.send(at+"all", form)
		if status, page := browser.send(at+"send", url.Values{}); status != 200 || !strings.HasSuffix(browser.at, "/done") || w.cases() != 1 {
			t.Errorf("mended: %d at %s: %s", status, browser.at, page)
		}
		if again := d.drains(at+"send", form); again.status != 200 || w.cases() != 1 {
			t.Errorf("the phone, which does not know yet, sends it too: %+v", again)
		}
	})
}

func TestWhatIsMissingIsNoReasonToRefuseAFormOfSomebodyWhoCanBeCalled(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		form := url.Values{"_all": {"1"}, "need": {"water"}, "where.text": {"somewhere above the river"}, "phone": {"0661234542"}}
		if x := d.drains(w.minted()+"send", form); x.status != 200 || w.cases() != 1 {
			t.Errorf("the number of people is missing: %+v", x)
		}
		form.Del("phone")
		if x := d.drains(w.minted()+"send", form); x.status != 422 || len(x.Fields) != 2 || w.cases() != 1 {
			t.Errorf("nobody can be called: %+v", x)
		}
		at := w.minted()
		form.Set("phone", "0661234543")
		if status, page := d.window(t, actor.Actor{Channel: "web"}).send(at+"send", form); status != 422 || !strings.Contains(page, "e-people") {
			t.Errorf("somebody who sits before the page is asked: %d", status)
		}
	})
}

func TestACopyOfTheFormTakesNothingAwayThatWasSaidBefore(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		browser := d.window(t, actor.Actor{Channel: "web"})
		at := browser.draft()
		browser.send(at+"for_whom", url.Values{"for_whom": {"other"}})
		browser.send(at+"need", url.Values{"need": {"food", "water"}})
		x := d.drains(at+"send", url.Values{"_all": {"1"}, "need": {"shelter"}, "where.code": {w.douar()}, "people": {"5"}, "phone": {"0661234542"}})
		if x.status != 200 {
			t.Fatalf("%+v", x)
		}
		var k *Case
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			all, err := casesByPhone(tx, w.vault.Index("phone", string(phone1)), 1)
			if err == nil {
				k = all[0]
			}
			return err
		}))
		if strings.Join(k.Needs, " ") != "shelter" || !strings.Contains(k.Answers, `"other"`) {
			t.Errorf("kept %v, %s", k.Needs, k.Answers)
		}
	})
}

func TestAPhoneMayKeepOnlyPagesThatHoldNobodysData(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		says := func(by actor.Actor, cookie, path string) (page, also, cache, shared string) {
			d.by.Store(&by)
			r, err := http.NewRequest("GET", d.srv.URL+path, nil)
			w.must(err)
			r.Header.Set("Cookie", cookie)
			answer, err := http.DefaultTransport.RoundTrip(r)
			w.must(err)
			answer.Body.Close()
			h := answer.Header
			return h.Get("X-Cache-Page"), h.Get("X-Cache-Also"), h.Get("Cache-Control"), h.Get("X-Shared")
		}
		passer := actor.Actor{Channel: "web"}
		for path, want := range map[string]string{"/en/": "private, no-cache", "/en/offline": "private, no-cache", "/en/saved": "private, no-cache",
			"/en/help/crisis_help": "no-store", "/en/help/crisis_help?all=1": "no-store"} {
			page, also, cache, _ := says(passer, "", path)
			if page != "1" || cache != want || strings.HasPrefix(path, "/en/help/") && also != "/en/help/crisis_help?all=1" {
				t.Errorf("%s: %q %q %q", path, page, also, cache)
			}
			page, _, _, shared := says(passer, "shared=1", path)
			if always := path == "/en/offline" || path == "/en/saved"; shared != "1" || (page == "1") != always {
				t.Errorf("%s on a phone of others: %q %q", path, page, shared)
			}
		}
		browser := d.window(t, passer)
		at := browser.draft()
		browser.send(at+"all", w.filled(nil))
		d.drains(at+"send", nil)
		staff := w.staff(actor.Agent, "")
		for _, x := range []struct {
			by   actor.Actor
			path string
		}{{passer, at + "done"}, {passer, "/en/track"}, {passer, "/en/track/open"}, {passer, "/en/news"}, {passer, "/en/about"}, {passer, w.minted() + "all"}, {staff, "/en/help/crisis_help"}, {staff, "/en/queue"}} {
			if page, also, cache, _ := says(x.by, "", x.path); page != "" || also != "" || cache != "no-store" {
				t.Errorf("%s: %q %q %q", x.path, page, also, cache)
			}
		}
		if page, _, cache, _ := says(passer, "said=cases.ask.taken_down", "/en/"); page != "" || cache != "no-store" {
			t.Errorf("a page that says what its reader just did: %q %q", page, cache)
		}
	})
}

func TestNothingOfAFormOnAPhoneOfOthersWaitsThere(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		own, others, staff := d.window(t, actor.Actor{Channel: "web"}), d.window(t, actor.Actor{Channel: "web"}), d.window(t, w.staff(actor.Agent, ""))
		for _, x := range []struct {
			who   *window
			keeps bool
		}{{own, true}, {others, false}, {staff, false}} {
			at := x.who.draft()
			if x.who == others {
				others.send(at+"shared", nil)
			}
			for _, step := range []string{"all", "check"} {
				x.who.send(at+"all", w.filled(nil))
				if _, page := x.who.open(at + step); (carriedBy(page).Get("_keep") != "") != x.keeps || (carriedBy(page).Get("_kept") != "") != x.keeps {
					t.Errorf("%s: %v", step, carriedBy(page))
				}
			}
		}
		w.clock.Advance(time.Minute)
	})
}
