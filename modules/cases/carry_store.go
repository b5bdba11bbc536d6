package cases

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// OldFile is a file that an earlier release took in here, opened: what it was
// called and how it was read, its rows while it waited, its rows that failed.
type OldFile struct {
	ID, Name, Service, Account string
	Mapping                    json.RawMessage
	Body, Errors               []byte
	Done                       bool
	Rows, Added, Again, Failed int
	MadeAt, DoneAt             time.Time
}

// OldReading is how columns were read; Key is what the heads are known again by,
// "" where Heads themselves are there, as the first release kept them.
type OldReading struct {
	Key     string
	Heads   []string
	Mapping json.RawMessage
}

// HandOver gives away what this module kept of files before they had a module of
// their own, in one unit of work, and keeps nothing of it: the tables stay, empty,
// for the release before.
func (o *Office) HandOver(ctx context.Context, file func(*db.Tx, OldFile) error, reading func(*db.Tx, OldReading) error) error {
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		some, err := db.Has(t, `SELECT 1 FROM cases_import UNION ALL SELECT 1 FROM cases_reading UNION ALL SELECT 1 FROM cases_mapping LIMIT 1`)
		if err != nil || !some {
			return err
		}
		files, err := o.oldFiles(t)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := file(t, f); err != nil {
				return err
			}
		}
		readings, err := o.oldReadings(t)
		if err != nil {
			return err
		}
		for _, r := range readings {
			if err := reading(t, r); err != nil {
				return err
			}
		}
		for _, q := range []string{`DELETE FROM cases_import`, `DELETE FROM cases_reading`, `DELETE FROM cases_mapping`} {
			if _, err := t.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *Office) oldFiles(t *db.Tx) ([]OldFile, error) {
	return db.List(t, func(r db.Row) (f OldFile, err error) {
		var mapping, state string
		var sealed, body, errors []byte
		if err = r.Scan(&f.ID, &f.Name, &f.Service, &mapping, &sealed, &body, &errors, &state, &f.Rows, &f.Added, &f.Again, &f.Failed, &f.Account, db.Time(&f.MadeAt), db.Time(&f.DoneAt)); err != nil {
			return f, err
		}
		f.Done, f.Mapping = state == "done", json.RawMessage(mapping)
		if len(sealed) > 0 { // the first release had both in clear
			plain, err := o.vault.Open("cases_import.sealed|"+f.ID, sealed)
			if err != nil {
				return f, err
			}
			var about struct {
				Name    string          `json:"name"`
				Mapping json.RawMessage `json:"mapping"`
			}
			if err := json.Unmarshal(plain, &about); err != nil {
				return f, err
			}
			f.Name, f.Mapping = about.Name, about.Mapping
		}
		if len(body) > 0 {
			if f.Body, err = o.vault.Open("cases_import.body|"+f.ID, body); err != nil {
				return f, err
			}
		}
		if len(errors) > 0 {
			f.Errors, err = o.vault.Open("cases_import.errors|"+f.ID, errors)
		}
		return f, err
	}, `SELECT id, name, service, mapping, sealed, body, errors, state, rows, added, again, failed, account, made_at, done_at FROM cases_import ORDER BY id`)
}

func (o *Office) oldReadings(t *db.Tx) ([]OldReading, error) {
	all, err := db.List(t, func(r db.Row) (x OldReading, err error) {
		var sealed []byte
		if err = r.Scan(&x.Key, &sealed); err == nil {
			x.Mapping, err = o.vault.Open("cases_reading.sealed|"+x.Key, sealed)
		}
		return x, err
	}, `SELECT key, sealed FROM cases_reading ORDER BY key`)
	if err != nil {
		return nil, err
	}
	first, err := db.List(t, func(r db.Row) (x OldReading, err error) {
		var heads, mapping string
		err = r.Scan(&heads, &mapping)
		x.Heads, x.Mapping = strings.Split(heads, "\x1f"), json.RawMessage(mapping)
		return x, err
	}, `SELECT heads, mapping FROM cases_mapping ORDER BY heads`)
	return append(all, first...), err
}
