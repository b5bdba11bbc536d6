package room

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
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// house is the room alone, on a store of its own, with the clock held, beside
// requests that do as they are told.
type house struct {
	*Service
	t     testing.TB
	clock *clock.Held
	world *world
	ctx   context.Context
	srv   *httptest.Server
	by    atomic.Pointer[actor.Actor]
}

// world is what others keep: a few requests, each with its owner and how often it
// was written.
type world struct {
	mu    sync.Mutex
	cases map[string]*thing
	order []string
	names map[actor.AccountID]string
	since time.Time // that a note asked for
	org   actor.OrganisationID
}

type thing struct {
	owner    string
	revision int64
}

func (w *world) Keys() []string { return []string{"phase", "level", "spoken", "area", "last"} }
func (w *world) Stale(_ actor.Actor, v url.Values) (gone []string) {
	if v.Get("area") == "gone" {
		gone = append(gone, "area")
	}
	return gone
}
func (w *world) Lines(_ *web.Ctx, _ *deed.Tx, _ url.Values, most int) ([]Line, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Line
	for _, c := range w.order[:min(most, len(w.order))] {
		out = append(out, w.line(c))
	}
	return out, len(w.order) > most, nil
}
func (w *world) line(c string) Line {
	return Line{ID: c, Receipt: "482719064", Level: 2, Title: "Nourriture", Place: "<bdi>Ijoukak</bdi>", State: "…", Due: morning, People: 4, Since: morning}
}
func (w *world) LinesOf(_ *web.Ctx, _ *deed.Tx, ids []string) (out []Line, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ids {
		if w.cases[c] != nil {
			out = append(out, w.line(c))
		}
	}
	return out, nil
}
func (w *world) Revisions(_ *deed.Tx, ids []string) (map[string]int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int64{}
	for _, c := range ids {
		if w.cases[c] != nil {
			out[c] = w.cases[c].revision
		}
	}
	return out, nil
}
func (w *world) Acts(by actor.Actor) []string {
	if by.Holds(leads...) {
		return []string{"claim", "assign", "visit", "release"}
	}
	return nil
}
func (w *world) Sectors() []string { return []string{"health", "roads"} }
func (w *world) hinder(i Item) error {
	switch k := w.cases[i.Case]; {
	case k == nil:
		return fault.New(fault.Missing, "error.missing")
	case k.owner != "":
		return fault.New(fault.Conflict, "room.bulk.over")
	case k.revision != i.Seen:
		return fault.New(fault.Conflict, "room.bulk.too_late")
	}
	return nil
}
func (w *world) Hinder(_ context.Context, _ actor.Actor, _ What, items []Item) (out []error, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range items {
		out = append(out, w.hinder(i))
	}
	return out, nil
}
func (w *world) Do(context.Context, actor.Actor, What, Item, func(*db.Tx, []byte, int64) error) error {
	return errors.New("the bulk is proved in app, with real requests")
}
func (w *world) Undo(context.Context, actor.Actor, What, Item, func(*db.Tx) error) error {
	return errors.New("the bulk is proved in app, with real requests")
}
func (w *world) Shift(_ *db.Tx, _ string, org actor.OrganisationID, since time.Time, _ int) (Shift, error) {
	w.since, w.org = since, org
	return Shift{Overdue: w.order, OverdueN: 12, TakenN: 31, AnswerN: 9, BlockedN: 1, Waits: []WaitOn{{id.New[actor.Organisation](morning), 4}},
		Blocked: []BlockedPart{{Task: "t", Case: "gone", Sector: "health", Reason: "road_cut", Since: morning}}}, nil
}
func (w *world) Happened(_ *db.Tx, _ actor.Actor, from, _ time.Time) (Week, error) {
	if from.Equal(morning.Add(-week)) {
		return Week{412, 380, 244}, nil
	}
	return Week{90, 71, 60}, nil
}
func (w *world) Reached(_ *db.Tx, _ actor.Actor, ids []string) (int, error)    { return len(ids), nil }
func (w *world) Longest(*db.Tx, actor.Actor, int) ([]string, error)            { return w.order[:1], nil }
func (w *world) Forgotten(*db.Tx, actor.Actor, int) (out []Forgotten, e error) { return nil, nil }
func (w *world) Teams(*db.Tx, actor.Actor, string) ([]ui.Option, error) {
	return []ui.Option{{Value: "team", Title: "Équipe 4"}}, nil
}
func (w *world) Delivered(*db.Tx, time.Time, time.Time) ([]string, error) {
	return []string{"a", "b"}, nil
}
func (w *world) Name(*db.Tx, actor.OrganisationID, string) (string, error) { return "L’Étoile", nil }
func (w *world) Who(_ *db.Tx, a actor.AccountID) (string, error)           { return w.names[a], nil }

