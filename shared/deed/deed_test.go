package deed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

var (
	greet = Deed{Name: "test.thing.greet", Roles: []actor.Role{actor.Agent}}
	shout = Deed{Name: "test.thing.shout", Open: true}
)

func houses(t *testing.T, story func(*testing.T, *House)) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		c := &clock.Held{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
		store, err := db.Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		q := jobs.New(store, log, "test")
		if err := errors.Join(store.Migrate(t.Context(), "jobs", jobs.Files), store.Migrate(t.Context(), "deed", Files)); err != nil {
			t.Fatal(err)
		}
		story(t, NewHouse(store, q, log, telemetry.NewMeter()))
	})
}

func agent(territory string) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](time.Now()), Grants: []actor.Grant{{Role: actor.Agent, Territory: territory}}}
}

func say(h *House, by actor.Actor, d Deed, s actor.Scope) error {
	return h.Do(context.Background(), by, d, func(t *Tx) error {
		if err := t.Allow(s); err != nil {
			return err
		}
		return t.Tell("test.thing/1", map[string]string{"word": "hello"})
	})
}

func count(t *testing.T, h *House) int64 {
	t.Helper()
	var n int64
	if err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADeedIsRefusedToWhoeverNoGrantReaches(t *testing.T) {
	houses(t, func(t *testing.T, h *House) {
		here := actor.Scope{Path: []string{"07", "07.041"}}
		for name, c := range map[string]struct {
			by   actor.Actor
			want fault.Kind
		}{
			"a passer-by":        {actor.Actor{}, fault.Unknown},
			"another role":       {actor.Actor{Account: id.New[actor.Account](time.Now()), Grants: []actor.Grant{{Role: actor.Auditor}}}, fault.Denied},
			"another territory":  {agent("08"), fault.Denied},
			"somebody with none": {actor.Actor{Account: id.New[actor.Account](time.Now())}, fault.Denied},
		} {
			if err := say(h, c.by, greet, here); fault.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := count(t, h); n != 0 {
			t.Fatalf("%d lines of deeds that were refused", n)
		}
		for _, territory := range []string{"", "07", "07.041"} {
			if err := say(h, agent(territory), greet, here); err != nil {
				t.Errorf("%q: %v", territory, err)
			}
		}
	})
}

func TestADeedThatForgetsToAskOrToTellIsAnErrorAndKeepsNothing(t *testing.T) {
	houses(t, func(t *testing.T, h *House) {
		err := h.Do(t.Context(), agent(""), greet, func(t *Tx) error { return t.Tell("test.thing/1", nil) })
		if err == nil || fault.KindOf(err) != fault.Internal {
			t.Error("it never asked, and nobody minded:", err)
		}
		err = h.Do(t.Context(), agent(""), greet, func(t *Tx) error { return t.AllowAny() })
		if err == nil {
			t.Error("it left no line, and nobody minded")
		}
		err = h.Look(t.Context(), agent(""), greet, func(t *Tx) error { return nil })
		if err == nil {
			t.Error("it read without asking")
		}
		if n := count(t, h); n != 0 {
			t.Errorf("%d lines were kept", n)
		}
	})
}

func TestTheJournalCannotBeEditedAndAnAlterationIsNamed(t *testing.T) {
	houses(t, func(t *testing.T, h *House) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := say(h, actor.Actor{}, shout, actor.Scope{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		v, err := Verify(t.Context(), h.DB)
		if err != nil || v.Unsealed != 20 || v.Sealed != 0 {
			t.Fatalf("%+v %v", v, err)
		}
		for range 3 { // sealing is idempotent
			if err := h.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		say(h, actor.Actor{}, shout, actor.Scope{})
		if v, err = Verify(t.Context(), h.DB); err != nil || v.Broken != "" || v.Sealed != 20 || v.Unsealed != 1 {
			t.Fatalf("%+v %v", v, err)
		}
		for _, q := range []string{`UPDATE deed_record SET told = 'x' WHERE seq = 7`, `DELETE FROM deed_record WHERE seq = 7`,
			`UPDATE deed_seal SET seq = 1 WHERE pos = 7`, `DELETE FROM deed_seal`} {
			if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err }); err == nil {
				t.Errorf("the store allowed: %s", q)
			}
		}
		tamper(t, h, `UPDATE deed_record SET told = '{"word":"hullo"}' WHERE seq = (SELECT seq FROM deed_seal WHERE pos = 7)`)
		if v, err = Verify(t.Context(), h.DB); err != nil || !strings.Contains(v.Broken, "seal 7,") || !strings.Contains(v.Broken, "altered") {
			t.Errorf("an altered line: %q %v", v.Broken, err)
		}
		tamper(t, h, `DELETE FROM deed_record WHERE seq = (SELECT seq FROM deed_seal WHERE pos = 5)`)
		if v, err = Verify(t.Context(), h.DB); err != nil || !strings.Contains(v.Broken, "(seal 5)") || !strings.Contains(v.Broken, "removed") {
			t.Errorf("a removed line: %q %v", v.Broken, err)
		}
		tamper(t, h, `DELETE FROM deed_seal WHERE pos = 3`)
		if v, err = Verify(t.Context(), h.DB); err != nil || v.Broken != "seal 3 is missing" {
			t.Errorf("a removed seal: %q %v", v.Broken, err)
		}
	})
}

// tamper does what somebody with the database in hand could do.
func tamper(t *testing.T, h *House, q string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		off := []string{`DROP TRIGGER IF EXISTS deed_record_stays`, `DROP TRIGGER IF EXISTS deed_record_keeps`, `DROP TRIGGER IF EXISTS deed_seal_stays`, `DROP TRIGGER IF EXISTS deed_seal_keeps`}
		if tx.Postgres() {
			off = []string{`ALTER TABLE deed_record DISABLE TRIGGER ALL`, `ALTER TABLE deed_seal DISABLE TRIGGER ALL`}
		}
		for _, s := range append(off, q) {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoListensHearsOnceTheDeedIsKeptAndIsAskedAgainWhenItFails(t *testing.T) {
	houses(t, func(t *testing.T, h *House) {
		var heard []Record
		fail := true
		h.Hear(shout.Name, "ear", func(_ context.Context, r Record) error {
			if fail {
				fail = false
				return errors.New("not now")
			}
			heard = append(heard, r)
			return nil
		}, nil)
		h.Hear(shout.Name, "deaf", func(context.Context, Record) error { return errors.New("nobody was to hear this") }, func() bool { return false })
		refused := errors.New("no")
		h.Do(t.Context(), actor.Actor{}, shout, func(t *Tx) error {
			t.AllowAny()
			t.Tell("test.thing/9", nil)
			return refused
		})
		if n, err := h.Jobs.Drain(t.Context()); n != 0 || err != nil {
			t.Fatal("heard of what was not kept", n, err)
		}
		if err := say(h, actor.Actor{}, shout, actor.Scope{}); err != nil {
			t.Fatal(err)
		}
		h.Jobs.Drain(t.Context())
		clockOf(h).Advance(time.Hour)
		if _, err := h.Jobs.Drain(t.Context()); err != nil || len(heard) != 1 {
			t.Fatalf("heard %d times: %v", len(heard), err)
		}
		var told map[string]string
		if json.Unmarshal(heard[0].Told, &told); told["word"] != "hello" || heard[0].Subject != "test.thing/1" {
			t.Errorf("heard %+v", heard[0])
		}
		clockOf(h).Advance(time.Hour)
		if n, _ := h.Jobs.Drain(t.Context()); n != 0 {
			t.Error("heard twice")
		}
	})
}

// clockOf is the clock in the test's hand.
func clockOf(h *House) *clock.Held { return h.DB.Clock().(*clock.Held) }

func TestALineIsHashedAsItAlwaysWas(t *testing.T) {
	now := time.Date(2023, 9, 8, 23, 11, 0, 123000, time.UTC)
	r := Record{ID: id.New[Record](now), Deed: "a.b.c", Subject: "cases.case/1", Role: "person", Channel: "api", Told: json.RawMessage(`{"x":"é"}`), At: now}
	for _, before := range [][]byte{nil, bytes.Repeat([]byte{7}, 32)} {
		h := sha256.New() // as the chains of 2026 were made, field by field
		h.Write(before)
		for _, f := range []string{r.ID.String(), "a.b.c", "cases.case/1", "", "", "person", "api", `{"x":"é"}`, "1694214660000123"} {
			fmt.Fprintf(h, "%d:%s", len(f), f)
		}
		if got := r.hash(before); !bytes.Equal(got, h.Sum(nil)) {
			t.Errorf("%x after %x: every chain that there is would be broken", got, before)
		}
	}
}
