package cases

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// lastOf answers as the pack says, with an organisation for each office.
type lastOf struct{ g *places.Gazetteer }

func (x lastOf) Late(level int) time.Duration { return x.g.Owners().Late(level) }

func (x lastOf) LastOwner(place, service string) (oid actor.OrganisationID) {
	o, ok := x.g.Owner(place, service)
	if !ok {
		return oid
	}
	sum := sha256.Sum256([]byte(o.Key()))
	return id.Derive[actor.Organisation](time.UnixMilli(0), sum[:])
}

// put is one turn of the house, and the lines that it left about a case.
func (w *world) put(c CaseID) (lines []deed.Record) {
	w.t.Helper()
	w.must(w.PutBefore(w.t.Context()))
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) error {
		all, err := deed.Trail(t, subject(c))
		for _, r := range all {
			if r.Deed == DeedPutBefore.Name {
				lines = append(lines, r)
			}
		}
		return err
	}))
	return lines
}

func TestACaseThatNobodyTakesIsPutBeforeItsOwnerOfLastResortAfterTheDelayOfThePack(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(nil)
		k, owner := w.get(out.ID), w.last.LastOwner(tidili, "crisis_help")
		if w.lastOwner(k) != owner || owner.IsZero() {
			t.Fatal("a case that was just received has no owner of last resort")
		}
		late := w.last.Late(k.Level)
		w.clock.At = k.DueAt.Add(late - time.Second)
		if lines := w.put(out.ID); len(lines) != 0 || !w.get(out.ID).LastAt.IsZero() {
			t.Fatal("put before its owner too early")
		}
		w.clock.Advance(time.Second)
		lines := w.put(out.ID)
		if len(lines) != 1 || lines[0].Role != "system:last_owner" || !strings.Contains(string(lines[0].Told), unclaimed) || !strings.Contains(string(lines[0].Told), owner.String()) {
			t.Fatalf("the journal has %v", lines)
		}
		if k := w.get(out.ID); k.LastOrg != owner || !k.LastAt.Equal(w.clock.Now()) || k.Phase != service.Open {
			t.Errorf("%+v", k)
		}
		w.clock.Advance(time.Hour)
		if len(w.put(out.ID)) != 1 {
			t.Error("put before its owner twice")
		}
		by := w.staff(actor.Coordinator, tidili)
		by.Org, by.Grants[0].Org = owner, owner
		if n, err := w.BeforeOwner(t.Context(), by); n != 1 || err != nil {
			t.Errorf("the office's people hear of %d: %v", n, err)
		}
		if n, _ := w.BeforeOwner(t.Context(), w.staff(actor.Coordinator, tidili)); n != 0 {
			t.Error("others hear of it")
		}
		w.must(w.Claim(t.Context(), by, out.ID)) // the State serves it itself
		if k := w.get(out.ID); !k.LastAt.IsZero() || w.lastOwner(k) != owner {
			t.Error("taken up, and still before somebody, or without an owner")
		}
		if n, _ := w.BeforeOwner(t.Context(), by); n != 0 {
			t.Error("the notice stays")
		}
	})
}

func TestWhatAnAssociationGivesBackOrIsLateWithIsPutBeforeTheOwnerWhoeverHasIt(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		given, leased, moving := w.ask(nil).ID, w.ask(nil).ID, w.ask(nil).ID
		by := w.staff(actor.Coordinator, tidili)
		for _, c := range []CaseID{given, leased, moving} {
			w.must(w.Claim(t.Context(), by, c))
			if len(w.put(c)) != 0 {
				t.Fatal("put before its owner while it is in hand and in time")
			}
		}
		w.must(w.Release(t.Context(), by, given, ""))
		if lines := w.put(given); len(lines) != 1 || !strings.Contains(string(lines[0].Told), givenBack) {
			t.Errorf("given back: %v", lines)
		}
		w.field(by, moving, w.team(by), "assign", "depart")
		w.clock.At = w.get(leased).LeaseTill.Add(time.Second)
		w.must(w.ExpireLeases(t.Context()))
		if lines := w.put(leased); len(lines) != 1 || !strings.Contains(string(lines[0].Told), givenBack) {
			t.Errorf("the lease ended: %v", lines)
		}
		k := w.get(moving)
		w.clock.At = k.DueAt.Add(w.last.Late(k.Level))
		if lines := w.put(moving); len(lines) != 1 || !strings.Contains(string(lines[0].Told), overdue) {
			t.Errorf("late on the way: %v", lines)
		}
		if k := w.get(moving); k.Phase != service.Moving || k.Org != by.Org || k.LastOrg.IsZero() {
			t.Errorf("whoever has it lost it: %+v", k)
		}
		w.field(by, moving, k.Team, "deliver")
		w.clock.Advance(1000 * time.Hour)
		if lines := w.put(moving); len(lines) != 1 || !w.get(moving).LastAt.IsZero() {
			t.Error("help came, and it stands before its owner")
		}
		w.must(w.Confirm(t.Context(), actor.Actor{}, DeedConfirm, moving, No)) // it did not come after all
		k = w.get(moving)
		w.clock.At = k.DueAt.Add(w.last.Late(k.Level))
		if len(w.put(moving)) != 2 {
			t.Error("the second time it is put before nobody")
		}
	})
}

