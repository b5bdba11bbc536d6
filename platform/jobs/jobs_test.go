package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

func queues(t *testing.T, story func(*testing.T, *clock.Held, *db.DB, func(string) *Queue)) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		c := &clock.Held{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
		store, err := db.Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		if err := store.Migrate(t.Context(), "jobs", Files); err != nil {
			t.Fatal(err)
		}
		story(t, c, store, func(holder string) *Queue { return New(store, slog.New(slog.NewTextHandler(io.Discard, nil)), holder) })
	})
}

func put(t *testing.T, d *db.DB, q *Queue, once string) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return q.Put(tx, "work", once, 7, tx.Now()) }); err != nil {
		t.Fatal(err)
	}
}

func TestAJobPutInATransactionThatFailsIsNeverDone(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		q := open("a")
		q.Handle("work", func(context.Context, json.RawMessage) error { t.Error("done"); return nil })
		d.Write(t.Context(), func(tx *db.Tx) error {
			q.Put(tx, "work", "", 1, tx.Now())
			return errors.New("no")
		})
		if n, err := q.Drain(t.Context()); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestTwoWorkersShareTheWorkAndDoNothingTwice(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		var done atomic.Int64
		workers := []*Queue{open("a"), open("b")}
		for range 120 {
			put(t, d, workers[0], "")
		}
		put(t, d, workers[0], "same")
		put(t, d, workers[0], "same")
		var wg sync.WaitGroup
		for _, q := range workers {
			q.Handle("work", func(context.Context, json.RawMessage) error { done.Add(1); return nil })
			wg.Go(func() {
				if _, err := q.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 121 {
			t.Errorf("%d of 121 jobs done", done.Load())
		}
	})
}

func TestAJobThatFailsIsTriedAgainLaterAndGivenUpInTheEnd(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		q, tries := open("a"), 0
		q.Handle("work", func(context.Context, json.RawMessage) error {
			if tries++; tries == 2 {
				panic("a bug")
			}
			return errors.New("not today")
		})
		put(t, d, q, "")
		for range 40 {
			if _, err := q.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, _ := q.Drain(t.Context()); n != 0 {
				t.Fatal("tried again at once")
			}
			c.Advance(2 * time.Hour)
		}
		if tries != maxTries {
			t.Errorf("tried %d times", tries)
		}
	})
}

func TestAJobOfADeadProcessIsTakenUpByAnother(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		dead, alive, done := open("dead"), open("alive"), 0
		put(t, d, dead, "")
		if all, err := dead.lease(t.Context()); err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		alive.Handle("work", func(context.Context, json.RawMessage) error { done++; return nil })
		alive.Drain(t.Context())
		c.Advance(jobLease + time.Second)
		alive.Drain(t.Context())
		if done != 1 {
			t.Errorf("done %d times", done)
		}
	})
}

func TestAChoreIsDoneByOneProcessAtATime(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		n := 0
		chore := Chore{Name: "sweep", Every: time.Second, Do: func(context.Context) error { n++; return nil }}
		a, b := open("a"), open("b")
		for _, q := range []*Queue{a, b, b, a} {
			if err := q.turn(t.Context(), chore); err != nil {
				t.Fatal(err)
			}
		}
		if n != 2 {
			t.Errorf("done %d times, b held no lease", n)
		}
		c.Advance(choreLease + time.Second)
		b.turn(t.Context(), chore)
		if n != 3 {
			t.Error("b never gets its turn")
		}
	})
}

func TestTwoProcessesWithBeatsOfTheirOwnDoALongChoreOnceInItsTime(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		n := 0
		chore := Chore{Name: "daily", Every: time.Hour, Do: func(context.Context) error { n++; return nil }}
		a, b := open("a"), open("b")
		for range 5 { // b beats twenty minutes after a
			a.turn(t.Context(), chore)
			c.Advance(20 * time.Minute)
			b.turn(t.Context(), chore)
			c.Advance(40 * time.Minute)
		}
		if n != 5 {
			t.Errorf("done %d times in five hours", n)
		}
		for range 2 { // a is gone
			c.Advance(20 * time.Minute)
			b.turn(t.Context(), chore)
			c.Advance(40 * time.Minute)
		}
		if n != 7 {
			t.Errorf("done %d times in seven hours: nobody took it over", n)
		}
	})
}

func TestALeaseOfAMomentLaterIsNotTakenForOneOfAClockSetBack(t *testing.T) {
	queues(t, func(t *testing.T, c *clock.Held, d *db.DB, open func(string) *Queue) {
		a, b := open("a"), open("b")
		put(t, d, a, "")
		c.Advance(2 * time.Hour) // it has been due for long
		c.Advance(time.Second)   // a began a second after b, and was first
		if all, err := a.lease(t.Context()); err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		c.Advance(-time.Second)
		if all, err := b.lease(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("both have it: %v, %v", all, err)
		}
		c.Advance(-time.Hour)
		if all, err := b.lease(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("the clock was set back an hour, and nobody does it: %v, %v", all, err)
		}
	})
}
