package db

import (
	"context"
	"strings"
)

// Count is how many rows a table has.
type Count struct {
	Table string
	Rows  int64
}

// Counts counts the rows of every table of an SQLite store, at one moment.
func (d *DB) Counts(ctx context.Context) (all []Count, err error) {
	err = d.Read(ctx, func(t *Tx) error {
		names, err := List(t, Text, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`)
		if err != nil {
			return err
		}
		all = nil
		for _, n := range names {
			rows, err := One(t, Int, `SELECT COUNT(*) FROM "`+strings.ReplaceAll(n, `"`, `""`)+`"`)
			if err != nil {
				return err
			}
			all = append(all, Count{n, rows})
		}
		return nil
	})
	return all, err
}
