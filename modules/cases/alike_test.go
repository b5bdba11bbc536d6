package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/service"
)

// other is another report of what ask tells without more: by another phone.
func (w *world) other(n int, more forms.Answers) Asked {
	a := forms.Answers{"phone": forms.Phone(fmt.Sprintf("+2126617700%02d", n))}
	for k, v := range more {
		a[k] = v
	}
	return w.ask(a)
}

// asItWas is all that is kept of a case, but for how often and when it was changed.
func (w *world) asItWas(c CaseID) string {
	k := *w.get(c)
	k.Revision, k.ChangedAt = 0, time.Time{}
	a, err := w.unseal(&k)
	w.must(err)
	var notes []noteRow
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { notes, err = listNotes(t, c); return err }))
	whole, err := json.Marshal([]any{k, a, fmt.Sprint(notes), k.DueAt.UnixMicro()})
	w.must(err)
	return string(whole)
}

func (w *world) likes(c CaseID) (all []Likeness) {
	w.t.Helper()
	w.must(w.LookAlike(w.t.Context()))
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { all, err = likenesses(t, c); return err }))
	return all
}

func (w *world) rows(q string, args ...any) (n int64) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q, args...); return err }))
	return n
}

func TestAnotherReportOfANeedIsProposedWithItsReasonsAndJoinedByNobody(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		first, again, far := w.ask(nil), w.ask(forms.Answers{"words": "the bridge is gone, ask for Lahcen, hurry"}), w.other(2, forms.Answers{"where": forms.Place{Code: "09.541"}, "words": "water, please", "name": "Brahim", "need": []string{"water"}})
		all := w.likes(first.ID)
		if len(all) != 1 || elseOf(all[0], first.ID) != again.ID || all[0].Band != linkage.VeryLikely.String() || all[0].Verdict != "" {
			t.Fatalf("proposed: %+v", all)
		}
		keys := map[string]bool{}
		for _, r := range all[0].Reasons {
			keys[r.Key] = true
		}
		if !keys[linkage.SamePhone] || !keys[linkage.SamePlace] {
			t.Errorf("reasons: %+v", all[0].Reasons)
		}
		if len(w.likes(far.ID)) != 0 {
			t.Error("another province is proposed")
		}
		if n := w.rows(`SELECT COUNT(*) FROM cases_case WHERE merged_into IS NOT NULL`); n != 0 {
			t.Errorf("%d were joined by the house", n)
		}
		if n := w.rows(`SELECT COUNT(*) FROM cases_sketch WHERE looked = 0`); n != 0 {
			t.Errorf("%d would be compared again", n)
		}
	})
}

func TestWhatIsJoinedCarriesAllNeedsTheMostPeopleAndTheBestPlace(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		commune, _ := w.places.Commune(w.douar())
		lead := w.ask(forms.Answers{"where": forms.Place{Code: commune.Code}, "people": int64(4)})
		before := w.asItWas(lead.ID)
		near := w.other(1, forms.Answers{"need": []string{"rescue"}, "people": int64(9), "where": forms.Place{Code: w.douar()}})
		by := w.staff(actor.Dispatcher, tidili)
		w.must(w.Merge(t.Context(), by, near.ID, lead.ID))
		k, v := w.get(lead.ID), w.get(near.ID)
		slices.Sort(k.Needs)
		if !slices.Equal(k.Needs, []string{"food", "rescue", "warm"}) || k.People != 9 || k.Place != w.douar() || k.Rank != 0 || k.Level != 1 || !k.DueAt.Equal(v.DueAt) {
			t.Errorf("it carries %v, %d people, at %s, rank %d level %d", k.Needs, k.People, k.Place, k.Rank, k.Level)
		}
		if err := w.Prioritise(t.Context(), by, lead.ID, 3, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("it waits longer than one of its voices: %v", err)
		}
		w.must(w.Unmerge(t.Context(), by, near.ID))
		if now := w.asItWas(lead.ID); now != before {
			t.Errorf("not as it was:\n%s\n%s", before, now)
		}
	})
}

