// Package arabic makes spellings comparable. The same village is written «تيزي
// أوسم», «تيزى اوسم», "Tizi Oussem", "TIZI-OUSSEM" or "ⵜⵉⵣⵉ ⵓⵙⵙⴻⵎ" by people who
// all mean one place, often on a phone keyboard and in a hurry. Nothing here is
// ever shown: keys are for finding, and the reader sees the name as it was
// written.
package arabic

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Key is the search key of a name or a phrase in any script: two spellings that
// differ only by vowel signs, tatweel, accents, letter case, hamza seats, final
// ya or ta marbuta, Moroccan letters, digit shapes or punctuation have one key.
// Words are parted by single spaces. Tifinagh letters stay as they are. Key never
// fails, and Key(Key(s)) == Key(s).
func Key(s string) string {
	var room [96]byte
	if b, ok := quick(room[:0], s); ok {
		return string(b)
	}
	return slow(s)
}

// quick is Key for what people mostly write, letters that stand alone: a walk
// over the text with a table at hand. Not ok where there is anything else.
func quick(b []byte, s string) ([]byte, bool) {
	gap := false
	for _, r := range s {
		var f folded
		switch {
		case r < rune(len(table)):
			f = table[r]
		case r >= 0x2D30 && r <= 0x2D67: // Tifinagh stays as it is
			f = folded{text: string(r), keep: true}
		default:
			return nil, false
		}
		switch {
		case f.hard:
			return nil, false
		case !f.keep:
			gap = len(b) > 0
		case f.text != "":
			if gap {
				b = append(b, ' ')
				gap = false
			}
			b = append(b, f.text...)
		}
	}
	return b, true
}

// folded is what becomes of one rune: see fold. hard ones are no single letter.
type folded struct {
	text       string
	keep, hard bool
}

// table is fold for every rune of the Latin and Arabic blocks, decomposed.
var table = func() (t [0x700]folded) {
	for r := range t {
		parts := []rune(norm.NFKD.String(string(rune(r))))
		for _, p := range parts {
			f, keep := fold(p)
			if !keep {
				t[r].hard = len(parts) > 1
			}
			t[r].text += f
			t[r].keep = keep
		}
	}
	return t
}()

func slow(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	// Broken bytes part words; norm leaves what follows one undecomposed.
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		f, keep := fold(r)
		switch {
		case !keep:
			gap = b.Len() > 0
			continue
		case f == "":
			continue
		case gap:
			b.WriteByte(' ')
			gap = false
		}
		b.WriteString(f)
	}
	return b.String()
}

// fold says what one decomposed rune becomes. "" with keep: it vanishes and its
// neighbours stay one word; not keep: it parts words.
func fold(r rune) (f string, keep bool) {
	if r < unicode.MaxASCII {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return string(r), true
		case r >= 'A' && r <= 'Z':
			return string(r + ('a' - 'A')), true
		}
		return "", false
	}
	if d, ok := digit(r); ok {
		return string(d), true
	}
	if f, ok := letters[r]; ok {
		return f, true
	}
	switch {
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r):
		return "", true
	case apostrophe(r):
		return "", false
	case unicode.IsLetter(r), unicode.IsNumber(r):
		l := unicode.ToLower(r)
		if f, ok := letters[l]; ok {
			return f, true
		}
		return string(l), true
	}
	return "", false
}

// apostrophe finds the marks that Unicode calls letters and that people type as
// an apostrophe (M'diq, N’test).
func apostrophe(r rune) bool {
	return r >= 0x02B9 && r <= 0x02BD || r == 0x02C8 || r == 0xA78B || r == 0xA78C
}

// letters folds what decomposition leaves apart. Arabic hamza on a seat has by
// then lost its hamza. The choices for ڭ گ ݣ پ ڤ ڨ are the Moroccan ones.
var letters = map[rune]string{
	'ـ': "", 'ء': "", 'ٴ': "",
	'ٱ': "ا", 'ٲ': "ا", 'ٳ': "ا",
	'ى': "ي", 'ی': "ي", 'ې': "ي", 'ے': "ي", 'ۍ': "ي",
	'ة': "ه", 'ە': "ه", 'ہ': "ه", 'ھ': "ه", 'ۃ': "ه",
	'ک': "ك", 'ڪ': "ك", 'ڭ': "ك", 'گ': "ك", 'ݣ': "ك", 'ګ': "ك",
	'پ': "ب", 'ڤ': "ف", 'ڥ': "ف", 'ڢ': "ف", 'ڨ': "ق", 'ڧ': "ق",
	'چ': "ج", 'ژ': "ز", 'ڟ': "ظ", 'ڞ': "ض", 'ۋ': "و",
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i",
	'Æ': "ae", 'Œ': "oe", 'Ø': "o", 'Đ': "d", 'Ð': "d", 'Þ': "th", 'Ł': "l", 'Ħ': "h",
	// Amazigh in Latin letters, where gamma is gh and epsilon the ayn.
	'ɣ': "gh", 'ɛ': "a", 'Ɣ': "gh", 'Ɛ': "a", 'ǥ': "g",
	'ʾ': "", 'ʿ': "", 'ς': "σ",
}

// Digits turns Arabic (٠١٢), eastern (۰۱۲) and full-width digits into 0–9 and
// leaves all else alone, so that a number typed on any keyboard can be read.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := digit(r); ok {
			return d
		}
		return r
	}, s)
}

func digit(r rune) (rune, bool) {
	for _, zero := range [...]rune{'٠', '۰', '０'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero, true
		}
	}
	return r, false
}
