package ari

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

const from = "+212661234542"

// onLine is a caller as the suite sees it.
type onLine struct{ *Caller }

func (c onLine) Told() []string { return c.Hear() }
func (c onLine) Wait()          {}

func TestConformance(t *testing.T) {
	t.Parallel()
	conform.RunLive(t, func(t *testing.T, n *channel.Network, with channel.Talker, log *slog.Logger) conform.LiveRig {
		sim := exchange(t, n)
		conform.Attend(t, New(settings(sim), clock.System{}, log), with)
		return conform.LiveRig{
			Number: "+212661234500",
			Asks:   true,
			Begin:  func(from string) conform.Handset { return onLine{sim.Call(from)} },
		}
	})
}

func exchange(t *testing.T, n *channel.Network) *Simulator {
	t.Helper()
	sim, err := NewSimulator(n, Exchange{App: "twiza", User: "house", Password: "of-ari", Second: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

func settings(sim *Simulator) Config {
	return Config{
		Name: "exchange", URL: sim.URL(), App: "twiza", User: "house", Password: "of-ari", Prefix: "212",
		Silence: 2 * time.Second, Between: 400 * time.Millisecond, Look: 200 * time.Millisecond, Retry: 20 * time.Millisecond,
	}
}

// script answers turns one after the other, whatever they are, and remembers them.
type script struct {
	mu     sync.Mutex
	says   []channel.Said
	turns  []channel.Turn
	refuse int
	before func(channel.Turn)
}

func (s *script) Talk(_ context.Context, t channel.Turn) (channel.Said, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil {
		s.before(t)
	}
	if s.refuse > 0 {
		s.refuse--
		return channel.Said{}, errors.New("the disk is full")
	}
	s.turns = append(s.turns, t)
	if len(s.turns) > len(s.says) {
		return channel.Said{End: true}, nil
	}
	return s.says[len(s.turns)-1], nil
}

func (s *script) heard() []channel.Turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.turns)
}

// line is one client at its exchange, with a script.
type bed struct {
	t   *testing.T
	net *channel.Network
	sim *Simulator
	*script
	log bytes.Buffer
}

func lay(t *testing.T, change func(*Config), says ...channel.Said) *bed {
	t.Helper()
	b := &bed{t: t, net: channel.NewNetwork(), script: &script{says: says}}
	b.sim = exchange(t, b.net)
	cfg := settings(b.sim)
	if change != nil {
		change(&cfg)
	}
	conform.Attend(t, New(cfg, clock.System{}, slog.New(slog.NewTextHandler(&locked{w: &b.log}, nil))), b.script)
	return b
}

type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (b *bed) until(what string, ok func() bool) {
	b.t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatalf("never %s", what)
}

func (b *bed) hears(c *Caller, want ...string) {
	b.t.Helper()
	b.until(fmt.Sprintf("heard %v", want), func() bool { return slices.Equal(c.Hear(), want) })
}

func (b *bed) turnsAre(n int) []channel.Turn {
	b.t.Helper()
	b.until(fmt.Sprintf("%d turns", n), func() bool { return len(b.heard()) == n })
	return b.heard()
}

func say(names ...string) channel.Said {
	s := channel.Said{Lang: "shi", Keys: 1}
	for _, n := range names {
		s.Prompts = append(s.Prompts, channel.Prompt{Name: n})
	}
	return s
}

func TestAReceiptIsReadOutDigitByDigit(t *testing.T) {
	t.Parallel()
	end := say("receipt.is", "digit.4", "digit.8", "pause", "digit.0", "tone")
	end.End = true
	b := lay(t, nil, end)
	c := b.sim.Call(from)
	b.hears(c, "receipt.is", "digit.4", "digit.8", "pause", "digit.0", "tone")
	b.until("hung up", c.Over)
	if turn := b.turnsAre(1)[0]; turn.From != from || turn.Kind != channel.Voice || turn.Gateway != "exchange" || turn.Session == "" {
		t.Error("the turn does not say who is there")
	}
}

func TestAPromptThatNobodyRecordedIsLeftOutAndReportedOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var missing []string
	b := lay(t, func(c *Config) {
		c.Has = func(lang, name string) bool { return name != "not.recorded" }
		c.Media = func(lang, name string) string { return "recording:" + lang + "/" + name }
		c.Missing = func(lang, name string) {
			mu.Lock()
			defer mu.Unlock()
			missing = append(missing, lang+"/"+name)
		}
	}, say("a", "not.recorded", "b"), say("not.recorded"), say("c"))
	c := b.sim.Call(from)
	b.hears(c, "a", "b")
	c.Press("1")
	b.turnsAre(2)
	c.Press("2")
	b.hears(c, "a", "b", "c")
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(missing, []string{"shi/not.recorded"}) {
		t.Errorf("reported missing: %v", missing)
	}
}

