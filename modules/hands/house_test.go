package hands

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/testkit"
)

// house is hands alone, on a store of its own, with the clock held, beside
// organisations, phones, accounts and missions that do as they are told.
type house struct {
	*Service
	t        *testing.T
	clock    *clock.Held
	orgs     *fakeOrgs
	phones   *fakePhones
	accounts *fakeAccounts
	missions *fakeMissions
	ours     actor.OrganisationID // recognised
	other    actor.OrganisationID // recognised, and not ours
	ctx      context.Context
	born     int // counts people
}

// engines runs a test on both databases, each on a store with the tables of
// hands. Building those takes long enough in PostgreSQL to copy them.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	model.Engines(t, test)
}

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "hands", Files: Files})

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
	rules, err := ReadRules(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	orgs := &fakeOrgs{names: map[actor.OrganisationID]string{}, suspended: map[actor.OrganisationID]bool{}, only: map[actor.OrganisationID]string{}}
	x := &house{t: t, clock: c, orgs: orgs, phones: &fakePhones{}, accounts: &fakeAccounts{}, missions: &fakeMissions{}, ctx: context.Background(), ours: orgs.add("L’Étoile"), other: orgs.add("Les Quatre Mulets")}
	x.Service = New(h, vault, gazetteer(t), orgs)
	x.UseCrew(CrewPorts{Rules: rules, Helpers: orgs, Phones: x.phones, Accounts: x.accounts, Missions: x.missions, Zone: time.UTC})
	t.Cleanup(x.check)
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
		x.t.Fatalf("want %v, got %v (%v)", keys, got, err)
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

// fakeOrgs are organisations, recognised unless they are suspended, that work in
// the whole country unless they work in one place only.
type fakeOrgs struct {
	names     map[actor.OrganisationID]string
	suspended map[actor.OrganisationID]bool
	only      map[actor.OrganisationID]string
	order     []actor.OrganisationID
}

func (o *fakeOrgs) add(name string) actor.OrganisationID {
	org := id.New[actor.Organisation](morning)
	o.names[org], o.order = name, append(o.order, org)
	return org
}

func (o *fakeOrgs) Name(_ *db.Tx, org actor.OrganisationID, _ string) (string, error) {
	name, ok := o.names[org]
	if !ok {
		return "", fault.New(fault.Missing, "error.missing")
	}
	return name, nil
}

func (o *fakeOrgs) Recognised(_ *db.Tx, org actor.OrganisationID) (bool, error) {
	return o.names[org] != "" && !o.suspended[org], nil
}

func (o *fakeOrgs) Helping(_ *db.Tx, path []string) (out []actor.OrganisationID, _ error) {
	for _, org := range o.order {
		if !o.suspended[org] && (o.only[org] == "" || slices.Contains(path, o.only[org])) {
			out = append(out, org)
		}
	}
	return out, nil
}

// fakePhones keep what was asked and told, once the unit of work is kept; they
// fail on command, before anything is kept.
type fakePhones struct {
	mu    sync.Mutex
	asked []reach.Question
	told  []reach.Inform
	fail  error
}

func (f *fakePhones) Ask(t *deed.Tx, q reach.Question) error {
	if f.fail != nil {
		return f.fail
	}
	t.After(func() { f.mu.Lock(); defer f.mu.Unlock(); f.asked = append(f.asked, q) })
	return nil
}

func (f *fakePhones) Inform(t *deed.Tx, n reach.Inform) error {
	if f.fail != nil {
		return f.fail
	}
	t.After(func() { f.mu.Lock(); defer f.mu.Unlock(); f.told = append(f.told, n) })
	return nil
}

// fakeAccounts hand out accounts, and note who was let in and put out.
type fakeAccounts struct {
	in  []Newcomer
	out []actor.AccountID
}

func (f *fakeAccounts) Invite(t *deed.Tx, a Newcomer) (actor.AccountID, string, error) {
	if a.Account.IsZero() {
		a.Account = id.New[actor.Account](t.Now())
	}
	f.in = append(f.in, a)
	return a.Account, fmt.Sprintf("/welcome/%d", len(f.in)), nil
}

func (f *fakeAccounts) End(_ *deed.Tx, aid actor.AccountID, _ actor.OrganisationID, _ bool) error {
	f.out = append(f.out, aid)
	return nil
}

// fakeMissions are what organisations mean to set out on.
type fakeMissions struct{ all []Journey }

func (f *fakeMissions) Planned(*db.Tx, actor.OrganisationID) ([]Journey, error) { return f.all, nil }

// person is somebody new who offers hours in Ighil, every half day.
func (x *house) person(change func(*Volunteer, *Person)) (Volunteer, Person) {
	x.born++
	v := Volunteer{ID: id.New[Volunteer](x.clock.Now()), Org: x.ours, Place: "A1-02", Born: 1990, Lang: "fr", Languages: []string{"tmr"}, Skills: []string{"cook"}, Hours: everyHalf}
	phone, wrong := x.readPhone(fmt.Sprintf("+21266%07d", x.born), "phone")
	if wrong != nil {
		x.t.Fatal(wrong)
	}
	p := Person{Name: fmt.Sprintf("Tuda Aït %d", x.born), Phone: phone}
	if change != nil {
		change(&v, &p)
	}
	return v, p
}

// register takes somebody in.
func (x *house) register(change func(*Volunteer, *Person)) VolunteerID {
	x.t.Helper()
	v, p := x.person(change)
	_, err := x.Register(x.ctx, actor.Actor{Channel: "web"}, v, p, true)
	x.must(err)
	return v.ID
}

// volunteer is somebody whom ours accepted.
func (x *house) volunteer(change func(*Volunteer, *Person)) VolunteerID {
	x.t.Helper()
	vid := x.register(change)
	x.must(x.Accept(x.ctx, x.coordinator(), vid))
	return vid
}

func (x *house) volunteerNow(vid VolunteerID) (v *Volunteer) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { v, err = getVolunteer(t, vid); return err })
	return v
}

