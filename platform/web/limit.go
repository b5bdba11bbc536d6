package web

import (
	"context"
	"embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

//go:embed schema/*.sql
var Files embed.FS

// Limiter counts tries by name, as a bucket that fills steadily: for each name
// it keeps only when all tries will be there again (the "generic cell rate
// algorithm"). It counts in memory, and a restart forgives.
//
// Where several processes share a store, Join makes them count together: few
// tries, such as those of a password, each in the store at once; many, such as
// requests from one address, in memory, told to the others every second. When
// the store does not answer, each process counts by itself: whoever asks for help
// is not turned away for that.
type Limiter struct {
	Now    func() time.Time
	mu     sync.Mutex
	all    map[string]*tries
	sweep  int // how many there may be before the next look for what can go
	shared *db.DB
	blind  func(name string) []byte

	trouble func(error)
	told    time.Time
}

// tries is one name's count.
type tries struct {
	free   time.Time     // when all are there again
	each   time.Duration // what one costs
	untold int           // taken here, and not known to the others
}

// maxBuckets bounds what an attacker can make us remember.
const maxBuckets = 100_000

// fewTries are counted in the store at once: what limits guessing. More than
// these limit a flood, for which a second is soon enough.
const fewTries = 100

// Join makes this process count together with all others of the store. blind
// makes of a name something from which nobody can tell it.
// trouble hears, once a minute at most, why the store did not count.
func (l *Limiter) Join(d *db.DB, blind func(name string) []byte, trouble func(error)) {
	l.shared, l.blind, l.trouble = d, blind, trouble
}

func (l *Limiter) tell(err error) {
	l.mu.Lock()
	now := l.Now()
	quiet := now.Sub(l.told).Abs() < time.Minute
	if !quiet {
		l.told = now
	}
	l.mu.Unlock()
	if !quiet {
		l.trouble(err)
	}
}

// Take counts one try under name; more than n within per is fault.Limited.
func (l *Limiter) Take(name string, n int, per time.Duration) error {
	if l == nil {
		return nil
	}
	each := per / time.Duration(n)
	if l.shared != nil && n < fewTries {
		ok, err := l.takeShared(name, each, per)
		if err == nil {
			return limited(ok)
		}
		l.tell(err)
	}
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.all[name]
	if !ok {
		l.forget(now)
		b = &tries{}
		l.all[name] = b
	}
	if b.free.Sub(now) > putBack(per) {
		b.free = now
	}
	free := later(b.free, now).Add(each)
	if free.Sub(now) > per {
		return limited(false)
	}
	b.free, b.each = free, each
	if l.shared != nil && n >= fewTries {
		b.untold++
	}
	return nil
}

// putBack is how far ahead no count can be: one that is comes from before the clock
// was put back, and nobody waits until it is as late again. Twice the time and a
// minute leave room for two machines whose clocks differ.
func putBack(per time.Duration) time.Duration { return 2*per + time.Minute }

func limited(ok bool) error {
	if ok {
		return nil
	}
	return fault.New(fault.Limited, "error.too_many_tries")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sharedPatience is how long a try waits for the count of all.
const sharedPatience = 2 * time.Second

func (l *Limiter) takeShared(name string, each, per time.Duration) (ok bool, err error) {
	ctx, stop := context.WithTimeout(context.Background(), sharedPatience)
	defer stop()
	now := l.Now()
	err = l.shared.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(`INSERT INTO web_limit (name, free_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
			SET free_at = CASE WHEN web_limit.free_at > ?6 THEN ?2 ELSE GREATEST(web_limit.free_at, ?3) + ?4 END
			WHERE GREATEST(web_limit.free_at, ?3) + ?4 <= ?5 OR web_limit.free_at > ?6`,
			l.blind(name), now.Add(each), now, each.Microseconds(), now.Add(per), now.Add(putBack(per)))
		ok = n == 1
		return err
	})
	return ok, err
}

// Run tells the others every second, until ctx ends, what was counted here, and
// learns what they counted.
func (l *Limiter) Run(ctx context.Context) {
	if l.shared == nil {
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.exchange(ctx, n%60 == 0); err != nil && ctx.Err() == nil { // what fails is told the next time
				l.tell(err)
			}
		}
	}
}

func (l *Limiter) exchange(ctx context.Context, clean bool) error {
	type told struct {
		name  string
		n     int
		each  time.Duration
		there time.Time
	}
	var all []told
	l.mu.Lock()
	for name, b := range l.all {
		if b.untold > 0 {
			all = append(all, told{name: name, n: b.untold, each: b.each})
		}
	}
	l.mu.Unlock()
	slices.SortFunc(all, func(a, b told) int { return strings.Compare(a.name, b.name) }) // two processes lock rows in one order
	now := l.Now()
	err := l.shared.Write(ctx, func(t *db.Tx) error {
		for i, x := range all {
			free, err := db.One(t, db.Int, `INSERT INTO web_limit (name, free_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
				SET free_at = GREATEST(web_limit.free_at, ?3) + ?4 RETURNING free_at`, l.blind(x.name), now.Add(time.Duration(x.n)*x.each), now, int64(x.n)*x.each.Microseconds())
			if err != nil {
				return err
			}
			all[i].there = time.UnixMicro(free)
		}
		if clean {
			_, err := t.Exec(`DELETE FROM web_limit WHERE free_at < ?1`, now)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range all {
		if b := l.all[x.name]; b != nil {
			b.free, b.untold = later(b.free, x.there.Add(time.Duration(b.untold-x.n)*b.each)), b.untold-x.n
		}
	}
	return nil
}

// forget lets go of whoever has all their tries again: a new count would say
// the same. It looks only when twice as many have come as it left, so that a
// night on which everybody comes at once costs nobody more. When far too many
// are counting, some are forgiven.
func (l *Limiter) forget(now time.Time) {
	if l.all == nil {
		l.all = map[string]*tries{}
	}
	if len(l.all) < l.sweep {
		return
	}
	for name, b := range l.all {
		if !b.free.After(now) {
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
