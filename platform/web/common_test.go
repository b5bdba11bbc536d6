package web

import (
	"compress/gzip"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
)

// board is a page that counts how often it was made.
type board struct {
	ui.Frame
	N int
}

// square is a site with one page that is common and some that must not be.
type square struct {
	t    *testing.T
	site *Site
	h    http.Handler
	now  time.Time
	made int
}

func newSquare(t *testing.T) *square {
	cat, err := i18n.Load(Locale, ui.Locale)
	if err != nil {
		t.Fatal(err)
	}
	x := &square{t: t, now: time.Unix(1_790_000_000, 0)}
	page := fstest.MapFS{"pages/board.html": {Data: []byte(`{{define "board"}}<!doctype html><p>made {{.N}}</p>` + strings.Repeat("word ", 400) + `{{end}}`)}}
	x.site = &Site{Cat: cat, Zone: time.UTC, Now: func() time.Time { return x.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Pages, page) }}
	show := func(before func(*Ctx)) func(*Ctx) error {
		return func(c *Ctx) error {
			x.made++
			before(c)
			p := &board{N: x.made}
			p.Kind = "citizen"
			return c.Render("board", p)
		}
	}
	x.h = x.site.Mux([]Route{
		{Method: "GET", Path: "/board", Handle: show(func(c *Ctx) { c.Keep(); c.Common("cases.crisis") })},
		{Method: "GET", Path: "/things/{id}", Handle: show(func(c *Ctx) { c.Common() })},
		{Method: "GET", Path: "/mine", Handle: show(func(*Ctx) {})},
		{Method: "GET", Path: "/cookie", Handle: show(func(c *Ctx) { c.Common(); c.Flash("error.title") })},
		{Method: "GET", Path: "/changes", Handle: show(func(c *Ctx) { c.Common("cases.crisis"); x.site.Changed("cases.crisis.open") })},
		{Method: "GET", Path: "/broken", Handle: func(c *Ctx) error { x.made++; c.Common(); return missing() }},
	})
	return x
}

// get answers which edition of a page somebody gets; headers come as name, value.
func (x *square) get(path string, headers ...string) (*httptest.ResponseRecorder, int) {
	x.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	x.h.ServeHTTP(w, r)
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			x.t.Fatal(err)
		}
		body = z
	}
	b, err := io.ReadAll(body)
	if err != nil {
		x.t.Fatal(err)
	}
	n := 0
	if _, after, ok := strings.Cut(string(b), "made "); ok {
		fmt.Sscan(after, &n)
	}
	return w, n
}

func TestAPageThatIsTheSameForEverybodyIsMadeOnceInAMoment(t *testing.T) {
	t.Parallel()
	x := newSquare(t)
	first, n := x.get("/fr/board")
	if n != 1 || first.Header().Get("Content-Security-Policy") == "" || !strings.Contains(first.Header().Get("Set-Cookie"), "lang=fr") {
		t.Fatalf("%d %v", n, first.Header())
	}
	for _, headers := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Cookie", "lang=fr"}, {"User-Agent", "another"}} {
		w, n := x.get("/fr/board", headers...)
		if n != 1 || w.Header().Get("Cache-Control") != first.Header().Get("Cache-Control") || w.Header().Get("Vary") == "" || w.Header().Get("X-Cache-Page") != "1" {
			t.Errorf("%v: edition %d, %v", headers, n, w.Header())
		}
		if cookie := w.Header().Get("Set-Cookie"); (cookie == "") != (len(headers) > 0 && headers[0] == "Cookie") {
			t.Errorf("%v: sets %q", headers, cookie)
		}
	}
	if w, n := x.get("/ar/board"); n != 2 || !strings.Contains(w.Header().Get("Set-Cookie"), "lang=ar") {
		t.Errorf("another language gets edition %d", n)
	}
	if _, n := x.get("/fr/board", "Save-Data", "on"); n != 3 {
		t.Errorf("whoever saves data gets edition %d", n)
	}
	x.now = x.now.Add(commonLife)
	if _, n := x.get("/fr/board"); n != 4 {
		t.Errorf("a moment later: edition %d", n)
	}
	if handed := x.site.HandedOut(); handed != 4 {
		t.Errorf("%d were handed out", handed)
	}
}

