// Package iban checks account numbers of banks: IBAN (ISO 13616, check digits by
// ISO 7064 MOD 97-10) and the Moroccan RIB of 24 digits inside it.
package iban

import (
	"errors"
	"fmt"
	"strings"
)

var (
	ErrShape = errors.New("iban: not an account number")
	ErrCheck = errors.New("iban: its check digits are wrong")
)

// lengths of the countries from which gifts come most (IBAN registry); others
// are taken by their check digits alone, 15 to 34 characters.
var lengths = map[string]int{"MA": 28, "FR": 27, "ES": 24, "IT": 27, "BE": 16, "NL": 18, "DE": 22, "GB": 22, "CH": 21, "SA": 24, "AE": 23, "QA": 29, "KW": 30, "TN": 24, "MR": 27, "PT": 25, "SE": 24, "NO": 15, "DK": 18, "AT": 20, "LU": 20}

// Parse reads an IBAN, or a Moroccan RIB of 24 digits, as people copy it: with
// spaces, dashes, Arabic digits, small letters. It gives back the IBAN without
// spaces. ErrShape: it is none; ErrCheck: a digit is wrong.
func Parse(text string) (string, error) {
	s := clean(text)
	if len(s) == 24 && onlyDigits(s) {
		if Key(s[:22]) != s[22:] {
			return "", fmt.Errorf("%w: the RIB ends in %s", ErrCheck, s[22:])
		}
		s = "MA" + check("MA", s) + s
	}
	if len(s) < 15 || len(s) > 34 || !letters(s[:2]) || !onlyDigits(s[2:4]) {
		return "", ErrShape
	}
	if n, ok := lengths[s[:2]]; ok && n != len(s) {
		return "", ErrShape
	}
	if rest(s[4:]+s[:4]) != 1 {
		return "", ErrCheck
	}
	if s[:2] == "MA" && (!onlyDigits(s[4:]) || Key(s[4:26]) != s[26:]) {
		return "", ErrCheck
	}
	return s, nil
}

// Key are the two check digits of the first 22 digits of a RIB: 97 less what
// is left of the number with two noughts after it, divided by 97.
func Key(first string) string { return fmt.Sprintf("%02d", 97-rest(first+"00")) }

// Shown is an IBAN in groups of four, as it is printed.
func Shown(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Masked keeps the country, the bank's first digits and the last four.
func Masked(s string) string {
	if len(s) < 12 {
		return strings.Repeat("•", len(s))
	}
	return s[:4] + " •••• " + s[len(s)-4:]
}

func check(country, account string) string {
	return fmt.Sprintf("%02d", 98-rest(account+country+"00"))
}

// rest is what is left of a text read as a number (A is 10, Z is 35) divided by 97.
func rest(s string) (n int) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n = (n*10 + int(r-'0')) % 97
		case r >= 'A' && r <= 'Z':
			n = (n*100 + int(r-'A') + 10) % 97
		}
	}
	return n
}

func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case strings.ContainsRune(" \t-.\u00a0\u202f\u200e\u200f", r):
			return -1
		}
		return '?' // nothing that an account number has
	}, text)
}

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" && s != "" }

func letters(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' }
