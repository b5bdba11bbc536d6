package app

import (
	"context"
	"path/filepath"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
)

// surgeCount is how many requests a house keeps, counted from outside it.
func surgeCount(ctx context.Context, folder, postgres string) (n int64, err error) {
	dsn := postgres
	if dsn == "" {
		dsn = "file:" + filepath.Join(folder, "twiza.db")
	}
	d, err := db.Open(dsn, clock.System{})
	if err != nil {
		return 0, err
	}
	defer d.Close()
	err = d.Read(ctx, func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM cases_case`)
		return err
	})
	return n, err
}
