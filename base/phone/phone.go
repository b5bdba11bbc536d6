// Package phone reads the telephone numbers people give so that somebody can
// call them back: Moroccan ones in every way they are written, and those of
// relatives abroad. One person's number is one value however it was written,
// so that two calls from one phone are seen to be from one phone.
//
// What can be wrong with a number, as message keys:
//
//	phone.empty          nothing was written
//	phone.not_digits     {found}        the first sign that does not belong in a number
//	phone.too_short      {got} {want}   digits there are, digits it takes
//	phone.too_long       {got} {want}   likewise; {want} is the most there may be
//	phone.short_number   {number}       an emergency or service number, where nobody can be called back
//	phone.unknown_range  {start}        no Moroccan number begins with these two digits
//	phone.no_start       {got}          neither 0 nor + nor 00 in front: whose country is it?
//	phone.two_numbers    {n}            several numbers where one is wanted
package phone

import (
	"log/slog"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
)

// Number is a telephone number in E.164: "+", the code of a country, the number
// in that country, 8 to 15 digits in all, "+212661234542". What people wrote
// becomes a Number through Parse alone; the conversion from a string is for
// what the house itself stored. "" is no number.
type Number string

// E.164 of ITU-T (11/2010), §6.1: fifteen digits at most. It names no least;
// the shortest numbers in use, of small islands, have eight with their country.
const (
	least = 8
	most  = 15
)

// The Moroccan plan, ANRT, "Numérotation" (anrt.ma): closed, ten digits with
// the 0, and after the 0 a 5 for fixed lines, 6 or 7 for mobiles, 8 for
// services such as the green number of an association.
const (
	morocco       = "212"
	moroccoDigits = 9
	moroccoFirst  = "5678"
)

// Parse reads a number as it was written: in Latin, Arabic-Indic or Persian
// digits, with spaces, dots, hyphens, slashes or brackets, with + or 00 or
// neither. Prefix is the calling code of the country whose national numbers
// are meant, "212"; "" accepts international numbers alone. A mistake is a
// *fault.Fault of kind Invalid that names it.
func Parse(raw, prefix string) (Number, error) {
	prefix = strings.TrimPrefix(prefix, "+")
	n, err := parse(raw, prefix)
	if err != nil && len(raw) < 200 {
		if many := howMany(raw, prefix); many > 1 {
			return "", fault.New(fault.Invalid, "phone.two_numbers", "n", many)
		}
	}
	return n, err
}

// howMany counts the numbers in a field where people put more than one; 0 when
// the pieces are not each a number.
func howMany(raw, prefix string) int {
	pieces := strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune("/,;،؛\n", r) })
	for _, piece := range pieces {
		if _, err := parse(piece, prefix); err != nil {
			return 0
		}
	}
	return len(pieces)
}

func parse(raw, prefix string) (Number, error) {
	digits, abroad, err := read(raw)
	switch {
	case err != nil:
		return "", err
	case digits == "":
		return "", fault.New(fault.Invalid, "phone.empty")
	case abroad && digits[0] == '0' && prefix != "": // "+06…": no country begins with 0, so it is a number of this one
		return national(digits, prefix)
	case abroad:
		return international(digits)
	}
	return national(digits, prefix)
}

var brackets = strings.NewReplacer("(", "", ")", "")

// read leaves the digits, and says whether a country's code comes first.
func read(raw string) (digits string, abroad bool, err error) {
	var b strings.Builder
	for _, r := range arabic.Digits(raw) {
		switch {
		case r >= '0' && r <= '9' || r == '+' || r == '(' || r == ')':
			b.WriteRune(r)
		case r == '＋':
			b.WriteByte('+')
		case !filler(r):
			return "", false, fault.New(fault.Invalid, "phone.not_digits", "found", string(r))
		}
	}
	s := b.String()
	if i := strings.Index(s, "(0)"); i >= 2 { // "+212 (0)6…": the bracket holds what is left out from abroad
		s = s[:i] + s[i+len("(0)"):]
	}
	s = brackets.Replace(s)
	switch { // a + typed in a right-to-left line may have ended up behind the number
	case strings.HasPrefix(s, "+"):
		s, abroad = s[1:], true
	case strings.HasSuffix(s, "+"):
		s, abroad = s[:len(s)-1], true
	case strings.HasPrefix(s, "00"):
		s, abroad = s[2:], true
	}
	if strings.Contains(s, "+") {
		return "", false, fault.New(fault.Invalid, "phone.not_digits", "found", "+")
	}
	return s, abroad, nil
}

