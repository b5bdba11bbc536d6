package db

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"

	"github.com/twiza/twiza/base/clock"
)

// writer is SQLite's one writer. Whoever wants to write queues here; the
// writer takes all that wait, up to batch, runs each inside a savepoint of one
// transaction, and flushes once for all of them. A unit of work that fails is
// rolled back to its savepoint and harms no other; nobody is told "done"
// before the flush.
type writer struct {
	pool   *sql.DB
	conn   *sql.Conn
	clock  clock.Clock
	queue  chan *work
	closed chan struct{}
	stmts  map[string]*sql.Stmt // owned by run
}

// batch bounds how long the first of a batch may wait for the last.
const batch = 256

type work struct {
	ctx   context.Context
	fn    func(*Tx) error
	done  chan error
	after []func()
	err   error
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
		all, last := w.gather(first)
		w.commit(all)
		if last {
			return
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

func (w *writer) gather(first *work) (all []*work, last bool) {
	all = append(all, first)
	for len(all) < batch {
		select {
		case k := <-w.queue:
			if k == nil {
				return all, true
			}
			all = append(all, k)
		default:
			return all, false
		}
	}
	return all, false
}

func (w *writer) commit(all []*work) {
	err := w.raw("BEGIN IMMEDIATE")
	if err == nil {
		for _, k := range all {
			// A savepoint that will not close means that SQLite gave up the whole
			// transaction (a full disk does that): then nobody's work was kept.
			if err = w.step(k, len(all) > 1); err != nil {
				break
			}
		}
		if err == nil && !(len(all) == 1 && all[0].err != nil) {
			err = w.raw("COMMIT")
		}
		if err != nil || len(all) == 1 && all[0].err != nil {
			w.raw("ROLLBACK")
		}
	}
	for _, k := range all {
		if k.err == nil && err != nil {
			k.err = fmt.Errorf("commit: %w", err)
		}
		k.done <- k.err
	}
}

// step runs one unit of work; with others around it, inside a savepoint. What
// it returns is the end of the whole batch; the unit's own failure is k.err.
func (w *writer) step(k *work, shared bool) error {
	if k.err = k.ctx.Err(); k.err != nil {
		return nil // the asker has gone, and nothing was begun
	}
	if shared {
		if err := w.raw("SAVEPOINT work"); err != nil {
			return err
		}
	}
	// From here on the asker's leaving changes nothing: half a unit is no unit.
	t := &Tx{ctx: context.WithoutCancel(k.ctx), now: w.clock.Now(), engine: sqlite, q: w.conn, stmt: w.prepared}
	k.err = attempt(k.fn, t)
	k.after = t.after
	if !shared {
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
	s, err := w.conn.PrepareContext(context.Background(), q)
	if err == nil {
		w.stmts[q] = s
	}
	return s, err
}
