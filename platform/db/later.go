package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
)

// Later is a store that a house opens while it serves already: until Opened it is
// away for everybody but whoever prepares it. dsn is as for Open.
func Later(dsn string, c clock.Clock) (*DB, error) {
	d := &DB{dsn: dsn, clock: c, engine: sqlite, patience: writerPatience, begun: time.Now()}
	switch path, file := strings.CutPrefix(dsn, "file:"); {
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		d.engine = postgres
	case !file && path == "", strings.Contains(path, "?"):
		return nil, fmt.Errorf("db: %q is not a file", path)
	default:
		d.path = path
	}
	d.shut.Store(true)
	return d, nil
}

// Enter connects. It may be called again while IsAway tells of its error; any other
// is about what was configured. Until Opened, only what is done Preparing goes in.
func (d *DB) Enter() error {
	if d.engine == postgres {
		return d.enterPostgres()
	}
	if d.writer != nil {
		return nil
	}
	err := d.enterSQLite()
	if err != nil && d.engine.silent(err) {
		err = away(err)
	}
	return err
}

type preparing struct{}

// Preparing marks what is done to a store before anybody else may use it.
func Preparing(ctx context.Context) context.Context {
	return context.WithValue(ctx, preparing{}, true)
}

// Opened lets everybody in.
func (d *DB) Opened() { d.shut.Store(false) }

// closedTo tells whether a store is not open yet for whoever asks.
func (d *DB) closedTo(ctx context.Context) bool {
	return d.shut.Load() && ctx.Value(preparing{}) == nil
}

var errNotYet = errors.New("db: the store is being opened")
