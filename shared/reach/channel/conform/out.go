package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

func arrivesUnchanged(t *testing.T, b *bench) {
	for i, x := range texts {
		m := b.compose(i, x.text)
		b.send(t, m)
		if !eventually(t, func() bool { return len(b.On(m.To)) > 0 }) {
			t.Fatalf("%s: nothing arrived", x.name)
		}
		if got := b.On(m.To); len(got) != 1 || got[0].Text != m.Text {
			t.Errorf("%s: %d characters were sent, and there is %s on the phone, or it was changed", x.name, len([]rune(m.Text)), shapes(got))
		}
	}
}

func refused(t *testing.T, b *bench) {
	m := b.compose(1, "ce numéro n'existe pas")
	b.Fail(channel.Faults{Refuse: 1})
	if err := b.sendOnce(t, m, patience); !errors.Is(err, channel.ErrRefused) {
		t.Fatalf("Send to a number that is refused: %v", err)
	} else if channel.CodeOf(err) == "" {
		t.Error("the error has no code by which somebody could find out why")
	}
	if got := b.On(m.To); len(got) > 0 {
		t.Errorf("it was refused, and arrived %d times", len(got))
	}
	b.send(t, b.compose(2, "celui-ci existe"))
}

func away(t *testing.T, b *bench) {
	m := b.compose(1, "la passerelle est absente")
	b.Fail(channel.Faults{Away: 1})
	err := b.sendOnce(t, m, patience)
	if !errors.Is(err, channel.ErrAway) {
		t.Fatalf("Send while the gateway is away: %v", err)
	}
	b.send(t, m)
	b.arrived(t, m)
}

func busy(t *testing.T, b *bench) {
	m := b.compose(1, "la passerelle est occupée")
	b.Fail(channel.Faults{Busy: 1})
	err := b.sendOnce(t, m, patience)
	if !errors.Is(err, channel.ErrBusy) {
		t.Fatalf("Send while the gateway is busy: %v", err)
	}
	if p, ok := errors.AsType[*channel.Problem](err); b.Waits && (!ok || p.Wait <= 0) {
		t.Errorf("it said how long to wait, and the error does not: %v", err)
	}
	b.send(t, m)
	b.arrived(t, m)
}

func hangs(t *testing.T, b *bench) {
	m := b.compose(1, "la réponse s'est perdue")
	b.Fail(channel.Faults{Hang: 1})
	if err := b.sendOnce(t, m, 1500*time.Millisecond); !errors.Is(err, channel.ErrUnsure) {
		t.Fatalf("Send when the answer is lost: %v", err)
	}
	b.arrived(t, m)
	if b.once() {
		b.send(t, m)
		b.arrived(t, m)
	}
	next := b.compose(2, "et la suivante arrive")
	b.send(t, next)
	b.arrived(t, next)
}

func twenty(t *testing.T, b *bench) {
	var ms []channel.Outgoing
	for i := range 20 {
		ms = append(ms, b.compose(i, fmt.Sprintf("vingt à la fois : le %d, ماء", i)))
	}
	var all sync.WaitGroup
	for _, m := range ms {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if _, err := b.Gateway.Send(ctx, m); err != nil {
				t.Errorf("Send, one of twenty: %v", err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	eventually(t, func() bool { return len(b.All()) >= len(ms) })
	time.Sleep(50 * time.Millisecond)
	for _, m := range ms {
		if got := b.On(m.To); len(got) != 1 || got[0].Text != m.Text {
			t.Errorf("one of twenty: there is %s on the phone", shapes(got))
		}
	}
}

// told are the reports of a message.
func (b *bench) told(m channel.Outgoing, s channel.Sent) []channel.Report {
	return slices.DeleteFunc(b.inbox.Reports(), func(r channel.Report) bool {
		return r.ID != m.ID && (r.Ref == "" || r.Ref != s.Ref)
	})
}

func (b *bench) tells(t *testing.T, m channel.Outgoing, s channel.Sent, want channel.State) {
	t.Helper()
	is := func(r channel.Report) bool { return r.State == want }
	if !eventually(t, func() bool { return slices.ContainsFunc(b.told(m, s), is) }) {
		t.Fatalf("nobody says that it is %s; of this message %d reports came, of all %d", want, len(b.told(m, s)), len(b.inbox.Reports()))
	}
}

func delivered(t *testing.T, b *bench) {
	m := b.compose(1, "arrivé")
	b.tells(t, m, b.send(t, m), channel.Delivered)
}

func failed(t *testing.T, b *bench) {
	m := b.compose(1, "perdu en route")
	b.Fail(channel.Faults{Lie: 1})
	s := b.send(t, m)
	b.tells(t, m, s, channel.Failed)
	for _, r := range b.told(m, s) {
		if r.State == channel.Delivered {
			t.Error("it was dropped, and reported delivered")
		}
	}
	if got := b.On(m.To); len(got) > 0 {
		t.Errorf("it was dropped, and arrived %d times", len(got))
	}
}

func reportedTwice(t *testing.T, b *bench) {
	m := b.compose(1, "dit deux fois")
	b.Fail(channel.Faults{Twice: -1, Late: 100 * time.Millisecond})
	s := b.send(t, m)
	b.tells(t, m, s, channel.Delivered)
	b.arrived(t, m)
	for _, r := range b.told(m, s) {
		if r.State == channel.Failed {
			t.Error("it arrived, and was reported failed")
		}
	}
	b.Fail(channel.Faults{})
	next := b.compose(2, "et la suivante")
	b.tells(t, next, b.send(t, next), channel.Delivered)
}

func reportAgain(t *testing.T, b *bench) {
	m := b.compose(1, "le disque est plein")
	b.inbox.Refuse(2)
	b.tells(t, m, b.send(t, m), channel.Delivered)
	if k := b.inbox.Refused(); k != 2 {
		t.Errorf("the inbox refused %d times and not twice", k)
	}
}

func cancelled(t *testing.T, b *bench) {
	b.Fail(channel.Faults{Hang: -1})
	defer b.Fail(channel.Faults{})
	m := b.compose(1, "plus personne n'attend")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := b.Gateway.Send(ctx, m); done <- err }()
	time.Sleep(100 * time.Millisecond)
	cancel()
	b.returns(t, done)

	gone, never := context.WithCancel(t.Context())
	never()
	late := b.compose(2, "personne n'attendait")
	go func() { _, err := b.Gateway.Send(gone, late); done <- err }()
	if err := b.returns(t, done); !errors.Is(err, channel.ErrUnsure) {
		time.Sleep(100 * time.Millisecond)
		if len(b.On(late.To)) > 0 {
			t.Errorf("Send said that nothing was taken, and it arrived: %v", err)
		}
	}
}

// returns waits for Send to give up.
func (b *bench) returns(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		b.anonymous(t, err)
		if err == nil {
			t.Error("nobody waited, and Send says that it was taken")
		}
		return err
	case <-time.After(2 * time.Second):
		t.Fatal("Send still waits two seconds after everybody left")
		return nil
	}
}
