package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// fakeOrgs are organisations that the tests invent; those in suspended may not act.
type fakeOrgs struct{ suspended map[actor.OrganisationID]bool }

func (f *fakeOrgs) Name(_ *db.Tx, o actor.OrganisationID, _ string) (string, error) {
	return "Org " + o.String()[30:], nil
}
func (f *fakeOrgs) Recognised(_ *db.Tx, o actor.OrganisationID) (bool, error) {
	return !f.suspended[o], nil
}

// fakeTeams: every team belongs to the organisation it was made for.
type fakeTeams struct {
	of        map[TeamID]actor.OrganisationID
	witnessed map[CaseID][]Look
	proposed  Proposed
}

func (f *fakeTeams) Witnessed(_ *db.Tx, c CaseID) ([]Look, error) { return f.witnessed[c], nil }

func (f *fakeTeams) Propose(*db.Tx, actor.OrganisationID, *Case, int) (Proposed, error) {
	return f.proposed, nil
}
func (f *fakeTeams) Team(_ *db.Tx, t TeamID, _ string) (string, actor.OrganisationID, error) {
	o, ok := f.of[t]
	if !ok {
		return "", o, fault.New(fault.Missing, "error.missing")
	}
	return "Team", o, nil
}

type world struct {
	*Office
	t     *testing.T
	clock *clock.Held
	orgs  *fakeOrgs
	teams *fakeTeams
}

var theServices = sync.OnceValues(func() (*service.Set, error) { return service.Load(packs.FS, ".") })
var theLinkage = sync.OnceValues(func() (*linkage.Model, error) { return linkage.Load(packs.FS, "ma") })
var thePlaces = sync.OnceValues(func() (*places.Gazetteer, error) { return places.Load(packs.FS, "ma") })

// empty is a store with the tables of cases.
var empty = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "cases", Files: Files})

// worlds runs a story on both engines, and checks every invariant after it.
func worlds(t *testing.T, story func(*testing.T, *world)) {
	t.Parallel()
	empty.Engines(t, func(t *testing.T, dsn string) {
		c := &clock.Held{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
		store, err := db.Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		ring, err := crypt.NewRing(filepath.Join(t.TempDir(), "master.key"))
		if err != nil {
			t.Fatal(err)
		}
		vault, err := crypt.OpenVault(t.Context(), store, ring)
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		queue := jobs.New(store, log, "test")
		h := deed.NewHouse(store, queue, log, telemetry.NewMeter())
		g, err := thePlaces()
		if err != nil {
			t.Fatal(err)
		}
		set, err := theServices()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, clock: c, orgs: &fakeOrgs{map[actor.OrganisationID]bool{}}, teams: &fakeTeams{of: map[TeamID]actor.OrganisationID{}}}
		w.Office = New(h, vault, g, set, w.orgs)
		w.UseTeams(w.teams)
		w.UseLastOwners(lastOf{g})
		m, err := theLinkage()
		if err != nil {
			t.Fatal(err)
		}
		w.UseLinkage(m)
		if err := w.KeepServices(t.Context()); err != nil {
			t.Fatal(err)
		}
		story(t, w)
		w.sound()
	})
}

// sound runs every invariant of cases.
func (w *world) sound() {
	w.t.Helper()
	for _, k := range w.checks() {
		err := w.h.DB.Read(context.Background(), func(t *db.Tx) error {
			bad, err := k.Find(t)
			for _, b := range bad {
				w.t.Errorf("not so: %s: %s", k.Name, b)
			}
			return err
		})
		if err != nil {
			w.t.Errorf("%s: %v", k.Name, err)
		}
	}
}

const (
	tidili = "07.041" // Al Haouz, the province
	phone1 = forms.Phone("+212661234542")
)

func (w *world) answers(more forms.Answers) forms.Answers {
	a := forms.Answers{"need": []string{"food", "warm"}, "where": forms.Place{Code: w.douar()}, "people": int64(6), "phone": phone1,
		"words": "the bridge is gone, ask for Lahcen", "name": "Aicha"}
	for k, v := range more {
		if v == nil {
			delete(a, k)
		} else {
			a[k] = v
		}
	}
	return a
}

func (w *world) douar() string {
	for _, k := range w.places.Children(tidili) {
		if d := w.places.Children(k.Code); len(d) > 0 {
			return d[0].Code
		}
	}
	w.t.Fatal("no douar in the pack")
	return ""
}

