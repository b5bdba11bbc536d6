package atlas

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// store holds the index for as long as somebody looks at a map. It is filled
// when the first one looks, follows what is done, and is let go when nobody has
// looked for a while, or when it cannot be trusted: then it is filled anew.
type store struct {
	s     *Service
	mu    sync.Mutex
	ix    *index        // nil when nobody looks
	ready chan struct{} // closed when filling has ended; nil when nobody fills
	err   error         // why the last filling failed
	used  atomic.Int64  // how often somebody looked
}

const (
	requestSubject = "cases.case/"
	minute         = time.Minute
	restAfter      = 15 // minutes without anybody who looks
	doubtAfter     = 3  // minutes in which the count differs from that of the database
	atOnce         = 400
)

// look has fn read the index, which nobody changes meanwhile. fn is short.
func (k *store) look(ctx context.Context, fn func(*index)) error {
	k.used.Add(1)
	for {
		k.mu.Lock()
		if k.ix != nil {
			fn(k.ix)
			k.mu.Unlock()
			return nil
		}
		if k.ready == nil {
			k.ready, k.err = make(chan struct{}), nil
			go k.live(k.ready)
		}
		ready := k.ready
		k.mu.Unlock()
		select {
		case <-ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		k.mu.Lock()
		err := k.err
		k.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// live fills the index and keeps it current until nobody looks any more.
func (k *store) live(ready chan struct{}) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	news, err := k.s.ports.Follow(ctx) // before reading, so that nothing falls between the two
	var ix *index
	if err == nil {
		ix, err = k.fill(ctx)
	}
	k.mu.Lock()
	k.ix, k.err, k.ready = ix, err, nil
	k.mu.Unlock()
	close(ready)
	if err != nil {
		k.s.h.Log.Error("the map could not be filled", "problem", err.Error())
		return
	}
	err = k.follow(ctx, news)
	k.mu.Lock()
	k.ix = nil
	k.mu.Unlock()
	if err != nil {
		k.s.h.Log.Warn("the map is read anew", "problem", err.Error())
	}
}

var errUnfit = errors.New("atlas: a request that the map cannot hold")

func (k *store) fill(ctx context.Context) (*index, error) {
	ix := newIndex()
	fit := true
	err := k.s.h.DB.Read(ctx, func(t *db.Tx) error {
		return k.s.ports.Requests.Each(t, func(r Request) { fit = ix.put(k.s.located(r)) && fit })
	})
	if err == nil && !fit {
		err = errUnfit
	}
	return ix, err
}

// located puts a request that has no point of its own at its place, and says
// within how much of it.
func (s *Service) located(r Request) Request {
	if !r.Placed {
		r.At, r.RadiusKm, r.Placed = s.point(r.Smallest)
		if !r.Placed {
			for _, code := range []string{r.Commune, r.Province, r.Region} {
				if r.At, r.RadiusKm, r.Placed = s.point(code); r.Placed {
					break
				}
			}
		}
	}
	return r
}

// follow keeps the index current. It returns nil when nobody looks any more,
// and else why the index is not to be trusted.
func (k *store) follow(ctx context.Context, news <-chan []string) error {
	tick := time.NewTicker(minute)
	defer tick.Stop()
	var idle, doubts int
	seen := k.used.Load()
	for {
		select {
		case subjects, open := <-news:
			if !open {
				return errors.New("atlas: what was done was missed")
			}
			if err := k.heed(ctx, subjects); err != nil {
				return err
			}
		case <-tick.C:
			if now := k.used.Load(); now != seen {
				seen, idle = now, 0
			} else if idle++; idle >= restAfter {
				return nil
			}
			same, err := k.agrees(ctx)
			if err != nil {
				return err
			}
			if same {
				doubts = 0
			} else if doubts++; doubts >= doubtAfter {
				return errors.New("atlas: the map has another number of requests than the database")
			}
		}
	}
}

// heed reads again the requests that something was done to.
func (k *store) heed(ctx context.Context, subjects []string) error {
	var ids []string
	asked := map[string]bool{}
	for _, s := range subjects {
		if cid, is := strings.CutPrefix(s, requestSubject); is && !asked[cid] {
			ids, asked[cid] = append(ids, cid), true
		}
	}
	for len(ids) > 0 {
		some := ids[:min(atOnce, len(ids))]
		ids = ids[len(some):]
		var now []Request
		err := k.s.h.DB.Read(ctx, func(t *db.Tx) (err error) { now, err = k.s.ports.Requests.Some(t, some); return err })
		if err != nil {
			return err
		}
		if !k.settle(some, now) {
			return errUnfit
		}
	}
	return nil
}

// settle puts what was read in the place of what was known of those requests.
func (k *store) settle(asked []string, now []Request) (fit bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	gone := map[mark]bool{}
	for _, cid := range asked {
		if m, ok := markOf(cid); ok {
			gone[m] = true
		}
	}
	fit = true
	for _, r := range now {
		fit = k.ix.put(k.s.located(r)) && fit
		m, _ := markOf(r.ID) // put has read it
		delete(gone, m)
	}
	for m := range gone {
		k.ix.drop(m)
	}
	return fit
}

// agrees tells whether the database has as many requests as the index. While
// much is done it need not at one moment; it must now and then.
func (k *store) agrees(ctx context.Context) (same bool, err error) {
	var n int
	err = k.s.h.DB.Read(ctx, func(t *db.Tx) (err error) { n, err = k.s.ports.Requests.Count(t); return err })
	k.mu.Lock()
	defer k.mu.Unlock()
	return n == len(k.ix.at), err
}
