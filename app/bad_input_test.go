package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
)

// trick is something that no honest program or page sends, and what whoever
// sent it is told. LANG in a path is the reader's language.
type trick struct {
	name   string
	method string // POST unless said
	path   string // of the API's requests unless said
	kind   string // application/json unless said
	body   string
	header []string
	status int
	key    string
	args   []any
}

const (
	formKind = "application/x-www-form-urlencoded"
	asked    = "/api/v1/requests"
)

// answers is a good request with some of its answers replaced, as JSON.
func answers(more string) string {
	return `{"service":"crisis_help","answers":{"need":["food"],"where":{"code":"07.041.07.07"},"people":3,"phone":"0612345678"` + more + `}}`
}

func apiTricks() []trick {
	deep := func(n int) string {
		return `{"service":"crisis_help","answers":{"words":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}}"
	}
	return []trick{
		{name: "nothing", status: 422, key: "error.empty_body"},
		{name: "garbage", body: "\x00\x01\xfe\xffgarbage\x8a", status: 422, key: "error.not_text"},
		{name: "a picture", body: "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", kind: "image/png", status: 422, key: "error.not_text"},
		{name: "a page", body: "<html><body>hello</body></html>", kind: "text/html", status: 422, key: "error.unreadable"},
		{name: "a form", body: "service=crisis_help&people=3", kind: formKind, status: 422, key: "error.unreadable"},
		{name: "half an object", body: `{"service":"crisis_help","answers":{"need"`, status: 422, key: "error.unreadable"},
		{name: "two objects", body: answers("") + answers(""), status: 422, key: "error.unreadable"},
		{name: "a list", body: "[1,2,3]", status: 422, key: "error.unreadable"},
		{name: "a name that nobody knows", body: `{"service":"crisis_help","is_admin":true}`, status: 422, key: "error.unreadable"},
		{name: "a question that nobody asked", body: answers(`,"is_admin":true`), status: 422, key: "error.fields"},
		{name: "no service", body: `{"answers":{}}`, status: 422, key: "error.fields"},
		{name: "another service", body: `{"service":"../../etc","answers":{}}`, status: 422, key: "error.fields"},
		{name: "no answers", body: `{"service":"crisis_help"}`, status: 422, key: "error.fields"},
		{name: "answers that are a text", body: `{"service":"crisis_help","answers":"please"}`, status: 422, key: "error.fields"},
		{name: "deeper than anybody thinks", body: deep(20_000), status: 422, key: "error.unreadable"},
		{name: "very deep", body: deep(5000), status: 422, key: "error.fields"},
		{name: "Latin-1", body: answers(",\"words\":\"la for\xeat br\xfble\""), status: 422, key: "error.not_text"},
		{name: "UTF-16", body: "\xff\xfe{\x00}\x00", status: 422, key: "error.not_text"},
		{name: "one megabyte", body: answers(`,"words":"` + strings.Repeat("a", 1<<20) + `"`), status: 422, key: "error.too_large", args: []any{"kb", 64}},
		{name: "words without end", body: answers(`,"words":"` + strings.Repeat("a", 60_000) + `"`), status: 422, key: "error.fields"},
		{name: "a number beyond numbers", body: answers(`,"people":1e400`), status: 422, key: "error.fields"},
		{name: "fewer than nobody", body: answers(`,"people":-5`), status: 422, key: "error.fields"},
		{name: "a list for a number", body: answers(`,"people":[3]`), status: 422, key: "error.fields"},
		{name: "a choice that is none", body: answers(`,"need":["gold"]`), status: 422, key: "error.fields"},
		{name: "coordinates off the earth", body: answers(`,"where":{"lat":910.5,"lon":-7.9}`), status: 422, key: "error.fields"},
		{name: "a phone that is a sentence", body: answers(`,"phone":"call me"`), status: 422, key: "error.fields"},
		{name: "an identifier that is none", body: strings.Replace(answers(""), `{"service"`, `{"id":"1; DROP TABLE cases_case","service"`, 1), status: 422, key: "error.fields"},
		{name: "another site's page", body: answers(""), header: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, status: 403, key: "error.foreign_form"},
		{name: "a door that is none", path: "/api/v1/nothing", body: "{}", status: 404, key: "error.missing"},
		{name: "the wrong method", method: "DELETE", status: 405, key: "error.method"},
		{name: "a receipt with a slip", path: "/api/v1/track", body: `{"receipt":"482 719 065","word":"1234"}`, status: 422, key: "error.fields"},
		{name: "a receipt of letters", path: "/api/v1/track", body: `{"receipt":"<script>","word":"1234"}`, status: 422, key: "error.fields"},
		{name: "a receipt that nobody has", path: "/api/v1/track", body: `{"receipt":"` + unusedReceipt + `","word":"1234"}`, status: 404, key: "cases.track.no_match"},
		{name: "a staff door", method: "GET", path: "/api/v1/cases", status: 401, key: "error.sign_in"},
		{name: "a staff deed", path: "/api/v1/cases/0190b3a0-0000-7000-8000-000000000000/claim", status: 401, key: "error.sign_in"},
	}
}

// unusedReceipt has a check digit that holds, and belongs to nobody.
var unusedReceipt = func() string {
	for d := '0'; d <= '9'; d++ {
		if n, err := receipt.Parse("10000000" + string(d)); err == nil {
			return n.String()
		}
	}
	panic("one of ten digits checks")
}()

func pageTricks() []trick {
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	draft := "/LANG/help/crisis_help/0190b3a0-0000-7000-8000-00000000abcd/"
	return []trick{
		{name: "a broken form", path: draft + "people", body: "people=%zz", status: 422, key: "error.unreadable"},
		{name: "Latin-1", path: draft + "people", body: "people=3&words=la+for%EAt", status: 422, key: "error.not_text"},
		{name: "UTF-16", path: draft + "people", body: "people=3&words=%FF%FEa%00", status: 422, key: "error.not_text"},
		{name: "a zero byte", path: draft + "people", body: "people=3&words=a%00b", status: 422, key: "error.not_text"},
		{name: "a zero byte in a name", path: draft + "people", body: "people=3&wo%00rds=a", status: 422, key: "error.not_text"},
		{name: "one megabyte", path: draft + "people", body: "people=3&words=" + strings.Repeat("a", 1<<20), status: 422, key: "error.too_large", args: []any{"kb", 64}},
		{name: "pieces of a letter without an envelope", path: draft + "people", kind: "multipart/form-data", body: "hello", status: 422, key: "error.unreadable"},
		{name: "an envelope that does not close", path: draft + "people", kind: "multipart/form-data; boundary=x", body: "--x\r\nContent-Disposition: form-data; name=\"people\"\r\n\r\n3", status: 422, key: "error.unreadable"},
		{name: "JSON", path: draft + "people", kind: "application/json", body: `{"people":3}`, status: 422, key: "service.crisis_help.required.people"},
		{name: "a number that is a word", path: draft + "people", body: form("people", "plenty"), status: 422, key: "forms.answer.not_number"},
		{name: "a draft that was never begun", path: draft + "send", status: 404, key: "cases.draft.gone"},
		{name: "a draft with a made up name", path: "/LANG/help/crisis_help/1%27%20OR%201=1/people", body: form("people", "3"), status: 404, key: "cases.draft.gone"},
		{name: "a step that is none", path: draft + "crown", body: form("people", "3"), status: 404, key: "error.missing"},
		{name: "a service that is none", method: "GET", path: "/LANG/help/passport", status: 404, key: "cases.service.unknown"},
		{name: "another site's form", path: draft + "people", body: form("people", "3"), header: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, status: 403, key: "error.foreign_form"},
		{name: "another site's form in an old browser", path: draft + "people", body: form("people", "3"), header: []string{"Origin", "https://evil.example"}, status: 403, key: "error.foreign_form"},
		{name: "a receipt with a slip", path: "/LANG/track", body: form("number", "482 719 065", "word", "1234"), status: 422, key: "receipt.check_digit"},
		{name: "a receipt that nobody has", path: "/LANG/track", body: form("number", unusedReceipt, "word", "1234"), status: 422, key: "cases.track.no_match"},
		{name: "a receipt and no word", path: "/LANG/track", body: form("number", unusedReceipt), status: 422, key: "cases.track.word_missing"},
		{name: "a page that is none", method: "GET", path: "/LANG/wp-admin/setup.php", status: 404, key: "error.missing"},
		{name: "a staff page", method: "GET", path: "/LANG/cases/0190b3a0-0000-7000-8000-000000000000", status: 401, key: "error.sign_in"},
		{name: "a staff deed", path: "/LANG/cases/0190b3a0-0000-7000-8000-000000000000/claim", status: 401, key: "error.sign_in"},
		{name: "a forged session", method: "GET", path: "/LANG/queue", header: []string{"Cookie", "session=" + strings.Repeat("A", 43)}, status: 401, key: "error.sign_in"},
		{name: "a forged pass to a tracker", path: "/LANG/track/answer", body: form("answer", "yes"), header: []string{"Cookie", "track=" + strings.Repeat("A", 120)}, status: 403, key: "cases.track.open_again"},
	}
}

// play sends a trick and gives back the answer.
func play(handler http.Handler, x trick, lang i18n.Lang) *httptest.ResponseRecorder {
	if x.method == "" {
		x.method = "POST"
	}
	if x.path == "" {
		x.path = asked
	}
	r := httptest.NewRequest(x.method, "http://127.0.0.1:8080"+strings.Replace(x.path, "LANG", string(lang), 1), strings.NewReader(x.body))
	n := sender.Add(1)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	r.Header.Set("Accept-Language", string(lang))
	if x.kind != "" {
		r.Header.Set("Content-Type", x.kind)
	}
	for i := 0; i+1 < len(x.header); i += 2 {
		r.Header.Set(x.header[i], x.header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// countRows counts the rows of tables.
func countRows(t *testing.T, h *House, tables ...string) (out []string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, table := range tables {
			n, err := db.One(tx, db.Int, `SELECT COUNT(*) FROM `+table)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprint(table, " ", n))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stored is what a trick may not change.
func stored(t *testing.T, h *House) string {
	t.Helper()
	return strings.Join(countRows(t, h, "cases_case", "cases_concern", "cases_complaint", "cases_draft", "deed_record", "people_account"), "\n")
}

type problemTold struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Fields []struct {
		Field, Code, Title string
	} `json:"fields"`
}

func TestTheAPIAnswersWhateverIsSentWithASentence(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{}, proxied)
		handler := h.Handler()
		before := stored(t, h)
		for _, lang := range []i18n.Lang{i18n.AR, i18n.FR} {
			p := h.Site.Cat.For(lang, h.Site.Zone)
			for _, x := range apiTricks() {
				if x.kind == "" {
					x.kind = "application/json"
				}
				w := play(handler, x, lang)
				var got problemTold
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
					t.Errorf("%s: %s is not told as a problem: %d %.200s", lang, x.name, w.Code, w.Body)
					continue
				}
				args := x.args
				if x.key == "error.fields" {
					args = []any{"n", len(got.Fields)}
				}
				if w.Code != x.status || got.Status != x.status || got.Code != x.key || got.Title != p.Text(x.key, args...) {
					t.Errorf("%s: %s is told as %d %s: %s", lang, x.name, w.Code, got.Code, w.Body)
				}
				if x.key == "error.fields" && len(got.Fields) == 0 {
					t.Errorf("%s: %s: nobody is told which answer", lang, x.name)
				}
				for _, f := range got.Fields {
					if f.Title == "" || f.Title == f.Code || strings.ContainsAny(f.Title, "{}") {
						t.Errorf("%s: %s: %s is told as %q", lang, x.name, f.Field, f.Title)
					}
				}
			}
		}
		if after := stored(t, h); after != before {
			t.Errorf("something was kept:\nbefore\n%s\nafter\n%s", before, after)
		}
	})
}

func TestAPageAnswersWhateverIsSentWithASentenceInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	before := stored(t, h)
	for _, lang := range []i18n.Lang{i18n.AR, i18n.FR, i18n.EN, i18n.ZGH} {
		p := h.Site.Cat.For(lang, h.Site.Zone)
		for _, x := range pageTricks() {
			if x.kind == "" && x.method == "" {
				x.kind = formKind
			}
			w := play(handler, x, lang)
			page := w.Body.String()
			if w.Code != x.status || !strings.Contains(page, string(p.T(x.key, x.args...))) {
				t.Errorf("%s: %s: %d, and the page does not say %q:\n%.300s", lang, x.name, w.Code, p.T(x.key, x.args...), mainOf(page))
			}
			if !strings.Contains(page, `<html lang="`+string(lang)+`"`) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s: %s: the answer is no page in the reader's language", lang, x.name)
			}
		}
	}
	if after := stored(t, h); after != before {
		t.Errorf("something was kept:\nbefore\n%s\nafter\n%s", before, after)
	}
}

// mainOf is the part of a page that is about what was asked.
func mainOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return page
}
