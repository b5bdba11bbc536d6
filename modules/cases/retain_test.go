package cases

import (
	"context"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// ended is a case that came to its end now.
func (w *world) ended() CaseID {
	w.t.Helper()
	out := w.ask(nil)
	if err := w.End(w.t.Context(), w.staff(actor.Dispatcher, tidili), DeedRefuse, out.ID, "nothing_left", ""); err != nil {
		w.t.Fatal(err)
	}
	return out.ID
}

func (w *world) year() time.Duration {
	def, err := w.current("crisis_help")
	if err != nil || def.Retention < 24*time.Hour {
		w.t.Fatal("the service says no time to keep", err)
	}
	return def.Retention
}

func (w *world) keptNow() Kept {
	w.t.Helper()
	k, err := w.KeptAtAll(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

func (w *world) forgotten(c CaseID) bool { return !w.get(c).ErasedAt.IsZero() }

func TestTheHouseForgetsByItselfWhoseTimeIsOverAndNobodyElse(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var written []CaseID
		w.UseForget(func(c CaseID, _ time.Time) error { written = append(written, c); return nil })
		old, open := w.ended(), w.ask(nil).ID
		voice := w.ask(nil).ID
		if err := w.Merge(t.Context(), w.staff(actor.Dispatcher, tidili), voice, open); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(w.year() - time.Hour)
		young := w.ended()
		must := func() {
			t.Helper()
			if err := w.Retain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if must(); w.forgotten(old) {
			t.Fatal("forgotten before its time")
		}
		w.clock.Advance(2 * time.Hour)
		if k := w.keptNow(); k.Due != 1 || k.Forgotten != 0 {
			t.Errorf("before the turn: %+v", k)
		}
		must()
		for c, want := range map[CaseID]bool{old: true, open: false, voice: false, young: false} {
			if w.forgotten(c) != want {
				t.Errorf("%s forgotten: %v", c, !want)
			}
		}
		if k := w.get(old); k.Sealed != nil || k.PhoneKey != nil || k.Secret != nil {
			t.Error("something is left")
		}
		if must(); len(written) != 1 || written[0] != old {
			t.Errorf("written down: %v", written)
		}
		if k := w.keptNow(); k.Forgotten != 1 || k.Due != 0 || len(k.Late) != 0 {
			t.Errorf("after two turns: %+v", k)
		}
		var lines []deed.Record
		if err := w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { lines, err = deed.Trail(tx, subject(old)); return err }); err != nil {
			t.Fatal(err)
		}
		last := lines[len(lines)-1]
		if last.Deed != "cases.case.erase" || last.Role != "system:retention" {
			t.Errorf("the journal ends with %+v", last)
		}
		if err := w.End(t.Context(), w.staff(actor.Dispatcher, tidili), DeedRefuse, open, "nothing_left", ""); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(w.year())
		if must(); !w.forgotten(open) || !w.forgotten(voice) {
			t.Error("a voice that was joined to a case does not end with it")
		}
	})
}

func TestWhatIsComplainedOfIsLeftAloneUntilItIsAnswered(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		late, abuse, child := w.ended(), w.ended(), w.ask(forms.Answers{"fragile": []string{"child_alone"}})
		pid, nid := id.New[Complaint](w.clock.Now()), id.New[Complaint](w.clock.Now())
		if _, _, err := w.Complain(t.Context(), late, pid, "late", "nobody came, ask for Lahcen", "fr"); err != nil {
			t.Fatal(err)
		}
		def, _ := w.current("crisis_help")
		restricted := ""
		for _, k := range def.Complaints {
			if k.Restricted {
				restricted = k.Code
			}
		}
		if _, _, err := w.Complain(t.Context(), abuse, nid, restricted, "He asked for something", "fr"); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(w.year() + time.Hour)
		if err := w.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if w.forgotten(late) || w.forgotten(abuse) {
			t.Fatal("somebody who waits for an answer was forgotten")
		}
		if k := w.keptNow(); k.HeldComplaint != 1 || k.HeldConcern != 1 || k.Due != 0 {
			t.Errorf("what is left alone is not told: %+v", k)
		}
		if err := w.AnswerComplaint(t.Context(), w.staff(actor.Dispatcher, tidili), pid, "a team came on Monday"); err != nil {
			t.Fatal(err)
		}
		trained, concern := w.staff(actor.Safeguarding, ""), concernID(CaseID{})
		if err := concern.UnmarshalText([]byte(nid.String())); err != nil {
			t.Fatal(err)
		}
		for _, c := range []ConcernID{concern, concernID(child.ID)} {
			if err := w.TakeConcern(t.Context(), trained, c); err != nil {
				t.Fatal(err)
			}
			if err := w.CloseConcern(t.Context(), trained, c, "protected"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !w.forgotten(late) || !w.forgotten(abuse) {
			t.Error("answered, and still kept")
		}
		if _, text, err := w.ReadComplaint(t.Context(), w.staff(actor.Dispatcher, tidili), pid); err != nil || text != "" {
			t.Errorf("what was complained is left: %q %v", text, err)
		}
	})
}

func TestForgettingThatWasInterruptedGoesOnWhereItStopped(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var all []CaseID
		for range 5 {
			all = append(all, w.ended())
		}
		w.clock.Advance(w.year() + lateBy + time.Hour)
		if k := w.keptNow(); k.Due != 5 || len(k.Late) != 5 {
			t.Errorf("an operator does not hear that it is late: %+v", k)
		}
		for turn, want := range []int{3, 1, 0} {
			if err := w.retain(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
			if k := w.keptNow(); k.Due != want {
				t.Errorf("after turn %d: %+v", turn+1, k)
			}
		}
		w.ended()
		w.clock.Advance(w.year() + time.Hour)
		w.UseForget(func(CaseID, time.Time) error { return context.Canceled }) // the record cannot be written: said, not hidden
		if err := w.Retain(t.Context()); err == nil {
			t.Error("an erasure that could not be written down was passed over")
		}
	})
}
