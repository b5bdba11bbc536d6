// Package money counts in the smallest unit of a currency, with whole numbers
// that refuse to overflow, and never with floating point.
package money

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// Currency is an ISO 4217 code, "MAD".
type Currency string

// Amount is so many of a currency's smallest unit.
type Amount struct {
	Minor    int64
	Currency Currency
}

var (
	ErrCurrency = errors.New("money: two currencies")
	ErrOverflow = errors.New("money: overflow")
	ErrWeights  = errors.New("money: shares need weights of 0 or more, one of them above")
	ErrAmount   = errors.New("money: not an amount")
)

// digits are the decimals of the currencies that have not two (ISO 4217).
var digits = map[Currency]int{"JPY": 0, "KRW": 0, "XAF": 0, "XOF": 0, "CLP": 0, "VND": 0, "TND": 3, "LYD": 3, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "IQD": 3}

// Digits is how many decimals the currency has.
func (c Currency) Digits() int {
	if n, ok := digits[c]; ok {
		return n
	}
	return 2
}

// Add is a + b.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrCurrency, a.Currency, b.Currency)
	}
	s := a.Minor + b.Minor
	if (s > a.Minor) != (b.Minor > 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{s, a.Currency}, nil
}

// Split shares a out by weights; the parts always add up to a, and no two of
// the same weight differ by more than one unit. The odd units go to the first
// parts that have a weight, one each.
func (a Amount) Split(weights ...int64) ([]Amount, error) {
	var total uint64
	for _, w := range weights {
		if w < 0 || total+uint64(w) < total {
			return nil, ErrWeights
		}
		total += uint64(w)
	}
	if total == 0 {
		return nil, ErrWeights
	}
	size, sign := uint64(a.Minor), int64(1)
	if a.Minor < 0 {
		size, sign = -size, -1
	}
	parts, left := make([]Amount, len(weights)), size
	for i, w := range weights {
		hi, lo := bits.Mul64(size, uint64(w))
		share, _ := bits.Div64(hi, lo, total) // hi < total, because w <= total
		if uint64(w) == total {
			share = size
		}
		parts[i] = Amount{sign * int64(share), a.Currency}
		left -= share
	}
	for i := 0; left > 0; i++ {
		if weights[i%len(weights)] > 0 {
			parts[i%len(weights)].Minor += sign
			left--
		}
	}
	return parts, nil
}

// Even shares a out to n equally: the first parts have one unit more where it
// does not come out even.
func (a Amount) Even(n int) ([]Amount, error) {
	if n < 1 {
		return nil, ErrWeights
	}
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1
	}
	return a.Split(weights...)
}

// String is the amount as programs write it: "32700000.00 MAD".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Decimal is the number alone, with all decimals of the currency and a point.
func (a Amount) Decimal() string {
	n, sign, size := a.Currency.Digits(), "", uint64(a.Minor)
	if a.Minor < 0 {
		sign, size = "-", -size
	}
	text := fmt.Sprintf("%0*d", n+1, size)
	if n == 0 {
		return sign + text
	}
	return sign + text[:len(text)-n] + "." + text[len(text)-n:]
}

// eastern are the digits of people who write ٠١٢ or ۰۱۲.
var eastern = strings.NewReplacer("٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9", "٫", ",", "٬", " ", "،", ",")

// Parse reads an amount as people type it in Morocco and beyond: Latin or Arabic
// digits; a comma or a point before decimals; spaces, points, commas or
// apostrophes between thousands ("1 250,50", "1.250,50", "1,250.50", "١٬٢٥٠٫٥٠").
// What could be two amounts is refused: "1,250" in a currency of two decimals is
// read as twelve hundred and fifty, because nobody writes three decimals of it;
// "1,25,0" is refused. ErrAmount says that it is no amount, ErrOverflow too much.
func Parse(text string, c Currency) (Amount, error) {
	s := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\u2009', '\'', '’', '\u200e', '\u200f', '\u061c':
			return -1
		}
		return r
	}, eastern.Replace(strings.TrimSpace(text)))
	sign := int64(1)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	}
	whole, part, err := halves(s, c.Digits())
	if err != nil {
		return Amount{}, fmt.Errorf("%w: %.40q", ErrAmount, text)
	}
	var n uint64
	for _, r := range whole + part + strings.Repeat("0", c.Digits()-len(part)) {
		hi, lo := bits.Mul64(n, 10)
		d := uint64(r - '0')
		if hi != 0 || lo+d < lo || lo+d > 1<<63-1 {
			return Amount{}, ErrOverflow
		}
		n = lo + d
	}
	return Amount{sign * int64(n), c}, nil
}

// halves are the digits before and after the decimal sign.
func halves(s string, decimals int) (whole, part string, err error) {
	signs := strings.Map(func(r rune) rune {
		if r == ',' || r == '.' {
			return r
		}
		return -1
	}, s)
	last := strings.LastIndexAny(s, ",.")
	switch {
	case signs == "":
		whole = s
	case len(signs) > 1 && strings.Count(signs, signs[:1]) == len(signs): // 1.250.000: all of them part thousands
		whole, last = s, -1
	case len(signs) == 1 && decimals != 3 && len(s)-last-1 == 3: // 1,250: likewise
		whole, last = s, -1
	default:
		whole, part = s[:last], s[last+1:]
	}
	if groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == '.' }); len(groups) > 1 || strings.ContainsAny(whole, ",.") {
		if strings.Count(whole, ",") > 0 && strings.Count(whole, ".") > 0 || len(groups) != len(strings.Split(strings.ReplaceAll(whole, ",", "."), ".")) {
			return "", "", ErrAmount
		}
		for i, g := range groups {
			if i > 0 && len(g) != 3 || i == 0 && len(g) > 3 {
				return "", "", ErrAmount
			}
		}
		whole = strings.Join(groups, "")
	}
	if whole == "" || len(part) > decimals || last >= 0 && part == "" || strings.Trim(whole+part, "0123456789") != "" {
		return "", "", ErrAmount
	}
	return whole, part, nil
}
