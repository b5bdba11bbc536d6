package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
)

// call sends JSON to a door of the API.
func (x *aside) call(path string, in, out any) int {
	x.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		x.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	x.door.ServeHTTP(w, r)
	if w.Code < 300 && out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			x.Fatal(err)
		}
	}
	return w.Code
}

// aside is a house whose store can be cut off.
type aside struct {
	*testing.T
	h     *House
	door  http.Handler
	store *outage
}

// beside opens a house with a spool over a store that can be cut off, and lays
// some numbers by.
func beside(t *testing.T, dsn string, now clock.Clock) *aside {
	o := cutOff(t, dsn)
	h := openHouse(t, o.dsn, now, func(c *Config) { c.Spool = filepath.Join(t.TempDir(), "spool") })
	x := &aside{t, h, h.Handler(), o}
	x.Cleanup(o.mend) // before the house checks itself
	for range 2 {
		h.layNumbersBy(t.Context())
	}
	return x
}

// again waits until the store has been found to answer, and brings in what waits.
func (x *aside) again() {
	x.Helper()
	x.store.mend()
	for range 100 {
		x.h.emptySpool(x.Context())
		// whoever still waited on the broken line may find it broken once more
		if n, _ := x.h.Spool.Waiting(); n == 0 && x.h.DB.Read(x.Context(), func(t *db.Tx) error { return nil }) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	n, stuck := x.h.Spool.Waiting()
	x.Fatalf("%d still wait, %d of them stuck", n, stuck)
}

func (x *aside) cases() (n int64) {
	x.Helper()
	err := x.h.DB.Read(x.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM cases_case`)
		return err
	})
	if err != nil {
		x.Fatal(err)
	}
	return n
}

func TestARequestThatComesWhileTheStoreIsAwayGoesInOnceUnderTheNumberItWasTold(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := beside(t, dsn, clock.System{})
		before := newPlea(0)
		var early cases.ReceiptOut
		if code := x.call("/api/v1/requests", before.in, &early); code != 201 {
			t.Fatalf("before the store went away: %d", code)
		}
		x.store.cut()
		q := newPlea(1)
		var first, second, was cases.ReceiptOut
		if code := x.call("/api/v1/requests", q.in, &first); code != http.StatusAccepted || first.Receipt == "" || !first.Waits || first.Code == "" {
			t.Fatalf("without the store: %d %+v", code, first)
		}
		if code := x.call("/api/v1/requests", q.in, &second); code != http.StatusAccepted || second.Receipt != first.Receipt || !second.Again {
			t.Fatalf("sent again: %d %+v", code, second)
		}
		other := newPlea(2)
		other.in["id"] = q.in["id"]
		if code := x.call("/api/v1/requests", other.in, nil); code != http.StatusConflict {
			t.Errorf("another request under the same identifier: %d", code)
		}
		// Whoever asked before, and did not hear, is told a number that is good too.
		if code := x.call("/api/v1/requests", before.in, &was); code != http.StatusAccepted || was.Receipt == early.Receipt {
			t.Fatalf("asked before: %d %+v", code, was)
		}
		var how cases.TrackOut
		if code := x.call("/api/v1/track", cases.TrackIn{Receipt: first.Receipt, Word: q.word}, &how); code != 200 || how.State != "kept" {
			t.Fatalf("the tracker without the store: %d %+v", code, how)
		}
		if code := x.call("/api/v1/track", cases.TrackIn{Receipt: first.Receipt, Word: "0000x"}, nil); code != http.StatusNotFound {
			t.Errorf("the tracker opens with any word: %d", code)
		}
		x.again()
		if n := x.cases(); n != 2 {
			t.Fatalf("%d cases of two requests", n)
		}
		for number, word := range map[string]string{first.Receipt: q.word, early.Receipt: before.word, was.Receipt: before.word} {
			if code := x.call("/api/v1/track", cases.TrackIn{Receipt: number, Word: word}, &how); code != 200 || how.State == "kept" || how.State == "" {
				t.Errorf("afterwards %s opens %d %+v", number, code, how)
			}
		}
		second = cases.ReceiptOut{}
		if code := x.call("/api/v1/requests", q.in, &second); code != 200 || second.Receipt != first.Receipt || second.Code != first.Code || second.Waits {
			t.Errorf("sent again afterwards: %d %+v", code, second)
		}
	})
}

var draftIn = regexp.MustCompile(`/fr/help/crisis_help/([0-9a-f-]{36})/all`)

// fill sends the whole form as somebody without scripts does, up to its receipt.
func (x *aside) fill(phone string) (page string) {
	x.Helper()
	w := knock(x.door, "GET", "/fr/help/crisis_help?all=1", "", nil)
	m := draftIn.FindStringSubmatch(w.Body.String())
	if m == nil {
		x.Fatalf("no form: %d\n%s", w.Code, w.Body)
	}
	at := "/fr/help/crisis_help/" + m[1]
	form := url.Values{"_all": {"1"}, "for_whom": {"self"}, "need": {"food", "water"}, "where.code": {"07.041.07.07"}, "people": {"4"}, "words": {"La route est coupée."}, "phone": {phone}}
	if w = knock(x.door, "POST", at+"/all", "", form); w.Code != 303 {
		x.Fatalf("the form: %d\n%s", w.Code, w.Body)
	}
	if w = knock(x.door, "GET", at+"/check", "", nil); w.Code != 200 {
		x.Fatalf("the summary: %d\n%s", w.Code, w.Body)
	}
	if w = knock(x.door, "POST", at+"/send", "", url.Values{}); w.Code != 303 {
		x.Fatalf("sending: %d\n%s", w.Code, w.Body)
	}
	w = knock(x.door, "GET", w.Header().Get("Location"), "", nil)
	if w.Code != 200 {
		x.Fatalf("the receipt: %d\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

var codeIn = regexp.MustCompile(`data-copy="(\d{9})"`)

func TestAFormIsFilledInWithoutTheStoreAndItsTrackerOpensBeforeAndAfter(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := beside(t, dsn, clock.System{})
		knock(x.door, "GET", "/fr/", "", nil)
		x.store.cut()
		page := x.fill("0612345678")
		m := codeIn.FindStringSubmatch(page)
		if m == nil || !strings.Contains(page, "Votre demande est gardée") {
			t.Fatalf("the receipt without the store says:\n%s", page)
		}
		open := func(want string) {
			t.Helper()
			w := knock(x.door, "POST", "/fr/track", "", url.Values{"number": {m[1]}, "word": {"5678"}})
			if w.Code != 303 {
				t.Fatalf("the tracker: %d\n%s", w.Code, w.Body)
			}
			r := httptest.NewRequest("GET", "http://127.0.0.1:8080/fr/track/open", nil)
			for _, c := range w.Result().Cookies() {
				r.AddCookie(c)
			}
			w = httptest.NewRecorder()
			x.door.ServeHTTP(w, r)
			if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
				t.Fatalf("the tracker does not say %q: %d\n%s", want, w.Code, w.Body)
			}
		}
		open("Votre demande est gardée")
		if w := knock(x.door, "POST", "/fr/track", "", url.Values{"number": {"482719064"}, "word": {"5678"}}); dsn != x.store.dsn && w.Code != http.StatusServiceUnavailable {
			t.Errorf("a number that nobody can look up now is called wrong: %d", w.Code)
		}
		x.again()
		open("ticket")
		if n := x.cases(); n != 1 {
			t.Errorf("%d cases", n)
		}
	})
}

func TestACrashWhileDrainingDoublesNothing(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := beside(t, dsn, clock.System{})
		x.store.cut()
		var all []*plea
		for i := range 12 {
			q := newPlea(i)
			var out cases.ReceiptOut
			if code := x.call("/api/v1/requests", q.in, &out); code != http.StatusAccepted {
				t.Fatal(code)
			}
			q.receipt = out.Receipt
			all = append(all, q)
		}
		// The same items are handed out again, as after a crash between the store and
		// the note that they are in it.
		copies := copyFolder(t, x.h.Config.Spool)
		x.again()
		second := openHouse(t, dsn, clock.System{}, func(c *Config) { c.Spool = copies })
		if n, _ := second.Spool.Waiting(); n != 12 {
			t.Fatalf("%d wait after the crash", n)
		}
		second.emptySpool(t.Context())
		if n, stuck := second.Spool.Waiting(); n != 0 || stuck != 0 {
			t.Fatalf("%d wait, %d stuck", n, stuck)
		}
		if n := x.cases(); n != 12 {
			t.Errorf("%d cases of 12 requests", n)
		}
		numbers := []string{}
		err := x.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			numbers, err = db.List(tx, db.Text, `SELECT c.receipt FROM cases_case c JOIN deed_record r ON r.subject = 'cases.case/' || c.id WHERE r.deed = 'cases.case.ask' ORDER BY r.seq`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range all {
			if numbers[i] != q.receipt {
				t.Fatalf("they went in as %v, and came as %s at %d", numbers, q.receipt, i)
			}
		}
	})
}

func TestWithoutNumbersLaidByARequestIsKeptAndItsNumberFollows(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := cutOff(t, dsn)
		h := openHouse(t, o.dsn, clock.System{}, func(c *Config) { c.Spool = filepath.Join(t.TempDir(), "spool") })
		x := &aside{t, h, h.Handler(), o}
		x.Cleanup(o.mend)
		o.cut()
		q := newPlea(1)
		var out cases.ReceiptOut
		if code := x.call("/api/v1/requests", q.in, &out); code != http.StatusAccepted || out.Receipt != "" || !out.Waits {
			t.Fatalf("%d %+v", code, out)
		}
		if page := x.fill("0612345679"); !strings.Contains(page, "Votre numéro viendra bientôt") {
			t.Errorf("the page says:\n%s", page)
		}
		x.again()
		if code := x.call("/api/v1/requests", q.in, &out); code != 200 || len(out.Receipt) != 9 {
			t.Errorf("afterwards: %d %+v", code, out)
		}
	})
}

func TestStaffAreToldThatTheStoreIsAwayAndNotThatTheyMustSignIn(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := beside(t, dsn, clock.System{})
		x.store.cut()
		w := knock(x.door, "GET", "/fr/queue", "a-session-of-somebody", nil)
		if strings.HasPrefix(dsn, "postgres") && (w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "registres ne répondent pas")) {
			t.Errorf("the queue says %d\n%s", w.Code, w.Body)
		}
		x.call("/api/v1/requests", newPlea(1).in, nil)
		w = knock(x.door, "GET", "/fr/help", "", nil)
		if w = knock(x.door, "GET", "/fr/about", "", nil); w.Code != 200 || !strings.Contains(w.Body.String(), "votre demande est gardée") {
			t.Errorf("a page for everybody says %d\n%s", w.Code, w.Body)
		}
		w = knock(x.door, "GET", "/readyz", "", nil)
		if want := `"waiting":1`; w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("/readyz says %d %s", w.Code, w.Body)
		}
		w = httptest.NewRecorder()
		x.h.Meter.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(w.Body.String(), "twiza_spool_waiting 1") {
			t.Errorf("the figures do not tell of it")
		}
		x.again()
		fmt.Fprint(w, "")
	})
}
