package field

import (
	"context"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// testWords is what the fakes say, and the edge; each in every language.
func testWords() fs.FS {
	out := fstest.MapFS{}
	for _, l := range i18n.Langs() {
		out["locale/"+string(l)+".json"] = &fstest.MapFile{Data: []byte(`{"test.good.blanket": "blanket", "test.good.basket": "basket", "test.good.tent": "tent", "test.unit.basket": "basket",
			"test.code.locked": "locked", "error.missing": "missing", "error.denied": "denied", "error.denied_here": "denied here", "error.sign_in": "sign in", "error.title": "error",
			"error.fields": "{n} wrong", "error.ours": "ours", "error.organisation_not_recognised": "not recognised", "error.unreadable": "unreadable", "error.not_text": "not text"}`)}
	}
	return out
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(ui.Locale, Files, testWords())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pageSet(t testing.TB, c *i18n.Catalogue, l i18n.Lang) *template.Template {
	t.Helper()
	p := c.For(l, time.UTC)
	p.Now = func() time.Time { return morning }
	f := i18n.Funcs(p)
	f["href"] = func(path string) string { return "/" + string(l) + path }
	set, err := ui.Parse(f, Files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// errorPage stands in for the house's own.
var errorPage = fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<h1 id="error">{{.Text}}</h1>{{template "foot" .Frame}}{{end}}`)}}

// door is somebody at the pages of field.
type door struct {
	t    *testing.T
	base string
	http *http.Client
}

// at serves the doors of field to somebody.
func (x *house) at(by actor.Actor) *door {
	x.t.Helper()
	site := &web.Site{Cat: catalogue(x.t), Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.R.Context(), by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, errorPage) }}
	var routes []web.Route
	for _, d := range x.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	return &door{x.t, srv.URL, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (d *door) answer(r *http.Response, err error) (int, string, string) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return r.StatusCode, string(body), r.Header.Get("Location")
}

func (d *door) get(path string) (int, string) {
	d.t.Helper()
	status, body, _ := d.answer(d.http.Get(d.base + path))
	return status, body
}

func (d *door) post(path string, pairs ...string) (status int, body, to string) {
	d.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return d.answer(d.http.PostForm(d.base+path, f))
}

func (d *door) send(path, body string) (int, string) {
	d.t.Helper()
	status, out, _ := d.answer(d.http.Post(d.base+path, "application/json", strings.NewReader(body)))
	return status, out
}

// between is what stands between two marks in a text.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
