package ari

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// Caller is somebody on the telephone.
type Caller struct {
	sim  *Simulator
	id   string
	from string
	bye  chan struct{} // closed when the call is over
	turn chan struct{} // who holds it plays or records: one thing at a time, as Asterisk queues them

	mu    sync.Mutex
	heard []string
	at    time.Time // of the last event, for no two happen at once
	tape  *tape     // under sim.mu
	news  chan struct{}
}

// ErrOver says that the call is over.
var ErrOver = errors.New("ari: the call is over")

// Call calls the house; "" withholds the number. When nobody is connected the
// call is over at once.
func (s *Simulator) Call(from string) *Caller {
	c := &Caller{
		sim: s, from: from, id: fmt.Sprintf("%d.%d", s.cfg.Clock.Now().Unix(), s.net.Next()),
		bye: make(chan struct{}), turn: make(chan struct{}, 1), news: make(chan struct{}),
	}
	s.mu.Lock()
	s.callers[c.id] = c
	s.mu.Unlock()
	if s.emit(c.event("StasisStart")) != nil {
		c.end(false)
	}
	return c
}

// Hear is the names of the prompts they heard, oldest first: "choice.water",
// "digit.4", "pause", "tone".
func (c *Caller) Hear() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.heard)
}

// Heard is closed when they hear the next prompt.
func (c *Caller) Heard() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.news
}

// Over is whether the call is over.
func (c *Caller) Over() bool {
	select {
	case <-c.bye:
		return true
	default:
		return false
	}
}

// Press presses keys.
func (c *Caller) Press(keys string) {
	for _, k := range keys {
		if c.Over() {
			return
		}
		c.sim.mu.Lock()
		t := c.tape
		c.sim.mu.Unlock()
		e := c.event("ChannelDtmfReceived")
		e.Digit, e.Duration = string(k), 100
		if t != nil && (t.until == string(k) || t.until == "any") {
			t.end()
		}
		_ = c.sim.emit(e) // pressed into the air when nobody is connected
	}
}

// Speak says something into the recording, and waits for one where there is none.
func (c *Caller) Speak(sound []byte) error {
	for range 500 {
		c.sim.mu.Lock()
		t := c.tape
		ok := t != nil && t.running
		if ok {
			t.sound = append(t.sound, sound...)
		}
		c.sim.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-c.bye:
			return ErrOver
		case <-time.After(10 * time.Millisecond):
		}
	}
	return errors.New("ari: nothing is recorded")
}

// HangUp hangs up. Drop loses the line on the way.
func (c *Caller) HangUp() { c.end(true) }
func (c *Caller) Drop()   { c.end(false) }

// end ends the call; asked says that they hung up themselves.
func (c *Caller) end(asked bool) {
	c.sim.mu.Lock()
	_, up := c.sim.callers[c.id]
	delete(c.sim.callers, c.id)
	c.sim.mu.Unlock()
	if !up {
		return
	}
	close(c.bye)
	if asked {
		_ = c.sim.emit(c.event("ChannelHangupRequest"))
	}
	_ = c.sim.emit(c.event("StasisEnd"))
	_ = c.sim.emit(c.event("ChannelDestroyed"))
}

func (c *Caller) event(kind string) event {
	return event{Type: kind, Timestamp: c.now(), Channel: c.line()}
}

// now is later than every time before.
func (c *Caller) now() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.sim.cfg.Clock.Now().Truncate(time.Millisecond)
	if !at.After(c.at) {
		at = c.at.Add(time.Millisecond)
	}
	c.at = at
	return at.Format(stamp)
}

func (c *Caller) line() *line {
	l := &line{ID: c.id, Name: "PJSIP/trunk-" + c.id, State: "Up"}
	l.Caller.Number = c.from
	l.Dialplan.App, l.Dialplan.Data = "Stasis", c.sim.cfg.App
	return l
}

// playing is one playback.
type playing struct {
	id    string
	media []string
	stop  chan struct{}
	once  sync.Once
}

func (p *playing) model(channel, state string) *playback {
	return &playback{ID: p.id, Media: p.media[0], Target: "channel:" + channel, State: state}
}

// listen hears a playback.
func (c *Caller) listen(p *playing) {
	state := "done"
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
		if c.sim.net.Trip(func(f *channel.Faults) *int { return &f.Lie }) {
			state = "failed"
			break
		}
		c.tell("PlaybackStarted", p.model(c.id, "playing"), nil)
		for _, m := range p.media {
			if !c.hear(p, m) {
				break
			}
		}
	case <-p.stop:
	case <-c.bye:
	}
	c.sim.mu.Lock()
	delete(c.sim.plays, p.id)
	c.sim.mu.Unlock()
	c.tell("PlaybackFinished", p.model(c.id, state), nil)
}

// hear hears one prompt, and whether nobody stopped it.
func (c *Caller) hear(p *playing, media string) bool {
	select {
	case <-p.stop:
		return false
	case <-c.bye:
		return false
	default:
	}
	c.note(promptName(media))
	select {
	case <-p.stop:
		return false
	case <-c.bye:
		return false
	case <-time.After(c.sim.cfg.Prompt):
		return true
	}
}

func (c *Caller) note(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, name)
	close(c.news)
	c.news = make(chan struct{})
}

// promptName is what a media URI plays.
func promptName(media string) string {
	switch {
	case media == "sound:beep":
		return "tone"
	case strings.HasPrefix(media, "sound:silence/"):
		return "pause"
	}
	return media[strings.LastIndexAny(media, "/:")+1:]
}

func (c *Caller) tell(kind string, p *playback, r *recording) {
	_ = c.sim.emit(event{Type: kind, Timestamp: c.now(), Playback: p, Recording: r})
}

// tape is one recording.
type tape struct {
	name, format, until string
	seconds             int
	beep                bool
	over                chan struct{}
	once                sync.Once
	running             bool   // under sim.mu
	sound               []byte // under sim.mu
}

func (t *tape) end() { t.once.Do(func() { close(t.over) }) }

func (t *tape) model(channel, state string, length int) *recording {
	return &recording{Name: t.name, Format: t.format, State: state, Target: "channel:" + channel, Length: length}
}

// record makes a recording and stores it.
func (c *Caller) record(t *tape) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-c.bye:
	}
	if t.beep && !c.Over() {
		c.note("tone")
	}
	c.sim.mu.Lock()
	t.running = true
	c.sim.mu.Unlock()
	c.tell("RecordingStarted", nil, t.model(c.id, "recording", 0))
	limit := time.NewTimer(time.Duration(t.seconds) * c.sim.cfg.Second)
	defer limit.Stop()
	select {
	case <-t.over:
	case <-c.bye:
	case <-limit.C:
	}
	c.sim.mu.Lock()
	t.running = false
	c.tape = nil
	c.sim.stored[t.name] = t.file()
	c.sim.mu.Unlock()
	c.tell("RecordingFinished", nil, t.model(c.id, "done", len(t.sound)/wavSecond))
}

// file is what lies on the exchange: for wav, a header before the sound.
func (t *tape) file() []byte {
	if t.format != "wav" || strings.HasPrefix(string(t.sound), "RIFF") {
		return slices.Clone(t.sound)
	}
	return append(wavHeader(len(t.sound)), t.sound...)
}

// wavHeader is that of PCM, 16 bits, 8 kHz, one channel (RIFF, "WAVE form").
func wavHeader(size int) []byte {
	four := func(n int) string { return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) }
	return []byte("RIFF" + four(36+size) + "WAVEfmt " + four(16) + "\x01\x00\x01\x00" + four(8000) + four(wavSecond) + "\x02\x00\x10\x00data" + four(size))
}
