package smpp

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

func TestAConnectionThatIsCutLeavesUsUnsureAfterWritingAndAwayBefore(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	if err := <-p.sending("1", "avant"); !errors.Is(err, channel.ErrAway) {
		t.Errorf("before there was a connection: %v", err)
	}
	w := p.open(statusOK)
	p.up()
	done := p.sending("1", "pendant")
	w.expect(submitSM)
	_ = w.Close()
	if err := <-done; !errors.Is(err, channel.ErrUnsure) {
		t.Errorf("cut after writing: %v", err)
	}
	w = p.open(statusOK) // it comes back by itself
	p.up()
	done = p.sending("1", "pendant")
	w.answer(w.expect(submitSM), statusOK, []byte("A\x00"))
	if err := <-done; err != nil {
		t.Errorf("after the connection came back: %v", err)
	}
	p.eventually("noted", func() bool { return slices.Equal(p.noted(), []string{"up", "lost", "up"}) })
}

func TestWhoeverIsRefusedComesBackEverMoreSlowly(t *testing.T) {
	t.Parallel()
	p := play(t, func(c *Config) { c.Pause = 40 * time.Millisecond }) // the fourth pause is 160 to 320 ms
	var last time.Time
	for range 4 {
		_ = p.open(statusPassword).Close()
		last = clock.System{}.Now()
	}
	p.open(statusOK)
	if pause := (clock.System{}).Now().Sub(last); pause < 100*time.Millisecond {
		t.Errorf("after four refusals it came back within %v", pause)
	}
	p.eventually("up", func() bool { return slices.Contains(p.noted(), "up") })
	if got := p.noted(); got[0] != "bind_ESME_RINVPASWD" {
		t.Errorf("noted %v", got)
	}
}

func TestASilentCentreIsLeftAndOneThatAsksIsAnswered(t *testing.T) {
	t.Parallel()
	p := play(t, func(c *Config) { c.Enquire, c.Answer = 60*time.Millisecond, time.Second })
	w := p.open(statusOK)
	w.answer(w.expect(enquireLink), statusOK, nil)
	w.say(pdu{id: enquireLink, seq: 77})
	if a := w.expect(enquireLink | answerTo); a.seq != 77 || a.status != statusOK {
		t.Errorf("answered %+v", a)
	}
	w.expect(enquireLink) // and nothing is said
	p.open(statusOK)
	p.eventually("noted", func() bool { return slices.Equal(p.noted()[:2], []string{"up", "silent"}) })
}

func TestACentreThatSaysGoodbyeIsAnsweredAndSoIsOurOwnGoodbye(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	p.up()
	w.say(pdu{id: unbind, seq: 9})
	w.expect(unbind | answerTo)
	w = p.open(statusOK)
	p.eventually("noted", func() bool { return slices.Equal(p.noted(), []string{"up", "unbound", "up"}) })

	ctx, cancel := context.WithCancel(context.Background())
	other, err := New(p.cfg, clock.System{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- other.Run(ctx, p.in, func(string) {}) }()
	w = p.open(statusOK)
	p.eventually("connected", func() bool { return other.current() != nil })
	cancel()
	w.answer(w.expect(unbind), statusOK, nil)
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		t.Error("Run goes on after goodbye")
	}
}

func TestWhatNobodyAskedForIsAnsweredWithAGenericNack(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	w.say(pdu{id: 0x00000021, seq: 5})
	if a := w.expect(genericNack); a.status != statusCommand || a.seq != 5 {
		t.Errorf("an unknown command was answered %+v", a)
	}
	w.say(pdu{id: alertNotification, seq: 6}) // has no answer
	if _, err := w.Write(unhex(t, "00100000 00000005 00000000 00000007")); err != nil {
		t.Fatal(err)
	}
	if a := w.expect(genericNack); a.status != statusLength || a.seq != 7 {
		t.Errorf("a PDU of a mebibyte was answered %+v", a)
	}
	w = p.open(statusOK)
	p.up()
	done := p.sending("1", "refusé en bloc")
	w.say(pdu{id: genericNack, status: statusSystem, seq: w.expect(submitSM).seq})
	if err := <-done; !errors.Is(err, channel.ErrAway) {
		t.Errorf("a generic_nack of ESME_RSYSERR: %v", err)
	}
}