func TestWhatSomebodyDecidedOfAJoinedCaseStandsWhenAVoiceLeaves(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		lead, one, two := w.ask(nil), w.other(1, forms.Answers{"people": int64(9)}), w.other(2, forms.Answers{"people": int64(7), "need": []string{"water"}})
		by := w.staff(actor.Dispatcher, "")
		w.must(w.Merge(t.Context(), by, one.ID, lead.ID))
		w.must(w.Merge(t.Context(), by, two.ID, lead.ID))
		w.must(w.Locate(t.Context(), by, lead.ID, "09.541"))
		w.must(w.Prioritise(t.Context(), by, lead.ID, 1, ""))
		owner := w.staff(actor.Coordinator, "")
		w.must(w.Claim(t.Context(), owner, lead.ID))
		due := w.get(lead.ID).DueAt
		w.must(w.Unmerge(t.Context(), by, one.ID))
		k := w.get(lead.ID)
		if k.Place != "09.541" || k.Level != 1 || k.Org != owner.Org || !k.DueAt.Equal(due) {
			t.Errorf("%s, level %d, due %s", k.Place, k.Level, k.DueAt)
		}
		if k.People != 7 || !slices.Contains(k.Needs, "water") {
			t.Errorf("not worked out from who stays: %d people, %v", k.People, k.Needs)
		}
	})
}

func TestAWrongJoiningIsUndoneWithNothingLost(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		ctx, by := t.Context(), w.staff(actor.Dispatcher, tidili)
		a, b, c := w.ask(nil), w.other(1, forms.Answers{"need": []string{"rescue"}}), w.other(2, forms.Answers{"people": int64(30)})
		w.must(w.Contact(ctx, by, a.ID, "reached", "she will stay by the spring"))
		owner := w.staff(actor.Coordinator, tidili)
		w.must(w.Claim(ctx, owner, b.ID))
		w.must(w.Release(ctx, owner, b.ID, ""))
		w.clock.Advance(30 * time.Hour)
		w.must(w.PutBefore(ctx)) // each stands before its owner of last resort now
		task := w.part(w.staff(actor.CrisisCell, ""), a.ID, "visit", "health", actor.OrganisationID{})
		before := map[CaseID]string{}
		for _, x := range []Asked{a, b, c} {
			before[x.ID] = w.asItWas(x.ID)
		}
		w.must(w.Merge(ctx, by, a.ID, b.ID))
		w.must(w.Merge(ctx, by, b.ID, c.ID))
		for _, x := range []Asked{a, b} {
			if k := w.get(x.ID); k.MergedInto != c.ID {
				t.Fatalf("%s leads to %s", x.ID, k.MergedInto)
			}
		}
		w.must(w.Unmerge(ctx, by, b.ID))
		if w.get(a.ID).MergedInto != b.ID {
			t.Error("who had been joined to the voice did not go along with it")
		}
		if now := w.asItWas(c.ID); now != before[c.ID] {
			t.Errorf("the one that stays is not as it was:\n%s\n%s", before[c.ID], now)
		}
		w.must(w.Unmerge(ctx, by, a.ID))
		for cid, was := range before {
			if now := w.asItWas(cid); now != was {
				t.Errorf("not as it was:\n%s\n%s", was, now)
			}
		}
		if k := w.task(task); k.State != TaskOpen || k.Case != a.ID {
			t.Errorf("its part is %+v", k)
		}
		for _, x := range []Asked{a, b, c} {
			if h, err := w.Recognise(ctx, x.Receipt, w.end(x.ID)); err != nil || h.Case != x.ID {
				t.Error("a receipt was lost:", err)
			}
		}
		if n := w.rows(`SELECT COUNT(*) FROM cases_own`); n != 0 {
			t.Errorf("%d cases still carry others", n)
		}
	})
}

func TestTwoWhoJoinTheSamePairBothFindItJoined(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for range 6 {
			a, b := w.ask(nil), w.ask(nil)
			var wg sync.WaitGroup
			errs := make([]error, 6)
			for i := range errs {
				x, y := a.ID, b.ID
				if i%2 == 0 {
					x, y = y, x
				}
				by := w.staff(actor.Dispatcher, tidili)
				wg.Go(func() { errs[i] = w.Merge(t.Context(), by, x, y) })
			}
			wg.Wait()
			for _, err := range errs {
				if err != nil && fault.KindOf(err) != fault.Conflict {
					t.Errorf("somebody heard %v", err)
				}
			}
			x, y := w.get(a.ID), w.get(b.ID)
			if x.MergedInto.IsZero() == y.MergedInto.IsZero() {
				t.Fatal("not one of the two is joined to the other")
			}
		}
	})
}

