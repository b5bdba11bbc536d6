// Package conform is what every gateway promises to the people behind it: a
// text arrives as it was written and once; what was refused, what must wait and
// what nobody can know are told apart; a stranger cannot speak in the network's
// name; and no number and no word of anybody ends in a log.
//
// Each gateway's tests run this suite against its simulator. What a simulator
// must do for it, beyond the faults of channel.Network:
//
//   - a message that Lie drops is reported failed, unless Unsure strikes too;
//   - a hook that answers 5xx is called again, soon, until it answers 2xx;
//   - a hook that answers 403 makes Forge return channel.ErrForged.
//
// It is for tests alone.
package conform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Rig is one gateway at its simulator, connected: a Runner runs already (see
// Keep), a Hook is called by the simulator already (see Door).
type Rig struct {
	Gateway channel.Gateway
	Write   func(from, text string)       // somebody's phone writes to us; returns at once
	Forge   func(from, text string) error // the same with a wrong signature; nil when the protocol has no signatures
	Press   func(from, digit string) bool // taps a button under the last message that has any; nil when the protocol has no buttons
	Number  string                        // an address of the kind the channel uses, ending in two digits that may be changed

	Waits     bool // the protocol says how long to wait when it is busy
	NoReports bool // the protocol never says what became of a message
	Nameless  bool // the protocol gives no name to what comes in, so that two tellings cannot be told from two messages
}

// patience is how long the suite waits for what must happen: long, since the
// machine may be small and busy, and a Runner may have to connect again.
const patience = 20 * time.Second

// Run checks what every gateway promises. open is called once to see what the
// protocol can, and once per subtest, with a network and the inbox that hears.
func Run(t *testing.T, open func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) Rig) {
	t.Helper()
	can := open(t, channel.NewNetwork(), &Inbox{}, slog.New(&memory{}))
	for _, p := range promises {
		if p.where != nil && !p.where(can) {
			continue // nothing in the protocol by which it could be promised
		}
		t.Run(p.says, func(t *testing.T) {
			t.Parallel()
			b := &bench{Network: channel.NewNetwork(), inbox: &Inbox{}, log: &memory{}}
			b.Rig = open(t, b.Network, b.inbox, slog.New(b.log))
			if len(b.Number) < 3 {
				t.Fatal("the rig needs a Number that ends in two digits")
			}
			defer b.keptQuiet(t)
			p.check(t, b)
		})
	}
}

// bench is what one subtest works with.
type bench struct {
	Rig
	*channel.Network
	inbox *Inbox
	log   *memory
	said  []string // texts that must not be in the log
}

// promises is the whole suite, in the order in which one would tell it.
var promises = []struct {
	says  string
	check func(*testing.T, *bench)
	where func(Rig) bool // whether the protocol lets one promise it; nil is always
}{
	{"ATextArrivesUnchangedAndOnceInEveryScript", arrivesUnchanged, nil},
	{"ANumberThatIsRefusedIsRefusedForGood", refused, nil},
	{"AGatewayThatIsAwayIsTriedAgain", away, nil},
	{"AGatewayThatIsBusyIsTriedLater", busy, nil},
	{"AnAnswerThatIsLostLeavesUsUnsureAndNeverDoubles", hangs, nil},
	{"TwentyAtOnceArriveOnceEach", twenty, nil},
	{"WhatArrivedIsReportedByItsName", delivered, reports},
	{"WhatWillNotArriveIsReportedByItsName", failed, reports},
	{"AReportToldTwiceOrEarlyDoesNoHarm", reportedTwice, reports},
	{"AReportThatCouldNotBeKeptIsToldAgain", reportAgain, reports},
	{"WhatSomebodyWritesIsHeardUnchanged", heard, nil},
	{"WhatIsToldTwiceHasOneName", heardTwice, nil},
	{"WhatComesInAnotherOrderIsHeardWhole", heardMixed, nil},
	{"AButtonIsHeardAsItsDigitOfItsQuestion", pressed, presses},
	{"AForgedCallIsBelievedByNobody", forged, signs},
	{"WhatCouldNotBeKeptIsToldAgain", heardAgain, nil},
	{"WhoNoLongerWaitsIsNotKeptWaiting", cancelled, nil},
}

func reports(r Rig) bool { return !r.NoReports }
func signs(r Rig) bool   { return r.Forge != nil }
func presses(r Rig) bool { return r.Press != nil }

// what a message is named after.
type message struct{}

// number is the i-th phone of the subtest.
func (b *bench) number(i int) string {
	return fmt.Sprintf("%s%02d", b.Number[:len(b.Number)-2], (i+10)%100)
}

// compose makes a message that is new.
func (b *bench) compose(i int, text string) channel.Outgoing {
	b.said = append(b.said, text)
	return channel.Outgoing{
		ID: id.New[message](clock.System{}.Now()).String(), To: b.number(i), Text: text,
		Lang: "ar", ValidFor: time.Hour, Answer: true,
	}
}

// write lets somebody write to us.
func (b *bench) write(i int, text string) {
	b.said = append(b.said, text)
	b.Write(b.number(i), text)
}

// send sends as the house does: what is away or busy is tried again, and what
// is unsure where sending again is no second message.
func (b *bench) send(t *testing.T, m channel.Outgoing) channel.Sent {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		sent, err := b.Gateway.Send(ctx, m)
		if err == nil {
			return sent
		}
		b.anonymous(t, err)
		again := errors.Is(err, channel.ErrAway) || errors.Is(err, channel.ErrBusy) || errors.Is(err, channel.ErrUnsure) && b.once()
		if !again {
			t.Fatalf("Send: %v", err)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("Send is still refused after %v: %v", patience, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// sendOnce tries once and checks what the error tells.
func (b *bench) sendOnce(t *testing.T, m channel.Outgoing, within time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	_, err := b.Gateway.Send(ctx, m)
	b.anonymous(t, err)
	return err
}

// once says whether the same ID never makes a second message.
func (b *bench) once() bool {
	o, ok := b.Gateway.(channel.Once)
	return ok && o.SendsOnce()
}

// arrived waits until a text is on a phone, and a little longer for a second one.
func (b *bench) arrived(t *testing.T, m channel.Outgoing) {
	t.Helper()
	count := func() (k int) {
		for _, a := range b.On(m.To) {
			if a.Text == m.Text {
				k++
			}
		}
		return k
	}
	if !eventually(t, func() bool { return count() > 0 }) {
		t.Fatalf("the text is not on the phone; there is %s", shapes(b.On(m.To)))
	}
	time.Sleep(50 * time.Millisecond)
	if k := count(); k != 1 {
		t.Fatalf("the text is on the phone %d times", k)
	}
}

// shapes says what arrived in numbers: suites print no texts either.
func shapes(as []channel.Arrived) string {
	var s []string
	for _, a := range as {
		s = append(s, fmt.Sprintf("%d characters", len([]rune(a.Text))))
	}
	if s == nil {
		return "nothing"
	}
	return strings.Join(s, ", ")
}

// eventually asks again and again, as long as patience lasts.
func eventually(t *testing.T, ok func() bool) bool {
	t.Helper()
	over := time.NewTimer(patience)
	defer over.Stop()
	for !ok() {
		select {
		case <-over.C:
			return ok()
		case <-t.Context().Done():
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return true
}
