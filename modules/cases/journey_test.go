package cases

import (
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func (w *world) journeys(most int) (all map[string]Journey, whole bool) {
	w.t.Helper()
	all = map[string]Journey{}
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) {
		whole, err = w.Journeys(t, w.clock.Now().Add(-30*24*time.Hour), most, func(j Journey) { all[j.Subject] = j })
		return err
	}))
	return all, whole
}

func TestWhatANeedAskedOfItsPeopleIsCountedFromTheJournal(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		asked := w.clock.Now()
		out, by := w.delivered()
		disp := w.staff(actor.Dispatcher, tidili)
		w.must(w.Contact(t.Context(), disp, out.ID, "no_answer", "")) // nobody heard it: nothing was asked
		w.must(w.Contact(t.Context(), disp, out.ID, "reached", ""))
		w.must(w.Confirm(t.Context(), actor.Actor{}, DeedConfirm, out.ID, No)) // it did not come
		w.must(w.Claim(t.Context(), by, out.ID))
		w.field(by, out.ID, w.team(by), "assign", "depart", "deliver")
		w.clock.Advance(3 * time.Hour)
		w.must(w.Confirm(t.Context(), disp, DeedConfirmFor, out.ID, Yes)) // told by telephone
		helped := w.clock.Now()
		w.must(w.Reopen(t.Context(), actor.Actor{}, DeedReopen, out.ID))
		all, whole := w.journeys(10)
		j := all[subject(out.ID)]
		if want := (Steps{Asks: 1, Calls: 2, Answers: 1, Again: 1}); !whole || len(all) != 1 || j.Steps != want || j.Steps.Sum() != 5 {
			t.Errorf("%+v", all)
		}
		if !j.Asked.Equal(asked) || !j.Helped.Equal(helped) || !j.Ended.IsZero() || j.Service != "crisis_help" {
			t.Errorf("%+v", j)
		}
		if _, whole := w.journeys(0); whole {
			t.Error("more than may be read was read")
		}
	})
}

func TestWhatIsJoinedToANeedIsCountedWithItFromTheFirstAskingOn(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		asked := w.clock.Now()
		disp := w.staff(actor.Dispatcher, tidili)
		desk, err := w.Ask(t.Context(), disp, DeedTakeDown, Request{Service: "crisis_help", Answers: w.answers(nil), Lang: "ar", Channel: "desk"})
		w.must(err)
		w.clock.Advance(time.Hour)
		root := w.ask(forms.Answers{"people": int64(5)})
		w.must(w.Contact(t.Context(), disp, desk.ID, "reached", ""))
		w.must(w.Merge(t.Context(), disp, desk.ID, root.ID))
		w.ask(forms.Answers{"fragile": []string{"child_alone"}}) // goes to trained people alone
		all, _ := w.journeys(10)
		j := all[subject(root.ID)]
		if want := (Steps{Asks: 2, Calls: 1, Trips: 1}); len(all) != 1 || j.Steps != want || !j.Asked.Equal(asked) {
			t.Errorf("%+v", all)
		}
		w.clock.Advance(31*24*time.Hour - 30*time.Minute) // the first asking is too long ago, its other voice too
		if all, _ := w.journeys(10); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}
