package cases

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// fakeHelpers are the organisations that the tests have invented, by the place
// they work in.
type fakeHelpers struct {
	w       *world
	works   map[actor.OrganisationID]string
	domains map[actor.OrganisationID][]string
}

func (f *fakeHelpers) Helping(_ *db.Tx, path []string) (out []actor.OrganisationID, err error) {
	for oid, where := range f.works {
		if !f.w.orgs.suspended[oid] && slices.Contains(path, where) {
			out = append(out, oid)
		}
	}
	slices.SortFunc(out, func(a, b actor.OrganisationID) int { return strings.Compare(a.String(), b.String()) })
	return out, nil
}

func (f *fakeHelpers) Domains(_ *db.Tx, oid actor.OrganisationID) ([]string, error) {
	return f.domains[oid], nil
}

// taskWorld is a world whose sectors may be asked.
type taskWorld struct {
	*world
	helpers *fakeHelpers
}

func taskWorlds(t *testing.T, story func(*testing.T, *taskWorld)) {
	worlds(t, func(t *testing.T, w *world) {
		sectors, err := LoadSectors(packs.FS)
		if err != nil {
			t.Fatal(err)
		}
		x := &taskWorld{w, &fakeHelpers{w, map[actor.OrganisationID]string{}, map[actor.OrganisationID][]string{}}}
		w.UseTasks(sectors, x.helpers)
		story(t, x)
	})
}

// helper is the coordinator of an organisation that works in a territory and
// is good at some things.
func (w *taskWorld) helper(territory string, domains ...string) actor.Actor {
	by := w.staff(actor.Coordinator, territory)
	w.helpers.works[by.Org], w.helpers.domains[by.Org] = territory, domains
	return by
}

// owned is a case that an association has taken on.
func (w *taskWorld) owned() (Asked, actor.Actor) {
	w.t.Helper()
	out, by := w.ask(nil), w.helper(tidili, "warm")
	w.must(w.Claim(w.t.Context(), by, out.ID))
	return out, by
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// part asks for one, and fails the test when it cannot be.
func (w *taskWorld) part(by actor.Actor, c CaseID, part, sector string, org actor.OrganisationID) TaskID {
	w.t.Helper()
	q := TaskAsk{ID: id.New[Task](w.clock.Now()), Case: c, Part: part, Sector: sector, Org: org}
	w.must(w.AddTask(w.t.Context(), by, q))
	return q.ID
}

func (w *taskWorld) task(tid TaskID) (k *Task) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { k, err = getTask(t, tid); return err }))
	return k
}

func (w *taskWorld) tasksOf(c CaseID) (all []*Task) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { all, err = tasksOf(t, c); return err }))
	return all
}

func (w *taskWorld) trail(subject string) (words []string) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) error {
		lines, err := deed.Trail(t, subject)
		for _, r := range lines {
			words = append(words, r.Deed)
		}
		return err
	}))
	return words
}

func TestANeedOfThreeSectorsIsOneCaseWithThreeTasks(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, owner := w.owned()
		doers := map[string]actor.Actor{"health": w.helper(tidili, "medicine"), "housing": w.helper(tidili, "shelter"), "roads": w.helper(tidili, "road")}
		for sector, part := range map[string]string{"health": "visit", "housing": "warm", "roads": "transport"} {
			tid := w.part(owner, out.ID, part, sector, actor.OrganisationID{})
			if k := w.task(tid); k.State != TaskOpen || !k.Org.IsZero() || k.MadeBy != owner.Org {
				t.Fatalf("%+v", k)
			}
			w.clock.Advance(time.Hour)
			w.must(w.TakeTask(t.Context(), doers[sector], tid))
			w.must(w.FinishTask(t.Context(), doers[sector], tid))
			if k := w.task(tid); k.State != TaskDone || k.Org != doers[sector].Org {
				t.Errorf("%+v", k)
			}
			if got := w.trail(w.task(tid).subject()); !slices.Equal(got, []string{"cases.task.add", "cases.task.take", "cases.task.finish"}) {
				t.Errorf("the path of the part is %v", got)
			}
		}
		if all := w.tasksOf(out.ID); len(all) != 3 {
			t.Errorf("%d tasks", len(all))
		}
		if all := w.queue0(Queue{Phase: service.Owned, Limit: 9}); len(all) != 1 || all[0].ID != out.ID || all[0].Org != owner.Org {
			t.Error("it is no longer one case of one owner")
		}
		parts := slices.DeleteFunc(w.trail(subject(out.ID)), func(s string) bool { return !strings.HasPrefix(s, "cases.task.") })
		if len(parts) != 9 {
			t.Errorf("the path of the case shows %v", parts)
		}
	})
}

