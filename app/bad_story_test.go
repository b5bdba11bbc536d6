package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
)

func TestTheSameRequestSentAtOnceFromManyLinesIsOneRequest(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{}, proxied)
		handler := h.Handler()
		for round := range 5 {
			p := newPlea(round)
			body, err := json.Marshal(p.in)
			if err != nil {
				t.Fatal(err)
			}
			receipts := make([]string, 12)
			var wg sync.WaitGroup
			for i := range receipts {
				wg.Go(func() {
					w := send(handler, asked, "application/json", string(body))
					var out cases.ReceiptOut
					if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
						t.Errorf("%d %s", w.Code, w.Body)
					}
					receipts[i] = out.Receipt
				})
			}
			wg.Wait()
			for _, r := range receipts {
				if r != receipts[0] {
					t.Fatalf("one request got two receipts, %s and %s: one of them opens nothing", receipts[0], r)
				}
			}
			p.receipt = receipts[0]
			opens(t, h, p)
		}
		if n := countRows(t, h, "cases_case"); n[0] != "cases_case 5" {
			t.Errorf("five requests became %v", n)
		}
	})
}

func TestARequestReplayedWithOtherContentIsRefusedAndTheFirstStays(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	p := newPlea(0)
	askFor(t, handler, p)
	before := stored(t, h)
	p.in["answers"].(map[string]any)["people"] = 9
	body, err := json.Marshal(p.in)
	if err != nil {
		t.Fatal(err)
	}
	w := send(handler, asked, "application/json", string(body), "Accept-Language", "fr")
	var got problemTold
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusConflict || got.Code != "cases.case.other_content" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	opens(t, h, p)
	if stored(t, h) != before {
		t.Error("a refused request left something")
	}
}

func TestAFormSentTwiceShowsTheSameReceipt(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	at := "/ar/help/crisis_help/" + id.New[cases.Draft](clock.System{}.Now()).String() + "/"
	form := url.Values{"need": {"food"}, "where.code": {"07.041.07.07"}, "people": {"3"}, "phone": {"0612345678"}, "words": {"البيت مشقق"}}
	if w := send(handler, at+"all", formKind, form.Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, mainOf(w.Body.String()))
	}
	var pages [3]string
	for i := range pages {
		w := send(handler, at+"send", formKind, "")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != at+"done" {
			t.Fatalf("sent %d times: %d %s", i+1, w.Code, mainOf(w.Body.String()))
		}
		pages[i] = receiptOn(t, knock(handler, "GET", at+"done", "", nil).Body.String())
	}
	if pages[0] != pages[1] || pages[1] != pages[2] {
		t.Errorf("sent three times, the form showed %v", pages)
	}
	if n := countRows(t, h, "cases_case"); n[0] != "cases_case 1" {
		t.Errorf("one form became %v", n)
	}
}

var groups = regexp.MustCompile(`\b\d{3}[ \x{a0}\x{202f}]\d{3}[ \x{a0}\x{202f}]\d{3}\b`)

func receiptOn(t *testing.T, page string) string {
	t.Helper()
	found := groups.FindString(page)
	if found == "" {
		t.Fatalf("no receipt stands on the page:\n%.2000s", mainOf(page))
	}
	return found
}

func TestAnUnknownPlaceIsNeverRefusedAndNeverInvented(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	for _, where := range []map[string]any{
		{"text": "behind the blue hill, ask for the mill"},
		{"text": strings.Repeat("far ", 60)},
		{"lat": 52.37, "lon": 4.89},
	} {
		p := newPlea(0)
		p.in["answers"].(map[string]any)["where"] = where
		askFor(t, handler, p)
		if place := placeOf(t, h, opens(t, h, p)); place != "" {
			t.Errorf("%v was taken for %s", where, place)
		}
	}
	p := newPlea(0)
	p.in["answers"].(map[string]any)["where"] = map[string]any{"code": "99.999.<script>"}
	body, err := json.Marshal(p.in)
	if err != nil {
		t.Fatal(err)
	}
	w := send(handler, asked, "application/json", string(body), "Accept-Language", "fr")
	var out cases.ReceiptOut
	switch {
	case w.Code == http.StatusCreated && json.Unmarshal(w.Body.Bytes(), &out) == nil:
		p.receipt = out.Receipt
		if place := placeOf(t, h, opens(t, h, p)); place != "" {
			t.Errorf("a code that no place has was kept as %q", place)
		}
	case w.Code != http.StatusUnprocessableEntity:
		t.Errorf("a code that no place has: %d %s", w.Code, w.Body)
	}
}

