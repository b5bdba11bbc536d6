package testkit

import (
	"context"
	"io/fs"
	"testing"
)

// Store is what a template needs of an open store: *db.DB, which testkit may not
// name, because the tests of platform/db stand on testkit.
type Store interface {
	Migrate(ctx context.Context, module string, files fs.FS) error
	Close() error
}

// Schema is the tables of one module.
type Schema struct {
	Module string
	Files  fs.FS
}

// Tables is a template with the tables of these modules, made in this order, and
// nothing in them. open is db.Open.
func Tables[S Store](open func(dsn string) (S, error), all ...Schema) *Template {
	return &Template{Build: func(t testing.TB, dsn string) {
		store, err := open(dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		for _, m := range all {
			if err := store.Migrate(context.Background(), m.Module, m.Files); err != nil {
				t.Fatal(m.Module, err)
			}
		}
	}}
}
