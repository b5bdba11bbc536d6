// Package db keeps the house's records, in SQLite by default and in PostgreSQL
// when one machine is not enough. Statements are written once, with ?1, ?2 for
// arguments, in the SQL that both engines share; what they do not share lives
// here and in platform/jobs, and nowhere else.
//
// What is acknowledged is on the disk: SQLite runs with a write-ahead log and
// synchronous=FULL, and many writers share one flush (see writer.go).
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// DB is an open store.
type DB struct {
	engine engine
	clock  clock.Clock
	path   string // of the SQLite file; "" for PostgreSQL
	pool   *sql.DB
	stmts  sync.Map      // text → *sql.Stmt, for the pool
	turns  chan struct{} // one for each connection that works

	still     atomic.Pointer[chan struct{}] // closed when readers may go on; nil: they may
	followed  atomic.Bool                   // somebody copies the log and folds it (Tail)
	foldAbove int64                         // frames
	relieved  time.Time                     // of the last try; the writer's own

	writer *writer // SQLite's one writer; nil for PostgreSQL
	health health
	flush  flusher // of PostgreSQL, as are lanes
	lanes  lanes
	pulse  *pulse // of PostgreSQL; nil for SQLite, which does not hang on a line

	dsn      string
	patience int         // of SQLite's writer, in milliseconds
	begun    time.Time   // when it was asked for, by the machine's own steady clock
	felt     bool        // somebody feels the pulse
	shut     atomic.Bool // it is not open yet for everybody (later.go)

	indexOnce sync.Once // what a Tail reads; closed after every connection (tail.go)
	indexFile *os.File
	indexErr  error
}

// Open takes "file:PATH" for SQLite or "postgres://…" for PostgreSQL.
func Open(dsn string, c clock.Clock) (*DB, error) { return open(dsn, c, writerPatience) }

// OpenBeside is Open for a command that works beside a house that may be serving:
// it waits longer until it may write.
func OpenBeside(dsn string, c clock.Clock) (*DB, error) { return open(dsn, c, commandPatience) }

func open(dsn string, c clock.Clock, patience int) (*DB, error) {
	d, err := Later(dsn, c)
	if err != nil {
		return nil, err
	}
	d.patience = patience
	if err := d.Enter(); err != nil {
		return d, err
	}
	d.Opened()
	return d, nil
}

// enterPostgres connects. A server that answers and says no, for a wrong password
// or a database that is not there, is not away.
func (d *DB) enterPostgres() error {
	if d.pool == nil {
		pool, err := sql.Open("pgx", d.dsn)
		if err != nil {
			return fmt.Errorf("db: %w", err)
		}
		pool.SetMaxOpenConns(connections + 2) // one more to feel the pulse while all work, and one to flush
		pool.SetMaxIdleConns(connections + 1)
		d.pool, d.turns, d.pulse = pool, make(chan struct{}, connections), newPulse(hangsBy(d.dsn))
	}
	ctx, stop := context.WithTimeout(context.Background(), d.pulse.hangs)
	defer stop()
	if err := d.pool.PingContext(ctx); err != nil {
		if pg, said := errors.AsType[*pgconn.PgError](err); said && !d.engine.silent(pg) {
			return fmt.Errorf("db: %w", err)
		}
		return away(err)
	}
	if !d.felt {
		d.felt = true
		go d.pulse.watch(d.pool.PingContext, func() { d.health.reading.lost(d.pulse.hangs); d.health.writing.lost(d.pulse.hangs) })
	}
	return nil
}

// connections is how many PostgreSQL serves at once.
const connections = 24

// turn waits until a connection is free, in the order of coming. The pool of
// database/sql takes anyone of those who wait, so that on a full night some
// would wait many times as long as others.
func (d *DB) turn(ctx context.Context) (leave func(), err error) {
	for {
		select {
		case d.turns <- struct{}{}:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the store: %w", ctx.Err())
		}
		still := d.still.Load()
		if still == nil {
			return func() { <-d.turns }, nil
		}
		<-d.turns // the log is being folded
		select {
		case <-*still:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the store: %w", ctx.Err())
		}
	}
}

// readers is how many connections read SQLite at once; more than the machine
// has cores does not help.
const readers = 4

// What each connection keeps of the store, in KiB. The driver needs twice as
// much memory for it, and SQLite looks through all of it at many a commit; what
// is not there the system's own cache has.
const (
	writerCache = 12 << 10
	readerCache = 8 << 10
)

// How many milliseconds the writer waits while another process holds the file. A
// house that serves lets people wait no longer before the store counts as away and
// what they send is kept beside it; a command has time.
const (
	writerPatience  = 2000
	commandPatience = 20_000
)

