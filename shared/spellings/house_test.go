package spellings

import (
	"context"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// world is spellings over an empty store, with the clock held.
type world struct {
	*Service
	t     *testing.T
	clock *clock.Held
	n     int
}

// engines runs a test on both databases.
func engines(t *testing.T, country string, fn func(w *world)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { fn(open(t, "file:"+filepath.Join(t.TempDir(), "house.db"), country)) })
	t.Run("postgres", func(t *testing.T) { fn(open(t, testkit.Postgres(t), country)) })
}

func open(t *testing.T, dsn, country string) *world {
	t.Helper()
	c := &clock.Held{At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	store, err := db.Open(dsn, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, m := range []struct {
		name  string
		files fs.FS
	}{{"jobs", jobs.Files}, {"deed", deed.Files}, {"spellings", Files}} {
		if err := store.Migrate(t.Context(), m.name, m.files); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, clock: c}
	w.Service = w.another(store, country)
	return w
}

// another is one more process over the same store.
func (w *world) another(store *db.DB, country string) *Service {
	g, err := places.Load(os.DirFS(filepath.Join(testkit.Root(w.t), "packs")), country)
	if err != nil {
		w.t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	return New(deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter()), g, fakeOrgs{})
}

type fakeOrgs struct{}

func (fakeOrgs) Name(*db.Tx, actor.OrganisationID, string) (string, error) {
	return "جمعية الفانوس", nil
}

// somebody is another account in a role.
func (w *world) somebody(role actor.Role, territory string) actor.Actor {
	w.n++
	a := actor.Actor{Account: id.New[actor.Account](w.clock.Now().Add(time.Duration(w.n))), Channel: "web", Grants: []actor.Grant{{Role: role, Territory: territory, Recognised: true}}}
	if role.ForOrganisation() {
		a.Grants[0].Org = id.New[actor.Organisation](w.clock.Now())
	}
	return a
}

var locate = deed.Deed{Name: "cases.case.locate", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator}}

// says is somebody who puts a request with these words at a place.
func (w *world) says(by actor.Actor, text, code string) {
	w.t.Helper()
	err := w.h.Do(w.t.Context(), by, locate, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := w.Learn(t, text, code, locate.Name); err != nil {
			return err
		}
		return t.Tell("cases.case/1", map[string]string{"to": code})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// kept is every spelling in the store.
func (w *world) kept() (all []Spelling) {
	w.t.Helper()
	err := w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) {
		all, err = list(t, "", false, cursor{}, 1000)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// edge serves the doors to whoever by is.
func (w *world) edge(by *actor.Actor) *httptest.Server {
	cat, err := i18n.Load(ui.Locale, Files)
	w.must(err)
	errorPage := fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<p>{{.Text}}</p>{{template "foot" .Frame}}{{end}}`)}}
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: w.clock.Now, Log: w.h.Log, Meter: telemetry.NewMeter(), Langs: i18n.Langs(),
		Limit:     &web.Limiter{Now: w.clock.Now},
		Enter:     func(c *web.Ctx) context.Context { return actor.Into(c.Context(), *by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, errorPage) }}
	var routes []web.Route
	for _, d := range w.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	w.t.Cleanup(srv.Close)
	return srv
}

func (w *world) answer(r *http.Response, err error) (int, string) {
	w.t.Helper()
	w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	w.must(err)
	return r.StatusCode, string(body)
}
