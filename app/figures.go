package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/translog"
)

// storeFigures is what the store said when it was last asked for figures.
type storeFigures struct {
	at   time.Time
	took time.Duration
	ok   bool

	bytes     int64
	jobs      jobs.Depth
	unsealed  int64
	unchained time.Time
	unproved  int64
	unplaced  time.Time
	waiting   []cases.Waiting
	hour      []reach.MessageCount
	unsent    []reach.Unsent
	calls     int64
	callDue   time.Time
	sessions  int64
}

// How old the figures of the store may be, how long it may think about them, and
// how many times longer than it thought it is left alone afterwards: a scrape
// must cost people nothing on a full night.
const (
	figuresEvery   = 10 * time.Second
	figuresPatient = 5 * time.Second
	figuresRest    = 50
)

// storeSheet asks the store for figures, seldom.
type storeSheet struct {
	mu   sync.Mutex
	h    *House
	last storeFigures
}

func (s *storeSheet) now() storeFigures {
	s.mu.Lock()
	defer s.mu.Unlock()
	begun := s.h.clock.Now()
	if !s.last.at.IsZero() && begun.Sub(s.last.at) < max(figuresEvery, figuresRest*s.last.took) {
		return s.last
	}
	ctx, stop := context.WithTimeout(context.Background(), figuresPatient)
	defer stop()
	r := storeFigures{at: begun}
	err := s.h.readFigures(ctx, &r)
	if r.ok = err == nil; !r.ok {
		s.h.Log.Error("figures not read", "problem", err.Error())
	}
	r.took = s.h.clock.Now().Sub(begun)
	s.last = r
	return r
}

func (h *House) readFigures(ctx context.Context, r *storeFigures) (err error) {
	if r.bytes, err = h.DB.Size(ctx); err != nil {
		return err
	}
	return h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if r.jobs, err = h.Jobs.Depth(t); err != nil {
			return err
		}
		if r.unsealed, r.unchained, err = deed.Unsealed(t); err != nil {
			return err
		}
		if r.unproved, r.unplaced, err = translog.Waiting(t); err != nil {
			return err
		}
		if r.waiting, err = h.Cases.WaitingNow(t); err != nil {
			return err
		}
		if r.hour, err = h.Reach.HourOfMessages(t); err != nil {
			return err
		}
		if r.unsent, err = h.Reach.UnsentNow(t); err != nil {
			return err
		}
		if r.calls, r.callDue, err = h.Reach.CallsToMake(t); err != nil {
			return err
		}
		r.sessions, err = h.People.SignedIn(t)
		return err
	})
}

// gauges names every figure of the house that is not counted where it happens.
// docs/metrics.md tells what each is for.
func (h *House) gauges() {
	s := &storeSheet{h: h}
	h.peopleGauges(s)
	h.storeGauges(s)
	h.Meter.Gauge("twiza_sessions", "Sessions of staff that are open.", func() float64 { return float64(s.now().sessions) })
	h.Meter.Total("twiza_pages_handed_out_total", "Public pages that were answered without being made: they were made a moment ago.", func() float64 { return float64(h.Site.HandedOut()) })
	h.Meter.Gauge("twiza_live_listeners", "Lines that stay open for somebody who watches.", func() float64 { return float64(h.Site.Shed.Listeners()) })
}

