package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/sense"
)

func (w *world) listen() {
	l, err := sense.Load(packs.FS, "ma")
	if err != nil {
		w.t.Fatal(err)
	}
	w.UseSense(l)
}

func TestWhatTheWordsSayIsShownWithTheWordsAndAddedOnlyWhenSomebodyConfirms(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		w.listen()
		d, desk := w.desk(), w.staff(actor.Dispatcher, "")
		out := w.ask(forms.Answers{"need": []string{"food"}, "words": "بقينا بلا ماء، ومعنا امرأة حامل"})
		was := w.get(out.ID)
		status, page := d.post(desk, "/en/cases/"+out.ID.String()+"/reveal", "reason", "verify")
		if status != 200 {
			t.Fatal(status)
		}
		for _, want := range []string{"<mark", "حامل</mark>", `value="needs.water"`, `value="weak.pregnant"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not show %q", want)
			}
		}
		if strings.Contains(page, `value="needs.food"`) {
			t.Error("what was asked for already is offered again")
		}
		if now := w.get(out.ID); !slices.Equal(now.Needs, was.Needs) || now.Level != was.Level {
			t.Error("something was added before anybody confirmed")
		}
		if status, _ := d.post(desk, "/en/cases/"+out.ID.String()+"/understand", "says", "needs.rescue", "says", "needs.water", "says", "weak.pregnant"); status != 303 {
			t.Fatal(status)
		}
		now := w.get(out.ID)
		if !slices.Equal(slices.Sorted(slices.Values(now.Needs)), []string{"food", "rescue", "water"}) || was.Rank == 0 || now.Rank != 0 || now.Level != 1 || now.DueAt.After(was.DueAt) {
			t.Errorf("needs %v, rank %d (was %d), level %d, due %v (was %v) %v", now.Needs, now.Rank, was.Rank, now.Level, now.DueAt, was.DueAt, was.Reasons)
		}
		if a, _ := now.answers(); !slices.Contains(a.List("fragile"), "pregnant") {
			t.Errorf("who needs care is not kept: %v", a)
		}
		lines := len(w.trailOf(subject(out.ID)))
		if err := w.Understand(t.Context(), desk, out.ID, []string{"needs.water"}, 0); err != nil || len(w.trailOf(subject(out.ID))) != lines {
			t.Errorf("the same again: %v", err)
		}
		w.sound()
	})
}

func TestWordsRaiseAndNeverLower(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.listen()
		out, by := w.ask(forms.Answers{"need": []string{"rescue"}}), w.staff(actor.Agent, "")
		if err := w.Understand(t.Context(), by, out.ID, []string{"needs.road"}, 0); err != nil {
			t.Fatal(err)
		}
		if now := w.get(out.ID); now.Rank != 0 || now.Level != 1 || !slices.Contains(now.Needs, "road") {
			t.Errorf("%+v", now)
		}
	})
}

func TestWordsAreGarbageOrForTrainedPeopleAloneAndNothingIsAdded(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.listen()
		out, by := w.ask(nil), w.staff(actor.Dispatcher, "")
		was := w.get(out.ID)
		for _, says := range [][]string{nil, {"needs.gold"}, {"weak.child_alone"}, {"", "."}, {strings.Repeat("x", 9000)}} {
			w.Understand(t.Context(), by, out.ID, says, 0)
		}
		if err := w.Understand(t.Context(), by, out.ID, nil, -4); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		if now := w.get(out.ID); now.Answers != was.Answers || !slices.Equal(now.Needs, was.Needs) || now.People != was.People {
			t.Errorf("%q became %q", was.Answers, now.Answers)
		}
		for _, r := range []actor.Role{actor.Auditor, actor.Leader, actor.Volunteer, actor.Administrator} {
			if err := w.Understand(t.Context(), w.staff(r, ""), out.ID, []string{"needs.water"}, 0); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s adds: %v", r, err)
			}
		}
	})
}
