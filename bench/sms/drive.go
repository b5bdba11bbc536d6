package sms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// crowd is everybody who writes to one house, and what came back to them.
type crowd struct {
	write func(phone, words string)
	by    map[string]*somebody
	ready []*somebody // hold no answer to wait for, and have more to say
	held  []*somebody // hold a receipt, and have nothing more to say
	born  int
	seen  int // arrivals looked at
	sent  int
	open  int // messages that wait for their answer
	more  int // arrivals that answered nothing: notices

	mu    sync.Mutex
	hooks []time.Duration // how long the house took to thank the gateway
	acks  []time.Duration // from writing to the answer on the phone
}

func newCrowd(write func(phone, words string)) crowd {
	return crowd{write: write, by: map[string]*somebody{}}
}

func (c *crowd) called(status int, took time.Duration) {
	if status/100 != 2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hooks = append(c.hooks, took)
}

// forget begins a new round of figures.
func (c *crowd) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hooks, c.acks = nil, nil
}

func (c *crowd) hooked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.hooks)
}

// anybody is somebody with something to say, who may be new.
func (c *crowd) anybody() *somebody {
	if n := len(c.ready); n > 0 {
		s := c.ready[0]
		c.ready = c.ready[1:]
		return s
	}
	s := newcomer(c.born)
	c.born++
	c.by[s.phone] = s
	return s
}

// speak lets somebody write what is next; false when they have nothing to say.
func (c *crowd) speak(s *somebody) bool {
	words := s.next()
	if words == "" {
		c.held = append(c.held, s)
		return false
	}
	s.waits, s.wrote = true, time.Now()
	c.sent++
	c.open++
	c.write(s.phone, words)
	return true
}

// listen takes what arrived on the phones since the last time, and gives back
// who has an answer now.
func (c *crowd) listen(n *channel.Network) (answered []*somebody) {
	all := n.Since(c.seen)
	c.seen += len(all)
	for _, a := range all {
		s := c.by[a.To]
		if s == nil || !s.waits {
			c.more++
			continue
		}
		c.mu.Lock()
		c.acks = append(c.acks, a.At.Sub(s.wrote))
		c.mu.Unlock()
		s.hear(a.Text)
		c.open--
		answered = append(answered, s)
	}
	return answered
}

// errLost says that somebody never had their answer.
var errLost = errors.New("a message was lost")

// patience is how long an answer may be away once everything works.
const patience = 90 * time.Second

// flatOut lets so many people talk at once, each as fast as they are answered,
// until the time is over; then those who are in the middle end. perSecond is
// of the messages before that.
func (h *house) flatOut(ctx context.Context, people int, during time.Duration) (perSecond float64, err error) {
	begin, sent := time.Now(), h.sent
	for h.open < people {
		h.speakUp()
	}
	for time.Since(begin) < during && ctx.Err() == nil {
		changed := h.net.Changed()
		answered := h.listen(h.net)
		for _, s := range answered {
			if !h.speak(s) {
				h.speakUp()
			}
		}
		if len(answered) == 0 {
			wait(ctx, changed, time.Second)
		}
	}
	perSecond = float64(h.sent-h.open-sent) / time.Since(begin).Seconds()
	return perSecond, h.rest(ctx)
}

// speakUp lets somebody else begin.
func (h *house) speakUp() {
	for !h.speak(h.anybody()) {
	}
}

// steadily writes so many messages an hour, whether answers come or not, and
// calls then before it waits for those that are still to come.
func (h *house) steadily(ctx context.Context, perHour int, during time.Duration, then func()) (perSecond float64, err error) {
	begin, every, sent := time.Now(), time.Hour/time.Duration(perHour), h.sent
	for due := begin; due.Sub(begin) < during && ctx.Err() == nil; {
		changed := h.net.Changed()
		h.ready = append(h.ready, h.listen(h.net)...)
		if left := time.Until(due); left > 0 {
			wait(ctx, changed, left)
			continue
		}
		h.speakUp()
		due = due.Add(every)
	}
	perSecond = float64(h.sent-sent) / time.Since(begin).Seconds()
	then()
	return perSecond, h.rest(ctx)
}

