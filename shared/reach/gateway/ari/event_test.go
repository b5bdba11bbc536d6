package ari

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

func TestAnAnswerIsTakenOffTheFront(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed      string
		want       int
		keys, rest string
		whole      bool
	}{
		{"", 1, "", "", false}, {"1", 1, "1", "", true}, {"12", 1, "1", "2", true}, {"#1", 1, "#", "1", true}, {"*", 1, "*", "", true},
		{"12", 3, "", "12", false}, {"12#", 3, "12", "", true}, {"123#", 3, "123", "#", true}, {"12", 0, "", "12", false}, {"12#4", 0, "12", "4", true},
		{"#", 0, "#", "", true}, {strings.Repeat("1", 65), 0, strings.Repeat("1", 64), "1", true},
	} {
		keys, rest, whole := split(x.typed, x.want)
		if keys != x.keys || rest != x.rest || whole != x.whole {
			t.Errorf("%q for %d: %q %q %t", x.typed, x.want, keys, rest, whole)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"type":"StasisStart","timestamp":"2026-11-22T09:00:00.000+0000","args":[],"application":"twiza","channel":{"id":"1763802000.1","name":"PJSIP/trunk-1","state":"Ring","caller":{"name":"","number":"0661234542"},"dialplan":{"context":"in","exten":"5300","priority":2,"app_name":"Stasis","app_data":"twiza"}}}`))
	f.Add([]byte(`{"type":"ChannelDtmfReceived","digit":"#","duration_ms":120,"channel":{"id":"1.1"}}`))
	f.Add([]byte(`{"type":"PlaybackFinished","playback":{"id":"p","media_uri":"sound:a","target_uri":"channel:1.1","state":"done"}}`))
	f.Add([]byte(`{"type":"RecordingFinished","recording":{"name":"r","format":"wav","state":"done","target_uri":"channel:../..","duration":3}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := parse(b)
		if err != nil {
			if !errors.Is(err, channel.ErrGarbled) || channel.CodeOf(err) == "" {
				t.Errorf("not garbled: %v", err)
			}
			return
		}
		if id := e.whose(); id != "" && (!plain(id) || strings.ContainsAny(id, "/\\")) {
			t.Error("a channel whose name is a path")
		}
		// Whatever it is, a call takes it in without blocking or falling over.
		c := New(Config{Prefix: "212"}, clock.System{}, slog.New(slog.DiscardHandler))
		k := c.begin("1.1", "shi")
		for range 300 {
			k.hear(e)
		}
		k.drain()
		if len(k.typed) > mostKeys+1 || strings.Trim(k.typed, "0123456789*#ABCDE") != "" {
			t.Errorf("%d keys", len(k.typed))
		}
		if e.Channel != nil {
			_ = c.number(e.Channel.Caller.Number)
		}
		if _, err := http.NewRequest(http.MethodGet, "http://127.0.0.1/ari"+of("channels", e.whose()), nil); err != nil {
			t.Errorf("a name that no request can carry: %v", err)
		}
	})
}

func TestAKeyThatOvertakesItsCallIsNotLost(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, say("menu"), say("next"))
	c := &Caller{sim: b.sim, from: from, id: "7.7", bye: make(chan struct{}), turn: make(chan struct{}, 1), news: make(chan struct{})}
	b.sim.mu.Lock()
	b.sim.callers[c.id] = c
	b.sim.mu.Unlock()
	start, key := c.event("StasisStart"), c.event("ChannelDtmfReceived")
	key.Digit = "4"
	for _, e := range []event{key, start, start} {
		if err := b.sim.emit(e); err != nil {
			t.Fatal(err)
		}
	}
	if turns := b.turnsAre(2); !turns[0].New || turns[1].Keys != "4" {
		t.Errorf("the key is heard as %q", turns[1].Keys)
	}
	c.Drop()
	b.turnsAre(3)
	if err := b.sim.emit(start); err != nil { // told once more, when all is over
		t.Fatal(err)
	}
	next := b.sim.Call("+212661234543")
	b.until("the next call", func() bool { h := b.heard(); return h[len(h)-1].From == next.from })
	if len(b.heard()) != 4 {
		t.Error("a call that was over began again")
	}
}

func TestTheKeyThatEndedARecordingIsNoAnswerHoweverLateItComes(t *testing.T) {
	t.Parallel()
	k := New(Config{}, clock.System{}, slog.New(slog.DiscardHandler)).begin("1.1", "shi")
	press := func(digit, at string) bool {
		return k.key(event{Type: "ChannelDtmfReceived", Digit: digit, Timestamp: at, Channel: &line{ID: "1.1"}})
	}
	k.deaf = event{Timestamp: "2026-11-22T10:00:05.000+0100"}.at()
	if k.deaf.IsZero() {
		t.Fatal("the time of the exchange cannot be read")
	}
	if press("#", "2026-11-22T09:00:04.999+0000") || !press("#", "2026-11-22T09:00:05.001+0000") || !press("1", "") || k.typed != "#1" {
		t.Errorf("heard %q", k.typed)
	}
}