func (w *world) ask(more forms.Answers) Asked {
	w.t.Helper()
	out, err := w.Ask(w.t.Context(), person(), DeedAsk, Request{Service: "crisis_help", Answers: w.answers(more), Lang: "ar", Channel: "web"})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) get(c CaseID) (k *Case) {
	w.t.Helper()
	if err := w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { k, err = getCase(t, c); return err }); err != nil {
		w.t.Fatal(err)
	}
	return k
}

// staff makes somebody with one role; in an organisation of their own.
func (w *world) staff(r actor.Role, territory string) actor.Actor {
	org := id.New[actor.Organisation](w.clock.Now())
	return actor.Actor{Account: id.New[actor.Account](w.clock.Now()), Org: org, Channel: "web",
		Grants: []actor.Grant{{Role: r, Org: org, Territory: territory, Recognised: true}}}
}

func (w *world) team(by actor.Actor) TeamID {
	t := id.New[teamKind](w.clock.Now())
	w.teams.of[t] = by.Org
	return t
}

// field does what a mission does to a case, in a deed of the team's own.
func (w *world) field(by actor.Actor, c CaseID, team TeamID, steps ...string) {
	w.t.Helper()
	test := deed.Deed{Name: "field.mission.test", Roles: []actor.Role{actor.Coordinator}}
	for _, s := range steps {
		if err := w.h.Do(w.t.Context(), by, test, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			return w.Advance(t, c, s, team, "mission-1", map[string]int{"blanket": 2})
		}); err != nil {
			w.t.Fatal(s, err)
		}
	}
}

// delivered brings a case as far as "did it arrive?".
func (w *world) delivered() (Asked, actor.Actor) {
	w.t.Helper()
	out, by := w.ask(nil), w.staff(actor.Coordinator, tidili)
	team := w.team(by)
	if err := w.Claim(w.t.Context(), by, out.ID); err != nil {
		w.t.Fatal(err)
	}
	w.field(by, out.ID, team, "assign", "depart", "deliver")
	return out, by
}

func kind(err error) string {
	if f, ok := err.(*fault.Fault); ok {
		return f.Key
	}
	return fmt.Sprint(err)
}

func TestTheSameRequestTwiceIsOneRequestAndAnotherContentIsRefused(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		q := Request{ID: id.New[Case](w.clock.Now()), Service: "crisis_help", Answers: w.answers(nil), Lang: "ar", Channel: "web"}
		first, err := w.Ask(t.Context(), person(), DeedAsk, q)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				again, err := w.Ask(context.Background(), person(), DeedAsk, q)
				if err != nil || !again.Again || again.Receipt != first.Receipt {
					t.Errorf("a retry gave %v %v", again, err)
				}
			})
		}
		wg.Wait()
		q.Answers = w.answers(forms.Answers{"people": int64(7)})
		if _, err := w.Ask(t.Context(), person(), DeedAsk, q); kind(err) != "cases.case.other_content" {
			t.Errorf("other content under an old identifier gave %v", err)
		}
	})
}

func TestTrappedPeopleRankFirstAndWaitForNothing(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.ask(forms.Answers{"phone": forms.Phone(fmt.Sprintf("+21266100000%d", i))})
			w.clock.Advance(time.Hour)
		}
		late := w.ask(forms.Answers{"need": []string{"rescue"}, "phone": forms.Phone("+212661999999")})
		k := w.get(late.ID)
		if k.Rank != 0 || k.Level != 1 || k.Phase != service.Open {
			t.Fatalf("trapped people are rank %d level %d in %s", k.Rank, k.Level, k.Phase)
		}
		all := w.queue0(Queue{Phase: service.Open, Limit: 10})
		if len(all) != 6 || all[0].ID != late.ID {
			t.Errorf("they are not first of %d", len(all))
		}
		// No gate: an organisation may take it at once, without a call before.
		if err := w.Claim(t.Context(), w.staff(actor.Coordinator, tidili), late.ID); err != nil {
			t.Error(err)
		}
		if err := w.Prioritise(t.Context(), w.staff(actor.Dispatcher, ""), late.ID, 3, ""); kind(err) != "cases.case.life_in_danger" {
			t.Errorf("life in danger was made to wait: %v", err)
		}
	})
}

