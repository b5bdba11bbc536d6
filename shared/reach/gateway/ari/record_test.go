package ari

import (
	"bytes"
	"slices"
	"testing"

	"github.com/twiza/twiza/shared/reach/channel"
)

func record(seconds int, names ...string) channel.Said {
	s := say(names...)
	s.Record = seconds
	return s
}

func TestARecordingIsHeardAndThenDeleted(t *testing.T) {
	t.Parallel()
	sound := bytes.Repeat([]byte{1, 2}, wavSecond)
	for _, x := range []struct {
		format string
		faults channel.Faults
	}{
		{"wav", channel.Faults{}}, {"ogg", channel.Faults{}}, {"wav", channel.Faults{Mix: -1}}, {"wav", channel.Faults{Twice: -1}}, {"wav", channel.Faults{Unsure: -1}},
	} {
		b := lay(t, func(c *Config) { c.Format = x.format }, record(60, "speak"), say("thanks"))
		b.net.Fail(x.faults)
		c := b.sim.Call(from)
		b.hears(c, "speak", "tone")
		stored := -1
		b.mu.Lock()
		b.before = func(channel.Turn) { stored = b.sim.Stored() }
		b.mu.Unlock()
		if err := c.Speak(sound); err != nil {
			t.Fatal(err)
		}
		c.Press("12#")
		b.hears(c, "speak", "tone", "thanks")
		turn := b.turnsAre(2)[1]
		if turn.Noted == nil || turn.Noted.Type != "audio/"+x.format || !bytes.HasSuffix(turn.Noted.Bytes, sound) || turn.Keys != "" || turn.Silent || turn.Gone {
			t.Errorf("%+v: the recording came otherwise", x)
			continue
		}
		if x.format == "wav" && turn.Noted.Seconds != 2 {
			t.Errorf("%+v: two seconds are said to be %d", x, turn.Noted.Seconds)
		}
		if stored != 1 {
			t.Errorf("%+v: %d recordings lay on the exchange while ours was not kept yet", x, stored)
		}
		b.until("deleted", func() bool { return b.sim.Stored() == 0 })
		c.Press("5")
		if turn := b.turnsAre(3)[2]; turn.Keys != "5" {
			t.Errorf("%+v: the keys of the recording are heard as %q", x, turn.Keys)
		}
	}
}

func TestARecordingThatWasNotKeptStays(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, record(60, "speak"), say("thanks"))
	c := b.sim.Call(from)
	b.hears(c, "speak", "tone")
	if err := c.Speak([]byte("RIFFsomethingsaid")); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.refuse = 100
	b.mu.Unlock()
	c.Press("#")
	b.until("hung up", c.Over)
	if b.sim.Stored() != 1 {
		t.Error("what somebody said is nowhere any more")
	}
}

func TestWhoHangsUpWhileRecordingIsHeard(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, record(60, "speak"))
	c := b.sim.Call(from)
	b.hears(c, "speak", "tone")
	if err := c.Speak(bytes.Repeat([]byte{7}, 800)); err != nil {
		t.Fatal(err)
	}
	c.HangUp()
	// The exchange may tell of the recording a moment before it tells that the
	// line is gone: then that is a turn of its own.
	b.until("told what they said, and that they are gone", func() bool {
		all := b.heard()
		return slices.ContainsFunc(all, func(turn channel.Turn) bool { return turn.Noted != nil }) &&
			slices.ContainsFunc(all, func(turn channel.Turn) bool { return turn.Gone })
	})
	b.until("deleted", func() bool { return b.sim.Stored() == 0 })
}

func TestWhoSaysNothingIsSilent(t *testing.T) {
	t.Parallel()
	b := lay(t, nil, record(2, "speak"), say("again"))
	c := b.sim.Call(from)
	b.hears(c, "speak", "tone", "again")
	if turn := b.turnsAre(2)[1]; !turn.Silent || turn.Noted != nil {
		t.Error("silence was told as something else")
	}
	if b.sim.Stored() != 0 {
		t.Error("an empty recording lies on the exchange")
	}
}

func TestSoundIsFoundInAnyFile(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		b    []byte
		want int
	}{
		"nothing": {nil, 0}, "a header alone": {wavHeader(0), 0}, "sound": {append(wavHeader(4), 1, 2, 3, 4), 4},
		"a header that says nothing":   {append(wavHeader(0), 1, 2, 3, 4), 4},
		"no wav":                       {[]byte("OggS…"), len("OggS…")},
		"a piece longer than the file": {[]byte("RIFF\x00\x00\x00\x00WAVEjunk\xff\xff\xff\xff1"), 9},
	} {
		if got := samples(x.b); got != x.want {
			t.Errorf("%s: %d bytes of sound", name, got)
		}
	}
}
