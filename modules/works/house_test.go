package works

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
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
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/testkit"
)

// house is works alone, on a store of its own, with the clock held, beside
// requests, organisations and phones that do as they are told.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	world *world
	ctx   context.Context
	ours  actor.OrganisationID
}

// world is what others keep. told is what phones got, once the unit of work was kept.
type world struct {
	mu        sync.Mutex
	trapped   []Trapped
	told      []reach.Inform
	suspended bool
	ours      actor.OrganisationID
}

func (w *world) Trapped(*db.Tx, string, []TrappedRule) ([]Trapped, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.trapped), nil
}

func (w *world) Receipt(_ *db.Tx, c string) (string, error) {
	for _, x := range w.trapped {
		if x.Case == c {
			return x.Receipt, nil
		}
	}
	return "", nil
}

func (w *world) Name(*db.Tx, actor.OrganisationID, string) (string, error) { return "L’Étoile", nil }
func (w *world) Recognised(*db.Tx, actor.OrganisationID) (bool, error)     { return !w.suspended, nil }
func (w *world) Helping(*db.Tx, []string) ([]actor.OrganisationID, error) {
	return []actor.OrganisationID{w.ours}, nil
}

func (w *world) Inform(t *deed.Tx, n reach.Inform) error {
	t.After(func() { w.mu.Lock(); w.told = append(w.told, n); w.mu.Unlock() })
	return nil
}

// report is somebody calling that people are under rubble.
func (w *world) report(x Trapped) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	x.Case, x.Receipt = id.New[Order](morning).String(), "482719063"
	w.trapped = append(w.trapped, x)
	return x.Case
}

func (w *world) over() { w.mu.Lock(); w.trapped = nil; w.mu.Unlock() }

func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	model.Engines(t, test)
}

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "works", Files: Files})

var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

var tamurt = sync.OnceValues(func() (*places.Gazetteer, error) { return places.Load(packs.FS, "tamurt") })

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
	gazetteer, err := tamurt()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := ReadRules(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	w := &world{ours: id.New[actor.Organisation](morning)}
	x := &house{t: t, clock: c, world: w, ctx: context.Background(), ours: w.ours}
	develop := func(_ context.Context, raw []byte) ([]byte, int, int, error) {
		if _, err := jpeg.DecodeConfig(bytes.NewReader(raw)); err != nil {
			return nil, 0, 0, fault.All{fault.New(fault.Invalid, "works.photo.choose").On("photo")}
		}
		return raw, 8, 8, nil
	}
	x.Service = New(h, vault, gazetteer, Ports{Rules: rules, Cases: w, Orgs: w, Phones: w, Develop: develop})
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

// picture is a small picture of one grey.
func picture(grey uint8) []byte {
	p := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range p.Pix {
		p.Pix[i] = grey
	}
	p.Set(0, 0, color.White)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, p, nil) // memory always takes it
	return b.Bytes()
}

// door is somebody at the pages of works.
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

func (d *door) upload(path, moment string, body []byte) (int, string) {
	d.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("moment", moment)
	w, err := m.CreateFormFile("photo", "p.jpg")
	if err != nil {
		d.t.Fatal(err)
	}
	_, _ = w.Write(body)
	m.Close()
	return d.answer(d.http.Post(d.base+path, m.FormDataContentType(), &b))
}