func (w *world) queue0(q Queue) (all []*Case) {
	w.t.Helper()
	if err := w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { all, err = listQueue(t, q); return err }); err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestTwoClaimAtOnceOneGetsItAndTheOtherIsToldByWhom(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(nil)
		errs := make([]error, 12)
		var wg sync.WaitGroup
		for i := range errs {
			by := w.staff(actor.Coordinator, tidili)
			wg.Go(func() { errs[i] = w.Claim(context.Background(), by, out.ID) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case kind(err) == "cases.case.taken_by":
				if !strings.HasPrefix(err.(*fault.Fault).Args["who"].(string), "Org ") {
					t.Error("nobody was named")
				}
			default:
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("%d of 12 got it", won)
		}
	})
}

func TestOnlyARecognisedOrganisationTakesAndOnlyInItsTerritory(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(nil)
		by := w.staff(actor.Coordinator, tidili)
		by.Grants[0].Recognised = false
		if err := w.Claim(t.Context(), by, out.ID); kind(err) != "error.organisation_not_recognised" {
			t.Errorf("a suspended organisation: %v", err)
		}
		if err := w.Claim(t.Context(), w.staff(actor.Coordinator, "08.401"), out.ID); fault.KindOf(err) != fault.Denied {
			t.Errorf("another province: %v", err)
		}
		if err := w.Claim(t.Context(), actor.Actor{}, out.ID); fault.KindOf(err) != fault.Unknown {
			t.Errorf("a passer-by: %v", err)
		}
		if err := w.Claim(t.Context(), w.staff(actor.Administrator, ""), out.ID); fault.KindOf(err) != fault.Denied {
			t.Errorf("the administrator: %v", err)
		}
	})
}

func TestALeaseEndsByItselfAndCanBeGivenBack(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.ask(nil), w.staff(actor.Coordinator, tidili)
		for _, end := range []func() error{
			func() error { return w.Release(t.Context(), by, out.ID, "") },
			func() error { w.clock.At = w.get(out.ID).LeaseTill; return w.ExpireLeases(t.Context()) },
		} {
			if err := w.Claim(t.Context(), by, out.ID); err != nil {
				t.Fatal(err)
			}
			if k := w.get(out.ID); k.Org != by.Org || !k.LeaseTill.After(w.clock.Now()) {
				t.Fatal("no lease runs")
			}
			w.clock.Advance(time.Minute)
			if err := w.ExpireLeases(t.Context()); err != nil || w.get(out.ID).Org.IsZero() {
				t.Fatal("a lease ended too soon", err)
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			if k := w.get(out.ID); !k.Org.IsZero() || k.Phase != service.Open {
				t.Fatalf("still held in %s", k.Phase)
			}
		}
	})
}

func TestASuspendedOrganisationLosesWhatItHadNotSetOutFor(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.ask(nil), w.staff(actor.Coordinator, tidili)
		if err := w.Claim(t.Context(), by, out.ID); err != nil {
			t.Fatal(err)
		}
		told, _ := json.Marshal(map[string]any{"organisation": by.Org})
		if err := w.Suspended(t.Context(), deed.Record{Told: told}); err != nil {
			t.Fatal(err)
		}
		if k := w.get(out.ID); !k.Org.IsZero() {
			t.Error("a suspended organisation still holds a case")
		}
	})
}

func TestMergeKeepsAllVoicesAndIsReversible(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		a := w.ask(nil)
		b := w.ask(forms.Answers{"need": []string{"rescue", "food", "warm"}, "words": "another neighbour says so"})
		c := w.ask(forms.Answers{"phone": forms.Phone("+212661777777"), "words": "from Paris"})
		var alike []Likeness
		w.must(w.LookAlike(t.Context()))
		w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { alike, err = likenesses(tx, a.ID); return err })
		if len(alike) == 0 {
			t.Fatal("no likeness was seen")
		}
		by := w.staff(actor.Dispatcher, "")
		before := w.get(a.ID)
		for _, from := range []CaseID{b.ID, c.ID} {
			if err := w.Merge(t.Context(), by, from, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		into := w.get(a.ID)
		if into.Rank != 0 || into.Level != 1 || before.Level == 1 {
			t.Error("the more urgent voice does not count")
		}
		var joined []*Case
		w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { joined, err = voices(tx, a.ID); return err })
		if len(joined) != 2 || len(w.queue0(Queue{Phase: service.Open, Limit: 9})) != 1 {
			t.Errorf("%d voices", len(joined))
		}
		for _, x := range []Asked{a, b, c} { // every receipt still opens
			if h, err := w.Recognise(t.Context(), x.Receipt, w.end(x.ID)); err != nil || h.Case != x.ID {
				t.Error("a receipt was lost:", err)
			}
		}
		if err := w.Unmerge(t.Context(), by, b.ID); err != nil {
			t.Fatal(err)
		}
		if k := w.get(b.ID); !k.MergedInto.IsZero() || k.Phase != service.Open || k.Rank != 0 {
			t.Errorf("not as it was: %+v", k.State)
		}
		if err := w.Merge(t.Context(), by, a.ID, a.ID); kind(err) != "cases.case.merge_self" {
			t.Error(err)
		}
	})
}

