package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/twiza/twiza/base/fault"
)

// Limiter keeps count of tries by name, in memory: a restart forgives.
type Limiter struct {
	Now func() time.Time
	mu  sync.Mutex
	all map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

// maxBuckets bounds what an attacker can make us remember.
const maxBuckets = 100_000

// Take counts one try under name; more than n within per is fault.Limited.
func (l *Limiter) Take(name string, n int, per time.Duration) error {
	if l == nil {
		return nil
	}
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]*bucket{}
	}
	b, ok := l.all[name]
	if !ok {
		l.sweep(now)
		b = &bucket{Limiter: rate.NewLimiter(rate.Every(per/time.Duration(n)), n)}
		l.all[name] = b
	}
	b.used = now
	if !b.AllowN(now, 1) {
		return fault.New(fault.Limited, "error.too_many_tries")
	}
	return nil
}

// sweep forgets the long unused, and all of them when there are far too many.
func (l *Limiter) sweep(now time.Time) {
	if len(l.all) < maxBuckets/2 {
		return
	}
	for k, b := range l.all {
		if now.Sub(b.used) > time.Hour || len(l.all) >= maxBuckets {
			delete(l.all, k)
		}
	}
}
