package crypt

import (
	"context"
	"fmt"

	"github.com/twiza/twiza/platform/db"
)

// RotateMaster puts k on top of the ring and its file, and wraps all data keys
// with it in one transaction. Nobody waits: the data keys stay what they are.
// The older master keys stay in the file, for the backups that need them. The
// keys of a variable are rotated in the variable (see OpenVault). Not to be
// called inside a unit of work.
func (v *Vault) RotateMaster(ctx context.Context, k MasterKey) error {
	return v.rewrap(ctx, func(r *Ring) (*Ring, error) { return r.topped(k) })
}

// rewrap wraps every data key with the newest key of the ring that take gives.
func (v *Vault) rewrap(ctx context.Context, take func(*Ring) (*Ring, error)) error {
	v.rotating.Lock()
	defer v.rotating.Unlock()
	var ring *Ring
	err := v.db.Write(ctx, func(tx *db.Tx) (err error) {
		// The rows are taken first, so that of two processes that rotate at once
		// one waits for the other, with the file as well: a key must never wrap
		// anything and be missing from the file. Hence a file is written inside a
		// unit of work, here and nowhere else.
		if _, err := tx.Exec(`UPDATE crypt_key SET made_at = made_at`); err != nil {
			return err
		}
		if ring, err = take(v.ringNow()); err != nil {
			return err
		}
		rows, err := listKeys(tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := row.moveTo(tx, ring); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("crypt: wrapping the data keys anew: %w", err)
	}
	v.mu.Lock()
	v.ring = ring
	v.mu.Unlock()
	return nil
}

// moveTo wraps a data key with the newest key of ring.
func (k *dataKey) moveTo(tx *db.Tx, ring *Ring) error {
	newest := ring.Newest()
	if k.masterID == newest.ID {
		return nil
	}
	secret, err := k.unwrap(ring)
	if err != nil {
		return err
	}
	k.wrap(newest, secret)
	_, err = tx.Exec(`UPDATE crypt_key SET wrapped = ?1, master_id = ?2 WHERE id = ?3`, k.wrapped, k.masterID, int64(k.id))
	return err
}

func (v *Vault) ringNow() *Ring {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ring
}

// RotateField makes a new data key for what is sealed from now on. What was
// sealed before still opens; other processes take the new key into use when
// they first meet it. Not to be called inside a unit of work.
func (v *Vault) RotateField(ctx context.Context) error {
	v.rotating.Lock()
	defer v.rotating.Unlock()
	err := v.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`UPDATE crypt_key SET retired = ?1 WHERE purpose = 'field' AND NOT retired`, true); err != nil {
			return err
		}
		ring, err := v.ringNow().again() // a data key must not be born under a master key that is gone
		if err != nil {
			return err
		}
		return addKey(tx, "field", ring.Newest())
	})
	if err != nil {
		return fmt.Errorf("crypt: making a new field key: %w", err)
	}
	_, err = v.reload(ctx)
	return err
}

// Check tells whether every data key opens with the keys of the ring, whether
// each purpose has one key in use, and whether the keys that must never change
// are those that this process works with.
func (v *Vault) Check(ctx context.Context) error {
	_, err := v.reload(ctx)
	return err
}