func TestWhateverIsJoinedAndTakenApartNoVoiceIsLostAndNoneWaitsLonger(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			by := w.staff(actor.Dispatcher, "")
			var all []CaseID
			before := map[CaseID]string{}
			for i := range rapid.IntRange(2, 5).Draw(r, "reports") {
				x := w.other(i, forms.Answers{"need": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"food", "warm", "water", "rescue", "shelter"}), 1, 3, rapid.ID).Draw(r, "needs"),
					"people": int64(rapid.IntRange(1, 40).Draw(r, "people")), "where": forms.Place{Code: rapid.SampledFrom([]string{w.douar(), tidili, "09.541"}).Draw(r, "place")}})
				all = append(all, x.ID)
				before[x.ID] = w.asItWas(x.ID)
				w.clock.Advance(time.Minute)
			}
			pick := func(what string) CaseID { return rapid.SampledFrom(all).Draw(r, what) }
			for range rapid.IntRange(1, 12).Draw(r, "steps") {
				var err error
				if rapid.Bool().Draw(r, "join") {
					err = w.Merge(t.Context(), by, pick("from"), pick("into"))
				} else {
					err = w.Unmerge(t.Context(), by, pick("voice"))
				}
				if err != nil && fault.KindOf(err) == fault.Internal {
					r.Fatal(err)
				}
				w.allVoicesHold(r, all)
			}
			for range all { // a voice of a voice needs another turn
				for _, c := range all {
					if !w.get(c).MergedInto.IsZero() {
						w.must(w.Unmerge(t.Context(), by, c))
					}
				}
			}
			for _, c := range all {
				if now := w.asItWas(c); now != before[c] {
					r.Fatalf("not as it was:\n%s\n%s", before[c], now)
				}
			}
		})
	})
}

// allVoicesHold: each report leads to one that carries it, with all its needs and
// its people, no later and no less urgent.
func (w *world) allVoicesHold(r *rapid.T, all []CaseID) {
	for _, c := range all {
		v := w.get(c)
		if v.MergedInto.IsZero() {
			continue
		}
		up := w.get(v.MergedInto)
		switch {
		case !up.MergedInto.IsZero():
			r.Fatalf("%s leads to one that leads on", c)
		case up.Rank > v.Rank || up.Level > v.Level || up.DueAt.After(v.DueAt):
			r.Fatalf("a voice of rank %d level %d waits behind rank %d level %d", v.Rank, v.Level, up.Rank, up.Level)
		case up.People < v.People:
			r.Fatalf("%d people of a voice became %d", v.People, up.People)
		}
		for _, n := range v.Needs {
			if !slices.Contains(up.Needs, n) {
				r.Fatalf("the need of %s was lost", n)
			}
		}
	}
}

func TestWhatOnlyTrainedPeopleReadTakesPartInNoComparing(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.ask(nil)
		alone := w.other(1, forms.Answers{"need": []string{"shelter"}, "fragile": []string{"child_alone"}})
		both := w.other(2, forms.Answers{"need": []string{"rescue"}, "fragile": []string{"child_alone"}}) // in the queue too, for a life is in danger
		w.must(w.SketchAll(t.Context()))
		for _, x := range []Asked{alone, both} {
			if n := w.rows(`SELECT COUNT(*) FROM cases_sketch WHERE case_id = ?1`, x.ID); n != 0 {
				t.Error("it is looked for")
			}
			if _, err := w.AddVoice(t.Context(), person(), x.ID); err != nil {
				t.Error(err)
			}
		}
		w.must(w.LookAlike(t.Context()))
		if n := w.rows(`SELECT COUNT(*) FROM cases_alike`); n != 0 {
			t.Errorf("%d pairs are proposed", n)
		}
		by := w.staff(actor.Dispatcher, "")
		w.must(w.Locate(t.Context(), by, both.ID, w.douar()))
		if n := w.rows(`SELECT COUNT(*) FROM cases_sketch`); n != 1 {
			t.Errorf("%d sketches of one that may be compared", n)
		}
	})
}

