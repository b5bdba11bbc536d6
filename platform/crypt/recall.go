package crypt

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrOtherKeys: the store has other keys for what never changes than this process
// works with. It is another house's.
var ErrOtherKeys = errors.New("crypt: the index or the code key in the database is not the one that this process works with")

// recalled is a data key as a process keeps it beside the store: wrapped by the
// master key, as it lies there.
type recalled struct {
	ID      uint32    `json:"id"`
	Purpose string    `json:"purpose"`
	Wrapped []byte    `json:"wrapped"`
	Master  string    `json:"master"`
	MadeAt  time.Time `json:"made_at"`
	Retired bool      `json:"retired,omitempty"`
}

// Wrapped are the data keys for Recall. Without the master key they open nothing.
func (v *Vault) Wrapped() ([]byte, error) {
	v.mu.Lock()
	rows := v.wrapped
	v.mu.Unlock()
	if len(rows) == 0 {
		return nil, errors.New("crypt: no keys are known")
	}
	out := make([]recalled, len(rows))
	for i, k := range rows {
		out[i] = recalled{k.id, k.purpose, k.wrapped, k.masterID, k.madeAt, k.retired}
	}
	return json.Marshal(out)
}

// Recall lets a vault work before its store answers, with the keys that a process
// of the house kept from last time.
func (v *Vault) Recall(kept []byte) error {
	var all []recalled
	if err := json.Unmarshal(kept, &all); err != nil {
		return fmt.Errorf("crypt: the keys kept beside the store: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	rows := make([]dataKey, len(all))
	for i, k := range all {
		rows[i] = dataKey{id: k.ID, purpose: k.Purpose, wrapped: k.Wrapped, masterID: k.Master, madeAt: k.MadeAt, retired: k.Retired}
	}
	fresh, err := openKeys(rows, v.ring)
	if err != nil {
		return err
	}
	v.keys.Store(fresh)
	v.wrapped = rows
	return nil
}

// Ready tells whether there are keys to seal with.
func (v *Vault) Ready() bool { return v.keys.Load() != nil }