func TestAKeyStopsThePrompts(t *testing.T) {
	t.Parallel()
	n := channel.NewNetwork()
	sim, err := NewSimulator(n, Exchange{App: "twiza", User: "house", Password: "of-ari", Prompt: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	s := &script{says: []channel.Said{say("long", "longer"), say("next")}}
	conform.Attend(t, New(settings(sim), clock.System{}, slog.New(slog.DiscardHandler)), s)
	b := &bed{t: t, script: s}
	c := sim.Call(from)
	b.hears(c, "long")
	c.Press("3")
	b.hears(c, "long", "next")
	if turn := b.turnsAre(2)[1]; turn.Keys != "3" {
		t.Errorf("heard %q", turn.Keys)
	}
}

func TestKeysPressedAheadAreNotLostAndAHashClosesANumber(t *testing.T) {
	t.Parallel()
	nine, any := say("receipt"), say("number")
	nine.Keys, any.Keys = 9, 0
	b := lay(t, nil, nine, any, say("menu"), say("menu"))
	c := b.sim.Call(from)
	b.hears(c, "receipt")
	b.mu.Lock()
	b.before = func(channel.Turn) { time.Sleep(200 * time.Millisecond) } // while we think, the other keys come
	b.mu.Unlock()
	c.Press("482719063#" + "77#" + "5")
	turns := b.turnsAre(4)
	if turns[1].Keys != "482719063" || turns[2].Keys != "77" || turns[3].Keys != "5" {
		t.Errorf("heard %q %q %q", turns[1].Keys, turns[2].Keys, turns[3].Keys)
	}
	b.hears(c, "receipt", "menu") // nothing of what they had answered already
}

func TestWhatGoesWrongAtTheExchangeIsSurvived(t *testing.T) {
	t.Parallel()
	for _, f := range []channel.Faults{{Busy: 2}, {Hang: 1}, {Hang: 2}, {Unsure: -1}, {Lie: 1}} {
		b := lay(t, nil, say("one"), say("two"), record(1, "speak"), say("three"))
		b.net.Fail(f)
		c := b.sim.Call(from)
		b.until("two turns", func() bool {
			if len(b.heard()) == 1 && len(c.Hear()) > 0 || f.Lie > 0 {
				c.Press("1")
			}
			return len(b.heard()) >= 2
		})
		c.HangUp()
		b.until("gone", func() bool { h := b.heard(); return h[len(h)-1].Gone })
	}
}

func TestWhoHasGoneBeforeWeAnswerIsNobody(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, say("one"))
	b.net.Fail(channel.Faults{Refuse: 1})
	c := b.sim.Call(from)
	b.until("over", c.Over)
	time.Sleep(50 * time.Millisecond)
	if len(b.heard()) != 0 {
		t.Error("a turn was told of somebody who was never there")
	}
}

func TestCallsThatWereLostAreAskedToCallAgain(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, say("menu"), say("never"), say("menu"))
	c := b.sim.Call(from)
	b.hears(c, "menu")
	b.net.Fail(channel.Faults{Away: 2})
	b.sim.Drop()
	if turn := b.turnsAre(2)[1]; !turn.Gone {
		t.Error("that the call was lost was not told")
	}
	b.hears(c, "menu", "call.again")
	b.until("hung up", c.Over)
	other := b.sim.Call("+212661234543")
	b.turnsAre(3)
	if other.Over() {
		t.Error("the next call is not answered")
	}
	if s := b.log.String(); strings.Contains(s, "66123454") || !strings.Contains(s, "call_lost") {
		t.Error("the log says a number, or nothing")
	}
}