// rest lets everybody end what they have begun, so that the house finds nothing
// half said that it would send by itself after a while.
func (h *house) rest(ctx context.Context) error {
	all := h.ready
	h.ready = nil
	for last := time.Now(); h.open > 0 || len(all) > 0; {
		for _, s := range all {
			h.speak(s)
		}
		changed := h.net.Changed()
		if all = h.listen(h.net); len(all) > 0 {
			last = time.Now()
			continue
		}
		if h.open == 0 {
			break
		}
		if time.Since(last) > patience {
			return fmt.Errorf("%w: %s: %d of %d have no answer: %s", errLost, h.name, h.open, h.sent, h.p.Complaints())
		}
		if !wait(ctx, changed, time.Second) && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// only lets new people write one message each, and waits for no answer but the
// house's thanks to the gateway: 32 calls are under way at a time.
func (h *house) only(ctx context.Context, count int) error {
	begin := h.hooked()
	for n := range count {
		for h.hooked()-begin < n-31 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			time.Sleep(time.Millisecond)
		}
		for h.born%2 != 0 || h.born/2%len(pleas) == len(pleas)-1 {
			h.born++ // whoever tells it whole in one message
		}
		s := newcomer(h.born)
		h.born++
		h.by[s.phone] = s
		h.speak(s)
	}
	for h.hooked()-begin < count && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

// until waits until all is read, and all is sent where sent says so.
func (h *house) until(ctx context.Context, sent bool) error {
	for end := time.Now().Add(10 * patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		unread, unsent, err := h.store.Waiting(ctx)
		if err != nil {
			return err
		}
		if unread == 0 && (unsent == 0 || !sent) {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: %s does not come to its end: %s", errLost, h.name, h.p.Complaints())
}

// sound compares what people hold with what the house keeps: each message one
// answer, each receipt one request.
func (h *house) sound(ctx context.Context) error {
	if err := h.until(ctx, true); err != nil {
		return err
	}
	n, err := h.store.Count(ctx)
	if err != nil {
		return err
	}
	if n.Unread > 0 || n.Unsent > 0 {
		return fmt.Errorf("%w: %s: %d were given up unread, %d answers were given up unsent", errLost, h.name, n.Unread, n.Unsent)
	}
	receipts := map[string]bool{}
	heard := 0
	for _, s := range h.by {
		heard += s.heard
		if s.receipt != "" {
			if receipts[s.receipt] {
				return fmt.Errorf("%s: two people hold the receipt of one request", h.name)
			}
			receipts[s.receipt] = true
		}
	}
	switch {
	case n.Heard != h.sent || heard != h.sent:
		return fmt.Errorf("%w: %s: %d were written, %d are kept, %d were answered", errLost, h.name, h.sent, n.Heard, heard)
	case n.Answers != h.sent:
		return fmt.Errorf("%s: %d messages have %d answers: one was answered twice or not at all", h.name, h.sent, n.Answers)
	case n.Requests != len(receipts):
		return fmt.Errorf("%s: %d people hold a receipt, and there are %d requests", h.name, len(receipts), n.Requests)
	}
	return nil
}

// confirming lets up to n people who hold a receipt answer whether help came.
func (h *house) confirming(ctx context.Context, n int) error {
	n = min(n, len(h.held))
	var receipts []string
	for _, s := range h.held[:n] {
		receipts = append(receipts, s.receipt)
	}
	if err := h.store.Deliver(ctx, receipts); err != nil {
		return err
	}
	for _, s := range h.held[:n] {
		s.isAsked()
		h.ready = append(h.ready, s)
	}
	h.held = slices.Clone(h.held[n:])
	return nil
}

// wait waits for something to change; false when it did not in time.
func wait(ctx context.Context, changed <-chan struct{}, most time.Duration) bool {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-changed:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}
