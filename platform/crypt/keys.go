package crypt

import (
	"context"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// purposes of data keys; a house has one of each in use.
var purposes = [...]string{"field", "index", "code"}

// dataKey is a row of crypt_key.
type dataKey struct {
	id       uint32
	purpose  string
	wrapped  []byte
	masterID string
	madeAt   time.Time
	retired  bool
}

const keyColumns = `id, purpose, wrapped, master_id, made_at, retired`

func scanKey(r db.Row) (k dataKey, err error) {
	return k, r.Scan(&k.id, &k.purpose, &k.wrapped, &k.masterID, db.Time(&k.madeAt), &k.retired)
}

func listKeys(tx *db.Tx) ([]dataKey, error) {
	return db.List(tx, scanKey, `SELECT `+keyColumns+` FROM crypt_key ORDER BY made_at, id`)
}

// wrapFor binds a wrapped key to its row and its use.
func (k *dataKey) wrapFor() []byte {
	return []byte("crypt_key|" + strconv.FormatUint(uint64(k.id), 10) + "|" + k.purpose)
}

func (k *dataKey) wrap(m MasterKey, secret []byte) {
	k.masterID, k.wrapped = m.ID, m.aead().Seal(nil, nil, secret, k.wrapFor())
}

func (k *dataKey) unwrap(r *Ring) ([]byte, error) {
	m, ok := r.find(k.masterID)
	if !ok {
		return nil, &missingMaster{id: k.masterID, place: r.place(), have: r.IDs()}
	}
	secret, err := m.aead().Open(nil, nil, k.wrapped, k.wrapFor())
	if err != nil || len(secret) != keySize {
		return nil, fmt.Errorf("crypt: the %s key %d does not open with the master key %q: the row was altered, or another key bears that id", k.purpose, k.id, m.ID)
	}
	return secret, nil
}

// missingMaster says, in an operator's words, which key is wanted.
type missingMaster struct {
	id, place string
	have      []string
}

func (e *missingMaster) Error() string {
	return fmt.Sprintf("crypt: the data of this house are locked with the master key %q, which is not in %s (it has %s): put the line of %q back there, from the copy that was kept",
		e.id, e.place, strings.Join(e.have, ", "), e.id)
}

// addKey draws a data key and keeps it. Under PostgreSQL two processes may
// start a house at once; the index on keys in use lets one of them win, and
// both then read the winner's.
func addKey(tx *db.Tx, purpose string, m MasterKey) error {
	id := binary.BigEndian.Uint32(random(4))
	k := dataKey{id: max(id, 1), purpose: purpose, madeAt: tx.Now()}
	k.wrap(m, random(keySize))
	n, err := tx.Exec(`INSERT INTO crypt_key (`+keyColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING`,
		int64(k.id), k.purpose, k.wrapped, k.masterID, k.madeAt, k.retired)
	if err != nil || n == 1 {
		return err
	}
	other, err := db.Has(tx, `SELECT 1 FROM crypt_key WHERE purpose = ?1 AND NOT retired`, purpose)
	if err == nil && !other { // one in four thousand million
		err = fmt.Errorf("crypt: the id %d was drawn twice; try again", k.id)
	}
	return err
}

// firstKeys makes the data keys of a new house. In a house that has some and
// lacks one, nothing is made: a new index key would silently lose everything
// that was found by the old one.
func firstKeys(tx *db.Tx, m MasterKey) error {
	some, err := db.Has(tx, `SELECT 1 FROM crypt_key`)
	if err != nil || some {
		return err
	}
	for _, p := range purposes {
		if err := addKey(tx, p, m); err != nil {
			return err
		}
	}
	return nil
}

// reload reads the data keys and puts them in force; stale says that some are
// wrapped by a master key that is not the newest.
func (v *Vault) reload(ctx context.Context) (stale bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.load(ctx)
}

// load is called with mu held.
func (v *Vault) load(ctx context.Context) (stale bool, err error) {
	var rows []dataKey
	err = v.db.Read(ctx, func(tx *db.Tx) error {
		rows, err = listKeys(tx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("crypt: reading the data keys: %w", err)
	}
	ring := v.ring
	fresh, err := openKeys(rows, ring)
	if _, missing := errors.AsType[*missingMaster](err); missing {
		// Another process may have put a new master key on top of the file.
		var again error
		if ring, again = ring.again(); again != nil {
			return false, errors.Join(err, again)
		}
		fresh, err = openKeys(rows, ring)
	}
	if err != nil {
		return false, err
	}
	if old := v.keys.Load(); old != nil && !old.findsLike(fresh) {
		return false, ErrOtherKeys
	}
	v.ring = ring
	v.keys.Store(fresh)
	v.wrapped = rows
	for _, row := range rows {
		stale = stale || row.masterID != ring.Newest().ID
	}
	return stale, nil
}

// findsLike tells whether two states have the same keys for what never changes.
func (k *keys) findsLike(o *keys) bool {
	return subtle.ConstantTimeCompare(k.index, o.index)&subtle.ConstantTimeCompare(k.code, o.code) == 1
}

func openKeys(rows []dataKey, ring *Ring) (*keys, error) {
	k := &keys{fields: map[uint32]cipher.AEAD{}}
	inUse := map[string]int{}
	for _, row := range rows {
		secret, err := row.unwrap(ring)
		if err != nil {
			return nil, err
		}
		if !row.retired {
			inUse[row.purpose]++
		}
		switch {
		case row.purpose == "field":
			k.fields[row.id] = newGCM(secret)
			if !row.retired {
				k.current = row.id
			}
		case row.retired:
		case row.purpose == "index":
			k.index = secret
		case row.purpose == "code":
			k.code = secret
		}
	}
	for _, p := range purposes {
		if inUse[p] != 1 {
			return nil, fmt.Errorf("crypt: %d keys for %q are in use, and there must be one: restore crypt_key from a backup", inUse[p], p)
		}
	}
	return k, nil
}
