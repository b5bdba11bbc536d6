package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
)

// SQLite folds its write-ahead log into the file beside readers, but begins it anew only
// at a moment in which nobody reads an older state (sqlite.org/wal.html, "Avoiding
// Excessively Large WAL Files"). A house in which somebody always reads never has such a
// moment: the log grows, and every page is looked for in all of it. So the writer makes
// one: when the log is long, readers who come wait, those who are there end, and the log
// is folded. Whoever reads long is not waited for; it is tried again.
const (
	foldAbove = 2 * logLimit           // frames
	foldWait  = 40 * time.Millisecond  // that readers may take to end
	foldEvery = 250 * time.Millisecond // between two tries
	logKept   = 64 << 20               // bytes that the file of the log keeps when it begins anew
)

// hush waits until nobody reads, but not long, and keeps those who come waiting until
// release. nobody tells whether it got there.
func (d *DB) hush() (release func(), nobody bool) {
	held, open := 0, make(chan struct{})
	d.still.Store(&open)
	release = func() {
		d.still.Store(nil)
		close(open)
		for range held {
			<-d.turns
		}
	}
	late := time.NewTimer(foldWait)
	defer late.Stop()
	for range cap(d.turns) {
		select {
		case d.turns <- struct{}{}:
			held++
		case <-late.C:
			return release, false
		}
	}
	return release, true
}

// relieve folds a long log. The writer does it between two batches; where somebody
// follows the store (Tail), that one folds. What goes wrong is tried again: a store that
// cannot be written to says so when somebody writes.
func (d *DB) relieve(c *sql.Conn) {
	now := d.clock.Now()
	if d.followed.Load() || now.Sub(d.relieved).Abs() < foldEvery { // a clock may jump
		return
	}
	d.relieved = now
	shm, err := d.index()
	if err != nil {
		return
	}
	if m, err := markIn(shm); err == nil && int64(m.frames) >= d.foldAbove {
		d.fold(c)
	}
}

// fold writes the log into the file, most of it beside readers, the rest at a moment
// without any: the next writer then begins it anew. frames is how long it was.
func (d *DB) fold(c *sql.Conn) (frames int64, err error) {
	var busy, done int64
	passive := func() error {
		return c.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &done)
	}
	if err := passive(); err != nil {
		return 0, err
	}
	release, nobody := d.hush()
	defer release()
	if !nobody { // somebody reads long: until the next time
		return frames, nil
	}
	return frames, passive()
}

// markIn reads where the log is from the head of its index.
func markIn(shm *os.File) (m logMark, err error) {
	var b [96]byte
	for range 1000 {
		if _, err := shm.ReadAt(b[:], 0); err != nil {
			return m, fmt.Errorf("db: the index of the log: %w", err)
		}
		if [48]byte(b[:48]) == [48]byte(b[48:]) && b[12] == 1 {
			return logMark{binary.BigEndian.Uint32(b[32:]), binary.BigEndian.Uint32(b[36:]), binary.NativeEndian.Uint32(b[16:])}, nil
		}
		time.Sleep(time.Millisecond)
	}
	return m, errors.New("db: the index of the log is never at rest")
}