// filler is what stands between digits and means nothing, the invisible marks
// of direction that come along with a copied number included.
func filler(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '.', '-', '_', '/', '\u00a0', '\u00ad', '\u00b7', '\u061c', '\u202f', '\u2212', '\u3000', '\ufeff':
		return true
	}
	return r >= '\u2000' && r <= '\u2015' || // widths of space, marks of direction, dashes
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' // embeddings and isolates
}

// international takes digits that begin with the code of a country.
func international(digits string) (Number, error) {
	switch rest, home := strings.CutPrefix(digits, morocco); {
	case home:
		rest = strings.TrimPrefix(rest, "0")
		if isShort(rest) {
			return "", fault.New(fault.Invalid, "phone.short_number", "number", rest)
		}
		return moroccan(rest)
	case len(digits) < least:
		return "", fault.New(fault.Invalid, "phone.too_short", "got", len(digits), "want", least)
	case len(digits) > most:
		return "", fault.New(fault.Invalid, "phone.too_long", "got", len(digits), "want", most)
	case digits[0] == '0':
		return "", fault.New(fault.Invalid, "phone.no_start", "got", len(digits))
	}
	return Number("+" + digits), nil
}

// national takes digits that begin with no mark of a country.
func national(digits, prefix string) (Number, error) {
	switch {
	case isShort(digits):
		return "", fault.New(fault.Invalid, "phone.short_number", "number", digits)
	case prefix == morocco:
		return moroccanAsWritten(digits)
	case prefix == "":
		return "", fault.New(fault.Invalid, "phone.no_start", "got", len(digits))
	case strings.HasPrefix(digits, prefix) && len(digits) >= len(prefix)+moroccoDigits:
		return international(digits)
	}
	return international(prefix + strings.TrimPrefix(digits, "0"))
}

// moroccanAsWritten finds the nine digits in "06…", "2126…", "21206…", "02126…",
// and in "6…", which is what a spreadsheet leaves of "06…".
func moroccanAsWritten(digits string) (Number, error) {
	bare := strings.TrimPrefix(digits, "0")
	if rest, ok := strings.CutPrefix(bare, morocco); ok && len(rest) >= moroccoDigits {
		return moroccan(strings.TrimPrefix(rest, "0"))
	}
	if bare != digits || len(digits) < moroccoDigits ||
		len(digits) == moroccoDigits && strings.ContainsRune(moroccoFirst, rune(digits[0])) {
		return moroccan(bare)
	}
	return "", fault.New(fault.Invalid, "phone.no_start", "got", len(digits))
}

// moroccan takes what follows the 0. Lengths are told with that 0, as everybody
// in the country counts them.
func moroccan(rest string) (Number, error) {
	switch {
	case len(rest) < moroccoDigits:
		return "", fault.New(fault.Invalid, "phone.too_short", "got", len(rest)+1, "want", moroccoDigits+1)
	case len(rest) > moroccoDigits:
		return "", fault.New(fault.Invalid, "phone.too_long", "got", len(rest)+1, "want", moroccoDigits+1)
	case !strings.ContainsRune(moroccoFirst, rune(rest[0])):
		return "", fault.New(fault.Invalid, "phone.unknown_range", "start", "0"+rest[:1])
	}
	return Number("+" + morocco + rest), nil
}

// isShort knows the emergency and service numbers of a country by their form:
// two to four digits that do not begin with 0 (police, ambulance, gendarmerie,
// 112). They reach a switchboard, never the person who gave them.
func isShort(digits string) bool {
	return len(digits) >= 2 && len(digits) <= 4 && digits[0] != '0'
}

// String is the whole number in E.164. It is personal: it goes into sealed
// columns and to those who may see it, and into no log.
func (n Number) String() string { return string(n) }

// LogValue keeps whole numbers out of structured logs.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Masked()) }
