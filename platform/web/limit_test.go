package web

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
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

// twoProcesses are two that share a PostgreSQL; a clock that stands goes with both.
func twoProcesses(t *testing.T) (a, b *Limiter, pass func(time.Duration)) {
	t.Helper()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	dsn := testkit.Postgres(t)
	open := func() *Limiter {
		d, err := db.Open(dsn, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		if err := d.Migrate(t.Context(), "web", Files); err != nil {
			t.Fatal(err)
		}
		l := &Limiter{Now: func() time.Time { return now }}
		l.Join(d, func(name string) []byte { return []byte("blind " + name) }, func(err error) { t.Log(err) })
		return l
	}
	return open(), open(), func(d time.Duration) { now = now.Add(d) }
}

func TestTwoProcessesCountTriesTogether(t *testing.T) {
	t.Parallel()
	a, b, pass := twoProcesses(t)
	for i := range 6 {
		if err := []*Limiter{a, b}[i%2].Take("guesser", 6, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range []*Limiter{a, b} {
		if err := l.Take("guesser", 6, 15*time.Minute); fault.KindOf(err) != fault.Limited {
			t.Errorf("the seventh try: %v", err)
		}
	}
	pass(2*time.Minute + 31*time.Second)
	if err := b.Take("guesser", 6, 15*time.Minute); err != nil {
		t.Errorf("after waiting: %v", err)
	}
	if err := a.Take("guesser", 6, 15*time.Minute); fault.KindOf(err) != fault.Limited {
		t.Errorf("one try came back, and was taken twice: %v", err)
	}

	for range 150 { // a flood is counted here and there, and told
		if err := errors.Join(a.Take("flood", 300, time.Minute), b.Take("flood", 300, time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range []*Limiter{a, b, a} {
		if err := l.exchange(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		a.Take("flood", 300, time.Minute)
		b.Take("flood", 300, time.Minute)
	}
	errors.Join(a.exchange(t.Context(), false), b.exchange(t.Context(), false))
	for _, l := range []*Limiter{a, b} {
		if err := l.Take("flood", 300, time.Minute); fault.KindOf(err) != fault.Limited {
			t.Errorf("after 300 at two doors: %v", err)
		}
	}
	pass(time.Hour)
	if err := a.exchange(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	a.shared.Read(t.Context(), func(tx *db.Tx) error {
		if n, err := db.One(tx, db.Int, `SELECT COUNT(*) FROM web_limit`); err != nil || n != 0 {
			t.Errorf("%d are remembered who have all their tries: %v", n, err)
		}
		return nil
	})
}

func TestWhoAsksForHelpIsNotTurnedAwayBecauseNobodyCounts(t *testing.T) {
	t.Parallel()
	a, _, _ := twoProcesses(t)
	if err := a.shared.Close(); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if err := a.Take("guesser", 6, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Take("guesser", 6, 15*time.Minute); fault.KindOf(err) != fault.Limited {
		t.Errorf("by itself a process counts too: %v", err)
	}
}