func (d *DB) enterSQLite() error {
	path := d.path
	// secure_delete: what somebody had erased is overwritten, not merely let go.
	pragma := func(cache, wait int, extra ...string) string {
		q := url.Values{"_pragma": append([]string{
			fmt.Sprintf("busy_timeout(%d)", wait), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
			fmt.Sprintf("cache_size(-%d)", cache), "temp_store(MEMORY)", fmt.Sprintf("wal_autocheckpoint(%d)", logLimit), fmt.Sprintf("journal_size_limit(%d)", logKept), "secure_delete(1)"}, extra...)}
		return "file:" + path + "?" + q.Encode()
	}
	write, err := sql.Open("sqlite", pragma(writerCache, d.patience))
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	w, err := newWriter(write, d.clock)
	if err != nil {
		write.Close()
		return fmt.Errorf("db: opening %s: %w", path, err)
	}
	pool, err := sql.Open("sqlite", pragma(readerCache, 10_000, "query_only(1)"))
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	pool.SetMaxOpenConns(readers + 1) // one more than read: a statement that is new is made on it
	pool.SetMaxIdleConns(readers + 1)
	d.pool, d.writer, d.turns, d.foldAbove = pool, w, make(chan struct{}, readers), foldAbove
	relieve := d.relieve
	w.between.Store(&relieve)
	return pool.Ping()
}

// Engine is "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine.String() }

// Now is what the store's clock says.
func (d *DB) Now() time.Time { return d.clock.Now() }

// Clock is the clock that the store goes by.
func (d *DB) Clock() clock.Clock { return d.clock }

// Close waits for what is being written, then lets go of the files.
func (d *DB) Close() error {
	if d.pulse != nil {
		d.pulse.close()
	}
	if d.pool == nil {
		return nil
	}
	err := d.pool.Close() // readers first: the last to close folds the log into the file, and they may not write
	if d.writer != nil {
		err = errors.Join(err, d.writer.close())
	}
	if d.indexFile != nil {
		err = errors.Join(err, d.indexFile.Close())
	}
	return err
}

// Ping tells whether the store answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.closedTo(ctx) {
		return away(errNotYet)
	}
	return d.pool.PingContext(ctx)
}

// querier is a connection or a transaction.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Tx is one unit of work. It lives for one operation, as an http.Request does,
// and so may carry that operation's context and its one moment in time.
type Tx struct {
	ctx    context.Context
	now    time.Time
	engine engine
	q      querier
	stmt   func(string) (*sql.Stmt, error) // nil where the driver caches by itself
	after  []func()
	wrote  bool  // something is changed, or may be
	broken error // a statement failed so that SQLite may have given up the whole transaction

	crowded bool // committed before it is on the disk; Write waits for that
	lanes   *lanes
	leave   []func() // of lanes, once it has ended
}

func (t *Tx) Context() context.Context { return t.ctx }

// Now is the same moment for everything done in this unit of work.
func (t *Tx) Now() time.Time { return t.now }

// Postgres tells the few places that must know which engine they talk to.
func (t *Tx) Postgres() bool { return t.engine == postgres }

// After runs fn once the work is committed, and never if it is not. Only for
// what may be lost: a live update on a screen. What must happen is a job.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// Write runs fn in a transaction that is committed if fn returns nil; when
// Write returns nil, the work is on the disk. fn may run more than once (under
// PostgreSQL a serialization failure is tried again; under SQLite everybody is,
// when another of the same batch failed half-way), so it must do nothing but
// read and write records, and fill what it gives back anew each time.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return d.watched(ctx, &d.health.writing, func(ctx context.Context) error {
		if d.writer != nil {
			return d.writer.do(ctx, fn)
		}
		const tries = 8
		for n := 1; ; n++ {
			err := d.once(ctx, false, fn)
			if err == nil || n == tries || !d.engine.again(err) && !errors.Is(err, errChanged) {
				return err
			}
		}
	})
}

var errChanged = errors.New("db: the row had another version")

// Changed is what a store returns when the row that it read was changed by
// somebody else before it could be written back. Write then runs the unit of
// work again on what is there now; whoever asked with a version of their own
// gets the sentence.
func Changed() error {
	return &fault.Fault{Kind: fault.Conflict, Key: "error.changed_meanwhile", Cause: errChanged}
}

// Read runs fn against one unmoving view of the records.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return d.watched(ctx, &d.health.reading, func(ctx context.Context) error { return d.once(ctx, true, fn) })
}

func (d *DB) once(ctx context.Context, readOnly bool, fn func(*Tx) error) error {
	after, crowded, err := d.inside(ctx, readOnly, fn)
	if err == nil && crowded {
		if err = d.flush.wait(ctx, d.pool, d.pulse.hangs); err != nil {
			return fmt.Errorf("flush: %w", d.engine.broke(err))
		}
	}
	for _, f := range after {
		f()
	}
	return err
}

