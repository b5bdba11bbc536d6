// Package id names things. An identifier is minted by whoever creates the
// thing, be it a server or a phone without a network, so creating twice with
// one identifier is creating once. Identifiers name; they do not order.
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"time"
)

// Of is the identifier of a T, a UUID of version 7 (RFC 9562, section 5.7).
// Two kinds of identifier do not mix: passing a team's where a case's is
// wanted does not compile.
type Of[T any] struct{ b [16]byte }

// New mints an identifier: 48 bits of milliseconds, so that neighbours in time
// are neighbours in an index, then 74 bits of chance.
func New[T any](now time.Time) Of[T] {
	var i Of[T]
	rand.Read(i.b[:])
	ms := uint64(now.UnixMilli())
	for k := range 6 {
		i.b[k] = byte(ms >> (40 - 8*k))
	}
	i.b[6] = i.b[6]&0x0f | 0x70
	i.b[8] = i.b[8]&0x3f | 0x80
	return i
}

// Derive mints the identifier that belongs to seed (16 bytes or more, such as
// a keyed hash): the same seed and moment give the same identifier, so that
// what was made from one thing is made once.
func Derive[T any](at time.Time, seed []byte) Of[T] {
	i := New[T](at)
	copy(i.b[6:], seed[:10])
	i.b[6] = i.b[6]&0x0f | 0x70
	i.b[8] = i.b[8]&0x3f | 0x80
	return i
}

// Time is the moment written into the identifier, to the millisecond.
func (i Of[T]) Time() time.Time {
	var ms int64
	for _, b := range i.b[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

// Parse reads what String wrote: 36 characters, lower-case hexadecimal with
// hyphens. Any other spelling is refused, so that one thing has one name.
func Parse[T any](s string) (Of[T], error) {
	var i Of[T]
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return i, fmt.Errorf("id: %q is not an identifier", s)
	}
	_, err := hex.Decode(i.b[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:]))
	if err != nil || i.String() != s {
		return Of[T]{}, fmt.Errorf("id: %q is not an identifier", s)
	}
	return i, nil
}

func (i Of[T]) IsZero() bool { return i.b == [16]byte{} }

// String is the identifier as text; no identifier is the empty string.
func (i Of[T]) String() string {
	if i.IsZero() {
		return ""
	}
	var out [36]byte
	hex.Encode(out[:8], i.b[:4])
	hex.Encode(out[9:13], i.b[4:6])
	hex.Encode(out[14:18], i.b[6:8])
	hex.Encode(out[19:23], i.b[8:10])
	hex.Encode(out[24:], i.b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

func (i Of[T]) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

func (i *Of[T]) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*i = Of[T]{}
		return nil
	}
	*i, err = Parse[T](string(b))
	return err
}

// Value stores the identifier as text, and no identifier as NULL.
func (i Of[T]) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.String(), nil
}

// Scan reads an identifier from a column; NULL is no identifier.
func (i *Of[T]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i = Of[T]{}
		return nil
	case string:
		return i.UnmarshalText([]byte(v))
	case []byte:
		return i.UnmarshalText(v)
	}
	return fmt.Errorf("id: cannot scan %T", v)
}