func TestWhoIsForgottenIsFoundUnderNoKeyAndLeavesNoPosition(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		by := w.staff(actor.Dispatcher, tidili)
		commune, _ := w.places.Commune(w.douar())
		at := commune.At
		lead := w.ask(forms.Answers{"where": forms.Place{Code: commune.Code}})
		voice := w.other(1, forms.Answers{"where": forms.Place{HasPoint: true, Lat: at.Lat + .012, Lon: at.Lon}})
		w.likes(lead.ID)
		before := w.get(lead.ID).At
		w.must(w.Merge(t.Context(), by, voice.ID, lead.ID))
		if w.get(lead.ID).At == before {
			t.Fatal("the position of the phone is not the best known")
		}
		w.must(w.Erase(t.Context(), person(), voice.ID))
		if got := w.get(lead.ID).At; got != before {
			t.Errorf("the position of whoever was forgotten stays: %v", got)
		}
		if n := w.rows(`SELECT COUNT(*) FROM cases_sketch WHERE case_id = ?1`, voice.ID); n != 0 {
			t.Error("their keys stay")
		}
		n, left := w.rows(`SELECT COUNT(*) FROM cases_block`), w.rows(`SELECT COUNT(*) FROM cases_block b JOIN cases_sketch s ON s.n = b.n WHERE s.case_id = ?1`, lead.ID)
		if n != left || n == 0 {
			t.Errorf("%d keys for %d of who is known", n, left)
		}
		if n := w.rows(`SELECT COUNT(*) FROM cases_alike WHERE reasons <> '[]'`); n != 0 {
			t.Error("why they looked alike stays")
		}
	})
}

func TestWhatWasHeardOnceIsComparedAsTheWordsAreAndHeardAnewByNewOnes(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		first := w.other(1, nil)
		second := w.other(2, nil)
		chance := func() (p float64) {
			t.Helper()
			w.sketches = shelf{} // as another process finds it
			w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				all, err := w.likeCase(tx, w.get(second.ID), 1)
				if err == nil && len(all) == 1 && all[0].Case.ID == first.ID {
					p = all[0].Probability
				}
				return err
			}))
			return p
		}
		set := func(q string, args ...any) {
			t.Helper()
			w.must(w.h.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(q, args...); return err }))
		}
		kept := chance()
		if kept == 0 {
			t.Fatal("two reports of one need are not found")
		}
		for _, q := range []string{
			`UPDATE cases_sketch SET heard = NULL`, // nothing opens
			`UPDATE cases_sketch SET heard_by = 7`, // an older release heard it
			`UPDATE cases_sketch SET heard_by = 0`, // and one that kept nothing
		} {
			set(q)
			if p := chance(); p != kept {
				t.Errorf("%s: %v, and by what was kept %v", q, p, kept)
			}
		}
		w.must(w.SketchAll(t.Context()))
		if n := w.rows(`SELECT COUNT(*) FROM cases_sketch WHERE heard_by <> ?1 OR heard IS NULL`, w.linkage.Print()); n != 0 {
			t.Errorf("%d were not heard anew", n)
		}
		sealed := w.get(first.ID).Sealed
		set(`UPDATE cases_case SET private = ?1 WHERE id = ?2`, []byte("no words"), first.ID) // what was heard is enough
		w.sketches = shelf{}
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			ns, err := db.List(tx, db.Int, `SELECT n FROM cases_sketch WHERE case_id = ?1`, first.ID)
			if err != nil {
				return err
			}
			all, err := w.numbered(tx, ns)
			if err == nil && (len(all) != 1 || all[0].sketch.ID() != first.ID.String()) {
				t.Errorf("%d are ready", len(all))
			}
			return err
		}))
		set(`UPDATE cases_case SET private = ?1 WHERE id = ?2`, sealed, first.ID)
	})
}

func TestWhatCameBeforeTheHouseComparedIsFoundAfterItsFirstTurn(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		m := w.linkage
		w.linkage = nil
		old := w.ask(nil)
		w.must(w.h.DB.Write(t.Context(), func(tx *db.Tx) error { return dropSketch(tx, old.ID) }))
		w.UseLinkage(m)
		w.must(w.SketchAll(t.Context()))
		fresh := w.other(1, nil)
		if all := w.likes(fresh.ID); len(all) != 1 || elseOf(all[0], fresh.ID) != old.ID {
			t.Errorf("proposed: %+v", all)
		}
		rows := w.rows(`SELECT COUNT(*) FROM cases_block`)
		w.must(w.SketchAll(t.Context()))
		if again := w.rows(`SELECT COUNT(*) FROM cases_block`); again != rows {
			t.Errorf("%d keys became %d", rows, again)
		}
	})
}