func TestWithoutAPlaceTheCountryAnswersAndOnceItIsFoundTheProvince(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out := w.ask(forms.Answers{"where": forms.Place{Text: "beyond the third bend"}})
		country := w.last.LastOwner("", "crisis_help")
		k := w.get(out.ID)
		if w.lastOwner(k) != country || country.IsZero() || country == w.last.LastOwner(tidili, "crisis_help") {
			t.Fatal("nobody answers for what has no place")
		}
		w.clock.At = k.DueAt.Add(w.last.Late(k.Level))
		if w.put(out.ID); w.get(out.ID).LastOrg != country {
			t.Error("not put before the country's owner")
		}
		w.must(w.Locate(t.Context(), w.staff(actor.Dispatcher, ""), out.ID, tidili))
		if lines := w.put(out.ID); len(lines) != 2 || w.get(out.ID).LastOrg != w.last.LastOwner(tidili, "crisis_help") {
			t.Errorf("it was found, and stands before %s (%d lines)", w.get(out.ID).LastOrg, len(lines))
		}
	})
}

func TestEverybodyReadsWhoAnswersInTheLastResortAndTheQueueCanShowThoseAlone(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, fresh := w.ask(nil), w.ask(forms.Answers{"people": int64(3)})
		owner := w.last.LastOwner(tidili, "crisis_help")
		name, disp := "Org "+owner.String()[30:], w.staff(actor.Dispatcher, tidili)
		path := "/en/cases/" + out.ID.String()
		if _, page := d.get(disp, path); !strings.Contains(page, name) || strings.Contains(page, "Put before it") {
			t.Error("the page of a new case does not say who answers in the last resort")
		}
		k := w.get(out.ID)
		if k.DueAt.After(w.get(fresh.ID).DueAt) || w.get(fresh.ID).DueAt.After(k.DueAt) {
			t.Fatal("the two are not equally urgent")
		}
		w.must(w.Claim(t.Context(), w.staff(actor.Coordinator, tidili), fresh.ID))
		w.clock.At = k.DueAt.Add(w.last.Late(k.Level))
		w.put(out.ID)
		for _, x := range []string{path, path + "/path"} {
			if status, page := d.get(disp, x); status != 200 || !strings.Contains(page, name) || !strings.Contains(page, "Nobody took it on in time") || !strings.Contains(page, "2011") {
				t.Errorf("%s (%d) does not say before whom it stands, why and by which law", x, status)
			}
		}
		if _, page := d.get(disp, "/en/queue?last=1"); !strings.Contains(page, out.ID.String()) || strings.Contains(page, fresh.ID.String()) || !strings.Contains(page, "&amp;last=1") {
			t.Error("the filter does not show what stands before its owner, alone")
		}
		office := w.staff(actor.Coordinator, "")
		office.Org, office.Grants[0].Org = owner, owner
		if _, page := d.get(office, "/en/queue?last=1"); !strings.Contains(page, out.ID.String()) {
			t.Error("the office does not see it")
		}
		_, page := d.get(disp, "/api/v1/cases?last=1")
		if !strings.Contains(page, `"last_owner":"`+owner.String()+`"`) || !strings.Contains(page, `"put_before_at"`) || strings.Contains(page, fresh.ID.String()) {
			t.Errorf("the API: %s", page)
		}
		b := d.window(t, person())
		b.send("/en/track", map[string][]string{"number": {out.Receipt.String()}, "word": {"4542"}})
		if status, page := b.open("/en/track/open"); status != 200 || !strings.Contains(page, name) || !strings.Contains(page, "You need do nothing") || !strings.Contains(page, "/en/track/complain") {
			t.Errorf("the person is not told (%d)", status)
		}
		if s, err := w.StandsOf(t.Context(), "+212661234542", nil); err != nil || len(s) != 2 || s[0].Before+s[1].Before != "cases.stand.before_open" {
			t.Errorf("by message: %+v, %v", s, err)
		}
	})
}