func TestAskingTwiceForAPartIsAskingOnce(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, owner := w.owned()
		q := TaskAsk{ID: id.New[Task](w.clock.Now()), Case: out.ID, Part: "medicine", Sector: "health"}
		for range 2 {
			w.must(w.AddTask(t.Context(), owner, q))
		}
		other := q
		other.Part = "visit"
		if err := w.AddTask(t.Context(), owner, other); kind(err) != "cases.task.other_content" {
			t.Error("other content under an old identifier:", err)
		}
		q.ID = TaskID{}
		if err := w.AddTask(t.Context(), owner, q); kind(err) != "cases.task.asked_already" {
			t.Error("two serve the same family without knowing:", err)
		}
		q.Sector = "social"
		w.must(w.AddTask(t.Context(), owner, q))
		if all := w.tasksOf(out.ID); len(all) != 2 {
			t.Errorf("%d tasks", len(all))
		}
		for _, wrong := range []TaskAsk{{Case: out.ID, Part: "dance", Sector: "health"}, {Case: out.ID, Part: "visit", Sector: "dance"}, {Case: out.ID, Part: "", Sector: ""}} {
			if err := w.AddTask(t.Context(), owner, wrong); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v: %v", wrong, err)
			}
		}
	})
}

func TestTwoTakeAPartAtOnceOneGetsItAndTheOtherIsToldByWhom(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, owner := w.owned()
		tid := w.part(owner, out.ID, "medicine", "health", actor.OrganisationID{})
		errs, by := make([]error, 12), make([]actor.Actor, 12)
		var wg sync.WaitGroup
		for i := range errs {
			by[i] = w.helper(tidili, "medicine")
			wg.Go(func() { errs[i] = w.TakeTask(context.Background(), by[i], tid) })
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won < 0:
				won = i
			case err == nil:
				t.Error("two have it")
			}
		}
		if won < 0 {
			t.Fatal("nobody got it: ", errs)
		}
		name, _ := w.orgs.Name(nil, by[won].Org, "")
		for i, err := range errs {
			if i != won && (kind(err) != "cases.task.taken_by" || err.(*fault.Fault).Args["who"] != name) {
				t.Error("not told by whom:", err)
			}
		}
		w.must(w.TakeTask(t.Context(), by[won], tid)) // a retry is welcome
		if got := w.trail(w.task(tid).subject()); len(got) != 2 {
			t.Errorf("the retry left a line: %v", got)
		}
	})
}

