// Package receipt is the number a person holds after asking for help: nine
// digits in three groups of three, such as 482 719 064. Digits alone can be
// typed on any phone, said aloud in any language, and read by people who read
// digits and not letters. The last digit checks the other eight, so a slip of
// the finger is told to the person at once and never opens somebody else's
// case. Numbers are drawn at random and say nothing about who asked, when, or
// how many others did; a number alone opens nothing (the last four digits of
// the phone go with it).
//
// What can be wrong with a number, as message keys:
//
//	receipt.empty         nothing was written
//	receipt.not_digits    {found}  the first sign that is no digit
//	receipt.too_short     {got}    how many digits there are; {want} is 9
//	receipt.too_long      {got}    how many digits there are; {want} is 9
//	receipt.check_digit            one digit is wrong, or two neighbours changed places
//	receipt.starts_zero            the check holds, yet no number of ours begins with 0
package receipt

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
)

// Digits is how long every receipt number is, check digit included.
const Digits = 9

// damm is the totally anti-symmetric quasigroup of order 10 with a diagonal of
// zeros in H. Michael Damm, "Total anti-symmetrische Quasigruppen", thesis,
// Philipps-Universität Marburg, 2004. Walking it with the digits of a number
// and its check digit ends at 0; any one wrong digit and any two neighbours
// exchanged end elsewhere.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// Number is a receipt number whose check digit holds. Only New, Parse and the
// database make one; the zero Number is no number.
type Number struct{ n uint32 }

// space is how many numbers can be given out: eight free digits, the first
// from 1 to 9.
const space = 90_000_000

// New draws a number. It may already be in use: whoever keeps it draws again
// when the table says so. The only error is that of the source of chance.
func New(random io.Reader) (Number, error) {
	var b [4]byte
	// 27 bits reach 134 million; what lies above the space is drawn again, so
	// every number is equally likely. A good source needs one or two draws.
	for range 256 {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return Number{}, fmt.Errorf("receipt: drawing a number: %w", err)
		}
		if n := binary.BigEndian.Uint32(b[:]) >> 5; n < space {
			free := n + space/9
			return Number{free*10 + uint32(check(free))}, nil
		}
	}
	return Number{}, errors.New("receipt: drawing a number: the source of chance repeats itself")
}

// check walks the quasigroup with the decimal digits of n, first digit first.
// Leading zeros change nothing, for damm[0][0] is 0.
func check(n uint32) byte {
	var digits [10]byte
	k := len(digits)
	for ; n > 0; n /= 10 {
		k--
		digits[k] = byte(n % 10)
	}
	var at byte
	for _, d := range digits[k:] {
		at = damm[at][d]
	}
	return at
}

// Parse reads a number as people write and paste it: with spaces, hyphens,
// dots or marks of direction anywhere, in Latin, Arabic-Indic or Persian
// digits. A mistake is a *fault.Fault that names the mistake.
func Parse(text string) (Number, error) {
	var n uint32
	got := 0
	for _, r := range arabic.Digits(text) {
		switch {
		case r >= '0' && r <= '9':
			if got < Digits {
				n = n*10 + uint32(r-'0')
			}
			got++
		case !filler(r):
			return Number{}, fault.New(fault.Invalid, "receipt.not_digits", "found", string(r))
		}
	}
	switch {
	case got == 0:
		return Number{}, fault.New(fault.Invalid, "receipt.empty")
	case got < Digits:
		return Number{}, fault.New(fault.Invalid, "receipt.too_short", "got", got, "want", Digits)
	case got > Digits:
		return Number{}, fault.New(fault.Invalid, "receipt.too_long", "got", got, "want", Digits)
	case check(n) != 0:
		return Number{}, fault.New(fault.Invalid, "receipt.check_digit")
	case n < space/9*10:
		return Number{}, fault.New(fault.Invalid, "receipt.starts_zero")
	}
	return Number{n}, nil
}

// filler is what stands between digits and means nothing: spaces of every
// width, hyphens and dashes, dots, and the invisible marks of direction that
// come along when a number is copied from an Arabic page.
func filler(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '.', '-', '_', '\u00a0', '\u00ad', '\u00b7', '\u061c', '\u202f', '\u2212', '\u3000', '\ufeff':
		return true
	}
	return r >= '\u2000' && r <= '\u2015' || // widths of space, marks of direction, dashes
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' // embeddings and isolates
}

// IsZero says that there is no number.
func (n Number) IsZero() bool { return n.n == 0 }

// String is the number as it is stored and sent, "482719064"; "" for none.
func (n Number) String() string {
	if n.IsZero() {
		return ""
	}
	return fmt.Sprintf("%09d", n.n)
}

// Groups is the number as it is shown and read aloud, "482 719 064"; "" for none.
// In a right-to-left sentence it needs an isolate around it.
func (n Number) Groups() string {
	s := n.String()
	if s == "" {
		return ""
	}
	return strings.Join([]string{s[:3], s[3:6], s[6:]}, " ")
}

func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what Parse reads; empty text is no number.
func (n *Number) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*n = Number{}
		return nil
	}
	*n, err = Parse(string(b))
	return err
}

// Value stores the number as text, and no number as NULL.
func (n Number) Value() (driver.Value, error) {
	if n.IsZero() {
		return nil, nil
	}
	return n.String(), nil
}

func (n *Number) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*n = Number{}
		return nil
	case string:
		return n.UnmarshalText([]byte(v))
	case []byte:
		return n.UnmarshalText(v)
	}
	return fmt.Errorf("receipt: cannot scan %T", v)
}
