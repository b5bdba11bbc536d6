package picture

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
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
	"github.com/twiza/twiza/testkit"
)

// world is a picture over an empty store, with the clock held, and invented
// neighbours.
type world struct {
	*Service
	t       *testing.T
	clock   *clock.Held
	facts   map[string][]release.Fact
	live    []Live
	arrived map[string]time.Time
	told    map[string]time.Time
	words   fstest.MapFS
	cat     *i18n.Catalogue
}

func engines(t *testing.T, fn func(w *world)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { fn(open(t, "file:"+filepath.Join(t.TempDir(), "house.db"))) })
	t.Run("postgres", func(t *testing.T) { fn(open(t, testkit.Postgres(t))) })
}

func open(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{t: t, clock: &clock.Held{At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}, facts: map[string][]release.Fact{}, arrived: map[string]time.Time{}, told: map[string]time.Time{}}
	store, err := db.Open(dsn, w.clock)
	w.must(err)
	t.Cleanup(func() { store.Close() })
	for _, m := range []struct {
		name  string
		files fs.FS
	}{{"jobs", jobs.Files}, {"deed", deed.Files}, {"release", release.Files}, {"picture", Files}} {
		w.must(store.Migrate(t.Context(), m.name, m.files))
	}
	g, err := places.Load(os.DirFS(filepath.Join(testkit.Root(t), "packs")), "ma")
	w.must(err)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	press, err := release.New(h, g, release.Rules{Floor: 5, Wait: 72 * time.Hour, Every: time.Hour})
	w.must(err)
	from := func(kind string) release.Source {
		return func(_ *db.Tx, _ time.Time, each func(release.Fact)) error {
			for _, f := range w.facts[kind] {
				each(f)
			}
			return nil
		}
	}
	by := release.Dim{Name: "by", Of: []string{byState, byAssociation, byBoth}}
	wait := release.Dim{Name: "wait", Of: []string{"h1", "h6", "h24", "h72", "more"}}
	press.Count(release.Kind{Name: release.Asked, Tell: 20, Dims: []release.Dim{{Name: "need", Of: []string{"water", "food"}}, {Name: "channel", Of: []string{"web", "sms"}}}}, from(release.Asked))
	press.Count(release.Kind{Name: release.Reached, After: release.Asked, Tell: 10, Dims: []release.Dim{by, wait}}, from(release.Reached))
	press.Count(release.Kind{Name: release.Helped, After: release.Reached, Tell: 10, Dims: []release.Dim{by, wait}}, from(release.Helped))
	w.words = fstest.MapFS{}
	for lang, text := range map[string]string{"ar": "زلزال", "fr": "Séisme", "en": "Earthquake"} { // and nothing in Amazigh
		w.words["locale/"+lang+".json"] = &fstest.MapFile{Data: []byte(`{"x.name":"` + text + `","x.what":"` + text + ` ` + text + `","x.advice.1":"` + text + ` 1.","x.advice.2":"` + text + ` 2."}`)}
	}
	w.cat, err = i18n.Load(ui.Locale, web.Locale, Files, w.words)
	w.must(err)
	w.Service = New(h, g, press, Ports{
		Crisis: func(context.Context) (Crisis, bool, error) {
			return Crisis{Code: "x", Name: "x.name", What: "x.what", Advice: []string{"x.advice.1", "x.advice.2"}, Since: w.clock.Now().AddDate(0, 0, -1)}, true, nil
		},
		Cover: func(*db.Tx) (map[string]places.Cover, error) { return nil, nil },
		Roads: func(*db.Tx) ([]Road, error) {
			return []Road{{"07.041.07.03", "closed", w.clock.Now()}, {"09.541", "open", w.clock.Now()}}, nil
		},
		Arrived: func(*db.Tx, time.Time) (map[string]time.Time, error) { return w.arrived, nil },
		Told:    func(*db.Tx, time.Time) (map[string]time.Time, error) { return w.told, nil },
		Live: func(_ *db.Tx, each func(Live)) error {
			for _, l := range w.live {
				each(l)
			}
			return nil
		},
		Needs: func() ([]string, []string) { return []string{"water", "food"}, []string{"x.name", "x.what"} },
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// plant makes n requests of a place, the first of which are served.
func (w *world) plant(place string, n, state, association, both, helped int) {
	for i := range n {
		id := place + "/" + strconv.Itoa(i)
		w.facts[release.Asked] = append(w.facts[release.Asked], release.Fact{ID: id, Place: place, At: w.clock.Now(), People: 4, Tags: map[string]string{"need": "water", "channel": "web"}})
		by := ""
		switch {
		case i < state:
			by = byState
		case i < state+association:
			by = byAssociation
		case i < state+association+both:
			by = byBoth
		default:
			continue
		}
		f := release.Fact{ID: id, At: w.clock.Now(), Tags: map[string]string{"by": by, "wait": "h6"}}
		w.facts[release.Reached] = append(w.facts[release.Reached], f)
		if i < helped {
			w.facts[release.Helped] = append(w.facts[release.Helped], f)
		}
	}
}

func (w *world) publish() {
	w.t.Helper()
	_, err := w.press.Publish(w.t.Context())
	w.must(err)
}

func (w *world) covered(within string) (k coverage) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) {
		k, err = w.Service.covered(t, time.Time{}, time.Time{}, within)
		return err
	}))
	return k
}

// edge serves the doors to whoever by is.
func (w *world) edge(by *actor.Actor) *httptest.Server {
	errorPage := fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<p>{{.Text}}</p>{{template "foot" .Frame}}{{end}}`)}}
	site := &web.Site{Cat: w.cat, Zone: time.UTC, Now: w.clock.Now, Log: w.h.Log, Meter: telemetry.NewMeter(), Langs: i18n.Langs(), Limit: &web.Limiter{Now: w.clock.Now},
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

func (w *world) get(srv *httptest.Server, path string) (int, string) {
	w.t.Helper()
	r, err := http.Get(srv.URL + path)
	w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	w.must(err)
	return r.StatusCode, string(body)
}
