package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
)

func TestWhoTriesTooOftenWaitsAndThenMayAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	l := &Limiter{Now: func() time.Time { return now }}
	for range 6 {
		if err := l.Take("a", 6, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Take("a", 6, 15*time.Minute); fault.KindOf(err) != fault.Limited {
		t.Errorf("the seventh try: %v", err)
	}
	if err := l.Take("b", 6, 15*time.Minute); err != nil {
		t.Errorf("somebody else waits for it: %v", err)
	}
	now = now.Add(3 * time.Minute) // a sixth of the time gives one try back
	if err := l.Take("a", 6, 15*time.Minute); err != nil {
		t.Errorf("after waiting: %v", err)
	}
}

func TestACrowdDoesNotFreeWhoTriedTooOften(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	l := &Limiter{Now: func() time.Time { return now }}
	for range 6 {
		if err := l.Take("guesser", 6, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 60_000 { // each once, and long enough apart to be forgotten
		now = now.Add(time.Millisecond)
		if err := l.Take(fmt.Sprint(i), 600, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Take("guesser", 6, 15*time.Minute); fault.KindOf(err) != fault.Limited {
		t.Errorf("a crowd came by, and the guesser may try again: %v", err)
	}
	if len(l.all) > 5000 {
		t.Errorf("%d are remembered who have all their tries", len(l.all))
	}
}

func TestWhatIsRememberedOfStrangersHasABound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	l := &Limiter{Now: func() time.Time { return now }}
	for i := range maxBuckets + 30_000 {
		if err := l.Take(fmt.Sprint(i), 1, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.all) > maxBuckets {
		t.Errorf("%d are remembered", len(l.all))
	}
}
