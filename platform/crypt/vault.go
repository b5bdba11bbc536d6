// Package crypt keeps secret what people entrust to the house: their names,
// phones and words are sealed before they reach the disk, can be found again
// without being read, and are of no use to whoever carries off the disk or a
// backup.
//
// Three layers of keys. The master key wraps data keys and lives outside the
// data folder (Ring). Data keys lie wrapped in the table crypt_key and, opened,
// only in memory (Vault). Of these one seals fields, one makes blind indexes,
// one derives short codes. docs/decisions/0003-keys.md says why.
//
// What always holds: what Seal wrote opens in its own place (table, column,
// row) and nowhere else; a changed byte is noticed; index and code keys are
// never replaced, so what was findable stays findable.
//
// Message keys:
//
//	crypt.password.too_short   {got} {least}
//	crypt.password.too_long    {most}
package crypt

import (
	"context"
	"crypto/cipher"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Files is the schema of this package. OpenVault applies it.
//
//go:embed schema/*.sql
var Files embed.FS

// What can be wrong with sealed bytes. None is a person's mistake: bytes were
// damaged, moved, or come from another house.
var (
	ErrAltered    = errors.New("crypt: the sealed bytes were altered or belong in another place")
	ErrUnknownKey = errors.New("crypt: sealed with a data key that this house does not have")
)

// Sealed bytes begin with a version and the id of their data key, four bytes,
// most significant first; then the nonce (12 bytes), the text, the tag (16).
const (
	version    = 1
	headerSize = 1 + 4
	overhead   = headerSize + 12 + 16
)

// Vault holds the data keys, opened. Every method may be called from anywhere
// at any time; sealing and opening never wait for one another.
type Vault struct {
	db   *db.DB
	keys atomic.Pointer[keys]

	rotating sync.Mutex // one rotation at a time, its unit of work included

	// mu owns what follows and every replacing of keys. It is never held while
	// waiting to write: what is being written may need it, to open something.
	mu      sync.Mutex
	ring    *Ring
	unknown map[uint32]struct{} // asked for, looked up, not there
	wrapped []dataKey           // as they lie in the store
}

// keys is one state of the data keys. It does not change.
type keys struct {
	current     uint32 // seals what is new
	fields      map[uint32]cipher.AEAD
	index, code []byte
}

// OpenVault unwraps the data keys of a house, and makes them if it has none
// yet. Data keys wrapped by an older key of the ring are wrapped anew by its
// newest, so a start with a new key on top of the ring is a rotation.
func OpenVault(ctx context.Context, d *db.DB, ring *Ring) (*Vault, error) {
	v := LaterVault(d, ring)
	if err := v.Begin(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// LaterVault is a vault whose store is still to come: it has no keys until it is
// told them (Recall) or finds them there (Begin).
func LaterVault(d *db.DB, ring *Ring) *Vault {
	return &Vault{db: d, ring: ring, unknown: map[uint32]struct{}{}}
}

// Begin does what OpenVault does once the store answers. Keys that are not those
// that were recalled are an error (ErrOtherKeys).
func (v *Vault) Begin(ctx context.Context) error {
	if err := v.db.Migrate(ctx, "crypt", Files); err != nil {
		return err
	}
	if err := v.db.Write(ctx, func(tx *db.Tx) error { return firstKeys(tx, v.ring.Newest()) }); err != nil {
		return fmt.Errorf("crypt: making the first data keys: %w", err)
	}
	stale, err := v.reload(ctx)
	if err == nil && stale {
		err = v.rewrap(ctx, (*Ring).again)
	}
	return err
}

// At names the place of a value, so that bytes copied from one row or column to
// another do not open there: At("cases_request.phone", id.String()).
func At(column, row string) string { return column + "|" + row }

// Seal encrypts plain for one place (see At). The result is 33 bytes longer and
// different each time. Nonces are random: one data key is good for 2³²
// messages (NIST SP 800-38D §8.3), and RotateField brings a new one.
func (v *Vault) Seal(at string, plain []byte) []byte {
	k := v.keys.Load()
	head := make([]byte, headerSize, overhead+len(plain))
	head[0] = version
	binary.BigEndian.PutUint32(head[1:], k.current)
	return k.fields[k.current].Seal(head, nil, plain, additional(head, at))
}

// Open decrypts what Seal made for the same place. Bytes of a data key that is
// new since this process last looked are looked up, once.
func (v *Vault) Open(at string, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return nil, ErrAltered
	}
	head, body := sealed[:headerSize], sealed[headerSize:]
	gcm, err := v.field(binary.BigEndian.Uint32(head[1:]))
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, body, additional(head, at))
	if err != nil {
		return nil, ErrAltered
	}
	return plain, nil
}

// additional is what is authenticated and not encrypted: the header and the place.
func additional(head []byte, at string) []byte {
	b := make([]byte, 0, headerSize+len(at))
	return append(append(b, head[:headerSize]...), at...)
}

// SealText is Seal for text.
func (v *Vault) SealText(at, plain string) []byte { return v.Seal(at, []byte(plain)) }

// OpenText is Open for text. No bytes, as an empty column gives, are no text.
func (v *Vault) OpenText(at string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := v.Open(at, sealed)
	return string(plain), err
}

// Stale tells whether sealed was made with another data key than what is new
// gets: worth sealing again when its row is next written.
func (v *Vault) Stale(sealed []byte) bool {
	return len(sealed) >= headerSize && binary.BigEndian.Uint32(sealed[1:]) != v.keys.Load().current
}

func (v *Vault) field(id uint32) (cipher.AEAD, error) {
	if gcm, ok := v.keys.Load().fields[id]; ok {
		return gcm, nil
	}
	return v.learn(id)
}

// learn looks for a data key that another process may have made. An id that is
// not there is not looked for again: bytes that lie must not cost a query each.
func (v *Vault) learn(id uint32) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	gcm, ok := v.keys.Load().fields[id]
	_, asked := v.unknown[id]
	if !ok && !asked {
		// The caller may be in the middle of a unit of work whose context we do
		// not have; a store that hangs must not hang it for ever.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := v.load(ctx); err != nil {
			return nil, err
		}
		if gcm, ok = v.keys.Load().fields[id]; !ok {
			if len(v.unknown) >= 1024 {
				clear(v.unknown)
			}
			v.unknown[id] = struct{}{}
		}
	}
	if !ok {
		return nil, fmt.Errorf("%w: %d", ErrUnknownKey, id)
	}
	return gcm, nil
}
