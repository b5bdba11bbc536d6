package smpp

import (
	"context"
	"hash/fnv"
	"sync"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// ears hear what the centre tells over one connection, without ever keeping it
// from being read: what there is no room for is told again later. What one
// phone writes is heard in its order; receipts are heard in any.
type ears struct {
	c        *Client
	l        *link
	in       channel.Inbox
	ctx      context.Context
	lanes    [8]chan told
	receipts chan struct{} // one for every receipt being heard
	all      sync.WaitGroup
}

// told is one deliver_sm.
type told struct {
	p pdu
	m message
}

const (
	laneRoom     = 32
	receiptsRoom = 128
)

func newEars(ctx context.Context, c *Client, l *link, in channel.Inbox) *ears {
	e := &ears{c: c, l: l, in: in, ctx: ctx, receipts: make(chan struct{}, receiptsRoom)}
	for i := range e.lanes {
		e.lanes[i] = make(chan told, laneRoom)
		e.all.Go(func() { e.work(e.lanes[i]) })
	}
	return e
}

// stop waits until everything that was begun is done; the connection is over.
func (e *ears) stop() { e.all.Wait() }

// take is called for everything the centre asks, by the one that reads.
func (e *ears) take(p pdu) {
	switch p.id {
	case deliverSM:
	case alertNotification: // §4.12: has no answer
		return
	default:
		e.l.write(pdu{id: genericNack, status: statusCommand, seq: p.seq}) // §4.3
		return
	}
	m, err := readMessage(p.body)
	switch {
	case err != nil:
		e.answer(p, statusNever, "garbled")
	case m.class&esmKind == esmReceipt || m.class&esmKind == esmUnderway:
		e.takeReceipt(told{p, m})
	case m.class&esmKind == esmDelivery || m.class&esmKind == esmManual: // of a phone, which nobody asked for
		e.answer(p, statusOK, "")
	default:
		e.takeMessage(told{p, m})
	}
}

func (e *ears) takeMessage(t told) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.m.from.text))
	select {
	case e.lanes[h.Sum32()%uint32(len(e.lanes))] <- t:
	default:
		e.answer(t.p, statusNotNow, "no_room")
	}
}

func (e *ears) takeReceipt(t told) {
	select {
	case e.receipts <- struct{}{}:
		e.all.Go(func() {
			defer func() { <-e.receipts }()
			e.became(t)
		})
	default:
		e.answer(t.p, statusNotNow, "no_room")
	}
}

// work hears messages one after the other.
func (e *ears) work(lane chan told) {
	for {
		select {
		case t := <-lane:
			e.heard(t)
		case <-e.l.over:
			return
		}
	}
}

// answer thanks for what was told, or says that it was not kept, §4.6.2.
func (e *ears) answer(p pdu, status uint32, code string) {
	if status != statusOK {
		e.c.log.Warn("smpp: not kept", "code", code, "status", nameOf(status))
	}
	e.l.reply(p, status, []byte{0})
}

// heard hands a message on, and thanks for it once it is kept.
func (e *ears) heard(t told) {
	in, ok := e.c.heard(t.m)
	if !ok {
		e.answer(t.p, statusNever, "unreadable")
		return
	}
	_, named := t.m.optional.get(tagUserReference)
	name := e.c.once.name(t.p.body, named, e.l, e.c.now.Now())
	in.ID = name.id
	if err := e.in.Heard(e.ctx, in); err != nil {
		e.answer(t.p, statusNotNow, "inbox")
		return
	}
	e.c.once.thanked(name)
	e.answer(t.p, statusOK, "")
}

// became makes a report of a receipt.
func (e *ears) became(t told) {
	r, ok := e.c.readReceipt(t.m)
	if !ok { // nobody could ever do anything with it
		e.c.log.Warn("smpp: a receipt that says nothing")
		e.answer(t.p, statusOK, "")
		return
	}
	report, tell := channel.Report{Ref: r.ref, State: r.state, Code: r.code}, r.ref != ""
	if p, known := e.find(r); known {
		report, tell = e.c.book.became(p, r)
	}
	report.At = e.c.now.Now()
	if tell {
		if err := e.in.Became(e.ctx, report); err != nil {
			e.answer(t.p, statusNotNow, "inbox")
			return
		}
	}
	e.answer(t.p, statusOK, "")
}

// find finds the part that a receipt speaks of. A receipt may overtake the
// answer that tells its name: then that answer is waited for.
func (e *ears) find(r receipt) (place, bool) {
	if p, ok := e.c.book.find(r); ok {
		return p, true
	}
	over := time.NewTimer(e.c.cfg.Answer)
	defer over.Stop()
	for _, q := range e.l.waiting(submitSM) {
		select {
		case <-q.settled:
		case <-over.C:
			return place{}, false
		case <-e.ctx.Done():
			return place{}, false
		case <-e.l.over:
			return place{}, false
		}
		if p, ok := e.c.book.find(r); ok {
			return p, true
		}
	}
	return e.c.book.find(r)
}