// call asks for so many people for tomorrow morning.
func (x *house) call(wanted int, change func(*Call)) CallID {
	x.t.Helper()
	c := Call{ID: id.New[Call](x.clock.Now()), Org: x.ours, Place: "A1-02", Wanted: wanted, Words: Words{FR: "Distribuer des repas"},
		Shift: Shift{Meet: Words{FR: "Devant l’école"}, From: morning.Add(24 * time.Hour), To: morning.Add(28 * time.Hour)}}
	if change != nil {
		change(&c)
	}
	x.must(x.MakeCall(x.ctx, x.coordinator(), c))
	return c.ID
}

func (x *house) callNow(cid CallID) (c *Call) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { c, err = getCall(t, cid); return err })
	return c
}

// placing is what there is between a volunteer and a call.
func (x *house) placing(cid CallID, vid VolunteerID) (p *Placing) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { p, err = placingOf(t, cid, vid); return err })
	if p == nil {
		x.t.Fatal("they were never asked")
	}
	return p
}

// proposed are the volunteers that a call may ask, in order.
func (x *house) proposed(cid CallID, within int) (out []VolunteerID) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		c, err := getCall(t, cid)
		if err != nil {
			return err
		}
		all, err := x.fitting(t, c, within)
		for _, f := range all {
			out = append(out, f.Volunteer.ID)
		}
		return err
	})
	return out
}

func (x *house) ask(cid CallID, whom ...VolunteerID) {
	x.t.Helper()
	x.must(x.Ask(x.ctx, x.coordinator(), cid, whom))
}

func (x *house) answers(cid CallID, vid VolunteerID, yes bool) PlacingState {
	x.t.Helper()
	state, err := x.Answer(x.ctx, actor.Actor{Channel: "sms"}, x.placing(cid, vid).ID, yes)
	x.must(err)
	return state
}
