package crypt

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/twiza/twiza/base/arabic"
)

// indexSize is that of a blind index, in bytes: 128 bits, so that two values
// share one about never, for HMAC-SHA-256 cut short (RFC 2104 §5).
const indexSize = 16

// Index is a blind index: 16 bytes that are the same for the same value, and
// tell nothing to whoever lacks the key. With it "the same phone?" is asked of
// the database without storing the phone in the clear. Normalise the value
// first; purpose keeps apart the indexes of different columns, so that they
// cannot be joined. The key is never replaced.
func (v *Vault) Index(purpose, value string) []byte {
	return derive(v.keys.Load().index, purpose, value, 0)[:indexSize]
}

// Code is a short numeric code that belongs to subject, such as the one a
// family tells at the delivery. It is the same each time it is asked for, is
// stored nowhere, and cannot be worked out from anything a screen shows; every
// code of so many digits is equally likely. Whoever checks one counts the
// tries. Put a counter into subject ("…|2") to give out another. Digits are 4
// to 9; other numbers are a bug.
func (v *Vault) Code(purpose, subject string, digits int) string {
	if digits < 4 || digits > 9 {
		panic(fmt.Sprintf("crypt: a code of %d digits", digits))
	}
	space := uint64(math.Pow10(digits))
	fair := math.MaxUint64 - math.MaxUint64%space  // what lies above would favour low codes
	for block := uint32(digits) << 16; ; block++ { // a short code is no part of a long one
		sum := derive(v.keys.Load().code, purpose, subject, block)
		for ; len(sum) > 0; sum = sum[8:] {
			if n := binary.BigEndian.Uint64(sum); n < fair {
				return fmt.Sprintf("%0*d", digits, n%space)
			}
		}
	}
}

// Match tells whether given, as somebody typed it, is the code of subject, in a
// time that does not tell how much of it was right.
func (v *Vault) Match(purpose, subject string, digits int, given string) bool {
	return subtle.ConstantTimeCompare([]byte(v.Code(purpose, subject, digits)), []byte(typed(given))) == 1
}

// typed is a code as people type it: digits of any keyboard, spaces and hyphens.
func typed(code string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "-", "").Replace(strings.TrimSpace(arabic.Digits(code)))
}

// derive is HMAC-SHA-256 over purpose, block and value; the length of purpose
// comes first, so that no two inputs read alike.
func derive(key []byte, purpose, value string, block uint32) []byte {
	in := make([]byte, 0, 8+len(purpose)+len(value))
	in = binary.BigEndian.AppendUint32(in, uint32(len(purpose)))
	in = append(in, purpose...)
	in = binary.BigEndian.AppendUint32(in, block)
	in = append(in, value...)
	mac := hmac.New(sha256.New, key)
	mac.Write(in)
	return mac.Sum(nil)
}

// Token is 256 bits of chance for a link, a session or an idempotency key: 43
// characters that need no escaping in a URL. Keep TokenSum of it, not it.
func Token() string {
	return base64.RawURLEncoding.EncodeToString(random(32))
}

// TokenSum is what the database keeps of a token: enough to recognise it, not
// to use it. A token is long enough to need neither salt nor slowness.
func TokenSum(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewSalt draws the salt of a commitment: 16 bytes, kept beside the data.
func NewSalt() []byte {
	salt := make([]byte, 16)
	rand.Read(salt)
	return salt
}

// Commit binds the journal to data without holding them: SHA-256 over the
// length of the salt (one byte), the salt and the data. Whoever has salt and
// data can show that they are what was meant; when the salt is erased with the
// data, nobody can find out what was. Salts longer than 255 bytes are a bug.
func Commit(salt, data []byte) []byte {
	if len(salt) > math.MaxUint8 {
		panic("crypt: a salt of " + fmt.Sprint(len(salt)) + " bytes")
	}
	h := sha256.New()
	h.Write([]byte{byte(len(salt))})
	h.Write(salt)
	h.Write(data)
	return h.Sum(nil)
}

// Committed tells whether commitment was made of salt and data.
func Committed(commitment, salt, data []byte) bool {
	return subtle.ConstantTimeCompare(commitment, Commit(salt, data)) == 1
}
