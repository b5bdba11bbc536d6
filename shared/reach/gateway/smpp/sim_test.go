package smpp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

func TestAMessageWhoseAnswerWasLostIsFoundAgainByItsReceipt(t *testing.T) {
	t.Parallel()
	n, in := channel.NewNetwork(), &conform.Inbox{}
	_, c := house(t, n, Settings{}, slog.New(slog.DiscardHandler), func(c *Config) { c.Answer = 500 * time.Millisecond })
	conform.Keep(t, c, in)
	n.Fail(channel.Faults{Hang: 1, Late: 20 * time.Millisecond})
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "sans-réponse", To: "+212661234500", Text: "eau"}); !errors.Is(err, channel.ErrUnsure) {
		t.Fatalf("Send: %v", err)
	}
	reported := func() bool {
		return slices.ContainsFunc(in.Reports(), func(r channel.Report) bool { return r.ID == "sans-réponse" && r.State == channel.Delivered })
	}
	for range 2000 {
		if reported() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("nobody says what became of it; %d reports came", len(in.Reports()))
}

func TestWhatOnePhoneWritesIsHeardInItsOrder(t *testing.T) {
	t.Parallel()
	n, in := channel.NewNetwork(), &conform.Inbox{}
	s, c := house(t, n, Settings{}, slog.New(slog.DiscardHandler), nil)
	conform.Keep(t, c, in)
	const each = 25
	for i := range each {
		for phone := range 3 {
			s.Write(fmt.Sprintf("+21266123450%d", phone), fmt.Sprint(i))
		}
	}
	for range 1000 {
		if len(in.All()) == 3*each {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	for phone := range 3 {
		for i, m := range in.From(fmt.Sprintf("+21266123450%d", phone)) {
			if m.Text != fmt.Sprint(i) {
				t.Fatalf("phone %d: number %s came as number %d", phone, m.Text, i)
			}
		}
	}
	if got := len(in.All()); got != 3*each {
		t.Errorf("%d were heard, want %d", got, 3*each)
	}
}

func TestNothingIsLostOrDoubledWhileTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	n, in := channel.NewNetwork(), &conform.Inbox{}
	s, c := house(t, n, Settings{}, slog.New(slog.DiscardHandler), nil)
	conform.Keep(t, c, in)
	breaking, enough := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; wait(breaking, 15*time.Millisecond); i++ {
			if i%3 == 2 {
				s.Unbind()
			} else {
				s.Drop()
			}
		}
	})
	const people = 60
	unsure := make([]bool, people)
	for i := range people {
		number := fmt.Sprintf("+2126612345%02d", i)
		s.Write(number, "j'écris")
		m := channel.Outgoing{ID: fmt.Sprint("id-", i), To: number, Text: "on vous répond"}
		for {
			_, err := c.Send(t.Context(), m)
			if errors.Is(err, channel.ErrAway) {
				time.Sleep(2 * time.Millisecond)
				continue
			}
			if unsure[i] = errors.Is(err, channel.ErrUnsure); err != nil && !unsure[i] {
				t.Fatal(err)
			}
			break
		}
	}
	enough()
	all.Wait()
	heard := func() (k int) {
		for i := range people {
			k += len(in.From(fmt.Sprintf("+2126612345%02d", i)))
		}
		return k
	}
	for range 2000 {
		if heard() >= people {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if got := heard(); got != people {
		t.Errorf("%d people wrote, and %d texts were heard", people, got)
	}
	for i := range people {
		got := len(n.On(fmt.Sprintf("+2126612345%02d", i)))
		if got > 1 || got == 0 && !unsure[i] {
			t.Errorf("phone %d has the answer %d times", i, got)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	n := channel.NewNetwork()
	s, err := NewSimulator(n, clock.System{}, Settings{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	cfg := s.Config()
	c, err := New(cfg, clock.System{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	up := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx, &conform.Inbox{}, func(string) { up <- struct{}{} })
	}()
	<-up
	var each sync.Mutex
	i := 0
	b.SetParallelism(10)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			each.Lock()
			i++
			id := fmt.Sprint(i)
			each.Unlock()
			if _, err := c.Send(ctx, channel.Outgoing{ID: id, To: "+212661234500", Text: "Votre demande est reçue."}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	cancel()
	<-done
}