func placeOf(t *testing.T, h *House, c cases.CaseID) (place string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		place, err = db.One(tx, db.Text, `SELECT COALESCE(place, '') FROM cases_case WHERE id = ?1`, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func TestGuessingAtAReceiptIsStoppedAndSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	p := newPlea(0)
	askFor(t, handler, p)
	var w *httptest.ResponseRecorder
	for i := range 7 {
		body, _ := json.Marshal(cases.TrackIn{Receipt: p.receipt, Word: fmt.Sprint(5000 + i)}) // plain strings
		w = send(handler, "/api/v1/track", "application/json", string(body))
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "error.too_many_tries") {
		t.Errorf("the seventh guess, from the seventh address: %d %s", w.Code, w.Body)
	}
}

// endless is a body that never ends, and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	e.read += len(b)
	return len(b), nil
}

func TestABodyWithoutEndIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	for _, x := range []struct{ path, kind string }{
		{asked, "application/json"}, {"/fr/track", formKind}, {"/fr/track", "multipart/form-data; boundary=x"}, {"/api/v1/track", "application/json"},
	} {
		body := &endless{}
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+x.path, io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"), body))
		r.Header.Set("Content-Type", x.kind)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnprocessableEntity || body.read > 1<<20 {
			t.Errorf("%s as %s: %d after %d bytes", x.path, x.kind, w.Code, body.read)
		}
	}
}

func TestPathsAndHeadersLeadNowhereElse(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	paths := []string{
		"/ar/../../../../etc/passwd", "/ar/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/ar/..%2f..%2f..%2fetc%2fpasswd", "/ar/....//....//etc/passwd",
		"/assets/../../app/house.go", "/assets/%2e%2e/%2e%2e/go.mod", "/assets/..%5c..%5cgo.mod", "/assets//etc/passwd", "/assets/", "/assets/app.css%00.js",
		"//evil.example/", "///evil.example", "/%5cevil.example", "/ar//evil.example", "/https://evil.example/", "/ar/https:%2f%2fevil.example",
		"/%0d%0aSet-Cookie:%20evil=1", "/ar/%0d%0aLocation:%20https://evil.example", "/fr/track?number=%0d%0aSet-Cookie:%20evil=1",
		"/ar/%00", "/ar/%ff%fe", "/ar/cases/%27%22%3e%3cscript%3ealert(1)%3c%2fscript%3e", "/fr/track?number=%22%3e%3cscript%3ealert(1)%3c%2fscript%3e",
		"/ar/" + strings.Repeat("a", 12_000), "/ar/" + strings.Repeat("../", 3000), "/ar?" + strings.Repeat("x=y&", 3000), "/qps/", "/xx/track", "/AR/track",
		"/fr/sign-in?next=https://evil.example/", "/fr/sign-in?next=//evil.example/", "/fr/sign-in?next=%5c%5cevil.example", "/api/v1/../../etc/passwd", "/api/v1/cases/..%2f..%2fetc",
	}
	for _, method := range []string{"GET", "POST", "PUT", "OPTIONS", "TRACE"} {
		for _, p := range paths {
			u, err := url.Parse("http://127.0.0.1:8080")
			if err != nil {
				t.Fatal(err)
			}
			u.Opaque = p // as it was typed
			r := httptest.NewRequest(method, "/", nil)
			if parsed, err := url.ParseRequestURI(p); err == nil {
				r.URL, r.RequestURI = parsed, p
			} else {
				continue // net/http answers that before anybody sees it
			}
			r.Header.Set("X-Forwarded-For", "1.2.3.4\t, <script>")
			r.Header.Set("Accept-Language", "fr;q=x, \"><script>alert(1)</script>")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			judgeAnswer(t, method+" "+cutTo(p, 80), w)
		}
	}
}

func cutTo(s string, n int) string { return s[:min(n, len(s))] }