// TestNoHistoryLeavesACaseWithoutAnOwnerOfLastResort does what people may do in
// any order and, after each history, looks at every case of it.
func TestNoHistoryLeavesACaseWithoutAnOwnerOfLastResort(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		disp, by := w.staff(actor.Dispatcher, ""), w.staff(actor.Coordinator, "")
		where := []forms.Place{{}, {Text: "over there"}, {Code: "07"}, {Code: tidili}, {Code: "09.541"}, {Code: w.douar()}}
		rapid.Check(t, func(r *rapid.T) {
			if t.Failed() {
				r.Skip("one history has failed already")
			}
			var all []CaseID
			for i := range rapid.IntRange(1, 3).Draw(r, "cases") {
				a := forms.Answers{"where": rapid.SampledFrom(where).Draw(r, "where"), "people": int64(i + 1)}
				q := Request{Service: "crisis_help", Answers: w.answers(a), Lang: "fr", Channel: "web", Partly: true}
				if rapid.Bool().Draw(r, "road") {
					q.Service = "road_report"
					q.Answers = forms.Answers{"problem": "snow", "passes": "nobody", "where": a["where"]}
				}
				out, err := w.Ask(t.Context(), person(), DeedAsk, q)
				if err != nil {
					r.Fatal(err)
				}
				all = append(all, out.ID)
			}
			for range rapid.IntRange(1, 10).Draw(r, "steps") {
				c := rapid.SampledFrom(all).Draw(r, "case")
				if err := w.anyStep(r, disp, by, c, all); err != nil && fault.KindOf(err) == fault.Internal {
					r.Fatal(err)
				}
			}
			w.must(w.PutBefore(t.Context()))
			for _, c := range all {
				k := w.get(c)
				if w.lastOwner(k).IsZero() {
					r.Fatalf("%s in %s has no owner of last resort", k.Service, k.State)
				}
				if why := k.why(w.last.Late, w.clock.Now()); why != "" {
					r.Fatalf("a case in %s is to be put before its owner (%s) and was not", k.State, why)
				}
				if !k.LastAt.IsZero() && k.LastOrg != w.last.LastOwner(k.Place, k.Service) {
					r.Fatalf("a case at %q stands before somebody else", k.Place)
				}
			}
			if w.sound(); t.Failed() {
				r.Fatal("an invariant is broken")
			}
		})
	})
}

func (w *world) anyStep(r *rapid.T, disp, by actor.Actor, c CaseID, all []CaseID) error {
	ctx := w.t.Context()
	switch rapid.IntRange(0, 12).Draw(r, "step") {
	case 0, 1:
		return w.Claim(ctx, by, c)
	case 2:
		return w.Release(ctx, by, c, "")
	case 3:
		return w.Assign(ctx, disp, c, w.team(by))
	case 4:
		return w.Contact(ctx, disp, c, "reached", "")
	case 5:
		return w.Confirm(ctx, actor.Actor{}, DeedConfirm, c, rapid.SampledFrom([]Answer{Yes, No, Partly}).Draw(r, "answer"))
	case 6:
		return w.Merge(ctx, disp, c, rapid.SampledFrom(all).Draw(r, "into"))
	case 7:
		return w.Unmerge(ctx, disp, c)
	case 8:
		return w.Locate(ctx, disp, c, rapid.SampledFrom([]string{tidili, "09.541", "07"}).Draw(r, "to"))
	case 9:
		return w.Reopen(ctx, disp, DeedReopenFor, c)
	case 10:
		w.clock.Advance(time.Duration(rapid.IntRange(1, 90).Draw(r, "hours")) * time.Hour)
		return w.ExpireLeases(ctx)
	case 11:
		return w.PutBefore(ctx)
	}
	test := deed.Deed{Name: "field.mission.test", Roles: []actor.Role{actor.Coordinator}}
	return w.h.Do(ctx, by, test, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return w.Advance(t, c, rapid.SampledFrom([]string{"depart", "deliver", "turn_back"}).Draw(r, "field"), w.team(by), "mission-1", nil)
	})
}
