package crypt

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/twiza/twiza/base/fault"
)

// What a password costs to check: argon2id with 19 MiB, two passes, one lane,
// the least that OWASP asks for ("Password Storage Cheat Sheet", Argon2id).
// Raising these makes old passwords due for NeedsRehash at the next sign-in.
const (
	passwordMemory = 19456 // KiB
	passwordPasses = 2
	passwordLanes  = 1
	passwordSalt   = 16 // bytes; RFC 9106 §3.1
	passwordSum    = 32 // bytes
)

// How long a password may be, in characters. NIST SP 800-63B-4 §3.1.1.2: at
// least 8 where a second factor is asked for, as it is of all staff; at least
// 64 must be allowed. No rule about kinds of characters.
const (
	PasswordLeast = 8
	PasswordMost  = 256
)

// hashing lets two passwords be worked on at once: each takes 19 MiB and a core
// for tens of milliseconds, and a crowd at the door must not starve the house.
var hashing = make(chan struct{}, 2)

// HashPassword makes what is stored of a password: a PHC string,
// "$argon2id$v=19$m=…,t=…,p=…$salt$sum". A password of the wrong length is a
// fault. It waits for its turn until ctx ends.
func HashPassword(ctx context.Context, password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < PasswordLeast:
		return "", fault.New(fault.Invalid, "crypt.password.too_short", "got", n, "least", PasswordLeast)
	case n > PasswordMost:
		return "", fault.New(fault.Invalid, "crypt.password.too_long", "most", PasswordMost)
	}
	p := phc{memory: passwordMemory, passes: passwordPasses, lanes: passwordLanes, salt: random(passwordSalt)}
	var err error
	if p.sum, err = p.work(ctx, password, passwordSum); err != nil {
		return "", err
	}
	return p.String(), nil
}

// nobody is checked against when there is no account, so that an unknown name
// takes as long as a wrong password.
var nobody = phc{memory: passwordMemory, passes: passwordPasses, lanes: passwordLanes,
	salt: make([]byte, passwordSalt), sum: make([]byte, passwordSum)}

// VerifyPassword tells whether password is the one that stored was made of. An
// empty stored, for an account that is not there, takes the same time and is
// never right. The error is a broken stored string, or ctx that ended while
// waiting for a turn.
func VerifyPassword(ctx context.Context, stored, password string) (bool, error) {
	p := nobody
	if stored != "" {
		var err error
		if p, err = parsePHC(stored); err != nil {
			return false, err
		}
	}
	if utf8.RuneCountInString(password) > PasswordMost {
		return false, nil // longer than any that was ever accepted
	}
	sum, err := p.work(ctx, password, uint32(len(p.sum)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, p.sum) == 1 && stored != "", nil
}

// NeedsRehash tells that stored was made with weaker settings than today's: at
// a sign-in that succeeds, store HashPassword of what was typed.
func NeedsRehash(stored string) bool {
	p, err := parsePHC(stored)
	return err != nil || p.memory < passwordMemory || p.passes < passwordPasses ||
		len(p.salt) < passwordSalt || len(p.sum) < passwordSum
}

// phc is a password as the Password Hashing Competition's string format has it.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

func (p phc) work(ctx context.Context, password string, size uint32) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("crypt: waiting to check a password: %w", ctx.Err())
	}
	// One é typed on two keyboards is one password (SP 800-63B-4 §3.1.1.2).
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), p.salt, p.passes, p.memory, p.lanes, size), nil
}

var b64 = base64.RawStdEncoding.Strict()

func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		b64.EncodeToString(p.salt), b64.EncodeToString(p.sum))
}

var errPHC = errors.New("crypt: the stored password is not an argon2id string")

// parsePHC reads what String writes, and settings up to a limit: a damaged row
// must not make the house allocate a terabyte.
func parsePHC(s string) (p phc, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, errPHC
	}
	settings := strings.Split(parts[3], ",")
	if len(settings) != 3 {
		return p, errPHC
	}
	var n [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(settings[i], name)
		if n[i], err = strconv.ParseUint(digits, 10, 32); !ok || err != nil || n[i] == 0 {
			return p, errPHC
		}
	}
	if n[0] > 1<<18 || n[1] > 16 || n[2] > 16 { // 256 MiB
		return p, errPHC
	}
	p = phc{memory: uint32(n[0]), passes: uint32(n[1]), lanes: uint8(n[2])}
	if p.salt, err = b64.DecodeString(parts[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return p, errPHC
	}
	if p.sum, err = b64.DecodeString(parts[5]); err != nil || len(p.sum) < 16 || len(p.sum) > 64 {
		return p, errPHC
	}
	return p, nil
}