// morning is a Sunday, at eight.
var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "room", Files: Files})

// engines runs a test in a house on each database.
func engines(t *testing.T, test func(t *testing.T, x *house)) {
	t.Helper()
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) { test(t, open(t, dsn)) })
}

var morocco = sync.OnceValues(func() (*places.Gazetteer, error) { return places.Load(packs.FS, "ma") })

func open(t testing.TB, dsn string) *house {
	t.Helper()
	x := &house{t: t, clock: &clock.Held{At: morning}, ctx: context.Background(), world: &world{cases: map[string]*thing{}, names: map[actor.AccountID]string{}}}
	store, err := db.Open(dsn, x.clock)
	x.must(err)
	t.Cleanup(func() { store.Close() })
	ring, _, err := crypt.OpenRing(filepath.Join(t.TempDir(), "master.key"), "")
	x.must(err)
	vault, err := crypt.OpenVault(t.Context(), store, ring)
	x.must(err)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	g, err := morocco()
	x.must(err)
	rules, err := ReadRules(packs.FS, "ma")
	x.must(err)
	x.Service = New(deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter()), vault, g, Ports{Rules: rules, Cases: x.world, Field: x.world, Orgs: x.world})
	for range 3 {
		c := id.New[thing](morning).String()
		x.world.cases[c], x.world.order = &thing{revision: 1}, append(x.world.order, c)
	}
	x.serve(quiet)
	t.Cleanup(x.check)
	return x
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	cat, err := i18n.Load(ui.Locale, web.Locale, forms.Files, places.Files, deed.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func (x *house) serve(quiet *slog.Logger) {
	site := &web.Site{Cat: catalogue(x.t), Zone: time.UTC, Now: x.clock.Now, Log: quiet, Meter: telemetry.NewMeter(), Langs: i18n.Langs(), National: "212",
		Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.Context(), *x.by.Load()) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, web.Pages, Files) }}
	var routes []web.Route
	for _, r := range x.doors() {
		routes = append(routes, r.Route())
	}
	x.srv = httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(x.srv.Close)
}

// still goes nowhere by itself.
var still = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (x *house) answer(r *http.Response, err error) (int, string, string) {
	x.t.Helper()
	x.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	x.must(err)
	return r.StatusCode, string(body), r.Header.Get("Location")
}

func (x *house) get(by actor.Actor, path string) (int, string, string) {
	x.t.Helper()
	x.by.Store(&by)
	return x.answer(still.Get(x.srv.URL + path))
}

func (x *house) post(by actor.Actor, path string, form ...string) (int, string, string) {
	x.t.Helper()
	x.by.Store(&by)
	v := url.Values{}
	for i := 0; i < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return x.answer(still.PostForm(x.srv.URL+path, v))
}

// check is what the house does after every test: its own invariants.
func (x *house) check() {
	for _, c := range x.Manifest().Checks {
		x.read(func(t *db.Tx) error {
			found, err := c.Find(t)
			if len(found) > 0 && !x.t.Failed() {
				x.t.Errorf("%s: %v", c.Name, found)
			}
			return err
		})
	}
}

func (x *house) read(fn func(*db.Tx) error) {
	x.t.Helper()
	x.must(x.h.DB.Read(context.Background(), fn))
}

func (x *house) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *house) count(q string, args ...any) (n int64) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q, args...); return err })
	return n
}

// lines is how often the journal tells of a deed.
func (x *house) lines(d deed.Deed) int64 {
	return x.count(`SELECT COUNT(*) FROM deed_record WHERE deed = ?1`, d.Name)
}

// refused wants a fault of that key.
func (x *house) refused(err error, key string) {
	x.t.Helper()
	f := asFault(err)
	if f == nil || f.Key != key {
		x.t.Fatalf("want %s, got %v", key, err)
	}
}

// somebody works for an organisation in a territory.
func (x *house) somebody(name string, r actor.Role, org actor.OrganisationID, territory string) actor.Actor {
	a := actor.Actor{Account: id.New[actor.Account](x.clock.Now()), Name: name, Org: org, Channel: "web", Grants: []actor.Grant{{Role: r, Org: org, Territory: territory, Recognised: true}}}
	x.world.names[a.Account] = name
	return a
}

func (x *house) names(by actor.Actor) (out []string) {
	x.read(func(t *db.Tx) error {
		all, err := x.viewsOf(t, by)
		for _, v := range all {
			out = append(out, v.Name)
		}
		return err
	})
	slices.Sort(out)
	return out
}

func said(page string) string {
	var b strings.Builder
	in := false
	for _, r := range page {
		switch {
		case r == '<':
			in = true
			b.WriteByte(' ')
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
