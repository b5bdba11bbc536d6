package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedrv "modernc.org/sqlite"

	"github.com/twiza/twiza/base/fault"
)

// errAway is inside every error that says: the store did not answer. It is not
// known then whether what was being written is kept.
var errAway = errors.New("db: the store does not answer")

// IsAway tells whether something failed because the store did not answer, or
// has no room: not because of what was asked of it.
func IsAway(err error) bool { return errors.Is(err, errAway) }

// away makes of a driver's complaint the one sentence that people read.
func away(cause error) error {
	return &fault.Fault{Kind: fault.Away, Key: "error.store_away", Cause: errors.Join(errAway, cause)}
}

// trialEvery is how often somebody finds out whether a store that keeps people
// waiting answers again. All others are told at once, and wait for nothing. One
// that says no at once, as a full disk does, is asked each time.
const (
	trialEvery = time.Second
	atOnce     = 50 * time.Millisecond
)

// hangs is how long PostgreSQL may say nothing before it counts as away: a line
// that is cut says nothing for many minutes. An address may name another time, on a
// server that is known to be slow: "?options=-c%20twiza.hangs%3D20s", which
// PostgreSQL itself takes for a setting that concerns nobody.
const hangs = 3 * time.Second

// hangsBy reads how long the store at an address may say nothing.
func hangsBy(dsn string) time.Duration {
	c, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return hangs
	}
	for _, o := range strings.Fields(c.RuntimeParams["options"]) {
		if s, ok := strings.CutPrefix(o, "twiza.hangs="); ok {
			if d, err := time.ParseDuration(s); err == nil && d > 0 {
				return d
			}
		}
	}
	return hangs
}

// health is whether the store answers. Reading and writing are two things: on a
// full disk one can still read.
type health struct{ reading, writing way }

// way is one of the two. It goes by the machine's own steady clock, which no
// setting of the time moves.
type way struct {
	gone  atomic.Bool
	mu    sync.Mutex
	slow  bool // whoever asks is kept waiting
	since time.Time
	tried time.Time
}

// enter says whether to try: while the store is away, once in a while.
func (w *way) enter() (trial bool, err error) {
	if !w.gone.Load() {
		return false, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.gone.Load() {
		return false, nil
	}
	if w.slow && time.Since(w.tried) < trialEvery {
		return false, away(nil)
	}
	w.tried = time.Now()
	return true, nil
}

// lost and back note how the last try went.
func (w *way) lost(waited time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tried, w.slow = time.Now(), waited > atOnce
	if !w.gone.Load() {
		w.since = w.tried
		w.gone.Store(true)
	}
}

func (w *way) back() {
	if w.gone.Load() {
		w.gone.Store(false)
	}
}

// Away tells whether the store does not take what is written now, and for how
// long. Nothing is asked of it: it is what the last who tried found.
func (d *DB) Away() (since time.Duration, yes bool) {
	if d.shut.Load() {
		return time.Since(d.begun), true
	}
	w := &d.health.writing
	if !w.gone.Load() {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.since), true
}

// watched runs fn as one try of a way, and learns from how it ended.
func (d *DB) watched(ctx context.Context, w *way, fn func(context.Context) error) error {
	if d.closedTo(ctx) {
		return away(errNotYet)
	}
	trial, err := w.enter()
	if err != nil {
		return err
	}
	if d.pulse != nil {
		var leave func()
		if ctx, leave = d.pulse.with(ctx, trial); leave != nil {
			defer leave()
		}
	}
	begun := time.Now()
	err = fn(ctx)
	switch {
	case err == nil:
		w.back()
	case IsAway(err):
	case d.engine.silent(err), errors.Is(context.Cause(ctx), errAway):
		err = away(err)
	case trial && fault.KindOf(err) != fault.Internal: // it said no, which is an answer
		w.back()
	}
	if IsAway(err) {
		w.lost(time.Since(begun))
	}
	return err
}

// silent tells whether an error means that the store did not answer or has no
// room (PostgreSQL appendix A: classes 08, 53, 57P, 58; SQLite result codes
// BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB).
func (e engine) silent(err error) bool {
	if lite, ok := errors.AsType[*sqlitedrv.Error](err); ok {
		switch lite.Code() & 0xff {
		case 5, 6, 8, 10, 11, 13, 14, 26:
			return true
		}
		return false
	}
	if e == sqlite {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case len(pg.Code) != 5:
			return false
		case pg.Code[:2] == "08", pg.Code[:2] == "53", pg.Code[:2] == "58", pg.Code == "25006":
			return true
		}
		return pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !isNet(err) {
		return false // whoever asked has gone; the pulse tells when the store has
	}
	return isNet(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, errLine)
}

func isNet(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// errLine marks a transaction that could not be begun or ended though the store
// said nothing against it: the line broke.
var errLine = errors.New("db: the line to the store broke")

// broke marks the failure of a BEGIN or COMMIT.
func (e engine) broke(err error) error {
	if e == sqlite || err == nil {
		return err
	}
	if _, said := errors.AsType[*pgconn.PgError](err); said || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errors.Join(errLine, err)
}

// pulse feels every second whether PostgreSQL still answers while somebody waits
// for it, and lets go of all who wait when it does not.
type pulse struct {
	mu    sync.Mutex
	era   context.Context
	end   context.CancelCauseFunc
	busy  atomic.Int64
	stop  chan struct{}
	once  sync.Once
	hangs time.Duration
}

func newPulse(hangs time.Duration) *pulse {
	p := &pulse{stop: make(chan struct{}), hangs: hangs}
	p.begin()
	return p
}

func (p *pulse) begin() { p.era, p.end = context.WithCancelCause(context.Background()) }

// with binds a unit of work to the present era. A trial has its own bound.
func (p *pulse) with(ctx context.Context, trial bool) (context.Context, func()) {
	p.busy.Add(1)
	if trial {
		ctx, cancel := context.WithTimeoutCause(ctx, p.hangs, errAway)
		return ctx, func() { cancel(); p.busy.Add(-1) }
	}
	p.mu.Lock()
	era := p.era
	p.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(era, func() { cancel(errAway) })
	return ctx, func() { unhook(); cancel(nil); p.busy.Add(-1) }
}

// watch works until the store is closed. ping asks whether the store answers.
func (p *pulse) watch(ping func(context.Context) error, lost func()) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		if p.busy.Load() == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), p.hangs)
		err := ping(ctx)
		cancel()
		if err == nil {
			continue
		}
		lost()
		p.mu.Lock()
		p.end(errAway)
		p.begin()
		p.mu.Unlock()
	}
}

func (p *pulse) close() { p.once.Do(func() { close(p.stop) }) }
