package cases

import (
	"runtime"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// commune is the first commune of a province.
func (w *world) communeOf(province string) string {
	w.t.Helper()
	all := w.places.Children(province)
	if len(all) == 0 {
		w.t.Fatalf("no commune in %s", province)
	}
	return all[0].Code
}

// due is how long after it was made a case's step is to be taken.
func (w *world) due(cid CaseID) time.Duration {
	w.t.Helper()
	k := w.get(cid)
	return k.DueAt.Sub(w.clock.Now())
}

func TestACrisisSetsTheDelaysOnItsSideOfTheBorderAlone(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		const across = "07.161" // Chichaoua, beside Al Haouz
		cell := w.staff(actor.CrisisCell, "")
		where := func(code string) forms.Answers {
			return forms.Answers{"where": forms.Place{Code: code}, "need": []string{"food"}, "fragile": nil}
		}
		own := map[int]time.Duration{1: 15 * time.Minute, 2: time.Hour, 3: 24 * time.Hour, 4: 72 * time.Hour}
		crisis := map[int]time.Duration{1: 10 * time.Minute, 2: time.Hour, 3: 12 * time.Hour, 4: 48 * time.Hour}
		before := w.ask(where(w.communeOf(tidili)))
		if before.Level < 3 {
			t.Fatalf("level %d waits as long in a crisis as in any other time: the test would show nothing", before.Level)
		}
		if got := w.due(before.ID); got != own[before.Level] {
			t.Errorf("in no crisis the first call is due after %v", got)
		}
		k, err := w.OpenCrisis(t.Context(), cell, "earthquake", []string{tidili})
		w.must(err)
		for _, x := range []struct {
			what, place string
			want        map[int]time.Duration
		}{
			{"in its area", w.communeOf(tidili), crisis}, {"in a douar of its area", w.douar(), crisis}, {"across its border", w.communeOf(across), own},
			{"across, in the whole province", across, own}, {"in the region that holds it, no nearer known", "07", crisis},
		} {
			out := w.ask(where(x.place))
			if got := out.Due.Sub(w.clock.Now()); got != x.want[out.Level] || w.due(out.ID) != got {
				t.Errorf("%s the first call is due after %v, want %v", x.what, got, x.want[out.Level])
			}
		}

		unplaced := w.ask(forms.Answers{"where": forms.Place{Text: "behind the mill"}, "need": []string{"food"}, "fragile": nil})
		if got := w.due(unplaced.ID); got != crisis[unplaced.Level] {
			t.Errorf("a call that nobody can place yet may wait %v", got)
		}
		w.must(w.Locate(t.Context(), cell, unplaced.ID, w.communeOf(across)))
		if got := w.due(unplaced.ID); got != own[unplaced.Level] {
			t.Errorf("found across the border it is due after %v", got)
		}
		w.must(w.Locate(t.Context(), cell, unplaced.ID, w.communeOf(tidili)))
		if got := w.due(unplaced.ID); got != crisis[unplaced.Level] {
			t.Errorf("found in the area it is due after %v", got)
		}

		here, there := w.ask(where(w.communeOf(tidili))), w.ask(where(w.communeOf(across)))
		deliver := func(cid CaseID) time.Duration {
			w.must(w.Contact(t.Context(), cell, cid, "reached", ""))
			return w.due(cid)
		}
		if in, out := deliver(here.ID), deliver(there.ID); in >= out {
			t.Errorf("after the call, help is due after %v in the area and after %v across its border", in, out)
		}
		w.must(w.CloseCrisis(t.Context(), cell, k.ID))
		_, err = w.OpenCrisis(t.Context(), cell, "earthquake", nil)
		w.must(err)
		if out := w.ask(where(w.communeOf(across))); out.Due.Sub(w.clock.Now()) != crisis[out.Level] {
			t.Error("a crisis of the whole country does not reach all of it")
		}
	})
}

func TestPagesThatReadTheStoreAndAskForTheCrisesNeverWaitForEachOtherForEver(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		c := w.ask(nil)
		done := make(chan error, 60)
		for i := range cap(done) {
			go func() {
				if i%3 == 0 { // what every page begins with
					w.crises.forget()
					_, err := w.Crises(t.Context())
					done <- err
					return
				}
				done <- w.h.DB.Read(t.Context(), func(x *db.Tx) error { // what a queue does in the middle of its reading
					k, err := getCase(x, c.ID)
					if err != nil {
						return err
					}
					runtime.Gosched()
					_, err = w.def(x, k)
					return err
				})
			}()
		}
		for range cap(done) {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("they wait for each other")
			}
		}
	})
}
