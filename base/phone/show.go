package phone

import (
	"strings"

	"github.com/twiza/twiza/base/arabic"
)

// National is the number as it is dialled in the country of prefix, in pairs:
// "06 61 23 45 42". A number of another country, or of a country whose habits
// this package does not know, is shown as International does. Inside a
// right-to-left sentence it needs an isolate around it.
func (n Number) National(prefix string) string {
	if rest, ok := strings.CutPrefix(string(n), "+"+morocco); ok && strings.TrimPrefix(prefix, "+") == morocco {
		return pairs("0" + rest)
	}
	return n.International()
}

// International is the number with its country set apart: "+212 6 61 23 45 42",
// "+33 6 12 34 56 78", "+1 514 555 0123".
func (n Number) International() string {
	if len(n) < 2 {
		return string(n)
	}
	country, rest := n.split()
	if country == "1" && len(rest) == 10 { // the North American plan groups 3-3-4
		return "+1 " + rest[:3] + " " + rest[3:6] + " " + rest[6:]
	}
	return "+" + country + " " + pairs(rest)
}

// Masked is what may stand on a screen that others see: "06 61 •• •• ••". The
// last four digits are always hidden, for with the number of the receipt they
// open the tracker; so are two more, for the sake of the person.
func (n Number) Masked() string {
	if len(n) < 2 {
		return ""
	}
	country, rest := n.split()
	shown := min(3, max(0, len(rest)-6))
	hidden := rest[:shown] + strings.Repeat("•", len(rest)-shown)
	if country == morocco {
		return pairs("0" + hidden)
	}
	return "+" + country + " " + pairs(hidden)
}

// Last4 is the four digits that, with the receipt, open the tracker; "" when
// there is no number.
func (n Number) Last4() string {
	if len(n) <= least {
		return ""
	}
	return string(n[len(n)-4:])
}

// EndsWith says whether text, in any digits and with any spacing, is the last
// four digits of the number. A number that is not there ends with nothing.
func (n Number) EndsWith(text string) bool {
	var b strings.Builder
	for _, r := range arabic.Digits(text) {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if !filler(r) {
			return false
		}
	}
	return b.Len() == 4 && b.String() == n.Last4()
}

// split cuts the code of the country from the rest. The codes assigned in
// E.164 are one digit for zones 1 and 7, two for those below, three otherwise.
func (n Number) split() (country, rest string) {
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	d := strings.TrimPrefix(string(n), "+")
	width := 3
	switch {
	case d[0] == '1' || d[0] == '7':
		width = 1
	case len(d) > 2 && strings.Contains(two, " "+d[:2]+" "):
		width = 2
	}
	width = min(width, len(d))
	return d[:width], d[width:]
}

// pairs sets signs in twos; an odd one stands in front.
func pairs(s string) string {
	signs := []rune(s)
	var b strings.Builder
	for i, r := range signs {
		if i > 0 && (len(signs)-i)%2 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
