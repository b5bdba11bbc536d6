package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// Under PostgreSQL a row that everybody changes has two prices. It stays locked until
// its transaction is on the disk; and those who wait for it wake each other up in vain:
// each finds that another version came meanwhile, and waits anew, so that twenty who
// wait spend more on waiting than on work. Whoever says Crowded waits for the row's turn
// in this process, where waiting costs nothing; commits without waiting for the disk,
// which lets the next one on; and then waits for one flush that all who wait share.
//
// Nothing is told to be done before it is on the disk: the log is flushed in the order in
// which it was written, so what others built on it meanwhile is there only if it is there
// too (PostgreSQL, "Asynchronous Commit"). Turns only spare work: what keeps rows right is
// the database, in which other processes write too.
//
// SQLite has one writer, and all who wait share its flush already.

// Crowded says that many wait for rows that this unit of work is about to change, each
// with a key of its own, in the order in which everybody touches them. They are let on as
// soon as it is committed, and not only once it is on the disk; Write returns when it is.
func (t *Tx) Crowded(keys ...string) error {
	if t.engine != postgres || t.crowded {
		return nil
	}
	t.crowded = true
	if _, err := t.Exec(`SET LOCAL synchronous_commit = off`); err != nil {
		return err
	}
	for _, key := range keys {
		leave, err := t.lanes.enter(t.ctx, key)
		if err != nil {
			return err
		}
		t.leave = append(t.leave, leave)
	}
	return nil
}

// lanes are rows that units of work wait for, one behind the other.
type lanes struct {
	mu sync.Mutex
	of map[string]*lane
}

type lane struct {
	turn  chan struct{}
	there int // who is in it or waits
}

// longestTurn bounds the wait for a turn: whoever holds it may itself wait for a row that
// the one who waits has locked, which PostgreSQL finds out only if both wait there. Then
// it goes on without a turn, and is right all the same.
const longestTurn = 250 * time.Millisecond

// enter waits for a turn; leave gives it to the next.
func (l *lanes) enter(ctx context.Context, key string) (leave func(), err error) {
	l.mu.Lock()
	if l.of == nil {
		l.of = map[string]*lane{}
	}
	x := l.of[key]
	if x == nil {
		x = &lane{turn: make(chan struct{}, 1)}
		l.of[key] = x
	}
	x.there++
	l.mu.Unlock()
	out := func() {
		l.mu.Lock()
		if x.there--; x.there == 0 {
			delete(l.of, key)
		}
		l.mu.Unlock()
	}
	enough := time.NewTimer(longestTurn)
	defer enough.Stop()
	select {
	case x.turn <- struct{}{}:
		return func() { <-x.turn; out() }, nil
	case <-enough.C:
		out()
		return func() {}, nil
	case <-ctx.Done():
		out()
		return nil, fmt.Errorf("waiting for %s: %w", key, ctx.Err())
	}
}

// flusher brings everything that is committed to the disk, for all who wait at once.
type flusher struct {
	mu   sync.Mutex
	next *flush // those who came since the last one began
	busy bool
}

// flush is one of it.
type flush struct {
	done chan struct{}
	err  error
}

// wait returns once everything committed before it was called is on the disk.
func (f *flusher) wait(ctx context.Context, pool *sql.DB, hangs time.Duration) error {
	f.mu.Lock()
	if f.next == nil {
		f.next = &flush{done: make(chan struct{})}
	}
	mine := f.next
	if !f.busy {
		f.busy = true
		go f.work(pool, hangs)
	}
	f.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return fmt.Errorf("waiting for the disk: %w", ctx.Err())
	}
}

func (f *flusher) work(pool *sql.DB, hangs time.Duration) {
	for {
		f.mu.Lock()
		all := f.next
		f.next, f.busy = nil, all != nil
		f.mu.Unlock()
		if all == nil {
			return
		}
		ctx, stop := context.WithTimeout(context.Background(), hangs)
		// A message that nobody reads is a line of the log, and its commit waits for the
		// disk as any other does.
		_, all.err = pool.ExecContext(ctx, `SELECT pg_logical_emit_message(true, 'twiza', '')`)
		stop()
		close(all.done)
	}
}