// end is the last four digits that open a case's tracker.
func (w *world) end(c CaseID) string {
	a, err := w.unseal(w.get(c))
	if err != nil {
		w.t.Fatal(err)
	}
	return phoneEnd(a.Phone("phone"))
}

func TestTheTrackerOpensWithFourDigitsOrAWordAndSaysNoMoreWhenWrong(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		a := w.ask(nil)
		b := w.ask(forms.Answers{"phone": nil, "secret": "Tawaf زيتون"})
		for typed, want := range map[string]bool{"4542": true, "٤٥٤٢": true, "4543": false, "": false, "234542": false} {
			if _, err := w.Recognise(t.Context(), a.Receipt, typed); (err == nil) != want {
				t.Errorf("%q gave %v", typed, err)
			}
		}
		for typed, want := range map[string]bool{"tawaf زيتون": true, "TAWAF  زَيتون": true, "tawaf": false} {
			if _, err := w.Recognise(t.Context(), b.Receipt, typed); (err == nil) != want {
				t.Errorf("%q gave %v", typed, err)
			}
		}
		none, _ := receipt.Parse("482 719 064")
		_, wrong := w.Recognise(t.Context(), a.Receipt, "0000")
		_, missing := w.Recognise(t.Context(), none, "0000")
		if kind(wrong) != kind(missing) {
			t.Errorf("%v tells which receipts exist; %v", wrong, missing)
		}
		pass := w.pass(Holder{Case: a.ID}, w.clock.Now())
		if h, ok := w.holder(pass, w.clock.Now()); !ok || h.Case != a.ID {
			t.Error("a pass does not open")
		}
		if _, ok := w.holder(pass, w.clock.Now().Add(holdFor+time.Second)); ok {
			t.Error("a pass is good for ever")
		}
		if _, ok := w.holder(strings.ToUpper(pass), w.clock.Now()); ok {
			t.Error("a forged pass opens")
		}
	})
}

func TestAChildAloneAppearsInNoQueueSearchMapOrCount(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(forms.Answers{"need": []string{"shelter"}, "fragile": []string{"child_alone"}})
		if !out.Restricted {
			t.Fatal("it went to the open queue")
		}
		w.ask(nil) // somebody else with the same phone and place, to be compared with
		by := w.staff(actor.CrisisCell, "")
		for _, p := range phases {
			for _, k := range w.queue0(Queue{Phase: p, Limit: 100}) {
				if k.Receipt == out.Receipt || strings.Contains(k.Answers, "child") {
					t.Error("it is in the queue of", p)
				}
			}
		}
		w.must(w.LookAlike(t.Context()))
		err := w.h.Look(t.Context(), by, DeedSee, func(tx *deed.Tx) error {
			for _, q := range []string{out.Receipt.String(), string(phone1), "Al Haouz"} {
				found, err := w.search(tx, q)
				if err != nil {
					return err
				}
				for _, k := range found {
					if k.Receipt == out.Receipt {
						t.Errorf("the search for %s finds it", q)
					}
				}
			}
			counted := 0
			err := w.CountedSince(tx.Tx, time.Unix(0, 0), func(Counted) { counted++ })
			if err == nil && counted != 1 {
				t.Errorf("it is counted: %d", counted)
			}
			likes, err := db.List(tx.Tx, db.Int, `SELECT COUNT(*) FROM cases_alike`)
			if err == nil && likes[0] != 0 {
				t.Error("it is in a merge suggestion")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Concerns(t.Context(), by); fault.KindOf(err) != fault.Denied {
			t.Errorf("the crisis cell reads concerns: %v", err)
		}
		trained := w.staff(actor.Safeguarding, "")
		all, err := w.Concerns(t.Context(), trained)
		if err != nil || len(all) != 1 || all[0].DueAt.IsZero() {
			t.Fatalf("%d concerns, %v", len(all), err)
		}
		if h, err := w.Recognise(t.Context(), out.Receipt, "4542"); err != nil || h.Concern != all[0].ID {
			t.Error("its receipt does not open:", err)
		}
		if err := w.TakeConcern(t.Context(), trained, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.CloseConcern(t.Context(), trained, all[0].ID, "protected"); err != nil {
			t.Error(err)
		}
	})
}

func TestATrappedChildIsSearchedForAtOnceAndTheRestIsKeptApart(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(forms.Answers{"need": []string{"rescue"}, "fragile": []string{"child_alone", "infant"}})
		k := w.get(out.ID)
		if out.Restricted || k.Rank != 0 {
			t.Fatal("the search waits")
		}
		if strings.Contains(k.Answers, "child_alone") || strings.Contains(strings.Join(reasonCodes(k), " "), "child") {
			t.Error("the open queue knows that a child is alone:", k.Answers, reasonCodes(k))
		}
		if all, err := w.Concerns(t.Context(), w.staff(actor.Safeguarding, "")); err != nil || len(all) != 1 {
			t.Errorf("%d concerns, %v", len(all), err)
		}
	})
}

