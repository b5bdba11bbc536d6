package release

import (
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
)

func TestFourRequestsAreNotCountedAndAFifthBringsThemAll(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 4)
		w.ask("B1-01", "water", 0, 7)
		w.publish()
		s := w.sheet(Asked)
		w.is(s, "A1-01", 0)
		w.is(s, "", 7)
		w.ask("A1-01", "water", 4, 1)
		w.publish()
		s = w.sheet(Asked)
		w.is(s, "A1-01", 5)
		w.is(s, "A1", 5)
		w.is(s, "", 12)
		if p := s.At("A1-01").People; p != 15 {
			w.t.Errorf("%d people", p)
		}
		w.settle()
	})
}

func TestNothingThatWasPublishedEverChanges(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 6)
		w.publish()
		for id, f := range w.facts[Asked] { // all of them were told twice, or lie elsewhere
			f.Gone = f.ID != "A1-01/0"
			f.Place = "B1-01"
			w.facts[Asked][id] = f
		}
		if n := w.publish(); n != 0 {
			w.t.Errorf("%d units were published again", n)
		}
		w.is(w.sheet(Asked), "A1-01", 6)
		w.is(w.sheet(Asked), "B1-01", 0)
		w.settle()
	})
}

func TestWhatIsJoinedToAnotherBeforeItWasPublishedIsNotCounted(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 4)
		w.publish()
		f := w.facts[Asked]["A1-01/0"]
		f.Gone = true
		w.facts[Asked]["A1-01/0"] = f
		w.ask("A1-01", "water", 4, 1)
		w.publish()
		w.is(w.sheet(Asked), "A1-01", 0)
		w.settle()
	})
}

func TestFewOfManyCommunesAreCountedForTheProvinceAfterAWhile(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 2)
		w.ask("A1-02", "food", 0, 2)
		w.ask("A1-03", "food", 0, 2)
		w.publish()
		w.is(w.sheet(Asked), "A1", 0)
		w.clock.Advance(73 * time.Hour)
		w.publish()
		s := w.sheet(Asked)
		w.is(s, "A1", 6)
		w.is(s, "A1-01", 0)
		if s.Own("A1").N != 6 {
			w.t.Errorf("under the name of the province: %+v", s.Own("A1"))
		}
		w.settle()
	})
}

func TestWhatComesLaterIsCountedWhereTheRequestWas(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 20)
		w.ask("A1-02", "water", 0, 2)
		w.reach("A1-01", "state", 0, 8)
		w.reach("A1-02", "state", 0, 2)
		w.publish()
		w.is(w.sheet(Reached), "A1-01", 8)
		w.is(w.sheet(Reached), "A1", 8)
		w.settle()
	})
}

func TestUnitsAreToldApartWithoutTellingTheFew(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 30)
		w.ask("A1-01", "food", 100, 9)
		w.ask("A1-01", "shelter", 200, 2)
		w.publish()
		got := w.split(Asked, "need", "A1-01")
		if len(got) != 2 || got[0].Code != "water" || got[0].N != 30 || got[1].Code != "" || got[1].N != 11 {
			w.t.Errorf("%+v: two that ask for shelter can be worked out unless food is hidden too", got)
		}
		w.settle()
	})
}

func TestTwoProcessesPublishOnce(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 60)
		w.ask("A1-02", "food", 0, 60)
		w.ask("B1-02", "food", 0, 60)
		other := w.another(w.h.DB)
		var both sync.WaitGroup
		for _, p := range []*Press{w.Press, other, w.Press, other} {
			both.Go(func() {
				if _, err := p.Publish(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		w.is(w.sheet(Asked), "", 180)
		w.settle()
	})
}

func TestTheTimeOfAFigureIsItsPublication(t *testing.T) {
	engines(t, func(w *world) {
		w.ask("A1-01", "water", 0, 6)
		w.publish()
		first := w.clock.Now()
		w.clock.Advance(24 * time.Hour)
		w.ask("A1-01", "water", 6, 9)
		w.publish()
		w.read(func(t *db.Tx) error {
			s, err := w.Sheet(t, Asked, first, time.Time{})
			if err == nil {
				w.is(s, "A1", 9)
			}
			m, err2 := w.Moments(t, Asked, "A", time.Time{}, time.Time{})
			if len(m) != 2 || m[0].N != 6 || m[1].N != 9 || !m[0].At.Equal(first) {
				w.t.Errorf("%+v", m)
			}
			at, _ := w.AsOf(t)
			if !at.Equal(w.clock.Now()) {
				w.t.Errorf("as of %s", at)
			}
			if err != nil {
				return err
			}
			return err2
		})
	})
}

func TestAFloorUnderFiveIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := New(nil, nil, Rules{Floor: 4, Every: time.Hour}); err == nil {
		t.Error("a floor of four was accepted")
	}
}
