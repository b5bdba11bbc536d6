package field

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
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// house is field alone, on a store of its own, with the clock held, beside
// cases and organisations that do as they are told.
type house struct {
	*Service
	t     *testing.T
	clock *clock.Held
	cases *fakeCases
	orgs  *fakeOrgs
	ours  actor.OrganisationID // recognised
	other actor.OrganisationID // recognised, and not ours
	ctx   context.Context
}

// engines runs a test on both databases, each on a store with the tables of
// field. Building those takes long enough in PostgreSQL to copy them.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	model.Engines(t, test)
}

// model is an empty store with the tables of field.
var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "ledger", Files: ledger.Files}, testkit.Schema{Module: "field", Files: Files})

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
	orgs := &fakeOrgs{names: map[actor.OrganisationID]string{}, suspended: map[actor.OrganisationID]bool{}}
	x := &house{t: t, clock: c, orgs: orgs, ctx: context.Background(), ours: orgs.add("L’Étoile"), other: orgs.add("Les Quatre Mulets")}
	x.Service = New(h, vault, gazetteer(t), fakeGoods{}, orgs)
	x.cases = &fakeCases{all: map[CaseID]*fakeCase{}, now: c.Now}
	x.UseCases(x.cases)
	t.Cleanup(func() {
		x.check()
		x.find(ledger.Manifest().Checks)
	})
	return x
}

var tamurt = sync.OnceValues(func() (*places.Gazetteer, error) {
	for dir := "."; len(dir) < 40; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return places.Load(os.DirFS(filepath.Join(dir, "packs")), "tamurt")
		}
	}
	return nil, errors.New("no go.mod above")
})

// gazetteer is that of Tamurt, a country made up for tests.
func gazetteer(t testing.TB) *places.Gazetteer {
	t.Helper()
	g, err := tamurt()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// check is what the house does after every test: its own invariants.
func (x *house) check() { x.find(checks()) }

func (x *house) find(all []module.Check) {
	for _, c := range all {
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

// told is every journal line of a subject, oldest first.
func (x *house) told(subject string) (lines []string) {
	x.read(func(t *db.Tx) (err error) {
		lines, err = db.List(t, db.Text, `SELECT deed || ' ' || role || ' ' || told FROM deed_record WHERE subject = ?1 ORDER BY seq`, subject)
		return err
	})
	return lines
}

// somebody holds a role; an organisation only where the role acts for one.
func (x *house) somebody(r actor.Role, org actor.OrganisationID, territory string) actor.Actor {
	g := actor.Grant{Role: r, Territory: territory, Recognised: true}
	if r.ForOrganisation() {
		g.Org, g.Recognised = org, !x.orgs.suspended[org]
	}
	return actor.Actor{Account: id.New[actor.Account](x.clock.Now()), Name: "Idder", Org: org, Grants: []actor.Grant{g}, Channel: "web"}
}

func (x *house) coordinator() actor.Actor { return x.somebody(actor.Coordinator, x.ours, "") }
func (x *house) leader() actor.Actor      { return x.somebody(actor.Leader, x.ours, "") }

// team makes a team of an organisation in a place.
func (x *house) team(org actor.OrganisationID, base, name string, langs ...string) TeamID {
	x.t.Helper()
	if len(langs) == 0 {
		langs = []string{"tmr"}
	}
	m := Team{ID: id.New[Team](x.clock.Now()), Org: org, Names: Names{FR: name}, Skills: []string{"mule", "rescue"}, Languages: langs, People: 6, Base: base}
	x.must(x.CreateTeam(x.ctx, actor.Actor{System: "demo"}, m))
	return m.ID
}

// ask makes a case that an organisation owns; zero is nobody.
func (x *house) ask(org actor.OrganisationID, place string) CaseID {
	return x.cases.add(x.Service, org, place)
}

// mission is planned for cases, loaded, and on its way.
func (x *house) mission(team TeamID, load map[string]int, all ...CaseID) MissionID {
	x.t.Helper()
	mid := x.planned(team, load, all...)
	x.must(x.Depart(x.ctx, x.leader(), mid))
	return mid
}

func (x *house) planned(team TeamID, load map[string]int, all ...CaseID) MissionID {
	x.t.Helper()
	mid := id.New[Mission](x.clock.Now())
	x.must(x.Plan(x.ctx, x.coordinator(), Plan{ID: mid, Team: team, Cases: all}))
	x.must(x.Load(x.ctx, x.coordinator(), mid, load))
	return mid
}

func (x *house) stop(mid MissionID, c CaseID) Stop {
	x.t.Helper()
	j, err := x.Journey(x.ctx, mid)
	x.must(err)
	for _, s := range j.Stops {
		if s.Case == c {
			return s
		}
	}
	x.t.Fatalf("case %s is no stop", c)
	return Stop{}
}

func (x *house) handover(mid MissionID, c CaseID, goods map[string]int) Handover {
	return Handover{ID: id.New[Delivery](x.clock.Now()), Mission: mid, Stop: x.stop(mid, c).ID, Goods: goods, Proof: ByCode, Code: Secret(x.cases.code(c))}
}

func (x *house) deliver(d Handover) error {
	_, err := x.Deliver(x.ctx, x.leader(), d)
	return err
}

// tamurtMeans is by what help travels in Tamurt.
func tamurtMeans(t testing.TB) *Means {
	t.Helper()
	for dir := "."; len(dir) < 40; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			m, err := ReadMeans(os.DirFS(filepath.Join(dir, "packs")), "tamurt")
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
	t.Fatal("no go.mod above")
	return nil
}
