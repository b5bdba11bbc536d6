// Package live lets a screen learn that something was done while somebody looks
// at it, whichever process of the house did it. It tells numbers, words of deeds
// and what they were done to: never a person's data, and never what was changed.
// Whoever is told reads for themselves what they may see.
//
// Nothing that must happen hangs on it: what must is a job (shared/deed, Hear).
package live

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Change is one line of the journal, by its number.
type Change = deed.Line

// ErrClosed is returned to whoever wants to listen while the house closes.
var ErrClosed = errors.New("live: the house is closing")

const (
	every   = 300 * time.Millisecond // how often the journal is asked for what other processes did
	gather  = 25 * time.Millisecond  // deeds of this process that come one upon the other are read together
	buffer  = 64                     // readings that a listener may be behind before it must begin again
	atOnce  = 1000                   // lines in a reading
	patient = 3 * time.Second        // without the journal, before listeners are told that they know nothing
)

// Hub tells listeners in this process what deeds were done, in whichever
// process they were done: it follows the journal by its numbers, at most a third
// of a second behind, woken at once by deeds of its own process. It reads
// nothing while nobody listens.
type Hub struct {
	h       *deed.House
	woken   chan struct{}
	n       atomic.Int32 // listeners, for deeds to see without waiting
	reading sync.Mutex   // held while the journal is read, and for what follows
	pos     position

	mu     sync.Mutex // for what follows; taken after reading where both are
	all    map[*listener]struct{}
	closed bool
}

type listener struct{ ch chan []Change }

// New makes the hub of a house. It is made while the house is built, before
// anything is done in it.
func New(h *deed.House) *Hub {
	k := &Hub{h: h, woken: make(chan struct{}, 1), all: map[*listener]struct{}{}}
	h.After(k.wake)
	return k
}

// wake never waits: it is called after each deed.
func (h *Hub) wake() {
	if h.n.Load() == 0 {
		return
	}
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// Listen tells of every deed whose line can be read only after Listen returned,
// and perhaps of a few before. The channel is closed when ctx ends, when the
// house closes, when the journal cannot be read, or when the listener is too
// slow: it must then begin again and read what is now.
func (h *Hub) Listen(ctx context.Context) (<-chan []Change, error) {
	h.reading.Lock()
	defer h.reading.Unlock()
	if h.n.Load() == 0 { // nobody followed: what was done before is not told
		if err := h.h.DB.Read(ctx, h.pos.begin); err != nil {
			return nil, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	l := &listener{make(chan []Change, buffer)}
	h.all[l] = struct{}{}
	h.n.Add(1)
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drop(l)
	})
	return l.ch, nil
}

// drop ends one listener; mu is held.
func (h *Hub) drop(l *listener) {
	if _, there := h.all[l]; there {
		delete(h.all, l)
		h.n.Add(-1)
		close(l.ch)
	}
}

// Listeners is how many listen now.
func (h *Hub) Listeners() int { return int(h.n.Load()) }

// Since lists what was done after a number, oldest first, for whoever lost the
// link for a while; more tells that there is more than most, so that they had
// better read everything anew. Lines that may have become visible late are told
// again: what is told twice must do no harm.
func (h *Hub) Since(ctx context.Context, number int64, most int) (all []Change, more bool, err error) {
	err = h.h.DB.Read(ctx, func(t *db.Tx) error {
		from := number
		if t.Postgres() {
			from = max(0, number-lateBy)
		}
		all, err = deed.After(t, from, most+1)
		return err
	})
	if more = len(all) > most; more {
		all = all[:most]
	}
	return all, more, err
}

// Run follows the journal until ctx ends, then ends every listener.
func (h *Hub) Run(ctx context.Context) {
	defer h.end()
	tick := time.NewTicker(every)
	defer tick.Stop()
	var failing time.Duration
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.woken:
			pause(ctx, gather)
		}
		if h.n.Load() == 0 {
			failing = 0
			continue
		}
		if err := h.read(ctx); err == nil {
			failing = 0
		} else if ctx.Err() == nil {
			if failing += every; failing >= patient {
				h.h.Log.Error("live: journal not read", "problem", err.Error())
				h.dropAll(false)
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (h *Hub) end() { h.dropAll(true) }

func (h *Hub) dropAll(closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = h.closed || closed
	for l := range h.all {
		h.drop(l)
	}
}

// read tells every listener what can be read now and could not before.
func (h *Hub) read(ctx context.Context) error {
	h.reading.Lock()
	defer h.reading.Unlock()
	for {
		var fresh []Change
		var more bool
		next := h.pos
		err := h.h.DB.Read(ctx, func(t *db.Tx) (err error) {
			next = h.pos.clone()
			fresh, more, err = next.read(t)
			return err
		})
		if err != nil {
			return err
		}
		h.pos = next
		h.tell(fresh)
		if !more {
			return nil
		}
	}
}

// tell never waits for a listener: one whose buffer is full begins again.
func (h *Hub) tell(fresh []Change) {
	if len(fresh) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.all {
		select {
		case l.ch <- fresh:
		default:
			h.drop(l)
		}
	}
}
