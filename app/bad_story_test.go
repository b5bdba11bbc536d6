package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
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
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/testkit"
)

func TestTheSameRequestSentAtOnceFromManyLinesIsOneRequest(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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

// script is what somebody writes who wants a page to run it.
const script = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}${7*7}`

// runs finds script as a page would run it.
func runs(page string) bool {
	return strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || strings.Contains(page, "<img src=\"x")
}

func TestScriptInAnyTextIsShownAsTextOnEveryPage(t *testing.T) {
	t.Parallel()
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	ctx := t.Context()
	org := people.Organisation{ID: id.New[actor.Organisation](morning), Kind: people.Association, Names: people.Names{AR: script, FR: script},
		Receipt: script[:20], Status: people.Recognised, Phone: "+212524001122"}
	if err := h.People.SeedOrganisation(ctx, org); err != nil {
		t.Fatal(err)
	}
	var grants []actor.Grant
	for _, r := range actor.Roles {
		g := actor.Grant{Role: r}
		if r.ForOrganisation() {
			g.Org = org.ID
		}
		grants = append(grants, g)
	}
	account, err := h.People.SeedAccount(ctx, "everybody", script, "seven lanterns, one well", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", nil, grants)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.People.Session(ctx, System("test"), account)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlea(0)
	a := p.in["answers"].(map[string]any)
	a["words"], a["name"], a["secret"], a["where"] = script, script, script[:30], map[string]any{"code": "07.041.07.07", "text": script}
	askFor(t, handler, p)
	cid := opens(t, h, p)
	staff := dispatcher(account)
	complaint := id.New[cases.Complaint](clock.System{}.Now())
	if _, _, err := h.Cases.Complain(ctx, cid, complaint, "asked_for_money", script, "fr"); err != nil {
		t.Fatal(err)
	}
	if err := h.Cases.Contact(ctx, staff, cid, "reached", script); err != nil {
		t.Fatal(err)
	}
	if w := upload(handler, "/fr/import", token, script+".csv", "id,need,"+strings.ReplaceAll(script, `"`, "")+"\n1,food,"+strings.ReplaceAll(script, `"`, "")+"\n"); w.Code != http.StatusSeeOther {
		t.Fatalf("uploading: %d %s", w.Code, mainOf(w.Body.String()))
	} else {
		look(t, handler, strings.TrimPrefix(w.Header().Get("Location"), "/fr"), token, "")
	}
	revealed := send(handler, "/fr/cases/"+cid.String()+"/reveal", formKind, "reason=call", "Cookie", "session="+token)
	shown := 0
	if strings.Contains(revealed.Body.String(), "&lt;script&gt;") {
		shown++
	}
	if runs(revealed.Body.String()) {
		t.Error("the revealed case runs what somebody wrote")
	}
	draft := id.New[cases.Draft](clock.System{}.Now()).String()
	for _, step := range []string{"people", "where", "contact", "all"} { // the form shown again, with what was typed
		form := url.Values{"people": {script}, "words": {script}, "where.text": {script}, "where.lat": {script}, "phone": {script}, "secret": {script}, "name": {script}, "act": {""}}
		w := send(handler, "/fr/help/crisis_help/"+draft+"/"+step, formKind, form.Encode())
		if runs(w.Body.String()) || w.Code >= 500 {
			t.Errorf("the step %s: %d, or it runs what somebody wrote", step, w.Code)
		}
		shown += strings.Count(w.Body.String(), "&lt;script&gt;")
	}
	shown += tracker(t, handler, p)
	for _, d := range h.allDoors() {
		if d.Method != "GET" || d.API {
			continue
		}
		for _, lang := range []string{"ar", "fr"} {
			to := strings.NewReplacer("{$}", "", "{service}", "crisis_help", "{draft}", draft, "{step}", "check").Replace(d.Path)
			switch {
			case strings.HasPrefix(to, "/complaints/"):
				to = strings.ReplaceAll(to, "{id}", complaint.String())
			case strings.HasPrefix(to, "/organisations/"):
				to = strings.ReplaceAll(to, "{id}", org.ID.String())
			case strings.HasPrefix(to, "/accounts/"):
				to = strings.ReplaceAll(to, "{id}", account.String())
			default:
				to = strings.ReplaceAll(to, "{id}", cid.String())
			}
			shown += look(t, handler, "/"+lang+path.Clean(to), token, d.Path)
		}
	}
	if shown < 20 {
		t.Errorf("what was written stands on pages %d times only: the looking is wrong", shown)
	}
}

// look opens one page and counts how often the script stands on it, as text.
func look(t *testing.T, handler http.Handler, to, token, door string) int {
	t.Helper()
	w := knock(handler, "GET", to, token, nil)
	if runs(w.Body.String()) {
		t.Errorf("%s runs what somebody wrote", to)
	}
	if w.Code >= 500 {
		t.Errorf("%s (%s): %d", to, door, w.Code)
	}
	return strings.Count(w.Body.String(), "&lt;script&gt;")
}

// tracker opens the tracker of a plea as its sender.
func tracker(t *testing.T, handler http.Handler, p *plea) int {
	t.Helper()
	w := send(handler, "/fr/track", formKind, url.Values{"number": {p.receipt}, "word": {p.word}}.Encode())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("the tracker does not open: %d", w.Code)
	}
	seen := 0
	for _, to := range []string{"/fr/track/open", "/ar/track/open", "/fr/track/complain"} {
		r := httptest.NewRequest("GET", "http://127.0.0.1:8080"+to, nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		page := httptest.NewRecorder()
		handler.ServeHTTP(page, r)
		if page.Code != http.StatusOK || runs(page.Body.String()) {
			t.Errorf("%s: %d, or it runs what somebody wrote", to, page.Code)
		}
		seen += strings.Count(page.Body.String(), "&lt;script&gt;")
	}
	return seen
}

func TestAFileThatIsNoListOfRequestsIsToldSoAndNothingIsKept(t *testing.T) {
	t.Parallel()
	h := openHouse(t, testkit.SQLite(t), clock.System{}, proxied)
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
	before := append(countRows(t, h, "cases_import", "cases_case"), stored(t, h))
	for name, x := range map[string]struct {
		body, key string
		args      []any
	}{
		"a picture.csv":   {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "cases.import.not_utf8", nil},
		"UTF-16.csv":      {wide.String(), "cases.import.not_utf8", nil},
		"Latin-1.csv":     {"id,need\n1,for\xeat\n", "cases.import.not_utf8", nil},
		"nothing.csv":     {"", "cases.import.no_rows", nil},
		"only heads.csv":  {"id,need,where\n", "cases.import.no_rows", nil},
		"one column.csv":  {"id\n1\n2\n", "cases.import.no_rows", nil},
		"open quotes.csv": {"id,need\n1,\"food\n2,water\n", "cases.import.bad_line", []any{"line", 3}},
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
	if after := append(countRows(t, h, "cases_import", "cases_case"), stored(t, h)); strings.Join(after, " ") != strings.Join(before, " ") {
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

func FuzzTheAPI(f *testing.F) {
	h := openHouse(f, testkit.SQLite(f), clock.System{}, proxied)
	handler := h.Handler()
	for _, x := range apiTricks() {
		if len(x.body) < 4096 {
			f.Add(x.path == "/api/v1/track", x.body)
		}
	}
	f.Add(false, answers(`,"fragile":["child_alone"],"words":"x"`))
	f.Fuzz(func(t *testing.T, track bool, body string) {
		to := asked
		if track {
			to = "/api/v1/track"
		}
		w := send(handler, to, "application/json", body)
		judgeAnswer(t, to, w)
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d: the answer is no JSON: %q", w.Code, w.Body)
		}
		var out cases.ReceiptOut
		if w.Code == http.StatusCreated && !track && (json.Unmarshal(w.Body.Bytes(), &out) != nil || len(out.Receipt) != 9) {
			t.Errorf("taken in without a receipt: %s", w.Body)
		}
	})
}

func FuzzAPostedStep(f *testing.F) {
	h := openHouse(f, testkit.SQLite(f), clock.System{}, proxied)
	handler := h.Handler()
	for _, x := range pageTricks() {
		if len(x.body) < 4096 {
			f.Add("people", x.kind, x.body)
		}
	}
	f.Add("where", formKind, "where.province=07.041&where.commune=07.041.07&act=list")
	f.Add("where", formKind, "where.text=Ijoukak&act=search&lat=31&lon=-8")
	f.Add("all", formKind, "need=food&need=water&where.code=07.041.07.07&people=3&phone=0612345678")
	f.Fuzz(func(t *testing.T, step, kind, body string) {
		if strings.ContainsAny(step, "/?#%. ") || strings.ContainsAny(kind+step, "\r\n\x00") || !validPath(step) {
			t.Skip("not what a browser can send")
		}
		w := send(handler, "/fr/help/crisis_help/"+id.New[cases.Draft](clock.System{}.Now()).String()+"/"+step, kind, body)
		judgeAnswer(t, step, w)
	})
}

func validPath(s string) bool {
	_, err := url.ParseRequestURI("/" + s)
	return err == nil && s != ""
}