func TestAnAssociationHandsOverAPartOfANeedAndStaysTheOwner(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, owner := w.owned()
		other, third, far := w.helper(tidili, "food"), w.helper(tidili, "food"), w.helper("08.401", "food")
		for org, want := range map[actor.OrganisationID]string{owner.Org: "org: cases.task.own_org", far.Org: "org: cases.task.org_elsewhere", w.staff(actor.Coordinator, "").Org: "org: cases.task.org_elsewhere"} {
			if err := w.AddTask(t.Context(), owner, TaskAsk{Case: out.ID, Part: "food", Sector: "social", Org: org}); err == nil || err.Error() != want {
				t.Errorf("want %s: %v", want, err)
			}
		}
		tid := w.part(owner, out.ID, "food", "social", other.Org)
		if err := w.TakeTask(t.Context(), third, tid); kind(err) != "cases.task.asked_of" {
			t.Error("another one took what was asked by name:", err)
		}
		if err := w.FinishTask(t.Context(), other, tid); kind(err) != "cases.task.not_under_way" {
			t.Error("done before it was begun:", err)
		}
		w.must(w.TakeTask(t.Context(), other, tid))
		if err := w.FinishTask(t.Context(), third, tid); fault.KindOf(err) != fault.Denied {
			t.Error("somebody else finished it:", err)
		}
		w.must(w.FinishTask(t.Context(), other, tid))
		if k := w.get(out.ID); k.Org != owner.Org || k.Phase != service.Owned {
			t.Error("the case went along with its part")
		}
		// One who cannot, says so: the part goes back to its sector, no younger.
		second := w.part(owner, out.ID, "water", "water", other.Org)
		at := w.task(second).Since
		w.clock.Advance(48 * time.Hour)
		w.must(w.GiveTaskBack(t.Context(), other, second))
		if k := w.task(second); !k.Org.IsZero() || k.State != TaskOpen || !k.Since.Equal(at) {
			t.Errorf("declined: %+v", k)
		}
		w.must(w.TakeTask(t.Context(), third, second))
	})
}

func TestOnlyTheOwnerOfACaseAndThoseWhoWorkForAllAskForParts(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		free := w.ask(nil)
		by := w.helper(tidili, "food")
		q := TaskAsk{Case: free.ID, Part: "food", Sector: "social"}
		if err := w.AddTask(t.Context(), by, q); fault.KindOf(err) != fault.Denied {
			t.Error("an organisation disposes of a case that nobody owns:", err)
		}
		w.must(w.AddTask(t.Context(), w.staff(actor.Dispatcher, tidili), q))
		if err := w.AddTask(t.Context(), w.staff(actor.Dispatcher, "08.401"), TaskAsk{Case: free.ID, Part: "water", Sector: "water"}); fault.KindOf(err) != fault.Denied {
			t.Error("a dispatcher of another province:", err)
		}
		both := by // somebody with two roles is not refused for the narrower one
		both.Grants = append(slices.Clone(by.Grants), actor.Grant{Role: actor.CrisisCell})
		w.must(w.AddTask(t.Context(), both, TaskAsk{Case: free.ID, Part: "water", Sector: "water"}))
		for _, r := range []actor.Role{actor.Agent, actor.Leader, actor.Administrator, actor.Auditor} {
			if err := w.AddTask(t.Context(), w.staff(r, ""), TaskAsk{Case: free.ID, Part: "road", Sector: "roads"}); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", r, err)
			}
		}
		if err := w.AddTask(t.Context(), actor.Actor{}, q); fault.KindOf(err) != fault.Unknown {
			t.Error("a passer-by:", err)
		}
		tid := w.tasksOf(free.ID)[0].ID
		if err := w.WithdrawTask(t.Context(), by, tid); fault.KindOf(err) != fault.Denied {
			t.Error("anybody withdraws a part:", err)
		}
		if err := w.TakeTask(t.Context(), w.staff(actor.Coordinator, "08.401"), tid); fault.KindOf(err) != fault.Denied {
			t.Error("taken from another province:", err)
		}
		w.must(w.WithdrawTask(t.Context(), w.staff(actor.Dispatcher, ""), tid))
		if err := w.TakeTask(t.Context(), by, tid); kind(err) != "cases.task.over" {
			t.Error("taken when it was withdrawn:", err)
		}
	})
}

