package watch

import (
	"context"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// house is watch over people, on an empty store, with the clock held.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	org   actor.OrganisationID
}

// model is an empty store with the tables of people.
var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "ledger", Files: ledger.Files}, testkit.Schema{Module: "people", Files: people.Files})

func open(t *testing.T, dsn string) *house {
	t.Helper()
	c := &clock.Held{At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
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
	g, err := places.Load(os.DirFS(filepath.Join(testkit.Root(t), "packs")), "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	p := people.New(h, vault, g)
	x := &house{Service: New(h, p), t: t, clock: c, org: id.New[actor.Organisation](c.Now())}
	x.Say = func(word string) module.Say {
		if strings.HasPrefix(word, "people.") {
			return p.Say
		}
		return nil
	}
	x.Words = func() []string {
		return []string{"people.organisation.register", "people.organisation.recognise", "watch.journal.verify"}
	}
	x.must(p.SeedOrganisation(t.Context(), people.Organisation{ID: x.org, Kind: people.Association, Names: people.Names{AR: "جمعية الفانوس", FR: "Le Fanal"},
		Receipt: "1", Status: people.Recognised, Territory: []string{"A1"}}))
	return x
}

func (x *house) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func as(role actor.Role, territory string) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](time.Unix(1_700_000_000, 0)), Channel: "web", Grants: []actor.Grant{{Role: role, Territory: territory}}}
}

var thing = deed.Deed{Name: "test.thing.do", Open: true}

// tell leaves a line of a subject.
func (x *house) tell(by actor.Actor, subject string, facts any) {
	x.t.Helper()
	x.must(x.h.Do(x.t.Context(), by, thing, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(subject, facts)
	}))
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(ui.Locale, people.Files, ledger.Files, Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// edge serves the doors of watch to whoever by is.
func (x *house) edge(by *actor.Actor) *httptest.Server {
	errorPage := fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<p>{{.Text}}</p>{{template "foot" .Frame}}{{end}}`)}}
	site := &web.Site{Cat: catalogue(x.t), Zone: time.UTC, Now: x.clock.Now, Log: x.h.Log, Meter: telemetry.NewMeter(), Langs: i18n.Langs(),
		Limit:     &web.Limiter{Now: x.clock.Now},
		Enter:     func(c *web.Ctx) context.Context { return actor.Into(c.Context(), *by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, errorPage) }}
	var routes []web.Route
	for _, d := range x.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	return srv
}

func (x *house) answer(r *http.Response, err error) (int, string) {
	x.t.Helper()
	x.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	x.must(err)
	return r.StatusCode, string(body)
}
