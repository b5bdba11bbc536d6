package ussd

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

func TestAScreenIsMeasuredAsANetworkMeasures(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		text       string
		used, room int
	}{
		{"", 0, 160}, {"Eau: é à\n1. Oui", 15, 160}, {"{ok} €", 9, 160}, {strings.Repeat("a", 161), 161, 160},
		{"ê", 1, 80}, {"ماء", 3, 80}, {"ⴰⵎⴰⵏ", 4, 80}, {"ok 💧", 5, 80}, {"é" + strings.Repeat("ⴰ", 80), 81, 80},
	} {
		used, room := Room(x.text)
		if used != x.used || room != x.room {
			t.Errorf("%.20q takes %d of %d", x.text, used, room)
		}
		if used, room := Room(cut(x.text)); used > room {
			t.Errorf("%.20q is cut to %d of %d", x.text, used, room)
		}
	}
}

func TestAScreenThatIsTooLongFailsLoudly(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("ماء ", 21)
	var log bytes.Buffer
	g := New(Config{Secret: secret}, clock.System{}, slog.New(slog.NewTextHandler(&log, nil)))
	door := conform.LiveDoor(t, g, talker(func(channel.Turn) (channel.Said, error) { return channel.Said{Text: text}, nil }))
	sim, err := NewSimulator(channel.NewNetwork(), Aggregator{URL: door + "/" + secret})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	screen, ended, err := sim.Dial("+212661234542").Screen()
	if !errors.Is(err, ErrTooLong) || !ended || len([]rune(screen)) != 80 {
		t.Errorf("%d characters, ended %t: %v", len([]rune(screen)), ended, err)
	}
	if !strings.Contains(log.String(), "too long") || strings.Contains(log.String(), "ماء") || strings.Contains(log.String(), "661234") {
		t.Error("the log says nothing of it, or too much")
	}
}

func TestTheNetworkFailsAsItIsTold(t *testing.T) {
	t.Parallel()
	h := &heard{}
	n := channel.NewNetwork()
	g := New(Config{Secret: secret}, clock.System{}, slog.New(slog.DiscardHandler))
	sim, err := NewSimulator(n, Aggregator{URL: conform.LiveDoor(t, g, h) + "/" + secret})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	for _, x := range []struct {
		fault channel.Faults
		want  error
		turns int
	}{
		{channel.Faults{Away: 1}, channel.ErrAway, 0}, {channel.Faults{Busy: 1}, channel.ErrBusy, 0},
		{channel.Faults{Refuse: 1}, channel.ErrRefused, 0}, {channel.Faults{Hang: 1}, ErrDropped, 2},
		{channel.Faults{Lie: 1}, ErrDropped, 1}, {channel.Faults{Hang: 1, Unsure: 1}, ErrDropped, 1},
	} {
		n.Fail(x.fault)
		h.turns = nil
		if _, ended, err := sim.Dial("+212661234542").Screen(); !errors.Is(err, x.want) || !ended {
			t.Errorf("%+v: ended %t, %v", x.fault, ended, err)
		}
		h.mu.Lock()
		if len(h.turns) != x.turns {
			t.Errorf("%+v: %d turns", x.fault, len(h.turns))
		}
		h.mu.Unlock()
	}
	n.Fail(channel.Faults{})
	x := sim.Dial("+212661234542")
	x.Drop()
	if _, _, err := x.Press("1"); !errors.Is(err, ErrOver) {
		t.Error("a dropped session goes on")
	}
	x.Resume()
	if screen, _, err := x.Press("7"); err != nil || screen != "screen 7" {
		t.Errorf("%q %v", screen, err)
	}
	if _, err := NewSimulator(n, Aggregator{URL: "https://example.org/live"}); err == nil {
		t.Error("a simulator calls somebody else's machine")
	}
}
