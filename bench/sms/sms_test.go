package sms

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// echo is a house that answers at once, as a test says.
type echo struct {
	net    *channel.Network
	count  Count
	answer func(phone, words string) []string
}

func (e *echo) write(phone, words string) {
	e.count.Heard++
	for _, text := range e.answer(phone, words) {
		e.count.Answers++
		e.net.Arrive("", channel.Arrived{To: phone, Text: text, At: time.Now()})
	}
}

func (e *echo) Waiting(context.Context) (int, int, error) { return 0, 0, nil }
func (e *echo) Count(context.Context) (Count, error)      { return e.count, nil }
func (e *echo) Pause(context.Context, string, bool) error { return nil }
func (e *echo) Deliver(context.Context, []string) error   { return nil }
func (e *echo) Close() error                              { return nil }

func house1(answer func(phone, words string) []string) (*house, *echo) {
	e := &echo{net: channel.NewNetwork(), answer: answer}
	h := &house{name: "echo", net: e.net, store: e}
	h.crowd = newCrowd(e.write)
	return h, e
}

// honest answers each message once, and gives a receipt at the end.
func honest(e *echo) func(phone, words string) []string {
	holds := map[string]string{}
	return func(phone, words string) []string {
		if words == "0" || len(words) > 20 && !strings.HasPrefix(words, "azul") && words != nowhere {
			if holds[phone] == "" {
				e.count.Requests++
				n := 100_000 + e.count.Requests
				holds[phone] = "receipt 123 " + string([]byte{byte('0' + n/100_000%10), byte('0' + n/10_000%10), byte('0' + n/1000%10), ' ', byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
			}
			return []string{holds[phone]}
		}
		return []string{"and then?"}
	}
}

func TestPeopleGetOnUntilTheyHoldAReceipt(t *testing.T) {
	t.Parallel()
	h, e := house1(nil)
	e.answer = honest(e)
	if _, err := h.flatOut(t.Context(), 8, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := h.steadily(t.Context(), 360_000, 100*time.Millisecond, func() {}); err != nil {
		t.Fatal(err)
	}
	if err := h.sound(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.sent < 20 || len(h.held) < 4 {
		t.Errorf("%d messages, %d people came to an end", h.sent, len(h.held))
	}
	for _, s := range h.by {
		if s.receipt == "" || s.waits {
			t.Errorf("%+v was left in the middle", s)
		}
	}
}

func TestAMessageThatIsAnsweredTwiceOrKeptTwiceIsFound(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*echo){
		"answered twice":  func(e *echo) { e.count.Answers++ },
		"heard twice":     func(e *echo) { e.count.Heard++ },
		"never heard":     func(e *echo) { e.count.Heard-- },
		"a request twice": func(e *echo) { e.count.Requests++ },
	} {
		h, e := house1(nil)
		e.answer = honest(e)
		if _, err := h.flatOut(t.Context(), 4, 20*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		spoil(e)
		if err := h.sound(t.Context()); err == nil {
			t.Errorf("%s: nobody noticed", name)
		}
	}
}

func TestTwoPeopleWithOneReceiptAreFound(t *testing.T) {
	t.Parallel()
	h, e := house1(func(string, string) []string { return []string{"123 456 789"} })
	if _, err := h.flatOut(t.Context(), 4, 20*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	e.count.Requests = 1
	if err := h.sound(t.Context()); err == nil || errors.Is(err, errLost) {
		t.Errorf("%v", err)
	}
}

func TestAPlanOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	good := Plan{Stored: 1000, Burst: 10 * time.Second, Rounds: 2, Rates: []int{10_000, 100_000}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*Plan){func(p *Plan) { p.Stored = 1 }, func(p *Plan) { p.Burst = time.Hour }, func(p *Plan) { p.Rounds = 0 }, func(p *Plan) { p.Rates = []int{1} }} {
		p := good
		change(&p)
		if p.Check() == nil {
			t.Errorf("%+v is allowed", p)
		}
	}
}
