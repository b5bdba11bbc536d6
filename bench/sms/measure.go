package sms

import (
	"context"
	"fmt"
	"time"

	"github.com/twiza/twiza/bench/intake"
	"github.com/twiza/twiza/shared/reach/channel"
)

// What is measured.
const (
	hello    = "hello"
	idle     = "idle"               // nobody writes: what a second costs
	everyone = "as fast as it goes" // 64 people, each writes when they are answered
	inwards  = "in"                 // heard, read, the answer ready; the gateway put aside
	outwards = "out"                // sent, and the report of its arrival taken
	steady   = "steady"             // so many an hour
	failing  = "failing"            // the same, with a gateway that fails
)

// talkers is how many people talk at once when nothing else bounds them: one
// more than the house sends at once, twice over.
const talkers = 64

// measure goes through all rounds on a tenth of the size, and on all of it.
func (r *run) measure(ctx context.Context) (*Report, error) {
	out := &Report{}
	for _, h := range r.houses { // nothing is warm at first
		if _, err := h.flatOut(ctx, talkers, 2*time.Second); err != nil {
			return nil, err
		}
		if err := h.p.Settle(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.fill(ctx, r.Stored/10); err != nil {
		return nil, err
	}
	for range r.Rounds {
		for _, h := range r.houses {
			if err := r.split(ctx, h); err != nil {
				return nil, err
			}
		}
	}
	out.Tenth = r.figures()
	if err := r.fill(ctx, r.Stored); err != nil {
		return nil, err
	}
	for range r.Rounds {
		if err := r.round(ctx); err != nil {
			return nil, err
		}
	}
	out.Full = r.figures()
	return out, nil
}

// round is one of everything.
func (r *run) round(ctx context.Context) error {
	rate, each, err := r.hello.Hello(ctx, 32, min(r.Burst, 3*time.Second))
	if err != nil {
		return err
	}
	r.note(Figure{Of: hello, What: hello}, burst{in: rate, cpu: each})
	for _, h := range r.houses {
		if err := r.pulse(ctx, h); err != nil {
			return err
		}
		if err := r.split(ctx, h); err != nil {
			return err
		}
		if err := r.talk(ctx, h, Figure{What: everyone}, func() (float64, error) { return h.flatOut(ctx, talkers, r.Burst) }); err != nil {
			return err
		}
		for _, rate := range r.Rates {
			if err := h.confirming(ctx, 50); err != nil {
				return err
			}
			if err := r.talk(ctx, h, Figure{What: steady, Rate: rate}, func() (float64, error) { return h.steadily(ctx, rate, r.Burst, func() {}) }); err != nil {
				return err
			}
		}
		if err := r.fail(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// pulse measures a house to which nobody writes: at a low rate most of what a
// message seems to cost is this.
func (r *run) pulse(ctx context.Context, h *house) error {
	h.forget()
	begin := time.Now()
	b, err := h.spend(ctx, func(*burst) error { time.Sleep(r.Burst); return ctx.Err() })
	b.n = int(time.Since(begin) / time.Second)
	r.note(Figure{Of: h.name, What: idle}, b)
	r.say("%s, idle: %.1f ms of processor a second", h.name, intake.Ms(b.each()))
	return err
}

// talk measures one burst of conversations.
func (r *run) talk(ctx context.Context, h *house, f Figure, burstOf func() (float64, error)) error {
	f.Of = h.name
	h.forget()
	sent := h.sent
	b, err := h.spend(ctx, func(b *burst) error {
		perSecond, err := burstOf()
		b.n, b.in, b.out = h.sent-sent, perSecond, perSecond
		return err
	})
	if err != nil {
		return err
	}
	if err := h.sound(ctx); err != nil {
		return err
	}
	r.note(f, b)
	r.say("%s, %s %d: %.1f/s, answered in %.0f ms (p99 %.0f), %.2f ms of processor each", f.Of, f.What, f.Rate, b.in, intake.Ms(b.ack50), intake.Ms(b.ack99), intake.Ms(b.each()))
	return nil
}

// spend counts the processor time of what is done, and of what follows from it.
func (h *house) spend(ctx context.Context, do func(*burst) error) (b burst, err error) {
	own, database, err := h.p.Spent()
	if err != nil {
		return b, err
	}
	if err := do(&b); err != nil {
		return b, err
	}
	b.load = intake.LoadAverage()
	if err := h.p.Settle(ctx); err != nil {
		return b, err
	}
	own2, database2, err := h.p.Spent()
	b.cpu, b.database = own2-own+database2-database, database2-database
	b.memory, b.databaseMemory = h.p.Memory()
	b.waits(&h.crowd)
	if n, err := h.store.Count(ctx); err == nil {
		b.conversations = n.Conversations
	}
	return b, err
}

// split measures what comes in and what goes out apart: first the gateway is
// put aside and people write, then it is taken up again.
func (r *run) split(ctx context.Context, h *house) error {
	count := max(100, int(r.Burst/time.Second)*60)
	h.forget()
	if err := h.store.Pause(ctx, gateway, true); err != nil {
		return err
	}
	in, err := h.spend(ctx, func(b *burst) error {
		begin := time.Now()
		err := h.only(ctx, count)
		if err == nil {
			err = h.until(ctx, false)
		}
		b.n, b.in = count, float64(count)/time.Since(begin).Seconds()
		return err
	})
	if err != nil {
		return err
	}
	in.ack50, in.ack99 = 0, 0
	out, err := h.spend(ctx, func(b *burst) error {
		if err := h.store.Pause(ctx, gateway, false); err != nil {
			return err
		}
		for h.net.Since(h.seen) == nil { // the house looks once a second
			time.Sleep(time.Millisecond)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		begin := time.Now()
		err := h.rest(ctx)
		b.n, b.out = count, float64(count)/time.Since(begin).Seconds()
		return err
	})
	if err != nil {
		return err
	}
	out.ack50, out.ack99, out.hook50, out.hook99 = 0, 0, 0, 0
	if err := h.sound(ctx); err != nil {
		return err
	}
	r.note(Figure{Of: h.name, What: inwards}, in)
	r.note(Figure{Of: h.name, What: outwards}, out)
	r.say("%s, %d conversations: in %.0f/s, %.2f ms of processor each; out %.0f/s, %.2f ms", h.name, in.conversations, in.in, intake.Ms(in.each()), out.out, intake.Ms(out.each()))
	return nil
}

// fail lets people write while everything goes wrong with the gateway that its
// simulator knows, and then mends it: everybody must have one answer.
func (r *run) fail(ctx context.Context, h *house) error {
	rate := r.Rates[len(r.Rates)-1]
	return r.talk(ctx, h, Figure{What: failing, Rate: rate}, func() (float64, error) {
		n := int(float64(rate) * r.Burst.Hours())
		h.net.Fail(channel.Faults{Away: n / 4, Busy: n / 8, Hang: 4, Late: 30 * time.Millisecond, Twice: -1, Mix: -1})
		return h.steadily(ctx, rate, r.Burst, func() {
			h.net.Fail(channel.Faults{})
			h.speakUp() // what was held back last goes with the next
		})
	})
}

// fill lets people write until the house holds so many conversations.
func (r *run) fill(ctx context.Context, want int) error {
	for _, h := range r.houses {
		n, err := h.store.Count(ctx)
		if err != nil {
			return err
		}
		for n.Conversations < want {
			if _, err := h.flatOut(ctx, talkers, 2*time.Second); err != nil {
				return err
			}
			if n, err = h.store.Count(ctx); err != nil {
				return err
			}
		}
		r.say("%s holds %d conversations", h.name, n.Conversations)
		if err := h.sound(ctx); err != nil {
			return err
		}
		if err := h.p.Settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) note(f Figure, b burst) {
	f.Bench = "sms"
	k := fmt.Sprintf("%s/%s/%d", f.Of, f.What, f.Rate)
	if len(r.seen[k]) == 0 {
		r.order = append(r.order, f)
	}
	r.seen[k] = append(r.seen[k], b)
}
