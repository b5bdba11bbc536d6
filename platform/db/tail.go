package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// Tail tells which pages of an SQLite store changed, and reads them as they
// were at one moment, while the house works: what a copy elsewhere needs in
// order to follow. Pages are read through SQLite itself (sqlite.org/dbpage.html);
// which of them changed is in the heads of the frames of the write-ahead log
// (sqlite.org/fileformat2.html, 4.1). The store's own file is never opened:
// closing it would let go of the locks that SQLite holds on it for this whole
// process (sqlite.org/howtocorrupt.html, 2.2), and the file of the log's index,
// which holds locks too, stays open until the store is closed.
//
// A reader is held open so that nobody, not even another process, begins the log
// anew before its heads were read. When the log has grown, the tail folds it
// into the file, while the one writer waits for it. Whenever the log is not the
// one that was expected, the next look says Whole: every page must be compared.
//
// One goroutine uses a Tail; a View of it may be read by another.
type Tail struct {
	db    *DB
	pool  *sql.DB
	shm   *os.File
	size  int // of a page, in bytes
	guard *sql.Conn
	last  logMark
	dirty pageSet // changed since the last look that was kept
	after pageSet // of those, the ones that may have changed after the last look's moment
	whole bool
}

type pageSet map[uint32]struct{}

// logLimit is how many pages the log may hold before it is folded into the
// file: as many as SQLite's own limit is when nobody follows (enterSQLite).
const logLimit = 4000

// logMark is a place in the write-ahead log.
type logMark struct {
	salt1, salt2 uint32
	frames       uint32
}

func (m logMark) sameLog(o logMark) bool { return m.salt1 == o.salt1 && m.salt2 == o.salt2 }

// View is the store at one moment. Nothing that was written later is in it.
type View struct {
	At       time.Time
	Pages    uint32
	PageSize int
	Dirty    []uint32 // in order; says nothing where Whole
	Whole    bool     // nobody knows which pages changed
	conn     *sql.Conn
}

// Tail begins to follow an SQLite store. PostgreSQL has an archive of its own.
func (d *DB) Tail(ctx context.Context) (*Tail, error) {
	if d.engine != sqlite {
		return nil, errors.New("db: only an SQLite store is followed by this program")
	}
	pool, err := sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-2048)")
	if err != nil {
		return nil, err
	}
	t := &Tail{db: d, pool: pool, dirty: pageSet{}, after: pageSet{}, whole: true}
	err = pool.QueryRowContext(ctx, `PRAGMA page_size`).Scan(&t.size)
	if err == nil {
		t.shm, err = d.index()
	}
	if err == nil {
		d.followed.Store(true)
		err = d.writer.alone(ctx, func(c *sql.Conn) error { return execute(c, `PRAGMA wal_autocheckpoint = 0`) })
	}
	if err == nil {
		err = t.fold(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("db: following the store: %w", err), t.Close(ctx))
	}
	return t, nil
}

// index opens the file of the log's index once for as long as the store is open.
func (d *DB) index() (f *os.File, err error) {
	d.indexOnce.Do(func() { d.indexFile, d.indexErr = os.Open(d.path + "-shm") })
	return d.indexFile, d.indexErr
}

// Close lets the store go on by itself.
func (t *Tail) Close(ctx context.Context) error {
	t.letGo()
	t.db.followed.Store(false)
	err := t.db.writer.alone(ctx, func(c *sql.Conn) error { return execute(c, fmt.Sprintf(`PRAGMA wal_autocheckpoint = %d`, logLimit)) })
	return errors.Join(err, t.pool.Close())
}

func (t *Tail) letGo() {
	if t.guard != nil {
		end(t.guard)
		t.guard = nil
	}
}

// Look gives the store as it is now, with the pages that changed since the look
// that was kept last.
func (t *Tail) Look(ctx context.Context) (*View, error) {
	before, err := t.mark()
	if err == nil && before.frames > logLimit {
		if err = t.fold(ctx); err == nil {
			before, err = t.mark()
		}
	}
	if err != nil {
		return nil, err
	}
	v := &View{At: t.db.clock.Now(), PageSize: t.size}
	if v.conn, err = t.begin(ctx); err != nil {
		return nil, err
	}
	now, err := t.mark()
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	t.after = pageSet{}
	switch {
	case !before.sameLog(now): // somebody began the log anew at this very moment
		t.whole, t.last = true, logMark{now.salt1, now.salt2, 0}
		v.Close()
		return t.Look(ctx)
	case !t.last.sameLog(before):
		t.whole = true
	default:
		t.note(t.last, before, t.dirty)
	}
	t.note(before, now, t.dirty)
	t.note(before, now, t.after)
	t.last = now
	if err := v.conn.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&v.Pages); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	v.Whole = t.whole
	for _, no := range slices.Sorted(maps.Keys(t.dirty)) {
		if no <= v.Pages {
			v.Dirty = append(v.Dirty, no)
		}
	}
	return v, nil
}

