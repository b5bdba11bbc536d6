package web

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"
)

// Class is how much a door matters when more come than the house can serve. The
// least vital go first.
type Class uint8

const (
	Public Class = iota // pages for everybody: the default of a door that is open
	Vital               // somebody asks for help, or a gateway brings their message
	Intake              // the pages that lead there, receipts, the numbers to call
	Staff               // whoever works here
	Bulk                // statistics, searches, exports, programs that read everything
	Live                // a line that stays open for as long as somebody watches
	Always              // whether the house lives, and its style sheets
	classes
)

// share is how much of what the house serves at once each class may fill: beyond
// it whoever comes is asked to come back. What matters more has room that what
// matters less can never take.
var share = [classes]float64{Vital: 1, Intake: .9, Staff: .75, Public: .55, Bulk: .25}

// How many are served at once: at first, at least, at most; and how many more
// people who ask for help are let in when all of it is full, which are then kept
// aside without waiting for the store (see Pressed).
const (
	shedStart  = 64
	shedLeast  = 24
	shedMost   = 512
	shedBeyond = 4
	liveMost   = 2000
)

// Shed bounds how many requests are under way. It learns how many the machine
// serves well from how long those that matter take: where they take much longer
// than in quiet times, it lets fewer in, and where they do not, more (the gradient
// of Netflix' concurrency-limits, with the slow mean as what is quiet).
type Shed struct {
	mu     sync.Mutex
	limit  float64
	under  int
	live   int
	slow   float64 // seconds, a mean over thousands
	fast   float64 // seconds, a mean over tens
	n      int
	full   bool // since the last look there was no room
	turned [classes]int64
}

// NewShed begins with a limit that every machine can serve.
func NewShed() *Shed { return &Shed{limit: shedStart} }

// Enter asks to be served. leave must be called with how long it took. pressed
// says that somebody asks for help beyond what the house serves at once; ok is
// false for whoever is asked to come back.
func (s *Shed) Enter(c Class) (leave func(took time.Duration), pressed, ok bool) {
	if s == nil || c == Always {
		return func(time.Duration) {}, false, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c == Live {
		if s.live >= liveMost {
			s.turned[c]++
			return nil, false, false
		}
		s.live++
		return func(time.Duration) { s.mu.Lock(); s.live--; s.mu.Unlock() }, false, true
	}
	room := int(math.Ceil(s.limit * share[c]))
	if s.under >= room {
		s.full = true
		if c != Vital || s.under >= int(s.limit)*shedBeyond {
			s.turned[c]++
			return nil, false, false
		}
		pressed = true
	}
	s.under++
	return func(took time.Duration) { s.left(c, pressed, took) }, pressed, true
}

// learnEvery is after how many that were served the limit is weighed again.
const learnEvery = 32

func (s *Shed) left(c Class, pressed bool, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under--
	if pressed || c != Vital && c != Intake {
		return // an export takes as long as it takes
	}
	x := took.Seconds()
	if s.slow == 0 {
		s.slow, s.fast = x, x
	}
	s.slow += (x - s.slow) / 4096
	s.fast += (x - s.fast) / 32
	if s.n++; s.n%learnEvery != 0 {
		return
	}
	// Twice as long as in quiet times is nothing; a tenth of a second is quick.
	gradient := min(1, max(.5, max(2*s.slow, .1)/max(s.fast, 1e-6)))
	switch {
	case gradient < 1:
		s.limit *= .8 + .2*gradient
	case s.full:
		s.limit += math.Sqrt(s.limit) / 4
	}
	s.limit, s.full = min(shedMost, max(shedLeast, s.limit)), false
}

// Figures are how many are under way, how many may be, and how many of a class
// were asked to come back.
func (s *Shed) Figures(c Class) (under, limit float64, turned float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(s.under), s.limit, float64(s.turned[c])
}

type pressedKey struct{}

// press marks a request that was let in beyond what the house serves at once.
func press(ctx context.Context) context.Context { return context.WithValue(ctx, pressedKey{}, true) }

// Pressed tells whoever takes a request for help that it must not wait for
// anything slow: keep it, and answer.
func Pressed(ctx context.Context) bool { return ctx.Value(pressedKey{}) != nil }

// robot tells programs that read everything by the name that they give themselves.
func robot(agent string) bool {
	agent = strings.ToLower(agent)
	for _, x := range []string{"bot", "crawl", "spider", "slurp"} {
		if strings.Contains(agent, x) {
			return true
		}
	}
	return false
}