// states runs a client and hears its states.
func states(t *testing.T, cfg Config, with channel.Talker) (heard chan string, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	heard, done := make(chan string, 1000), make(chan struct{})
	go func() {
		_ = New(cfg, clock.System{}, slog.New(slog.DiscardHandler)).Run(ctx, with, func(state string) { heard <- state })
		close(done)
	}()
	end = func() { cancel(); <-done }
	t.Cleanup(end)
	return heard, end
}

func TestCallsThatAnEarlierHouseLeftAreAskedToCallAgain(t *testing.T) {
	t.Parallel()
	n := channel.NewNetwork()
	sim := exchange(t, n)
	s := &script{says: []channel.Said{say("menu")}}
	heard, end := states(t, settings(sim), s)
	if state := <-heard; state != "up" {
		t.Fatal(state)
	}
	b := &bed{t: t, script: s}
	c := sim.Call(from)
	b.hears(c, "menu")
	n.Fail(channel.Faults{Away: -1})
	sim.Drop()
	b.turnsAre(2)
	end()
	if c.Over() {
		t.Fatal("the line was to stay up")
	}
	n.Fail(channel.Faults{})
	states(t, settings(sim), s)
	b.hears(c, "menu", "call.again")
	b.until("hung up", c.Over)
	if len(s.heard()) != 2 {
		t.Error("a turn was told of a call that nobody knows")
	}
}

func TestAnotherHouseThatTakesTheCallsIsSaid(t *testing.T) {
	t.Parallel()
	sim := exchange(t, channel.NewNetwork())
	first, _ := states(t, settings(sim), &script{})
	if state := <-first; state != "up" {
		t.Fatal(state)
	}
	second, _ := states(t, settings(sim), &script{})
	if one, two := <-first, <-second; one != "replaced" || two != "up" {
		t.Errorf("the first is %q, the second %q", one, two)
	}
}

func TestMoreCallsThanLinesHearThatItIsBusy(t *testing.T) {
	t.Parallel()
	b := lay(t, func(c *Config) { c.Calls = 2 }, say("a"), say("a"), say("a"))
	one, two := b.sim.Call(from), b.sim.Call(from)
	b.turnsAre(2)
	three := b.sim.Call(from)
	b.until("busy", three.Over)
	if one.Over() || two.Over() || len(b.heard()) != 2 {
		t.Error("the wrong one was sent away")
	}
	one.HangUp()
	b.turnsAre(3)
	b.until("room for another", func() bool { return !b.sim.Call(from).Over() && len(b.heard()) >= 4 })
}

func TestWhenTheHouseClosesCallsAreToldAndHungUp(t *testing.T) {
	t.Parallel()
	sim := exchange(t, channel.NewNetwork())
	s := &script{says: []channel.Said{say("menu")}}
	up, end := states(t, settings(sim), s)
	if state := <-up; state != "up" {
		t.Fatal(state)
	}
	c := sim.Call(from)
	b := &bed{t: t, script: s}
	b.hears(c, "menu")
	over := make(chan struct{})
	go func() { end(); close(over) }()
	select {
	case <-over:
	case <-time.After(5 * time.Second):
		t.Fatal("Run goes on")
	}
	if turns := s.heard(); len(turns) != 2 || !turns[1].Gone || !c.Over() {
		t.Errorf("%d turns, over %t", len(turns), c.Over())
	}
}

func TestAWrongPasswordIsSaidAsACode(t *testing.T) {
	t.Parallel()
	sim := exchange(t, channel.NewNetwork())
	cfg := settings(sim)
	cfg.Password = "another"
	heard, _ := states(t, cfg, &script{})
	if state := <-heard; state != "http_401" {
		t.Errorf("state %q", state)
	}
}