func TestAComplaintOfAbusePassesTheOrganisationBy(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, org := w.delivered()
		def, _ := w.current("crisis_help")
		open, abuse := "", ""
		for _, k := range def.Complaints {
			if k.Restricted {
				abuse = k.Code
			} else {
				open = k.Code
			}
		}
		pid := id.New[Complaint](w.clock.Now())
		number, restricted, err := w.Complain(t.Context(), out.ID, pid, open, "They were late", "fr")
		if err != nil || restricted {
			t.Fatal(err)
		}
		if again, _, err := w.Complain(t.Context(), out.ID, pid, open, "They were late", "fr"); err != nil || again != number {
			t.Error("sent twice is not sent once", err)
		}
		if _, err := w.Recognise(t.Context(), number, "4542"); err != nil {
			t.Error("the complaint's receipt does not open:", err)
		}
		number, restricted, err = w.Complain(t.Context(), out.ID, id.New[Complaint](w.clock.Now()), abuse, "He asked for something", "fr")
		if err != nil || !restricted {
			t.Fatal("abuse went to the open list:", err)
		}
		if all, err := w.Complaints(t.Context(), w.staff(actor.CrisisCell, "")); err != nil || len(all) != 1 {
			t.Errorf("%d complaints, %v", len(all), err)
		}
		trained := w.staff(actor.Safeguarding, "")
		if all, _ := w.Concerns(t.Context(), trained); len(all) != 1 || all[0].Receipt != number {
			t.Fatal("the trained people do not have it")
		}
		inside := trained
		inside.Grants = append(inside.Grants[:1:1], actor.Grant{Role: actor.Leader, Org: org.Org, Recognised: true})
		if all, _ := w.Concerns(t.Context(), inside); len(all) != 0 {
			t.Error("somebody of the organisation reads what is said of it")
		}
	})
}

func TestTheDeliveryCodeIsForTheFamilyAlone(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.ask(nil), w.staff(actor.Coordinator, tidili)
		if len(out.Code) != CodeDigits {
			t.Fatalf("code %q", out.Code)
		}
		if err := w.Claim(t.Context(), by, out.ID); err != nil {
			t.Fatal(err)
		}
		dump := w.dump()
		if strings.Contains(dump, out.Code) {
			t.Error("the code is in a table")
		}
		wrong := "000000"
		if out.Code == wrong {
			wrong = "000001"
		}
		for range 5 {
			if ok, err := w.CheckCode(t.Context(), by, out.ID, wrong); ok || err != nil {
				t.Fatal("a wrong code passed", err)
			}
		}
		if _, err := w.CheckCode(t.Context(), by, out.ID, out.Code); fault.KindOf(err) != fault.Limited {
			t.Error("tries are not limited:", err)
		}
		w.clock.Advance(2 * time.Hour)
		if ok, err := w.CheckCode(t.Context(), by, out.ID, out.Code); !ok || err != nil {
			t.Error("the right code does not pass", err)
		}
		taken, err := w.Ask(t.Context(), w.staff(actor.Agent, ""), DeedTakeDown, Request{Service: "crisis_help", Answers: w.answers(nil), Lang: "ar", Channel: "phone"})
		if err != nil {
			t.Fatal(err)
		}
		var again Asked
		w.h.DB.Read(t.Context(), func(tx *db.Tx) error { _, err := w.sentBefore(tx, taken.ID, &again); return err })
		if again.Code != "" {
			t.Error("the code of a caller's request is shown to who typed it in")
		}
	})
}