func TestASuspendedOrganisationTakesNoPartAndItsPartsGoBackToTheirSector(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		out, owner := w.owned()
		by := w.helper(tidili, "medicine")
		held, asked, done := w.part(owner, out.ID, "medicine", "health", actor.OrganisationID{}), w.part(owner, out.ID, "visit", "health", by.Org), w.part(owner, out.ID, "papers", "social", by.Org)
		w.must(w.TakeTask(t.Context(), by, held))
		w.must(w.BlockTask(t.Context(), by, held, "no_means"))
		w.must(w.TakeTask(t.Context(), by, done))
		w.must(w.FinishTask(t.Context(), by, done))

		w.orgs.suspended[by.Org] = true
		by.Grants[0].Recognised = false
		told, _ := json.Marshal(map[string]any{"organisation": by.Org})
		for range 2 { // heard at least once
			w.must(w.Suspended(t.Context(), deed.Record{Told: told}))
		}
		for _, tid := range []TaskID{held, asked} {
			if k := w.task(tid); !k.Org.IsZero() || k.State != TaskOpen || k.Blocked != "" {
				t.Errorf("still with the suspended one: %+v", k)
			}
			if err := w.TakeTask(t.Context(), by, tid); kind(err) != "error.organisation_not_recognised" {
				t.Error("a suspended organisation takes a part:", err)
			}
		}
		if k := w.task(done); k.State != TaskDone || k.Org != by.Org {
			t.Error("what it had done was taken from it")
		}
		if err := w.AddTask(t.Context(), owner, TaskAsk{Case: out.ID, Part: "food", Sector: "social", Org: by.Org}); err == nil || err.Error() != "org: error.organisation_not_recognised" {
			t.Error("a suspended organisation is asked:", err)
		}
		w.must(w.TakeTask(t.Context(), w.helper(tidili, "medicine"), held))
	})
}

func TestAClosedCaseLeavesNoOpenTask(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		ctx, cell := t.Context(), w.staff(actor.CrisisCell, "")
		out, owner := w.owned()
		by := w.helper(tidili, "medicine")
		open, doing, blocked, done := w.part(owner, out.ID, "visit", "health", actor.OrganisationID{}), w.part(owner, out.ID, "medicine", "health", by.Org),
			w.part(owner, out.ID, "road", "roads", by.Org), w.part(owner, out.ID, "papers", "social", by.Org)
		for _, tid := range []TaskID{doing, blocked, done} {
			w.must(w.TakeTask(ctx, by, tid))
		}
		w.must(w.BlockTask(ctx, by, blocked, "road_cut"))
		w.must(w.FinishTask(ctx, by, done))
		team := w.team(owner)
		w.field(owner, out.ID, team, "assign", "depart", "deliver")
		for _, k := range w.tasksOf(out.ID) {
			if k.State == TaskWithdrawn {
				t.Error("a delivery closed a part before the person had answered")
			}
		}
		w.must(w.Confirm(ctx, person(), DeedConfirm, out.ID, Yes))
		for tid, want := range map[TaskID]TaskState{open: TaskWithdrawn, doing: TaskWithdrawn, blocked: TaskWithdrawn, done: TaskDone} {
			if k := w.task(tid); k.State != want || k.Blocked != "" {
				t.Errorf("%+v, want %s", k, want)
			}
		}
		if got := w.trail(w.task(open).subject()); !slices.Equal(got, []string{"cases.task.add", "cases.task.withdraw"}) {
			t.Errorf("withdrawn without a line: %v", got)
		}
		if err := w.AddTask(ctx, cell, TaskAsk{Case: out.ID, Part: "food", Sector: "social"}); kind(err) != "cases.task.case_closed" {
			t.Error("a part of a closed case:", err)
		}
		w.must(w.Reopen(ctx, cell, DeedReopenFor, out.ID))
		w.part(cell, out.ID, "visit", "health", actor.OrganisationID{}) // asked for anew, under another identifier
	})
}