// judgeAnswer looks at what no answer may do, whatever was asked.
func judgeAnswer(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 {
		t.Errorf("%s: %d %.300s", what, w.Code, w.Body)
	}
	if to := w.Header().Get("Location"); to != "" {
		u, err := url.Parse(to)
		if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || !strings.HasPrefix(to, "/") {
			t.Errorf("%s: leads away, to %q", what, to)
		}
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "evil" {
			t.Errorf("%s: set a cookie of its own", what)
		}
	}
	for name, values := range w.Header() {
		if strings.ContainsAny(name+strings.Join(values, ""), "\r\n") || strings.EqualFold(name, "X-Evil") {
			t.Errorf("%s: wrote the header %s: %q", what, name, values)
		}
	}
	body := w.Body.String()
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "root:x:") || strings.Contains(body, "module github.com") || strings.Contains(body, "package app") {
		t.Errorf("%s: the answer holds what it must not:\n%.500s", what, body)
	}
	if strings.Contains(body, "goroutine ") || strings.Contains(body, ".go:") || strings.Contains(body, "SQL") {
		t.Errorf("%s: the answer tells how the house is built:\n%.500s", what, body)
	}
}

func TestAFileThatIsNoListOfRequestsIsToldSoAndNothingIsKept(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	account := somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator})
	token, err := h.People.Session(t.Context(), System("test"), account)
	if err != nil {
		t.Fatal(err)
	}
	var wide bytes.Buffer
	for _, u := range utf16.Encode([]rune("\ufeffid,need\n1,food\n")) {
		wide.Write([]byte{byte(u), byte(u >> 8)})
	}
	before := append(countRows(t, h, "intake_file", "intake_candidate", "cases_case"), stored(t, h))
	for name, x := range map[string]struct {
		body, key string
		args      []any
	}{
		"a picture.csv":   {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "intake.import.not_utf8", nil},
		"UTF-16.csv":      {wide.String(), "intake.import.not_utf8", nil},
		"Latin-1.csv":     {"id,need\n1,for\xeat\n", "intake.import.not_utf8", nil},
		"nothing.csv":     {"", "intake.import.no_rows", nil},
		"only heads.csv":  {"id,need,where\n", "intake.import.no_rows", nil},
		"one column.csv":  {"id\n1\n2\n", "intake.import.no_rows", nil},
		"open quotes.csv": {"id,need\n1,\"food\n2,water\n", "intake.import.bad_line", []any{"line", 3}},
		"too large.csv":   {"id,need\n" + strings.Repeat("1,food\n", 3<<20), "error.too_large", []any{"kb", 20480}},
	} {
		for _, lang := range []i18n.Lang{i18n.AR, i18n.FR} {
			w := upload(handler, "/"+string(lang)+"/import", token, name, x.body)
			want := string(h.Site.Cat.For(lang, h.Site.Zone).T(x.key, x.args...))
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %s: %d, and the page does not say %q:\n%.500s", lang, name, w.Code, want, mainOf(w.Body.String()))
			}
		}
	}
	if after := append(countRows(t, h, "intake_file", "intake_candidate", "cases_case"), stored(t, h)); strings.Join(after, " ") != strings.Join(before, " ") {
		t.Errorf("something was kept: before %v, after %v", before, after)
	}
	w := upload(handler, "/fr/import", token, "a\"\r\nX-Evil: 1\r\n.csv", "id,need,where,people\n=cmd|' /C calc'!A0,food,,many\n")
	judgeAnswer(t, "a file with a header in its name", w)
	w = send(handler, w.Header().Get("Location"), formKind, url.Values{"id": {"id"}, "q.need": {"need"}, "q.where": {"where"}, "q.people": {"people"}}.Encode(), "Cookie", "session="+token)
	judgeAnswer(t, "taking it in", w)
	errors := regexp.MustCompile(`/fr/import/[0-9a-f-]+/errors\.csv`).FindString(w.Body.String())
	w = knock(handler, "GET", errors, token, nil)
	judgeAnswer(t, "its wrong rows", w)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "\n=cmd") || !strings.Contains(w.Body.String(), "'=cmd") {
		t.Errorf("the wrong rows, %d, would run in a spreadsheet:\n%s", w.Code, w.Body)
	}
}
