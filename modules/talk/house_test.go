package talk

import (
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/testkit"
)

// house is talk alone, on a store of its own, with the clock held, beside
// missions, volunteers and phones that do as they are told.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	world *world
	ctx   context.Context
	ours  actor.OrganisationID
	mid   MissionID
}

// world is what others keep. told is what phones got, once the unit of work was kept.
type world struct {
	mu   sync.Mutex
	open map[string]bool
	org  actor.OrganisationID
	crew map[string][]Person
	told []reach.Inform
}

func (w *world) May(t *deed.Tx, mission string) error {
	if _, ok := w.open[mission]; !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	return t.Allow(actor.Scope{Org: w.org})
}

func (w *world) Mission(_ *db.Tx, mission string) (Mission, error) {
	open, ok := w.open[mission]
	if !ok {
		return Mission{}, fault.New(fault.Missing, "error.missing")
	}
	return Mission{Team: map[string]string{"fr": "Mulets 1"}, Org: w.org, Open: open}, nil
}

func (w *world) On(_ *db.Tx, mission string) ([]Person, error) { return w.crew[mission], nil }

func (w *world) ByPhone(_ *db.Tx, number string) (out []string, _ error) {
	for m, all := range w.crew {
		if slices.ContainsFunc(all, func(p Person) bool { return p.Phone == number }) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (w *world) Inform(t *deed.Tx, n reach.Inform) error {
	t.After(func() { w.mu.Lock(); w.told = append(w.told, n); w.mu.Unlock() })
	return nil
}

// phones is who got something, and what, in the order in which they got it.
func (w *world) phones(key string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.told {
		if n.Line.Key == key {
			out = append(out, n.Phone)
		}
	}
	slices.Sort(out)
	return out
}

func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	model.Engines(t, test)
}

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "talk", Files: Files})

var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func open(t *testing.T, dsn string) *house {
	t.Helper()
	c := &clock.Held{At: morning}
	store, err := db.Open(dsn, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ring, _, err := crypt.OpenRing(filepath.Join(t.TempDir(), "master.key"), "")
	if err != nil {
		t.Fatal(err)
	}
	vault, err := crypt.OpenVault(t.Context(), store, ring)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := ReadRules(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	mid := id.New[missionKind](morning)
	w := &world{org: id.New[actor.Organisation](morning), open: map[string]bool{mid.String(): true}, crew: map[string][]Person{}}
	w.crew[mid.String()] = []Person{{ID: "v1", Phone: "+299600001", Lang: "fr"}, {ID: "v2", Phone: "+299600002", Lang: "ar"}}
	x := &house{t: t, clock: c, world: w, ctx: context.Background(), ours: w.org, mid: mid}
	x.Service = New(h, vault, "299", Ports{Rules: rules, Missions: w, Crew: w, Phones: w, Number: func() string { return "+2995555" }})
	t.Cleanup(func() {
		for _, k := range checks() {
			x.read(func(t *db.Tx) error {
				found, err := k.Find(t)
				if len(found) > 0 {
					x.t.Errorf("%s: %v", k.Name, found)
				}
				return err
			})
		}
	})
	return x
}

func (x *house) read(fn func(*db.Tx) error) {
	x.t.Helper()
	if err := x.h.DB.Read(context.Background(), fn); err != nil {
		x.t.Fatal(err)
	}
}

func (x *house) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// refused wants an error with these keys, in any order, and no others.
func (x *house) refused(err error, keys ...string) {
	x.t.Helper()
	all, ok := errors.AsType[fault.All](err)
	if f, one := errors.AsType[*fault.Fault](err); !ok && one {
		all = fault.All{f}
	}
	var got []string
	for _, f := range all {
		got = append(got, f.Key)
	}
	slices.Sort(got)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		x.t.Fatalf("want %v, got %v", keys, err)
	}
}

func (x *house) somebody(r actor.Role) actor.Actor {
	g := actor.Grant{Role: r, Recognised: true}
	if r.ForOrganisation() {
		g.Org = x.ours
	}
	return actor.Actor{Account: id.New[actor.Account](x.clock.Now()), Grants: []actor.Grant{g}, Channel: "web"}
}

// door is somebody at the pages of talk.
type door struct {
	t    *testing.T
	base string
	http *http.Client
}

func (x *house) at(by actor.Actor) *door {
	x.t.Helper()
	words := fstest.MapFS{}
	for _, l := range i18n.Langs() {
		words["locale/"+string(l)+".json"] = &fstest.MapFile{Data: []byte(`{"error.missing": "missing", "error.denied": "denied", "error.denied_here": "denied here", "error.fields": "{n} wrong", "error.ours": "ours", "error.title": "error", "error.unreadable": "unreadable", "error.not_text": "not text", "error.sign_in": "sign in", "error.organisation_not_recognised": "not recognised"}`)}
	}
	cat, err := i18n.Load(ui.Locale, Files, words)
	if err != nil {
		x.t.Fatal(err)
	}
	page := fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<h1 id="error">{{.Text}}</h1>{{template "foot" .Frame}}{{end}}`)}}
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.R.Context(), by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, page) }}
	var routes []web.Route
	for _, d := range x.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	return &door{x.t, srv.URL, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (d *door) answer(r *http.Response, err error) (int, string) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func (d *door) get(path string) (int, string) {
	d.t.Helper()
	return d.answer(d.http.Get(d.base + path))
}

func (d *door) post(path string, pairs ...string) (int, string) {
	d.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return d.answer(d.http.PostForm(d.base+path, f))
}