func TestAJoinedCaseKeepsItsTasksAndTheyEndWithTheOtherOne(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		ctx, cell := t.Context(), w.staff(actor.CrisisCell, "")
		a, b := w.ask(nil), w.ask(forms.Answers{"phone": forms.Phone("+212661777777")})
		mine, its := w.part(cell, a.ID, "visit", "health", actor.OrganisationID{}), w.part(cell, b.ID, "road", "roads", actor.OrganisationID{})
		w.must(w.Merge(ctx, cell, b.ID, a.ID))
		if w.task(its).State != TaskOpen {
			t.Fatal("joining withdrew a part")
		}
		if all := w.tasksOf(a.ID); len(all) != 2 {
			t.Errorf("the page of the case shows %d of 2 parts", len(all))
		}
		if err := w.AddTask(ctx, cell, TaskAsk{Case: b.ID, Part: "food", Sector: "social"}); kind(err) != "cases.case.is_merged" {
			t.Error("a part of a joined case:", err)
		}
		if err := w.AddTask(ctx, cell, TaskAsk{Case: a.ID, Part: "road", Sector: "roads"}); kind(err) != "cases.task.asked_already" {
			t.Error("the part that the voice has is asked for again:", err)
		}
		w.must(w.Unmerge(ctx, cell, b.ID))
		if all := w.tasksOf(b.ID); len(all) != 1 || all[0].ID != its || len(w.tasksOf(a.ID)) != 1 {
			t.Error("apart again, and not as they were")
		}
		w.must(w.Merge(ctx, cell, b.ID, a.ID))
		owner := w.helper(tidili, "warm")
		w.must(w.Claim(ctx, owner, a.ID))
		third := w.part(owner, a.ID, "papers", "social", actor.OrganisationID{})
		w.must(w.WithdrawTask(ctx, owner, third))
		def, err := w.current("crisis_help")
		w.must(err)
		w.must(w.End(ctx, cell, DeedRefuse, a.ID, def.Reasons("refuse")[0], ""))
		for _, tid := range []TaskID{mine, its} {
			if k := w.task(tid); k.State != TaskWithdrawn {
				t.Errorf("the case is closed and a part is %s", k.State)
			}
		}
	})
}

func TestACaseClosedWhileAPartIsAskedForLeavesNoneOpen(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		cell := w.staff(actor.CrisisCell, "")
		def, err := w.current("crisis_help")
		w.must(err)
		for i := range 6 {
			out := w.ask(forms.Answers{"phone": forms.Phone(fmt.Sprintf("+21266100000%d", i))})
			var wg sync.WaitGroup
			for _, s := range w.sectors.Codes()[:4] {
				wg.Go(func() {
					err := w.AddTask(context.Background(), cell, TaskAsk{Case: out.ID, Part: "visit", Sector: s})
					if err != nil && kind(err) != "cases.task.case_closed" {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				if err := w.End(context.Background(), cell, DeedRefuse, out.ID, def.Reasons("refuse")[0], ""); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			for _, k := range w.tasksOf(out.ID) {
				if k.Live() {
					t.Errorf("%s is %s", k.Sector, k.State)
				}
			}
		}
	})
}

func TestARestrictedConcernNeverGetsATask(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		cell := w.staff(actor.CrisisCell, "")
		hidden := w.ask(forms.Answers{"need": []string{"shelter"}, "fragile": []string{"child_alone"}})
		if !hidden.Restricted {
			t.Fatal("it went to the open queue")
		}
		if err := w.AddTask(t.Context(), cell, TaskAsk{Case: hidden.ID, Part: "visit", Sector: "social"}); fault.KindOf(err) != fault.Missing {
			t.Error("a concern was parted:", err)
		}
		rows, err := count(w.world, `SELECT COUNT(*) FROM cases_task`)
		if err != nil || rows != 0 {
			t.Error(rows, err)
		}
		// A need that gives rise to a concern by itself is no part either.
		head, concerns, ok := strings.Cut(string(mustDef(t, w).Source()), "\nsafeguarding:")
		if !ok {
			t.Fatal("the service says nothing of concerns")
		}
		def, err := service.Parse("test/1", []byte(head+"\nsafeguarding:"+strings.Replace(concerns, "'child_alone' in fragile", "'shelter' in need", 1)))
		w.must(err)
		if all := parts(def, &Case{Needs: []string{"shelter", "food"}}); slices.Contains(all, "shelter") || all[0] != "food" {
			t.Errorf("what only trained people may hear of is offered: %v", all)
		}
	})
}

