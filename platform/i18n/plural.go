package i18n

import (
	"math"
	"strconv"
)

// number is a quantity as people see it: a whole part and at most two
// decimals. Plural forms follow what is shown, so both are decided on it.
type number struct {
	whole    uint64
	hundreds uint8  // hundredths, 0..99
	neg      bool   // never set on zero
	odd      string // what is shown instead when the value is no such quantity
}

func whole(n int64) number {
	if n < 0 {
		return number{whole: uint64(-(n + 1)) + 1, neg: true}
	}
	return number{whole: uint64(n)}
}

// decimal rounds to hundredths, halves away from zero.
func decimal(f float64) number {
	a := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return number{odd: "—"}
	case a >= 1e18:
		return number{odd: strconv.FormatFloat(f, 'g', -1, 64)}
	case a >= 1e15: // a float64 holds no hundredths here
		return number{whole: uint64(a), neg: f < 0}
	}
	h := uint64(math.Round(a * 100))
	return number{whole: h / 100, hundreds: uint8(h % 100), neg: f < 0 && h > 0}
}

// The six plural forms there are in CLDR.
const (
	zero  = "zero"
	one   = "one"
	two   = "two"
	few   = "few"
	many  = "many"
	other = "other"
)

// pluralForm is the form that n takes in a language, after CLDR 48
// supplemental/plurals.xml. CLDR has no rule for zgh; Tachelhit's (shi), the
// nearest it has, stands in until a linguist decides.
func pluralForm(l Lang, n number) string {
	if n.odd != "" {
		return other
	}
	i, fraction := n.whole, n.hundreds != 0
	switch l {
	case AR:
		return arabicForm(i, fraction)
	case ZGH:
		switch {
		case i == 0 || i == 1 && !fraction: // i = 0 or n = 1
			return one
		case i <= 10 && !fraction: // n = 2..10
			return few
		}
	case FR:
		switch {
		case i <= 1: // i = 0,1: «1,5 kilo» too
			return one
		case i%1_000_000 == 0 && !fraction: // «2 000 000 de dirhams»
			return many
		}
	case EN:
		if i == 1 && !fraction { // i = 1 and v = 0
			return one
		}
	}
	return other
}

func arabicForm(i uint64, fraction bool) string {
	switch rest := i % 100; {
	case fraction:
		return other
	case i == 0:
		return zero
	case i == 1:
		return one
	case i == 2:
		return two
	case rest >= 3 && rest <= 10:
		return few
	case rest >= 11:
		return many
	}
	return other
}

// pluralForms is what a plural must offer in each language; the last is the
// form of everything else. French "many" (millions) may be left out.
var pluralForms = map[Lang][]string{
	AR:  {zero, one, two, few, many, other},
	ZGH: {one, few, other},
	FR:  {one, other},
	EN:  {one, other},
}
