package db

import (
	"context"
	"os"
	"sync/atomic"
)

// commits counts what the one writer of SQLite has done.
type commits struct{ batches, units atomic.Int64 }

// Batches is how many transactions the writer of SQLite has kept, how many units
// of work were in them, and how many wait now. PostgreSQL commits each by itself:
// all are zero.
func (d *DB) Batches() (batches, units, waiting int64) {
	if d.shut.Load() || d.writer == nil {
		return 0, 0, 0
	}
	return d.writer.count.batches.Load(), d.writer.count.units.Load(), int64(len(d.writer.queue))
}

// Size is how many bytes the records take on the disk: the file and its log, or
// the database of PostgreSQL.
func (d *DB) Size(ctx context.Context) (n int64, err error) {
	if d.path == "" {
		err = d.Read(ctx, func(t *Tx) error {
			n, err = One(t, Int, `SELECT pg_database_size(current_database())`)
			return err
		})
		return n, err
	}
	for _, name := range []string{d.path, d.path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil && !os.IsNotExist(err) {
			return n, err
		}
		if err == nil {
			n += info.Size()
		}
	}
	return n, nil
}
