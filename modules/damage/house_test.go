package damage

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// house is damage alone, on a store of its own, with the clock held, beside
// requests, missions and organisations that do as they are told.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	world *world
	ctx   context.Context
	cell  actor.Actor // of the crisis cell
}

// world is what others keep.
type world struct {
	mu       sync.Mutex
	heard    map[string]int
	gone     map[string]time.Time
	arrived  map[string]time.Time
	official map[actor.OrganisationID]bool
	raised   [][]string
}

func (w *world) Heard(*db.Tx, time.Time) (map[string]int, error)         { return w.heard, nil }
func (w *world) Gone(*db.Tx, time.Time) (map[string]time.Time, error)    { return w.gone, nil }
func (w *world) Arrived(*db.Tx, time.Time) (map[string]time.Time, error) { return w.arrived, nil }
func (w *world) Name(_ *db.Tx, _ actor.OrganisationID, _ string) (string, error) {
	return "L’Étoile", nil
}
func (w *world) Official(_ *db.Tx, org actor.OrganisationID) (bool, error) {
	return w.official[org], nil
}
func (w *world) Raise(_ context.Context, codes []string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raised = append(w.raised, codes)
	return len(codes), nil
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	model.Engines(t, test)
}

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "damage", Files: Files})

// morning is a Saturday, at eight.
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
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	w := &world{heard: map[string]int{}, gone: map[string]time.Time{}, official: map[actor.OrganisationID]bool{}}
	x := &house{t: t, clock: c, world: w, ctx: context.Background()}
	x.Service = New(h, vault, morocco(t), Ports{Rules: moroccan(t), Cases: w, Missions: w, Orgs: w})
	for _, k := range x.Manifest().Hears {
		h.Hear(k.Word, "damage", k.Do, k.When)
	}
	x.cell = x.somebody(actor.CrisisCell, actor.OrganisationID{})
	t.Cleanup(x.check)
	return x
}

// moroccan are the rules of the pack of Morocco, whose figures the tests of real
// files are about.
func moroccan(t testing.TB) Rules {
	t.Helper()
	r, err := ReadRules(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var atlas = sync.OnceValues(func() (*places.Gazetteer, error) {
	for dir := "."; len(dir) < 40; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return places.Load(os.DirFS(filepath.Join(dir, "packs")), "ma")
		}
	}
	return nil, errors.New("no go.mod above")
})

func morocco(t testing.TB) *places.Gazetteer {
	t.Helper()
	g, err := atlas()
	if err != nil {
		t.Fatal(err)
	}
	return g
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
	got := keysOf(err)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		x.t.Fatalf("want %v, got %v (%v)", keys, got, err)
	}
}

func keysOf(err error) (got []string) {
	all, ok := errors.AsType[fault.All](err)
	if f, one := errors.AsType[*fault.Fault](err); !ok && one {
		all = fault.All{f}
	}
	for _, f := range all {
		got = append(got, f.Key)
	}
	slices.Sort(got)
	return got
}

// lines is how often the journal tells of a deed.
func (x *house) lines(d deed.Deed) (n int64) {
	x.read(func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record WHERE deed = ?1`, d.Name)
		return err
	})
	return n
}

// somebody holds a role in the whole country.
func (x *house) somebody(r actor.Role, org actor.OrganisationID) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](x.clock.Now()), Name: "Idder", Org: org, Channel: "web",
		Grants: []actor.Grant{{Role: r, Org: org, Recognised: true}}}
}

func (x *house) org(official bool) actor.OrganisationID {
	org := id.New[actor.Organisation](x.clock.Now())
	x.world.official[org] = official
	return org
}

// layer is what somebody might say of a map.
func layer(k Kind) Layer {
	return Layer{Kind: k, Name: "Bâtiments", Source: "Copernicus", Licence: "attribution", Author: "Idder", Dated: "2023-09-13"}
}

// bring brings in a file and accepts it.
func (x *house) bring(k Kind, file string) LayerID {
	x.t.Helper()
	features, err := Read([]byte(file), x.rules.columns())
	x.must(err)
	lid, _, err := x.Bring(x.ctx, x.cell, layer(k), []byte(file), features)
	x.must(err)
	x.must(x.Accept(x.ctx, x.cell, lid))
	x.fresh()
	return lid
}

func (x *house) fresh() {
	x.t.Helper()
	x.must(x.Fresh(x.ctx))
}