func TestWhoeverShowsAnythingGetsAPageOfTheirOwn(t *testing.T) {
	t.Parallel()
	x := newSquare(t)
	x.get("/fr/board")
	for i, headers := range [][]string{{"Cookie", "session=abc"}, {"Cookie", "lang=fr; __Host-session=abc"}, {"Cookie", "draft=1"}, {"Cookie", "said=error.title"}, {"Cookie", "shared=1"},
		{"Authorization", "Bearer x"}, {"Accept", "application/json"}} {
		if _, n := x.get("/fr/board", headers...); n != i+2 {
			t.Errorf("%v gets edition %d", headers, n)
		}
	}
	if _, n := x.get("/fr/board?q=1"); n != 9 {
		t.Errorf("with a question: edition %d", n)
	}
	if _, n := x.get("/fr/board"); n != 1 {
		t.Errorf("theirs was handed to others: edition %d", n)
	}
	for _, path := range []string{"/fr/mine", "/fr/cookie", "/fr/broken"} {
		before := x.made
		x.get(path)
		x.get(path)
		if x.made != before+2 {
			t.Errorf("%s was handed out", path)
		}
	}
}

func TestADeedThatChangesAPageIsSeenByWhoeverComesNext(t *testing.T) {
	t.Parallel()
	x := newSquare(t)
	x.get("/fr/board")
	x.get("/fr/things/1")
	x.site.Changed("cases.case.ask")
	if _, n := x.get("/fr/board"); n != 1 {
		t.Errorf("a deed that has nothing to do with it: edition %d", n)
	}
	x.site.Changed("cases.crisis.close")
	if _, n := x.get("/fr/board"); n != 3 {
		t.Errorf("after the deed: edition %d", n)
	}
	if _, n := x.get("/fr/things/1"); n != 2 {
		t.Errorf("another page: edition %d", n)
	}
	x.get("/fr/changes")
	before := x.made
	if x.get("/fr/changes"); x.made != before+1 {
		t.Error("a page that was begun before the deed and done after it was handed out")
	}
}

func TestACopyThatIsStillRightIsNotSentAgain(t *testing.T) {
	t.Parallel()
	x := newSquare(t)
	w, _ := x.get("/fr/board")
	tag := w.Header().Get("ETag")
	if tag == "" {
		t.Fatal("no tag")
	}
	w, n := x.get("/fr/board", "If-None-Match", tag, "Accept-Encoding", "gzip")
	if w.Code != http.StatusNotModified || n != 0 || w.Header().Get("ETag") != tag || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w, n := x.get("/fr/board", "If-None-Match", `"other"`); w.Code != 200 || n != 1 {
		t.Errorf("%d, edition %d", w.Code, n)
	}
}

func TestWhatIsHandedOutHasABound(t *testing.T) {
	t.Parallel()
	x := newSquare(t)
	for i := range 40 {
		x.site.commons.put(fmt.Sprint(i), &commonPage{plain: make([]byte, 900<<10), squeezed: make([]byte, 100<<10)}, 0)
		x.site.commons.put(fmt.Sprint(i), &commonPage{plain: make([]byte, 900<<10)}, 0)
	}
	if x.site.commons.bytes > commonMost || len(x.site.commons.pages) == 0 {
		t.Errorf("%d bytes of %d pages", x.site.commons.bytes, len(x.site.commons.pages))
	}
	sum := 0
	for _, p := range x.site.commons.pages {
		sum += len(p.plain) + len(p.squeezed)
	}
	if sum != x.site.commons.bytes {
		t.Errorf("%d bytes are counted as %d", sum, x.site.commons.bytes)
	}
}
