package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// ErrLetter is a letter that this house cannot open: damaged, or not for it.
var ErrLetter = errors.New("crypt: this letter was altered, or is for another house")

// Letterbox opens what was sealed for the house by somebody who knows only its
// address: an age file (age-encryption.org/v1, X25519). A phone without a
// network can write one, and cannot read it again; nor can whoever finds the
// phone. The secret is derived from the code key, which is never replaced: it
// lies nowhere, survives every rotation, and is in a backup only as wrapped as
// that key is.
type Letterbox struct{ identity *age.X25519Identity }

// Letterbox is the one of that name. Another name has another address.
func (v *Vault) Letterbox(name string) (*Letterbox, error) {
	identity, err := age.ParseX25519Identity(bech32("AGE-SECRET-KEY-", derive(v.keys.Load().code, "letterbox", name, 0)))
	if err != nil {
		return nil, fmt.Errorf("crypt: the letterbox %s: %w", name, err)
	}
	return &Letterbox{identity}, nil
}

// Address is what whoever writes to the box must know: "age1…". It is no secret.
func (b *Letterbox) Address() string { return b.identity.Recipient().String() }

// Open reads a letter of at most so many bytes.
func (b *Letterbox) Open(letter []byte, most int64) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(letter), b.identity)
	if err != nil {
		return nil, ErrLetter
	}
	plain, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || int64(len(plain)) > most {
		return nil, ErrLetter
	}
	return plain, nil
}

// Format keeps the secret out of whatever is printed.
func (b *Letterbox) Format(s fmt.State, _ rune) { io.WriteString(s, "letterbox "+b.Address()) }

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 writes bytes as BIP 173 does, in capitals as age writes a secret key:
// the prefix, 1, five bits a letter, and a checksum of six letters.
func bech32(prefix string, data []byte) string {
	var bits []byte // five each
	acc, n := uint32(0), 0
	for _, b := range data {
		acc, n = acc<<8|uint32(b), n+8
		for n >= 5 {
			n -= 5
			bits = append(bits, byte(acc>>n)&31)
		}
	}
	if n > 0 {
		bits = append(bits, byte(acc<<(5-n))&31)
	}
	sum := polymod(prefix, append(bits, 0, 0, 0, 0, 0, 0)) ^ 1
	var out strings.Builder
	out.WriteString(prefix + "1")
	for _, b := range bits {
		out.WriteByte(bech32Letters[b])
	}
	for i := range 6 {
		out.WriteByte(bech32Letters[sum>>(5*(5-i))&31])
	}
	return strings.ToUpper(out.String())
}

// polymod is the checksum of BIP 173 over the prefix, spread out, and the data.
func polymod(prefix string, bits []byte) uint32 {
	var all []byte
	prefix = strings.ToLower(prefix)
	for i := range len(prefix) {
		all = append(all, prefix[i]>>5)
	}
	all = append(all, 0)
	for i := range len(prefix) {
		all = append(all, prefix[i]&31)
	}
	sum := uint32(1)
	for _, b := range append(all, bits...) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(b)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