// Keep says that what the last look saw is safe elsewhere. What changed while it
// was being made is told again by the next, rather than never.
func (t *Tail) Keep() { t.dirty, t.after, t.whole = t.after, pageSet{}, false }

// fold writes the log into the file as far as readers let it, and begins to hold
// it anew. The one writer waits for this instead of doing it itself.
func (t *Tail) fold(ctx context.Context) error {
	return t.db.writer.alone(ctx, func(c *sql.Conn) error {
		was, err := t.mark()
		if err != nil {
			return err
		}
		if t.guard != nil && was.sameLog(t.last) {
			t.note(t.last, was, t.dirty)
			t.note(t.last, was, t.after)
		} else {
			t.whole = true
		}
		t.letGo()
		frames, err := t.db.fold(c)
		if err != nil {
			return err
		}
		// One frame of our own: a log that is wholly in the file holds nobody up, and
		// its next writer would begin it anew whoever reads.
		var version int64
		if err := c.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
			return err
		}
		if err := execute(c, fmt.Sprintf(`PRAGMA user_version = %d`, (version+1)%(1<<30))); err != nil {
			return err
		}
		is, err := t.mark()
		if err != nil {
			return err
		}
		switch {
		case is.sameLog(was):
			t.last = was
		case is.salt1 == was.salt1+1 && frames <= int64(was.frames):
			t.last = logMark{is.salt1, is.salt2, 0}
		default: // another process wrote, folded and began anew, all in between
			t.whole, t.last = true, logMark{is.salt1, is.salt2, 0}
		}
		t.guard, err = t.begin(ctx)
		return err
	})
}

// begin opens a reader that sees one moment.
func (t *Tail) begin(ctx context.Context) (*sql.Conn, error) {
	c, err := t.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	err = execute(c, `BEGIN`)
	if err == nil {
		var n int64
		err = c.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema`).Scan(&n)
	}
	if err != nil {
		return nil, errors.Join(err, end(c))
	}
	return c, nil
}

func execute(c *sql.Conn, q string) error {
	_, err := c.ExecContext(context.Background(), q)
	return err
}

func end(c *sql.Conn) error {
	execute(c, `ROLLBACK`)
	return c.Close()
}

// mark reads where the log ends, from the head of its index
// (sqlite.org/walformat.html, 2.1): two copies, equal when nobody is writing it.
func (t *Tail) mark() (logMark, error) { return markIn(t.shm) }

// note adds the pages of the frames between two marks of one log. A frame that
// cannot be read makes the whole store suspect, never a page forgotten.
func (t *Tail) note(from, to logMark, pages pageSet) {
	if from.frames >= to.frames {
		return
	}
	wal, err := os.Open(t.db.path + "-wal") // no locks are on this one
	if err != nil {
		t.whole = true
		return
	}
	defer wal.Close()
	var head [24]byte
	for n := from.frames; n < to.frames; n++ {
		if _, err := wal.ReadAt(head[:], 32+int64(n)*int64(t.size+len(head))); err != nil ||
			binary.BigEndian.Uint32(head[8:]) != to.salt1 || binary.BigEndian.Uint32(head[12:]) != to.salt2 {
			t.whole = true
			return
		}
		pages[binary.BigEndian.Uint32(head[:])] = struct{}{}
	}
}

// All reads every page in order, but for the one that holds SQLite's locks.
func (v *View) All(ctx context.Context, fn func(no uint32, page []byte) error) error {
	rows, err := v.conn.QueryContext(ctx, `SELECT pgno, data FROM sqlite_dbpage`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var no uint32
		var page sql.RawBytes
		if err := rows.Scan(&no, &page); err != nil {
			return err
		}
		if no > v.Pages || no == v.lockPage() {
			continue
		}
		if err := fn(no, page); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Each reads the pages of these numbers.
func (v *View) Each(ctx context.Context, numbers []uint32, fn func(no uint32, page []byte) error) error {
	s, err := v.conn.PrepareContext(ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = ?`)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, no := range numbers {
		if no > v.Pages || no == v.lockPage() {
			continue
		}
		var page []byte
		if err := s.QueryRowContext(ctx, no).Scan(&page); err != nil {
			return fmt.Errorf("db: page %d: %w", no, err)
		}
		if err := fn(no, page); err != nil {
			return err
		}
	}
	return nil
}

func (v *View) lockPage() uint32 { return uint32(0x40000000/v.PageSize) + 1 }

// Close lets go of the moment.
func (v *View) Close() error { return end(v.conn) }