// dump is every text of the tables, to look for what must not be there.
func (w *world) dump() string {
	var all []string
	for _, table := range []string{"cases_case", "cases_note", "cases_draft", "cases_concern", "cases_complaint", "deed_record", "jobs_job", "cases_import", "cases_mapping"} {
		err := w.h.DB.Read(context.Background(), func(t *db.Tx) error {
			cols := map[string]string{"cases_case": "answers || reasons || needs || COALESCE(place, '')", "deed_record": "told || subject", "jobs_job": "body",
				"cases_note": "kind", "cases_draft": "service", "cases_concern": "kind", "cases_complaint": "kind", "cases_import": "name || mapping", "cases_mapping": "heads || mapping"}[table]
			rows, err := db.List(t, db.Text, `SELECT `+cols+` FROM `+table)
			all = append(all, rows...)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return strings.Join(all, "\n")
}

func TestNothingThatNamesAPersonIsInTheClearAndNothingAtAllInTheJournal(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.delivered()
		if err := w.Contact(t.Context(), w.staff(actor.Agent, ""), out.ID, "reached", "Lahcen says the road is open"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Reveal(t.Context(), by, out.ID, "call"); err != nil {
			t.Fatal(err)
		}
		dump := w.dump()
		for _, secret := range []string{"Aicha", "Lahcen", "661234542", "4542", "bridge", "road is open"} {
			if strings.Contains(dump, secret) {
				t.Errorf("%q is in the clear", secret)
			}
		}
	})
}

func TestAReadingLeavesALineThatThePersonSees(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, by := w.ask(nil), w.staff(actor.Agent, tidili)
		if _, err := w.Reveal(t.Context(), by, out.ID, "curiosity"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("no reason was asked: %v", err)
		}
		p, err := w.Reveal(t.Context(), by, out.ID, "call")
		if err != nil || p.Answers.Text("name") != "Aicha" {
			t.Fatal(p, err)
		}
		var trail []deed.Record
		w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { trail, err = deed.Trail(tx, subject(out.ID)); return err })
		last := trail[len(trail)-1]
		if last.Deed != "cases.case.reveal" || last.Account != by.Account || !strings.Contains(string(last.Told), "call") {
			t.Errorf("the line is %+v", last)
		}
		for _, r := range []actor.Role{actor.Administrator, actor.Auditor, actor.CrisisCell, actor.Safeguarding} {
			if _, err := w.Reveal(t.Context(), w.staff(r, ""), out.ID, "call"); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s reads names: %v", r, err)
			}
		}
	})
}

func TestNoReopensYesClosesAndSilenceClosesOnlyAfterACall(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		no, _ := w.delivered()
		if err := w.Confirm(t.Context(), person(), DeedConfirm, no.ID, No); err != nil || w.get(no.ID).Phase != service.Open {
			t.Errorf("no left it %s: %v", w.get(no.ID).Phase, err)
		}
		yes, _ := w.delivered()
		if err := w.Confirm(t.Context(), person(), DeedConfirm, yes.ID, Yes); err != nil || w.get(yes.ID).Phase != service.Final {
			t.Errorf("yes left it %s: %v", w.get(yes.ID).Phase, err)
		}
		if err := w.Confirm(t.Context(), person(), DeedConfirm, yes.ID, Yes); fault.KindOf(err) != fault.Conflict {
			t.Error("answered twice:", err)
		}
		if err := w.Reopen(t.Context(), person(), DeedReopen, yes.ID); err != nil || w.get(yes.ID).Phase != service.Open {
			t.Error("a person cannot reopen:", err)
		}
		mute, _ := w.delivered()
		agent := w.staff(actor.Agent, "")
		if err := w.CloseSilent(t.Context(), agent, mute.ID); kind(err) != "cases.case.call_first" {
			t.Error("closed without a call:", err)
		}
		if err := w.Contact(t.Context(), agent, mute.ID, "no_answer", ""); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Hour)
		if err := w.CloseSilent(t.Context(), agent, mute.ID); kind(err) != "cases.case.silence_not_over" {
			t.Error("closed too soon:", err)
		}
		w.clock.Advance(72 * time.Hour)
		if err := w.CloseSilent(t.Context(), agent, mute.ID); err != nil || w.get(mute.ID).Phase != service.Final {
			t.Error(err)
		}
		if err := w.Rate(t.Context(), mute.ID, 4); err != nil {
			t.Error(err)
		}
	})
}

