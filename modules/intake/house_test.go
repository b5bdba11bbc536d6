package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// house is intake alone, on a store of its own, with the clock held, beside
// requests that do as they are told.
type house struct {
	*Service
	t     testing.TB
	clock *clock.Held
	cases *fakeCases
	ctx   context.Context
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, x *house)) {
	t.Helper()
	model.Engines(t, func(t *testing.T, dsn string) { test(t, openHouse(t, dsn)) })
}

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "intake", Files: Files})

var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// country is what every test reads with, loaded once.
var country = sync.OnceValue(func() (c struct {
	places   *places.Gazetteer
	services *service.Set
	words    *sense.Lexicon
	mappings []Mapping
	rules    Rules
	err      error
}) {
	c.places, c.err = places.Load(packs.FS, "ma")
	if c.err == nil {
		c.services, c.err = service.Load(packs.FS, ".")
	}
	if c.err == nil {
		c.words, c.err = sense.Load(packs.FS, "ma")
	}
	if c.err == nil {
		c.mappings, c.err = Mappings(packs.FS)
	}
	if c.err == nil {
		c.rules, c.err = ReadRules(packs.FS, "ma")
	}
	return c
})

func openHouse(t testing.TB, dsn string) *house {
	t.Helper()
	held := &clock.Held{At: morning}
	store, err := db.Open(dsn, held)
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
	c := country()
	if c.err != nil {
		t.Fatal(c.err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	x := &house{t: t, clock: held, cases: &fakeCases{services: c.services, asked: map[string]fakeCase{}}, ctx: context.Background()}
	x.Service = New(h, vault, c.places, c.services, c.mappings, c.rules)
	x.UsePorts(Ports{Cases: x.cases, Sense: c.words})
	t.Cleanup(x.check)
	return x
}

// check is what the house does after every test: its own invariants.
func (x *house) check() {
	for _, c := range checks() {
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

// fact is the key of an error for people.
func fact(err error) string {
	switch e := err.(type) {
	case nil:
		return ""
	case fault.All:
		return e[0].Key
	case *fault.Fault:
		return e.Key
	}
	return err.Error()
}

func (x *house) somebody(r actor.Role, territory string) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](x.clock.Now()), Name: "Idder", Grants: []actor.Grant{{Role: r, Territory: territory, Recognised: true}}, Channel: "web"}
}

// lines is every journal line of a deed.
func (x *house) lines(word string) (out []string) {
	x.read(func(t *db.Tx) (err error) {
		out, err = db.List(t, db.Text, `SELECT subject || ' ' || told FROM deed_record WHERE deed = ?1 ORDER BY seq`, word)
		return err
	})
	return out
}

// all are the candidates of a state.
func (x *house) all(state State) (out []*Candidate) {
	x.read(func(t *db.Tx) (err error) {
		out, err = list(t, listed{state: state, limit: 10_000, mine: actor.Actor{System: "test"}})
		return err
	})
	return out
}

func (x *house) body(c *Candidate) Body {
	x.t.Helper()
	b, err := x.open(c)
	x.must(err)
	return b
}

// bring takes the text of a file in, as its page does.
func (x *house) bring(by actor.Actor, file string) Brought {
	x.t.Helper()
	zone := x.places.Country().Zone()
	c, err := source.Read(bytes.NewReader([]byte(file)), zone)
	x.must(err)
	m := Mapping{}
	if !c.Kind.Chat() {
		m, err = x.mappingFor(x.ctx, c.Table)
		x.must(err)
	}
	done, err := x.Bring(x.ctx, by, id.New[fileKind](x.clock.Now()), m, c)
	x.must(err)
	return done
}

// one brings one message and gives its candidate.
func (x *house) one(by actor.Actor, text string) *Candidate {
	x.t.Helper()
	x.bring(by, "09/09/2023, 03:13 - Voisin: "+text+"\n")
	x.clock.Advance(time.Second)
	for _, s := range []State{Waiting, Aside} {
		for _, c := range x.all(s) {
			if x.body(c).Words == text {
				return c
			}
		}
	}
	x.t.Fatalf("%q is not there", text)
	return nil
}

// dump is everything in the tables of intake and the journal, as a thief reads it.
func (x *house) dump() string {
	var b bytes.Buffer
	for _, q := range []string{`SELECT id || COALESCE(needs, '') || COALESCE(place, '') || reason || lang FROM intake_candidate`, `SELECT key FROM intake_reading`, `SELECT id || service || kind || state FROM intake_file`, `SELECT subject || told FROM deed_record`} {
		x.read(func(t *db.Tx) error {
			all, err := db.List(t, db.Text, q)
			fmt.Fprintln(&b, all)
			return err
		})
	}
	for _, q := range []string{`SELECT body FROM intake_candidate WHERE body IS NOT NULL`, `SELECT phone_key FROM intake_candidate WHERE phone_key IS NOT NULL`, `SELECT sealed FROM intake_file`, `SELECT body FROM intake_file WHERE body IS NOT NULL`, `SELECT sealed FROM intake_reading`} {
		x.read(func(t *db.Tx) error {
			all, err := db.List(t, func(r db.Row) (raw []byte, err error) { return raw, r.Scan(&raw) }, q)
			for _, raw := range all {
				b.Write(raw)
			}
			return err
		})
	}
	return b.String()
}

// fakeCases are requests in memory, judged by the real service.
type fakeCases struct {
	services *service.Set
	mu       sync.Mutex
	asked    map[string]fakeCase
	order    []string
	back     []string
	joined   map[string]string
	raised   map[string]int
	like     []Likeness
	taken    map[string]bool // somebody took it up
	apart    error
}

type fakeCase struct {
	a       Asking
	content string
	receipt string
}

func (f *fakeCases) def(code string) *service.Definition { d, _ := f.services.Get(code); return d }

func (f *fakeCases) Judge(a Asking) (j Judged, err error) {
	def := f.def(a.Service)
	if a.Whole {
		if _, err := def.Form.Validate(a.Answers); err != nil {
			all, _ := err.(fault.All)
			for _, w := range all {
				if w.Field != def.Bind.People && w.Field != def.Bind.Phone && w.Field != def.Bind.Secret || a.Answers.Has(w.Field) {
					return j, err
				}
			}
		}
	}
	j.Level, j.Reasons, err = def.Prioritise(a.Answers, service.Surroundings{Now: morning, Channel: "import"})
	j.Needs, j.Place = a.Answers.List(def.Bind.Need), a.Answers.Place(def.Bind.Place).Code
	return j, err
}

func (f *fakeCases) Ask(_ context.Context, by actor.Actor, a Asking) (out Asked, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.Judge(a); err != nil {
		return out, err
	}
	text, err := json.Marshal(a.Answers)
	if err != nil {
		return out, err
	}
	was, again := f.asked[a.ID]
	if again && was.content != string(text) {
		return out, fault.New(fault.Conflict, "cases.case.other_content")
	}
	if !again {
		was = fakeCase{a: a, content: string(text), receipt: fmt.Sprintf("48271%04d", len(f.order))}
		f.asked[a.ID], f.order = was, append(f.order, a.ID)
	}
	out = Asked{Case: a.ID, Receipt: was.receipt, Again: again}
	if slices.Contains(a.Answers.List("fragile"), "child_alone") {
		out.Case, out.Restricted = "", true
	}
	return out, nil
}

func (f *fakeCases) TakeBack(_ context.Context, _ actor.Actor, caseID string) error {
	if f.taken[caseID] {
		return fault.New(fault.Conflict, "cases.case.cannot_now")
	}
	f.back = append(f.back, caseID)
	return nil
}

func (f *fakeCases) Join(_ context.Context, _ actor.Actor, from, into string) error {
	if f.apart != nil {
		return f.apart
	}
	if f.joined == nil {
		f.joined = map[string]string{}
	}
	f.joined[from] = into
	return nil
}

func (f *fakeCases) Part(_ context.Context, _ actor.Actor, from string) error {
	delete(f.joined, from)
	return nil
}

func (f *fakeCases) MayJoin(by actor.Actor) bool {
	return by.Holds(actor.Dispatcher, actor.CrisisCell)
}
func (f *fakeCases) MayRaise(by actor.Actor) bool {
	return by.Holds(actor.Dispatcher, actor.CrisisCell)
}

func (f *fakeCases) Raise(_ context.Context, _ actor.Actor, caseID string, level int) error {
	if f.raised == nil {
		f.raised = map[string]int{}
	}
	f.raised[caseID] = level
	return nil
}

func (f *fakeCases) Alike(*deed.Tx, linkage.Report, int) ([]Likeness, error) {
	return slices.Clone(f.like), nil
}

func (f *fakeCases) Stands(_ *db.Tx, caseID string) (Likeness, error) {
	was, ok := f.asked[caseID]
	if !ok {
		return Likeness{}, nil
	}
	def := f.def(was.a.Service)
	return Likeness{ID: caseID, Receipt: was.receipt, Href: "/cases/" + caseID, Service: was.a.Service, State: def.Start(), Level: 3, Needs: was.a.Answers.List(def.Bind.Need), At: was.a.At}, nil
}
