package crypt

import (
	"context"
	"encoding/binary"
	"fmt"
	"regexp"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

// Column is a column of sealed values, each sealed for At("table.column", id)
// where id is the text of its row's key. Whoever keeps a table names them.
type Column struct {
	Table, Column string
	Key           string // of the row; "" is id
}

func (c Column) key() string {
	if c.Key == "" {
		return "id"
	}
	return c.Key
}

var plainName = regexp.MustCompile(`^[a-z][a-z_]*$`)

// Reseal seals anew, with the data key that is in use, at most a batch of the
// values of each column that were sealed with an older one, and says how many.
// Zero means that there are none left. Readers never notice: a row that somebody
// writes meanwhile is left to the next time. What cannot be opened stays as it
// is, and is an error that names its row, after everything else was done.
func (v *Vault) Reseal(ctx context.Context, columns []Column, batch int) (n int, err error) {
	if len(v.keys.Load().fields) < 2 {
		return 0, nil // never rotated: nothing can be stale
	}
	for _, c := range columns {
		if !plainName.MatchString(c.Table) || !plainName.MatchString(c.Column) || !plainName.MatchString(c.key()) {
			return n, fmt.Errorf("crypt: %+v is no column", c)
		}
		done, cerr := v.resealColumn(ctx, c, batch)
		if n += done; cerr != nil && err == nil {
			err = cerr
		}
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
	}
	return n, err
}

func (v *Vault) resealColumn(ctx context.Context, c Column, batch int) (n int, err error) {
	var keys []string // and not what they have: some columns hold whole files
	var now [4]byte
	binary.BigEndian.PutUint32(now[:], v.keys.Load().current)
	if err := v.db.Read(ctx, func(t *db.Tx) (err error) {
		keys, err = db.List(t, db.Text, `SELECT `+c.key()+` FROM `+c.Table+` WHERE `+c.Column+` IS NOT NULL AND LENGTH(`+c.Column+`) > 0
			AND SUBSTR(`+c.Column+`, 2, 4) <> ?1 ORDER BY `+c.key()+` LIMIT ?2`, now[:], batch)
		return err
	}); err != nil {
		return 0, err
	}
	for _, key := range keys {
		did, rerr := v.resealRow(ctx, c, key)
		switch {
		case rerr != nil && err == nil:
			err = fmt.Errorf("crypt: %s.%s of %s: %w", c.Table, c.Column, key, rerr)
		case did:
			n++
		}
	}
	return n, err
}

// resealRow replaces exactly the bytes that were read.
func (v *Vault) resealRow(ctx context.Context, c Column, key string) (did bool, err error) {
	at := At(c.Table+"."+c.Column, key)
	var sealed []byte
	err = v.db.Read(ctx, func(t *db.Tx) (err error) {
		sealed, err = db.One(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT `+c.Column+` FROM `+c.Table+` WHERE `+c.key()+` = ?1`, key)
		return err
	})
	if fault.KindOf(err) == fault.Missing || err == nil && len(sealed) == 0 {
		return false, nil // somebody erased it meanwhile
	}
	if err != nil {
		return false, err
	}
	plain, err := v.Open(at, sealed)
	if err != nil {
		return false, err
	}
	fresh := v.Seal(at, plain)
	return did, v.db.Write(ctx, func(t *db.Tx) error {
		rows, err := t.Exec(`UPDATE `+c.Table+` SET `+c.Column+` = ?1 WHERE `+c.key()+` = ?2 AND `+c.Column+` = ?3`, fresh, key, sealed)
		did = rows > 0
		return err
	})
}

// StaleIn counts the values of the columns that an older data key sealed.
func (v *Vault) StaleIn(ctx context.Context, columns []Column) (n int64, err error) {
	var now [4]byte
	binary.BigEndian.PutUint32(now[:], v.keys.Load().current)
	err = v.db.Read(ctx, func(t *db.Tx) error {
		for _, c := range columns {
			some, err := db.One(t, db.Int, `SELECT COUNT(*) FROM `+c.Table+` WHERE `+c.Column+` IS NOT NULL AND LENGTH(`+c.Column+`) > 0 AND SUBSTR(`+c.Column+`, 2, 4) <> ?1`, now[:])
			if n += some; err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