func mustDef(t *testing.T, w *taskWorld) *service.Definition {
	t.Helper()
	def, err := w.current("crisis_help")
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func count(w *world, q string) (n int64, err error) {
	err = w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q); return err })
	return n, err
}

func TestTheAgeOfAPartIsThatOfItsState(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	org := id.New[actor.Organisation](at)
	day := func(n int) time.Time { return at.AddDate(0, 0, n) }
	k := &Task{ID: id.New[Task](at), State: TaskOpen, Since: at, MadeAt: at}
	step := func(err error, state TaskState, since time.Time) {
		t.Helper()
		if err != nil || k.State != state || !k.Since.Equal(since) {
			t.Fatalf("%v, %s since %s", err, k.State, k.Since)
		}
	}
	if k.Waits(day(7)) || !k.Waits(day(7).Add(time.Second)) {
		t.Error("a week is not a week")
	}
	step(k.take(org, day(1)), TaskDoing, day(1))
	if k.Waits(day(100)) {
		t.Error("work under way waits for nobody")
	}
	step(k.block("road_cut", day(2)), TaskBlocked, day(2))
	step(k.block("unsafe", day(5)), TaskBlocked, day(2))
	if k.Blocked != "unsafe" || !k.Waits(day(10)) {
		t.Error("another reason makes it younger")
	}
	if err := k.block("because", day(5)); fault.KindOf(err) != fault.Invalid {
		t.Error("any reason will do:", err)
	}
	step(k.unblock(day(6)), TaskDoing, day(6))
	if k.Blocked != "" {
		t.Error("the reason outlives the block")
	}
	step(k.giveBack(day(7)), TaskOpen, day(7))
	step(k.take(org, day(8)), TaskDoing, day(8))
	step(k.finish(day(9)), TaskDone, day(9))
	for _, err := range []error{k.take(org, day(9)), k.block("unsafe", day(9)), k.unblock(day(9)), k.giveBack(day(9)), k.withdraw(day(9))} {
		if kind(err) != "cases.task.over" {
			t.Error("what is done is changed:", err)
		}
	}
}

func TestTheSectorsOfThePackAreWhole(t *testing.T) {
	t.Parallel()
	s, err := LoadSectors(packs.FS)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Codes(), " "); got != "health housing roads education social water civil_protection" {
		t.Errorf("sectors: %s", got)
	}
	if got := s.Of([]string{"road", "water"}); !slices.Equal(got, []string{"roads", "water"}) {
		t.Errorf("an organisation of roads and water is of %v", got)
	}
	const good = "sectors:\n  - {code: a_b, domains: [x], names: {ar: ا, zgh: ⴰ, fr: A, en: A}}\n"
	for body, ok := range map[string]bool{good: true, "sectors: []\n": false, good + "  - {code: a_b, names: {ar: ا, zgh: ⴰ, fr: A, en: A}}\n": false,
		"sectors:\n  - {code: a_b, names: {ar: ا, fr: A, en: A}}\n": false, "sectors:\n  - {code: A B, names: {ar: ا, zgh: ⴰ, fr: A, en: A}}\n": false, "sector: 1\n": false} {
		if _, err := LoadSectors(fstest.MapFS{"sectors.yaml": {Data: []byte(body)}}); (err == nil) != ok {
			t.Errorf("%q: %v", body, err)
		}
	}
	var none *Sectors
	if none.Has("health") || none.Codes() != nil || none.Of([]string{"road"}) != nil {
		t.Error("no list has sectors")
	}
}

// records reads a sheet as a spreadsheet does.
func records(t *testing.T, body string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
