package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
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
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// house is people alone, on an empty store, with the clock held.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	limit *web.Limiter
}

const (
	goodPassword = "seven lanterns, one well"
	goodSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// model is an empty store with the tables of people.
var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "people", Files: Files})

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
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	x := &house{New(h, vault, gazetteer(t)), t, c, &web.Limiter{Now: c.Now}}
	t.Cleanup(x.check)
	return x
}

// gazetteer is that of Tamurt, a country made up for tests.
func gazetteer(t testing.TB) *places.Gazetteer {
	t.Helper()
	g, err := places.Load(os.DirFS(filepath.Join(testkit.Root(t), "packs")), "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// check is what the house does after every test: its own invariants.
func (x *house) check() {
	for _, c := range x.Manifest().Checks {
		if found := x.find(c); len(found) > 0 && !x.t.Failed() {
			x.t.Errorf("%s: %v", c.Name, found)
		}
	}
}

func (x *house) find(c module.Check) (found []string) {
	x.read(func(t *db.Tx) (err error) {
		found, err = c.Find(t)
		return err
	})
	return found
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

// account seeds somebody who may sign in, with roles.
func (x *house) account(login string, grants ...actor.Grant) actor.AccountID {
	x.t.Helper()
	aid, err := x.SeedAccount(context.Background(), login, "Idder "+login, goodPassword, goodSecret, []string{"tmr"}, grants)
	x.must(err)
	return aid
}

// as is somebody as the house sees them at their next request.
func (x *house) as(aid actor.AccountID) actor.Actor {
	x.t.Helper()
	token, err := x.Session(context.Background(), actor.Actor{System: "test"}, aid)
	x.must(err)
	return x.who(token)
}

func (x *house) who(token string) actor.Actor {
	x.t.Helper()
	v, err := x.visit(context.Background(), token, "fr")
	x.must(err)
	return v.who
}

// org seeds an organisation.
func (x *house) org(name string, status Status, territory ...string) actor.OrganisationID {
	x.t.Helper()
	o := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: Association, Names: Names{AR: "جمعية " + name, FR: "Association " + name},
		Receipt: "7/2020", Status: status, Territory: territory, Phone: "+212524001122"}
	if status == Suspended {
		o.Reason = "fraud"
	}
	x.must(x.SeedOrganisation(context.Background(), o))
	return o.ID
}

// code is RFC 6238 written a second time, to test the first.
func (x *house) code(secret string) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	x.must(err)
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, uint64(x.clock.Now().Unix()/30))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

func (x *house) signIn(login, password, code string) (string, error) {
	token, _, err := x.SignIn(context.Background(), x.limit, Try{Login: login, Password: password, Code: code, From: "192.0.2.1", Device: "phone", Channel: "web"})
	return token, err
}

// told is every journal line's word, subject and facts.
func (x *house) told() (lines []string) {
	x.read(func(t *db.Tx) (err error) {
		lines, err = db.List(t, db.Text, `SELECT deed || ' ' || subject || ' ' || role || ' ' || told FROM deed_record ORDER BY seq`)
		return err
	})
	return lines
}

// edge serves the doors of people, as the house does.
func (x *house) edge() *httptest.Server {
	x.t.Helper()
	cat, err := i18n.Load(ui.Locale, Files, forms.Files)
	x.must(err)
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), Enter: x.Enter, Limit: x.limit,
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, errorPage) }}
	var routes []web.Route
	for _, d := range x.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	return srv
}

// errorPage stands in for the house's own.
var errorPage = fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<p id="error">{{.Text}}</p>{{template "foot" .Frame}}{{end}}`)}}

// browser keeps cookies and does not follow redirects.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func (x *house) browser(srv *httptest.Server) *browser {
	jar, err := cookiejar.New(nil)
	x.must(err)
	return &browser{x.t, srv.URL, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) answer(r *http.Response, err error) (int, string, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, string(body), r.Header.Get("Location")
}

func (b *browser) get(path string) (status int, body string) {
	b.t.Helper()
	status, body, _ = b.answer(b.http.Get(b.base + path))
	return status, body
}

func (b *browser) post(path string, pairs ...string) (status int, body, to string) {
	b.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return b.answer(b.http.PostForm(b.base+path, f))
}

// between is what stands between two marks in a text.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
