package app

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// jumps are what clocks do: somebody sets them, a machine without a battery wakes
// in another year, NTP steps.
var jumps = map[string]time.Duration{"hours back": -5 * time.Hour, "hours on": 5 * time.Hour, "a step back": -1500 * time.Millisecond, "a second more": time.Second, "a year back": -365 * 24 * time.Hour}

func TestAClockThatJumpsLosesNobodyAndDoublesNothing(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		h := openHouse(t, dsn, now, func(c *Config) { c.Spool = filepath.Join(t.TempDir(), "spool") })
		x := &aside{T: t, h: h, door: h.Handler()}
		asked := int64(0)
		for name, by := range jumps {
			now.At = now.At.Add(400 * 24 * time.Hour) // each jump from a day of its own
			q := newPlea(int(asked))
			var first, again cases.ReceiptOut
			if code := x.call("/api/v1/requests", q.in, &first); code != 201 {
				t.Fatalf("%s: %d", name, code)
			}
			now.Advance(by)
			if code := x.call("/api/v1/requests", q.in, &again); code != 200 || again.Receipt != first.Receipt || !again.Again {
				t.Errorf("%s: sent again it is %d %+v", name, code, again)
			}
			var how cases.TrackOut
			if code := x.call("/api/v1/track", cases.TrackIn{Receipt: first.Receipt, Word: q.word}, &how); code != 200 {
				t.Errorf("%s: the tracker says %d", name, code)
			}
			if code := x.call("/api/v1/requests", newPlea(1).in, &again); code != 201 {
				t.Errorf("%s: the next request is %d", name, code)
			}
			asked += 2
			if err := h.Deeds.Seal(t.Context()); err != nil {
				t.Errorf("%s: sealing: %v", name, err)
			}
		}
		if n := x.cases(); n != asked {
			t.Errorf("%d cases of %d requests", n, asked)
		}
		v, err := deed.Verify(t.Context(), h.DB)
		if err != nil || v.Broken != "" || v.Unsealed != 0 || v.Back < 2 {
			t.Errorf("the journal: %+v %v", v, err)
		}
	})
}

func TestALeaseFromBeforeTheClockWasPutBackBindsNobody(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		h := openHouse(t, dsn, now)
		did := 0
		queue := func(holder string) *jobs.Queue {
			q := jobs.New(h.DB, h.Log, holder)
			q.Handle("test", func(context.Context, json.RawMessage) error { did++; return nil })
			return q
		}
		if err := h.DB.Write(t.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`INSERT INTO jobs_job (id, kind, body, run_at, leased_till, tries) VALUES ('01900000-0000-7000-8000-00000000000a', 'test', '{}', ?1, ?2, 1)`,
				now.Now().Add(-6*time.Hour), now.Now().Add(time.Minute))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := queue("another").Drain(t.Context()); err != nil || did != 0 {
			t.Fatalf("a lease that holds was taken: %d, %v", did, err)
		}
		now.Advance(-5 * time.Hour)
		if _, err := queue("another").Drain(t.Context()); err != nil || did != 1 {
			t.Errorf("what a dead process leased before the clock went back is done %d times, %v", did, err)
		}
	})
}

func TestSessionsAndLimitsBearAClockThatJumps(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		h := openHouse(t, dsn, now)
		door := h.Handler()
		token, err := h.People.Session(t.Context(), System("test"), somebody(t, h, "jumping", actor.Grant{Role: actor.Administrator}))
		if err != nil {
			t.Fatal(err)
		}
		see := func() int { return knock(door, "GET", "/fr/me", token, nil).Code }
		if see() != http.StatusOK {
			t.Fatal("not signed in")
		}
		now.Advance(-5 * time.Hour)
		if see() != http.StatusOK {
			t.Error("a clock that goes back signs people out")
		}
		now.Advance(17 * time.Hour) // twelve on from where it was
		if see() == http.StatusOK {
			t.Error("a session outlives its half day because the clock went back in between")
		}
		limit := h.Site.Limit
		for range 3 {
			if err := limit.Take("jump", 3, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		now.Advance(-3 * time.Hour)
		for i := range 4 { // nobody waits until it is as late again; and what is counted is counted
			if err := limit.Take("jump", 3, time.Minute); (fault.KindOf(err) == fault.Limited) != (i == 3) {
				t.Errorf("try %d after the clock went back: %v", i, err)
			}
		}
	})
}

func TestACrisisThatEndsIsOverAlsoWhenTheClockWentBack(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		h := openHouse(t, dsn, now)
		by := actor.Actor{System: "test"}
		k, err := h.Cases.OpenCrisis(t.Context(), by, "earthquake", nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Cases.Crises(t.Context())
		now.Advance(-5 * time.Hour)
		if err := h.DB.Write(t.Context(), func(t *db.Tx) error { // another process closes it: this one has no word of it
			_, err := t.Exec(`UPDATE cases_crisis SET closed_at = ?1 WHERE id = ?2`, now.Now(), k.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if all, err := h.Cases.Crises(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("it is still open: %v, %v", all, err)
		}
	})
}
