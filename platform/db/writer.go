package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/twiza/twiza/base/clock"
)

// writer is SQLite's one writer. Whoever wants to write queues here; the
// writer takes all that wait, up to batch, runs them one after the other in one
// transaction, and flushes once for all of them. Nobody is told "done" before
// the flush, and a unit of work that fails harms no other: when it failed after
// it had written something, which is rare, all is rolled back and each unit is
// run again inside a savepoint of its own. Not at once, because SQLite copies
// every page that is changed under a savepoint.
type writer struct {
	pool   *sql.DB
	conn   *sql.Conn
	clock  clock.Clock
	queue  chan *work
	closed chan struct{}
	stmts  map[string]*sql.Stmt // owned by run
	count  commits

	between atomic.Pointer[func(*sql.Conn)] // what is done between two batches; nil is nothing
}

// batch bounds how long the first of a batch may wait for the last.
const batch = 256

type work struct {
	ctx   context.Context
	fn    func(*Tx) error
	done  chan error
	after []func()
	err   error
	wrote bool // something is changed, or may be
	alone func(*sql.Conn) error
}

func newWriter(pool *sql.DB, c clock.Clock) (*writer, error) {
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{pool: pool, conn: conn, clock: c, queue: make(chan *work, 4*batch), closed: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	go w.run()
	return w, nil
}

func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	k := &work{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case w.queue <- k:
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	case <-w.closed:
		return fmt.Errorf("db: closed")
	}
	select {
	case err := <-k.done: // wait even if ctx ends: "was it kept?" must have an answer
		if err == nil {
			for _, f := range k.after {
				f()
			}
		}
		return err
	case <-w.closed:
		select {
		case err := <-k.done: // it was in the last batch
			return err
		default:
			return fmt.Errorf("db: closed")
		}
	}
}

func (w *writer) close() error {
	w.queue <- nil
	<-w.closed
	return w.pool.Close()
}

func (w *writer) run() {
	defer close(w.closed)
	defer w.rest()
	for {
		first := <-w.queue
		if first == nil {
			return
		}
		all, next := w.gather(first)
		var err error
		if len(all) > 0 {
			err = w.commit(all)
			if do := w.between.Load(); do != nil && err == nil {
				(*do)(w.conn)
			}
		}
		if next != nil && next.alone == nil {
			return
		}
		if next != nil {
			next.done <- next.alone(w.conn)
		}
		if err != nil && sqlite.silent(err) && w.dismiss(err) {
			return
		}
	}
}

// alone runs fn between two batches, outside any transaction, while nobody
// else of this process writes.
func (w *writer) alone(ctx context.Context, fn func(*sql.Conn) error) error {
	k := &work{alone: fn, done: make(chan error, 1)}
	select {
	case w.queue <- k:
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	case <-w.closed:
		return fmt.Errorf("db: closed")
	}
	select {
	case err := <-k.done:
		return err
	case <-w.closed:
		return fmt.Errorf("db: closed")
	}
}

// dismiss tells all who came to wait while the store did not answer, so that
// nobody waits as long again.
func (w *writer) dismiss(err error) (last bool) {
	for {
		select {
		case k := <-w.queue:
			if k == nil {
				return true
			}
			k.done <- fmt.Errorf("commit: %w", err)
		default:
			return false
		}
	}
}

// rest lets go of the connection. A statement that stays open would keep it,
// and SQLite empties its write-ahead log into the file only as the last one
// closes: who then copies the file alone has everything.
func (w *writer) rest() {
	for _, s := range w.stmts {
		s.Close()
	}
	w.conn.Close()
}

// gather takes all that wait, and what ended the taking: work that wants to be
// alone, or one without any work, which is the end.
func (w *writer) gather(first *work) (all []*work, next *work) {
	for k := first; ; {
		switch {
		case k == nil:
			return all, &work{}
		case k.alone != nil:
			return all, k
		}
		all = append(all, k)
		if len(all) == batch {
			return all, nil
		}
		select {
		case k = <-w.queue:
		default:
			return all, nil
		}
	}
}

func (w *writer) commit(all []*work) error {
	err := w.together(all, false)
	if errors.Is(err, errSpoiled) {
		err = w.together(all, true)
	}
	w.count.batches.Add(1)
	w.count.units.Add(int64(len(all)))
	for _, k := range all {
		if k.err == nil && err != nil {
			k.err = fmt.Errorf("commit: %w", err)
		}
		k.done <- k.err
	}
	return err
}

// errSpoiled says that one of many failed with half its work done, so that
// nobody's can be kept as it is.
var errSpoiled = errors.New("db: a unit of work failed half-way")

// together runs all in one transaction; apart, each in a savepoint of its own.
func (w *writer) together(all []*work, apart bool) error {
	err := w.raw("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	for _, k := range all {
		// A savepoint that will not close means that SQLite gave up the whole
		// transaction (a full disk does that): then nobody's work was kept.
		if err = w.step(k, apart); err != nil {
			break
		}
		if k.err == nil || !k.wrote || apart {
			continue
		}
		if len(all) > 1 {
			err = errSpoiled
			break
		}
		return w.raw("ROLLBACK") // its own failure is its answer
	}
	if err == nil {
		err = w.raw("COMMIT")
	}
	if err != nil {
		w.raw("ROLLBACK")
	}
	return err
}

// step runs one unit of work. What it returns is the end of the whole batch;
// the unit's own failure is k.err.
func (w *writer) step(k *work, apart bool) error {
	k.wrote = false
	if k.err = k.ctx.Err(); k.err != nil {
		return nil // the asker has gone, and nothing was begun
	}
	if apart {
		if err := w.raw("SAVEPOINT work"); err != nil {
			return err
		}
	}
	// From here on the asker's leaving changes nothing: half a unit is no unit.
	t := &Tx{ctx: context.WithoutCancel(k.ctx), now: w.clock.Now(), engine: sqlite, q: w.conn, stmt: w.prepared}
	if k.err = attempt(k.fn, t); k.err == nil {
		k.err = t.broken
	}
	k.after, k.wrote = t.after, t.wrote
	if !apart {
		return nil
	}
	if k.err != nil {
		if err := w.raw("ROLLBACK TO work"); err != nil {
			return err
		}
	}
	return w.raw("RELEASE work")
}

// attempt turns a panic into an error: one caller's bug must not stop all writing.
func attempt(fn func(*Tx) error, t *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("db: panic in a unit of work: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(t)
}

func (w *writer) raw(q string) error {
	s, err := w.prepared(q)
	if err == nil {
		_, err = s.ExecContext(context.Background())
	}
	return err
}

func (w *writer) prepared(q string) (*sql.Stmt, error) {
	if s, ok := w.stmts[q]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), unnumbered(q))
	if err == nil {
		w.stmts[q] = s
	}
	return s, err
}
