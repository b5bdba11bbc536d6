package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/twiza/twiza/base/fault"
)

// Limiter keeps count of tries by name, in memory: a restart forgives.
type Limiter struct {
	Now   func() time.Time
	mu    sync.Mutex
	all   map[string]*rate.Limiter
	sweep int // how many there may be before the next look for what can go
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
	b, ok := l.all[name]
	if !ok {
		l.forget(now)
		b = rate.NewLimiter(rate.Every(per/time.Duration(n)), n)
		l.all[name] = b
	}
	if !b.AllowN(now, 1) {
		return fault.New(fault.Limited, "error.too_many_tries")
	}
	return nil
}

// forget lets go of whoever has all their tries again: a new count would say
// the same. It looks only when twice as many have come as it left, so that a
// night on which everybody comes at once costs nobody more. When far too many
// are counting, some are forgiven.
func (l *Limiter) forget(now time.Time) {
	if l.all == nil {
		l.all = map[string]*rate.Limiter{}
	}
	if len(l.all) < l.sweep {
		return
	}
	for name, b := range l.all {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.all, name)
		}
	}
	for name := range l.all {
		if len(l.all) <= maxBuckets*9/10 {
			break
		}
		delete(l.all, name)
	}
	l.sweep = min(max(1024, 2*len(l.all)), maxBuckets)
}