func TestAPersonsOwnWordJoinsAtOnceOnlyWhatIsVeryLikely(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		first, same := w.ask(nil), w.ask(forms.Answers{"words": "it is me again, for Lahcen"})
		joined, err := w.AddVoice(t.Context(), person(), same.ID)
		if k := w.get(same.ID); err != nil || !joined || k.MergedInto != first.ID {
			t.Errorf("very likely, and said to be the same: %v %v", joined, err)
		}
		if h, err := w.Recognise(t.Context(), same.Receipt, w.end(same.ID)); err != nil || h.Case != same.ID {
			t.Error("its own receipt does not open:", err)
		}
		perhaps := w.ask(forms.Answers{"need": []string{"water"}, "where": forms.Place{Text: "somewhere up there"}, "words": "no water left", "name": "Aicha", "people": int64(6)})
		joined, err = w.AddVoice(t.Context(), person(), perhaps.ID)
		if k := w.get(perhaps.ID); err != nil || joined || !k.MergedInto.IsZero() {
			t.Errorf("not very likely, and joined all the same: %v %v", joined, err)
		}
		nothing := w.other(9, forms.Answers{"where": forms.Place{Code: "09.541"}, "words": "water", "name": nil, "need": []string{"water"}})
		if joined, err := w.AddVoice(t.Context(), person(), nothing.ID); joined || err != nil {
			t.Errorf("joined to nothing: %v %v", joined, err)
		}
		var lines []deed.Record
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { lines, err = deed.Trail(tx, subject(same.ID)); return err }))
		if got := lines[len(lines)-1]; got.Deed != DeedAddVoice.Name || got.Role != "person" {
			t.Errorf("the line says %s by %s", got.Deed, got.Role)
		}
		w.must(w.Unmerge(t.Context(), w.staff(actor.Dispatcher, tidili), same.ID))
	})
}

func TestATappedVoiceOfTrappedPeopleRanksFirstWhereverItIsJoined(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		lead := w.ask(nil)
		trapped := w.ask(forms.Answers{"need": []string{"food", "warm", "rescue"}})
		joined, err := w.AddVoice(t.Context(), person(), trapped.ID)
		w.must(err)
		first := w.queue0(Queue{Phase: service.Open, Limit: 9})[0]
		if want := map[bool]CaseID{true: lead.ID, false: trapped.ID}[joined]; first.ID != want || first.Rank != 0 {
			t.Errorf("first stands %s of rank %d", first.ID, first.Rank)
		}
	})
}

func TestOfTwoThatAreTakenTheOtherIsGivenBackAndJoined(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), w.staff(actor.Dispatcher, tidili)
		a, b, waits := w.ask(nil), w.other(1, nil), w.other(2, nil)
		one, other := w.staff(actor.Coordinator, tidili), w.staff(actor.Coordinator, tidili)
		w.must(w.Claim(ctx, one, a.ID))
		w.must(w.Claim(ctx, other, b.ID))
		owner := w.get(a.ID).Org
		if err := w.Merge(ctx, by, b.ID, waits.ID); kind(err) != "cases.case.merge_owned" {
			t.Error("what somebody has was joined to what waits:", err)
		}
		w.must(w.Merge(ctx, by, b.ID, a.ID))
		if k := w.get(b.ID); k.MergedInto != a.ID || !k.Org.IsZero() || !k.LeaseTill.IsZero() {
			t.Errorf("the other is %+v", k)
		}
		if k := w.get(a.ID); k.Org != owner || k.Phase != service.Owned {
			t.Errorf("who has the first lost it: %+v", k)
		}
		for _, word := range []string{"cases.case.release", "cases.case.merge"} {
			if n := w.rows(`SELECT COUNT(*) FROM deed_record WHERE deed = ?1 AND subject = ?2`, word, subject(b.ID)); n != 1 {
				t.Errorf("the journal tells %s of it %d times", word, n)
			}
		}
		w.must(w.Unmerge(ctx, by, b.ID))
		if k := w.get(b.ID); k.Phase != service.Open || !k.MergedInto.IsZero() {
			t.Errorf("taken apart again it is %+v", k)
		}
		team := w.team(other)
		w.must(w.Claim(ctx, other, b.ID))
		w.must(w.Assign(ctx, other, b.ID, team))
		w.must(w.Merge(ctx, by, b.ID, a.ID)) // a team was chosen, and has not set out
		if k := w.get(b.ID); k.MergedInto != a.ID || !k.Team.IsZero() {
			t.Errorf("with a team: %+v", k)
		}
	})
}
