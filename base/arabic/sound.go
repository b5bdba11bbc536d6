package arabic

import (
	"strings"
	"unicode/utf8"
)

// Sound is what is left of a name when its vowels are dropped and the letters
// that Moroccan spelling exchanges are merged (g, gh, k, q; d, ḍ; s, ṣ; the
// article). "Ouirgane", «ويركان» and "ⵡⵉⵔⴳⴰⵏ" sound alike. It is coarse on
// purpose: it proposes, and a person chooses. Under three letters it proves
// nothing; it is empty for a name of vowels.
func Sound(s string) string {
	var out []byte
	for word := range strings.FieldsSeq(Key(s)) {
		if articles[word] {
			continue
		}
		for _, article := range [...]string{"ال", "ⵍ"} {
			if rest := strings.TrimPrefix(word, article); utf8.RuneCountInString(rest) >= 2 {
				word = rest
			}
		}
		out = append(out, consonants(word)...)
	}
	return squeeze(out)
}

// articles are the words that Latin spelling parts from the name and Arabic
// spelling does not, with the sun letters.
var articles = map[string]bool{
	"al": true, "el": true, "l": true, "ed": true, "es": true, "ez": true, "er": true, "en": true, "et": true, "ech": true, "as": true, "ad": true,
}

func consonants(word string) []byte {
	out := make([]byte, 0, len(word))
	rs := []rune(word)
	latin := strings.ContainsAny(word, "abcdefghijklmnopqrstuvwxyz")
	for i := 0; i < len(rs); i++ {
		next := rune(0)
		if i+1 < len(rs) {
			next = rs[i+1]
		}
		r := rs[i]
		if next == 'h' && strings.ContainsRune("cskgtdpr", r) {
			out = append(out, digraphs[r])
			i++
			continue
		}
		if (r == 'h' || r == 'ه' || r == 'ح') && next == 0 {
			continue // a written ta marbuta, or an h that French spelling leaves out
		}
		if r == 'c' && (next == 'e' || next == 'i') {
			r = 's'
		}
		if r >= '0' && r <= '9' && !latin {
			out = append(out, byte(r))
			continue
		}
		if c, ok := sounds[r]; ok && c != 0 {
			out = append(out, c)
		}
	}
	return out
}

// digraphs: ch and sh are ش, kh is خ, gh and rh are غ.
var digraphs = map[rune]byte{'c': 'c', 's': 'c', 'k': 'x', 'g': 'k', 't': 't', 'd': 'd', 'p': 'f', 'r': 'k'}

// sounds maps a letter of any of the three scripts to its consonant; vowels and
// glides are missing. The digits are those of chat spelling (7aouz, 9asba).
var sounds = map[rune]byte{
	'b': 'b', 'p': 'b', 't': 't', 'd': 'd', 'j': 'j', 'h': 'h', 'x': 'x', 'r': 'r', 'z': 'z', 's': 's', 'c': 'k',
	'k': 'k', 'g': 'k', 'q': 'k', 'f': 'f', 'v': 'f', 'l': 'l', 'm': 'm', 'n': 'n',
	'7': 'h', '5': 'x', '9': 'k',
	'ب': 'b', 'ت': 't', 'ث': 't', 'ج': 'j', 'ح': 'h', 'خ': 'x', 'د': 'd', 'ذ': 'd', 'ر': 'r', 'ز': 'z', 'س': 's', 'ش': 'c',
	'ص': 's', 'ض': 'd', 'ط': 't', 'ظ': 'd', 'غ': 'k', 'ف': 'f', 'ق': 'k', 'ك': 'k', 'ل': 'l', 'م': 'm', 'ن': 'n', 'ه': 'h',
	'ⴱ': 'b', 'ⴲ': 'b', 'ⵜ': 't', 'ⵝ': 't', 'ⵟ': 't', 'ⴷ': 'd', 'ⴸ': 'd', 'ⴹ': 'd', 'ⵊ': 'j', 'ⵃ': 'h', 'ⵀ': 'h', 'ⵅ': 'x',
	'ⵔ': 'r', 'ⵕ': 'r', 'ⵣ': 'z', 'ⵥ': 'z', 'ⵙ': 's', 'ⵚ': 's', 'ⵛ': 'c', 'ⴳ': 'k', 'ⴽ': 'k', 'ⵇ': 'k', 'ⵖ': 'k', 'ⴼ': 'f',
	'ⵍ': 'l', 'ⵎ': 'm', 'ⵏ': 'n', 'ⵒ': 'b', 'ⵠ': 'f',
}

// squeeze writes a doubled consonant once, as Arabic spelling does.
func squeeze(b []byte) string {
	out := b[:0]
	for i, c := range b {
		if i == 0 || c != b[i-1] {
			out = append(out, c)
		}
	}
	return string(out)
}