// inside runs fn in a transaction of the pool, and gives back what is to be
// done once its connection is somebody else's, and whether it may not be on the disk.
func (d *DB) inside(ctx context.Context, readOnly bool, fn func(*Tx) error) (after []func(), crowded bool, err error) {
	leave, err := d.turn(ctx)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	opts := &sql.TxOptions{ReadOnly: readOnly && d.engine == postgres}
	if readOnly && d.engine == postgres {
		opts.Isolation = sql.LevelRepeatableRead // one unmoving view, as SQLite gives
	}
	tx, err := d.pool.BeginTx(ctx, opts)
	if err != nil {
		return nil, false, fmt.Errorf("begin: %w", d.engine.broke(err))
	}
	t := &Tx{ctx: ctx, now: d.clock.Now(), engine: d.engine, q: tx, lanes: &d.lanes}
	defer func() {
		tx.Rollback() // before others are let on; does nothing after Commit
		for _, leave := range t.leave {
			leave()
		}
	}()
	if d.engine == sqlite {
		t.stmt = func(q string) (*sql.Stmt, error) { return d.prepared(ctx, tx, q) }
	}
	if err := attempt(fn, t); err != nil {
		return nil, false, err
	}
	if err := tx.Commit(); err != nil {
		return nil, false, fmt.Errorf("commit: %w", d.engine.broke(err))
	}
	return t.after, t.crowded, nil
}

func (d *DB) prepared(ctx context.Context, tx *sql.Tx, q string) (*sql.Stmt, error) {
	s, ok := d.stmts.Load(q)
	if !ok {
		fresh, err := d.pool.PrepareContext(context.WithoutCancel(ctx), unnumbered(q))
		if err != nil {
			return nil, err
		}
		var raced bool
		if s, raced = d.stmts.LoadOrStore(q, fresh); raced {
			fresh.Close()
		}
	}
	return tx.StmtContext(ctx, s.(*sql.Stmt)), nil
}

// Exec runs a statement and says how many rows it touched.
func (t *Tx) Exec(q string, args ...any) (int64, error) {
	res, err := t.exec(q, t.engine.encode(args))
	if err != nil {
		return 0, t.engine.explain(t.noted(err))
	}
	n, err := res.RowsAffected()
	t.wrote = t.wrote || n != 0
	return n, err
}

func (t *Tx) exec(q string, args []any) (sql.Result, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	if t.stmt == nil {
		return t.q.ExecContext(t.ctx, t.engine.bind(q), args...)
	}
	s, err := t.stmt(q)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// noted remembers a failure after which nothing more may be done: where SQLite
// has given up the transaction, the next statement would be kept by itself.
func (t *Tx) noted(err error) error {
	if t.engine == sqlite && t.broken == nil && !undone(err) {
		t.broken, t.wrote = err, true
	}
	return err
}

func (t *Tx) query(q string, args []any) (*sql.Rows, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	t.wrote = t.wrote || !strings.HasPrefix(strings.TrimSpace(q), "SELECT") // UPDATE … RETURNING
	args = t.engine.encode(args)
	if t.stmt == nil {
		return t.q.QueryContext(t.ctx, t.engine.bind(q), args...)
	}
	s, err := t.stmt(q)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return nil, t.noted(err)
	}
	return rows, nil
}

// end is what ended the rows, when it was not the last of them.
func (t *Tx) end(rows *sql.Rows) error {
	if err := rows.Err(); err != nil {
		return t.noted(err)
	}
	return nil
}

// Row is what a scan function reads from.
type Row interface{ Scan(dest ...any) error }

// List collects every row of q.
func List[T any](t *Tx, scan func(Row) (T, error), q string, args ...any) ([]T, error) {
	rows, err := t.query(q, args)
	if err != nil {
		return nil, t.engine.explain(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, t.end(rows)
}

// One reads a single row; none is fault.Missing.
func One[T any](t *Tx, scan func(Row) (T, error), q string, args ...any) (T, error) {
	var none T
	rows, err := t.query(q, args)
	if err != nil {
		return none, t.engine.explain(err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := t.end(rows); err != nil {
			return none, err
		}
		return none, &fault.Fault{Kind: fault.Missing, Key: "error.missing", Cause: sql.ErrNoRows}
	}
	v, err := scan(rows)
	if err != nil {
		return none, err
	}
	return v, rows.Close()
}

// Text, Int and Bool scan a row of one column.
func Text(r Row) (s string, err error) { return s, r.Scan(&s) }
func Int(r Row) (n int64, err error)   { return n, r.Scan(&n) }

// Has tells whether q finds a row.
func Has(t *Tx, q string, args ...any) (bool, error) {
	rows, err := t.query(q, args)
	if err != nil {
		return false, t.engine.explain(err)
	}
	defer rows.Close()
	return rows.Next(), t.end(rows)
}
