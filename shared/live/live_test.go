package live

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

var shout = deed.Deed{Name: "test.thing.shout", Open: true}

// process is one of those that share a store.
func process(t *testing.T, dsn string) (*deed.House, *Hub) {
	t.Helper()
	store, err := db.Open(dsn, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := errors.Join(store.Migrate(t.Context(), "jobs", jobs.Files), store.Migrate(t.Context(), "deed", deed.Files)); err != nil {
		t.Fatal(err)
	}
	h := deed.NewHouse(store, jobs.New(store, log, "test"), log, telemetry.NewMeter())
	return h, New(h)
}

func run(t *testing.T, h *Hub) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { h.Run(ctx); close(over) }()
	t.Cleanup(func() { stop(); <-over })
}

func listen(t *testing.T, h *Hub) <-chan []Change {
	t.Helper()
	ch, err := h.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func do(t *testing.T, h *deed.House, subject string) {
	t.Helper()
	err := h.Do(t.Context(), actor.Actor{}, shout, func(x *deed.Tx) error {
		return errors.Join(x.AllowAny(), x.Tell(subject, struct{}{}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// heard waits until all subjects were told, each once.
func heard(t *testing.T, ch <-chan []Change, subjects ...string) {
	t.Helper()
	wanted := map[string]bool{}
	for _, s := range subjects {
		wanted[s] = true
	}
	late := time.After(20 * time.Second)
	for len(wanted) > 0 {
		select {
		case some, open := <-ch:
			if !open {
				t.Fatalf("the channel was closed, %d not told", len(wanted))
			}
			for _, c := range some {
				if c.Deed != shout.Name || c.Number == 0 || c.At.IsZero() {
					t.Fatalf("told %+v", c)
				}
				if !wanted[c.Subject] {
					t.Fatalf("%s was told again, or not asked for", c.Subject)
				}
				delete(wanted, c.Subject)
			}
		case <-late:
			t.Fatalf("not told: %v", wanted)
		}
	}
}

func TestWhatIsDoneInOneProcessIsToldInEach(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		one, hubOne := process(t, dsn)
		two, hubTwo := process(t, dsn)
		run(t, hubOne)
		run(t, hubTwo)
		do(t, one, "test.thing/before") // nobody listens yet: told to nobody
		a, b := listen(t, hubOne), listen(t, hubTwo)
		do(t, one, "test.thing/1")
		do(t, two, "test.thing/2")
		heard(t, a, "test.thing/1", "test.thing/2")
		heard(t, b, "test.thing/1", "test.thing/2")
	})
}

// A line that was given its number first and kept last is told all the same.
func TestALineThatBecomesReadableLateIsNotMissed(t *testing.T) {
	t.Parallel()
	dsn := testkit.Postgres(t)
	h, hub := process(t, dsn)
	run(t, hub)
	do(t, h, "test.thing/before")
	hold := func(subject string) (keep func()) { // a deed that takes long
		written, go_, kept := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			kept <- h.Do(context.Background(), actor.Actor{}, shout, func(x *deed.Tx) error {
				err := errors.Join(x.AllowAny(), x.Tell(subject, struct{}{}))
				close(written)
				<-go_
				return err
			})
		}()
		<-written
		return func() {
			close(go_)
			if err := <-kept; err != nil {
				t.Fatal(err)
			}
		}
	}
	keepFirst := hold("test.thing/first")
	do(t, h, "test.thing/told to nobody")
	ch := listen(t, hub) // the number below the head is still missing
	keepSecond := hold("test.thing/second")
	do(t, h, "test.thing/third")
	heard(t, ch, "test.thing/third")
	keepSecond()
	heard(t, ch, "test.thing/second")
	keepFirst()
	heard(t, ch, "test.thing/first")
	if n := len(hub.pos.out); n != 0 {
		t.Errorf("%d numbers are still looked for", n)
	}
}

func TestAListenerThatIsTooSlowBeginsAgain(t *testing.T) {
	t.Parallel()
	h, hub := process(t, testkit.SQLite(t))
	slow := listen(t, hub)
	quick := listen(t, hub)
	for range buffer + 1 { // Run would gather them: each reading brings one here
		do(t, h, "test.thing/1")
		if err := hub.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		heard(t, quick, "test.thing/1")
	}
	n := 0
	for range slow {
		n++
	}
	if n != buffer || hub.Listeners() != 1 {
		t.Errorf("the slow one got %d readings, %d listen", n, hub.Listeners())
	}
}

func TestListenersEndWithTheirContextAndWithTheHouse(t *testing.T) {
	t.Parallel()
	_, hub := process(t, testkit.SQLite(t))
	before := runtime.NumGoroutine()
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { hub.Run(ctx); close(over) }()
	mine, leave := context.WithCancel(t.Context())
	a, err := hub.Listen(mine)
	if err != nil {
		t.Fatal(err)
	}
	b := listen(t, hub)
	leave()
	if _, open := <-a; open {
		t.Error("told something after its end")
	}
	stop()
	<-over
	if _, open := <-b; open {
		t.Error("told something after the end of the house")
	}
	if _, err := hub.Listen(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("one may listen to a house that is closed: %v", err)
	}
	for tries := 0; runtime.NumGoroutine() > before && tries < 200; tries++ {
		time.Sleep(5 * time.Millisecond)
	}
}

func TestWhoeverLostTheLinkReadsWhatCameSince(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		h, hub := process(t, dsn)
		do(t, h, "test.thing/1")
		var head int64
		if err := h.DB.Read(t.Context(), func(x *db.Tx) (err error) { head, err = deed.Head(x); return err }); err != nil {
			t.Fatal(err)
		}
		do(t, h, "test.thing/2")
		do(t, h, "test.thing/3")
		all, more, err := hub.Since(t.Context(), head, 2000)
		if err != nil || more || len(all) < 2 || all[len(all)-1].Subject != "test.thing/3" || all[len(all)-2].Subject != "test.thing/2" {
			t.Errorf("%v, more %t: %v", all, more, err)
		}
		if _, more, err = hub.Since(t.Context(), 0, 1); err != nil || !more {
			t.Errorf("more %t: %v", more, err)
		}
	})
}