// peopleGauges are what people wait for.
func (h *House) peopleGauges(s *storeSheet) {
	waiting := func(name, help string, read func(cases.Waiting) float64) {
		h.Meter.Gauges(name, help, []string{"level", "phase"}, func(put func(value float64, labels ...string)) {
			for _, w := range s.now().waiting {
				put(read(w), strconv.Itoa(w.Level), w.Phase)
			}
		})
	}
	waiting("twiza_requests_waiting", "Requests that are not at their end, by level (1: a life in danger) and phase.", func(w cases.Waiting) float64 { return float64(w.N) })
	waiting("twiza_requests_oldest_seconds", "How long the request that waits longest has waited.", func(w cases.Waiting) float64 { return h.age(w.Oldest) })
	waiting("twiza_requests_overdue", "Requests whose hour has passed.", func(w cases.Waiting) float64 { return float64(w.Overdue) })
	waiting("twiza_requests_late_seconds", "How long ago the hour passed that passed first; 0: none has.", func(w cases.Waiting) float64 { return h.age(w.Late) })
	h.Meter.Gauges("twiza_messages_hour", "Messages made in the last hour, by channel and what became of them.", []string{"channel", "state"}, func(put func(value float64, labels ...string)) {
		now := map[[2]string]float64{}
		for _, k := range channel.Kinds { // none is 0 and not nothing
			now[[2]string{string(k), "delivered"}], now[[2]string{string(k), "failed"}] = 0, 0
		}
		for _, m := range s.now().hour {
			now[[2]string{m.Channel, m.State}] = float64(m.N)
		}
		for labels, n := range now {
			put(n, labels[:]...)
		}
	})
	unsent := func(name, help string, read func(reach.Unsent) float64) {
		h.Meter.Gauges(name, help, []string{"channel"}, func(put func(value float64, labels ...string)) {
			now := map[string]reach.Unsent{}
			for _, u := range s.now().unsent {
				now[u.Channel] = u
			}
			for _, k := range channel.Kinds { // none is 0 and not nothing: a rule must see it go back
				put(read(now[string(k)]), string(k))
			}
		})
	}
	unsent("twiza_messages_unsent", "Messages that could go out now and did not yet.", func(u reach.Unsent) float64 { return float64(u.N) })
	unsent("twiza_messages_unsent_seconds", "How long the message that waits longest could have gone out.", func(u reach.Unsent) float64 { return h.age(u.Oldest) })
	h.Meter.Gauge("twiza_calls_waiting", "People who wait to be called.", func() float64 { return float64(s.now().calls) })
	h.Meter.Gauge("twiza_calls_late_seconds", "How long ago the first of them should have been called; 0: nobody is late.", func() float64 { return h.age(s.now().callDue) })
}

// storeGauges are what the house works with.
func (h *House) storeGauges(s *storeSheet) {
	h.Meter.Gauge("twiza_store_answers", "1 when the store answered when it was last asked for figures, else 0.", func() float64 {
		if s.now().ok {
			return 1
		}
		return 0
	})
	h.Meter.Gauge("twiza_store_bytes", "What the records take on the disk.", func() float64 { return float64(s.now().bytes) })
	h.Meter.Gauge("twiza_jobs_due", "Jobs that should be done by now.", func() float64 { return float64(s.now().jobs.Due) })
	h.Meter.Gauge("twiza_jobs_oldest_seconds", "Since when the first of them should be done.", func() float64 { return h.age(s.now().jobs.Oldest) })
	h.Meter.Gauge("twiza_jobs_given_up", "Jobs that failed too often: somebody must look.", func() float64 { return float64(s.now().jobs.GivenUp) })
	h.Meter.Gauge("twiza_journal_unsealed_lines", "Lines of the journal that are not chained yet.", func() float64 { return float64(s.now().unsealed) })
	h.Meter.Gauge("twiza_journal_unsealed_seconds", "How old the oldest of them is.", func() float64 { return h.age(s.now().unchained) })
	h.Meter.Gauge("twiza_log_waiting", "Leaves that have no place in the public log yet.", func() float64 { return float64(s.now().unproved) })
	h.Meter.Gauge("twiza_log_waiting_seconds", "How old the oldest of them is.", func() float64 { return h.age(s.now().unplaced) })
	h.Meter.Total("twiza_commits_total", "Transactions that the writer of SQLite kept.", func() float64 { n, _, _ := h.DB.Batches(); return float64(n) })
	h.Meter.Total("twiza_commit_units_total", "Units of work in them: divided by the transactions, how many share one flush.", func() float64 { _, n, _ := h.DB.Batches(); return float64(n) })
	h.Meter.Gauge("twiza_commit_waiting", "Units of work that wait for the writer.", func() float64 { _, _, n := h.DB.Batches(); return float64(n) })
}

// age is how many seconds ago something was; 0 for never, and for what is to come.
func (h *House) age(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(0, h.clock.Now().Sub(at).Seconds())
}

// figures shows them to an administrator, and to a program that knows the word
// that the operator chose.
func (h *House) figures(c *web.Ctx) error {
	h.Meter.Handler().ServeHTTP(c.W, c.R)
	return nil
}

// figuresRefused lets a scraper in by its word, and nobody else.
func (h *House) figuresRefused(c *web.Ctx, err error) error {
	kind, word, ok := strings.Cut(c.R.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(kind, "Bearer") || h.Config.Scrape == "" {
		return err
	}
	given, want := sha256.Sum256([]byte(strings.TrimSpace(word))), sha256.Sum256([]byte(h.Config.Scrape))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return err
	}
	return h.figures(c)
}
