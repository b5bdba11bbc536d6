package cases

import (
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// waits is every request of the last month as the report reads it, by when it
// was asked.
func (w *world) waits(most int) (all []Wait, whole bool) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) {
		whole, err = w.Waits(t, w.clock.Now().Add(-30*24*time.Hour), most, func(x Wait) { all = append(all, x) })
		return err
	}))
	return all, whole
}

func TestTheMomentsOfACaseAreKeptAsTheyFirstWere(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		asked := w.clock.Now()
		out, by := w.delivered()
		first := w.get(out.ID).OwnedAt
		if first.Before(asked) || !w.get(out.ID).HelpedAt.IsZero() {
			t.Fatalf("owned %v, helped %v", first, w.get(out.ID).HelpedAt)
		}
		w.clock.Advance(time.Hour)
		w.must(w.Confirm(t.Context(), actor.Actor{}, DeedConfirm, out.ID, No)) // open again
		w.clock.Advance(time.Hour)
		w.must(w.Claim(t.Context(), by, out.ID))
		if k := w.get(out.ID); !k.OwnedAt.Equal(first) || !k.HelpedAt.IsZero() {
			t.Errorf("after a second owner: owned %v, helped %v", k.OwnedAt, k.HelpedAt)
		}
		all, whole := w.waits(10)
		if len(all) != 1 || !whole || !all[0].Owned.Equal(first) || !all[0].Helped.IsZero() || !all[0].Ended.IsZero() || all[0].Province == "" {
			t.Errorf("%+v", all)
		}
	})
}

func TestARequestThatIsAnsweredIsKnownByWhen(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, _ := w.delivered()
		w.clock.Advance(2 * time.Hour)
		w.must(w.Confirm(t.Context(), actor.Actor{}, DeedConfirm, out.ID, Yes))
		helped := w.clock.Now()
		w.clock.Advance(time.Hour)
		refused := w.ask(forms.Answers{"people": int64(3)})
		w.must(w.End(t.Context(), w.staff(actor.Dispatcher, tidili), DeedRefuse, refused.ID, "nothing_left", ""))
		all, _ := w.waits(10)
		for _, x := range all {
			switch {
			case x.Owned.IsZero() && (!x.Ended.Equal(w.clock.Now()) || !x.Helped.IsZero()):
				t.Errorf("refused: %+v", x)
			case !x.Owned.IsZero() && !x.Helped.Equal(helped):
				t.Errorf("helped: %+v", x)
			}
		}
		if len(all) != 2 {
			t.Errorf("%d requests", len(all))
		}
		if some, whole := w.waits(1); whole || len(some) != 2 {
			t.Errorf("of two, one may be read: %d, %v", len(some), whole)
		}
		w.clock.Advance(31 * 24 * time.Hour)
		if all, _ := w.waits(10); len(all) != 0 {
			t.Errorf("%d of long ago", len(all))
		}
	})
}

func TestWhatIsJoinedToAnotherRequestAndWhatIsRestrictedIsNotWaitedFor(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		a, b := w.ask(nil), w.ask(forms.Answers{"people": int64(5)})
		w.must(w.Merge(t.Context(), w.staff(actor.Dispatcher, tidili), b.ID, a.ID))
		w.ask(forms.Answers{"fragile": []string{"child_alone"}})
		if all, _ := w.waits(10); len(all) != 1 {
			t.Errorf("%d requests: %+v", len(all), all)
		}
	})
}
