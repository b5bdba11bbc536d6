package web

import (
	"encoding/json"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
)

// house has a page that is read, one that is sent, one that is both, and an API.
func house(t *testing.T) http.Handler {
	t.Helper()
	s := site(t)
	say := func(text string) func(*Ctx) error {
		return func(c *Ctx) error { return c.JSON(http.StatusOK, strings.Repeat(text, 400)) }
	}
	return s.Mux([]Route{
		{Method: "GET", Path: "/read/{id}", Handle: say("read")},
		{Method: "POST", Path: "/send", Handle: say("sent")},
		{Method: "GET", Path: "/both", Handle: say("both")}, {Method: "POST", Path: "/both", Handle: say("both")},
		{Method: "GET", Path: "/api/v1/things/{id}", API: true, Handle: say("thing")},
		{Method: "PUT", Path: "/api/v1/things/{id}", API: true, Handle: say("thing")},
	})
}

// site is the edge of a house that knows its own pages alone.
func site(t *testing.T) *Site {
	t.Helper()
	cat, err := i18n.Load(Locale, ui.Locale)
	if err != nil {
		t.Fatal(err)
	}
	return &Site{Cat: cat, Zone: time.UTC, Now: func() time.Time { return time.Unix(1_790_000_000, 0) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Meter: telemetry.NewMeter(), Langs: i18n.Langs(), Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Pages) }}
}

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestAKnownAddressAskedInAnotherWaySaysHowItMayBeAsked(t *testing.T) {
	t.Parallel()
	h := house(t)
	for _, x := range []struct {
		method, path, allow string
		status              int
	}{
		{"POST", "/fr/read/1", "GET, HEAD", 405}, {"DELETE", "/ar/read/1", "GET, HEAD", 405}, {"GET", "/en/send", "POST", 405}, {"HEAD", "/en/send", "POST", 405},
		{"PUT", "/zgh/both", "GET, HEAD, POST", 405}, {"OPTIONS", "/fr/both", "GET, HEAD, POST", 405}, {"BREW", "/fr/both", "GET, HEAD, POST", 405},
		{"POST", "/api/v1/things/1", "GET, HEAD, PUT", 405}, {"POST", "/assets/ui.css", "GET, HEAD", 405},
		{"POST", "/fr/nowhere", "", 404}, {"GET", "/fr/nowhere", "", 404}, {"DELETE", "/api/v1/nowhere", "", 404},
		{"GET", "/both", "", 302}, {"HEAD", "/both", "", 302}, {"POST", "/both", "", 404},
		{"GET", "/fr/both", "", 200}, {"POST", "/fr/both", "", 200}, {"PUT", "/api/v1/things/1", "", 200},
	} {
		w := ask(h, x.method, x.path)
		if w.Code != x.status || w.Header().Get("Allow") != x.allow {
			t.Errorf("%s %s: %d, allow %q", x.method, x.path, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestAWrongWayOfAskingIsAnsweredCalmlyToPeopleAndPlainlyToPrograms(t *testing.T) {
	t.Parallel()
	h := house(t)
	for path, want := range map[string]string{"/fr/send": "Revenez à la page d’avant", "/en/send": "Go back to the page before", "/ar/send": "ارجع إلى الصفحة السابقة", "/zgh/send": "ⵡⵓⵔⵔⵉ"} {
		w := ask(h, "GET", path)
		if body := w.Body.String(); !strings.Contains(body, want) || !strings.Contains(body, "<h1>") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s", path, body)
		}
	}
	w := ask(h, "PATCH", "/api/v1/things/1")
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != 405 || p.Code != "error.method" || p.Title == "" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		t.Errorf("%s %v", w.Body, err)
	}
}

func TestAHeadOfAPageIsThatOfThePageWithoutItsBody(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(house(t))
	t.Cleanup(srv.Close)
	for _, path := range []string{"/fr/both", "/fr/read/7", "/fr/nowhere", "/api/v1/things/1", "/assets/nothing.css"} {
		full, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		full.Body.Close()
		head, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(head.Body)
		head.Body.Close()
		if err != nil || len(body) != 0 || head.StatusCode != full.StatusCode || head.Header.Get("Content-Type") != full.Header.Get("Content-Type") {
			t.Errorf("%s: %d %d with %d bytes, %v", path, full.StatusCode, head.StatusCode, len(body), err)
		}
	}
}
