package android

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// run runs a client until the test ends and says what it notes.
func run(t *testing.T, c *Client, in channel.Inbox) <-chan string {
	notes := make(chan string, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = c.Run(ctx, in, func(s string) { notes <- s }) }()
	t.Cleanup(func() { cancel(); <-done })
	return notes
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for over := time.After(15 * time.Second); !ok(); {
		select {
		case <-over:
			t.Fatalf("%s does not happen", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestWhereThePhoneRefusesOurAddressItIsAskedInstead(t *testing.T) {
	t.Parallel()
	n := channel.NewNetwork()
	sim := simulator(t, n, Phone{})
	c := client(t, Config{URL: sim.URL, Hook: "http://192.168.1.5/reach", Poll: 20 * time.Millisecond}, clock.System{}, quiet())
	in := &conform.Inbox{}
	notes := run(t, c, in)
	if s := <-notes; s != refusedHook {
		t.Errorf("it notes %q and not that the address is refused", s)
	}
	m := message
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	state := func(id string, s channel.State) func() bool {
		return func() bool {
			for _, r := range in.Reports() {
				if r.ID == id && r.State == s {
					return true
				}
			}
			return false
		}
	}
	wait(t, "delivered", state(m.ID, channel.Delivered))
	n.Fail(channel.Faults{Lie: 1})
	m.ID = "lied"
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	wait(t, "failed", state(m.ID, channel.Failed))
	for _, r := range in.Reports() {
		if r.ID == "lied" && r.Code != "RESULT_ERROR_NO_SERVICE" {
			t.Errorf("it failed with %q", r.Code)
		}
	}
	time.Sleep(100 * time.Millisecond)
	if k := len(in.Reports()); k != 2 {
		t.Errorf("two messages have %d reports", k)
	}
	if len(notes) > 0 {
		t.Errorf("later it notes %q", <-notes)
	}
}

func TestAnUnsureMessageIsAskedForAndAReportThatWasNotKeptAgain(t *testing.T) {
	t.Parallel()
	n := channel.NewNetwork()
	sim := simulator(t, n, Phone{Server: true})
	c := client(t, Config{URL: sim.URL, Server: true, Poll: 20 * time.Millisecond}, clock.System{}, quiet())
	in := &conform.Inbox{}
	in.Refuse(2)
	n.Fail(channel.Faults{Hang: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.Send(ctx, message); !errors.Is(err, channel.ErrUnsure) {
		t.Fatalf("%v", err)
	}
	run(t, c, in)
	wait(t, "what became of it", func() bool { return len(in.Reports()) > 0 })
	if r := in.Reports()[0]; r.ID != message.ID || r.State != channel.Delivered || in.Refused() != 2 {
		t.Errorf("%+v, refused %d times", r, in.Refused())
	}
}

func TestAMessageThatSeveralPhonesNeverTookIsToldAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	held := &clock.Held{At: noon}
	c, in := client(t, Config{Server: true}, held, quiet()), &conform.Inbox{}
	c.watch("lost", time.Hour, true)
	c.watch("taken", time.Hour, false)
	notThere := wire.Answer{Status: 404}
	held.Advance(settle - time.Second)
	c.learn(t.Context(), in, "lost", notThere)
	if len(in.Reports()) > 0 {
		t.Error("it may still be on its way, and is called failed")
	}
	held.Advance(time.Second)
	c.learn(t.Context(), in, "lost", notThere)
	c.learn(t.Context(), in, "taken", notThere)
	if got := in.Reports(); len(got) != 1 || got[0].ID != "lost" || got[0].State != channel.Failed || got[0].Code != "never_taken" {
		t.Errorf("%+v", got)
	}
	if len(c.due()) != 0 || c.watched["lost"] != nil {
		t.Error("it is still waited for")
	}
}

func TestWhatIsWaitedForIsForgottenInTheEnd(t *testing.T) {
	t.Parallel()
	held := &clock.Held{At: noon}
	c := client(t, Config{}, held, quiet())
	c.Watch("a", "b")
	c.watch("c", time.Hour, false)
	if k := len(c.due()); k != 0 {
		t.Errorf("%d are asked for before the phone could tell", k)
	}
	held.Advance(time.Minute)
	if k := len(c.due()); k != 3 {
		t.Errorf("%d are asked for", k)
	}
	c.heardOf("a", channel.Delivered)
	held.Advance(3 * time.Hour)
	if got := c.due(); len(got) != 1 || got[0] != "b" {
		t.Errorf("%v are asked for", got)
	}
	for i := range 2 * watchMost {
		c.watch(strconv.Itoa(i), time.Hour, false)
	}
	held.Advance(time.Minute)
	if len(c.watched) > watchMost || len(c.due()) != watchRound {
		t.Errorf("%d are waited for, %d asked for at a time", len(c.watched), len(c.due()))
	}
}

func TestAPhoneThatComesBackIsFoundAgain(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	var hooks atomic.Int32
	c := answering(t, Config{Hook: "https://twiza.example/reach", Poll: 10 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case !up.Load():
			w.WriteHeader(500)
		case r.Method == http.MethodPost:
			var h map[string]string
			_ = json.NewDecoder(r.Body).Decode(&h)
			hooks.Add(1)
			w.WriteHeader(201)
		default:
			w.WriteHeader(404)
		}
	})
	notes := run(t, c, &conform.Inbox{})
	if s := <-notes; s != "http_500" {
		t.Errorf("it notes %q", s)
	}
	up.Store(true)
	for s := range notes {
		if s == "up" {
			break
		}
	}
	if k := hooks.Load(); k != 5 {
		t.Errorf("%d events were registered", k)
	}
}

func TestRunEndsWithItsContextAndNotBefore(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, clock.System{}, quiet()) // nobody listens there
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	noted := ""
	if err := c.Run(ctx, &conform.Inbox{}, func(s string) { noted = s }); !errors.Is(err, context.DeadlineExceeded) || noted != "no_connection" {
		t.Errorf("it ended with %v, and noted %q", err, noted)
	}
}