func TestASpeakerOfTachelhitIsOfferedToASpeakerFirst(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(forms.Answers{"spoken": "shi", "need": []string{"shelter"}})
		offer := func(by actor.Actor) (c CaseID) {
			err := w.h.Look(t.Context(), by, DeedContact, func(tx *deed.Tx) (err error) {
				if err := tx.AllowAny(); err != nil {
					return err
				}
				all, err := listQueue(tx.Tx, Queue{Phase: service.Open, Limit: 50})
				if err == nil {
					c, err = w.pick(tx, by, all)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		shi, ary := w.staff(actor.Agent, ""), w.staff(actor.Agent, "")
		shi.Langs, ary.Langs = []string{"shi", "ary"}, []string{"ary"}
		if c := offer(ary); !c.IsZero() {
			t.Error("offered at once to somebody who does not speak it")
		}
		if c := offer(shi); c != out.ID {
			t.Error("not offered to the speaker")
		}
		w.clock.Advance(24 * time.Hour)
		if c := offer(ary); c != out.ID {
			t.Error("nobody is offered it when no speaker comes")
		}
		w.ask(forms.Answers{"spoken": "shi", "need": []string{"rescue"}, "phone": forms.Phone("+212661888888")})
		if c := offer(ary); c == out.ID || c.IsZero() {
			t.Error("life in danger waits for a speaker")
		}
	})
}

func TestADraftThatIsSentTwiceIsOneRequestAndForgotten(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		d := Draft{ID: id.New[draftKind](w.clock.Now()), Service: "crisis_help", Version: 1, Answers: w.answers(nil)}
		if err := w.KeepDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		first, err := w.Send(t.Context(), person(), d.ID, "ar")
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Send(t.Context(), person(), d.ID, "ar")
		if err != nil || !again.Again || again.Receipt != first.Receipt || again.Code != first.Code {
			t.Errorf("%+v %v", again, err)
		}
		if _, err := w.ReadDraft(t.Context(), d.ID); kind(err) != "cases.draft.gone" {
			t.Error("the draft is still there:", err)
		}
		if first.ID.String() == d.ID.String() {
			t.Error("who knows the case knows the draft")
		}
		late := Draft{ID: id.New[draftKind](w.clock.Now()), Service: "crisis_help", Version: 1, Answers: w.answers(nil)}
		w.KeepDraft(t.Context(), late)
		w.clock.Advance(draftLife)
		if _, err := w.ReadDraft(t.Context(), late.ID); kind(err) != "cases.draft.gone" {
			t.Error("a draft outlives its day:", err)
		}
		if err := w.SweepDrafts(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnErasedPersonIsGoneAndTheRestStillHolds(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, _ := w.delivered()
		var written []CaseID
		w.UseForget(func(c CaseID, _ time.Time) error { written = append(written, c); return nil })
		if err := w.Erase(t.Context(), person(), out.ID); kind(err) != "cases.case.erase_when_closed" {
			t.Error("erased in the middle of the work:", err)
		}
		if err := w.Confirm(t.Context(), person(), DeedConfirm, out.ID, Yes); err != nil {
			t.Fatal(err)
		}
		if err := w.Erase(t.Context(), person(), out.ID); err != nil {
			t.Fatal(err)
		}
		k := w.get(out.ID)
		if k.Sealed != nil || k.PhoneKey != nil || k.Salt != nil || len(written) != 1 {
			t.Error("something is left")
		}
		if _, err := w.Recognise(t.Context(), out.Receipt, "4542"); err == nil {
			t.Error("the tracker still opens")
		}
		if err := w.h.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, err := deed.Verify(t.Context(), w.h.DB); err != nil || v.Broken != "" || v.Unsealed != 0 {
			t.Errorf("the journal does not hold: %+v %v", v, err)
		}
	})
}
