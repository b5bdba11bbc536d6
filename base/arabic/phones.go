package arabic

import "strings"

// Phones is how a name sounds to somebody who writes down what they hear, in any
// of the three scripts: «واوضيض», "Wawdid" and "ⵡⴰⵡⴹⵉⴹ" are the same phones, and
// "Ouaoudid" is near. Unlike Sound it keeps the vowels, as what is often left
// out, so that short names can be told apart by Likeness. One byte a phone:
//
//	b t d j h x r z s c k g q G f l m n   consonants: x خ, c ش, G غ, q ق
//	a i u                                 vowels and glides: w is u, y is i
//	e                                     a vowel that is hardly one: French e, final ه
//	3                                     ع
//	L                                     the article
//	T                                     a t that only some write: at the end of a word
//
// Doubled phones are written once.
func Phones(s string) []byte {
	key := Key(s)
	out := make([]byte, 0, len(key))
	for word := range strings.FieldsSeq(key) {
		if articles[word] {
			out = put(out, 'L')
			continue
		}
		out = phonesOf(out, []rune(word))
	}
	return out
}

// put adds a phone, a doubled one once.
func put(out []byte, p byte) []byte {
	if n := len(out); n > 0 && out[n-1] == p {
		return out
	}
	return append(out, p)
}

func phonesOf(out []byte, w []rune) []byte {
	switch {
	case len(w) > 3 && w[0] == 'ا' && w[1] == 'ل':
		out, w = put(out, 'L'), w[2:]
	case len(w) > 3 && (w[0] == 'l' || w[0] == 'ⵍ' || w[0] == 'ل') && !vowel(w[1]):
		out, w = put(out, 'L'), w[1:]
	}
	if w[0] < 0x250 {
		return latinPhones(out, w)
	}
	for i, r := range w {
		p := phone[r]
		switch {
		case p == 0:
			continue
		case p == 'h' && r == 'ه' && i == len(w)-1 && i > 0:
			p = 'e' // a ta marbuta, mostly
		case p == 't' && i == len(w)-1 && i > 1:
			p = 'T'
		}
		out = put(out, p)
	}
	return out
}

// latinPhones reads French habits, English ones and those of chat.
func latinPhones(out []byte, w []rune) []byte {
	at := func(i int) rune {
		if i < len(w) {
			return w[i]
		}
		return 0
	}
	for i := 0; i < len(w); i++ {
		r, next := w[i], at(i+1)
		if next == 'h' {
			if p, ok := withH[r]; ok {
				out = put(out, p)
				i++
				continue
			}
		}
		var p byte
		switch {
		case r == 't' && next == 'c' && at(i+2) == 'h':
			continue // tch
		case r == 'o' && next == 'u':
			p = 'u'
			i++
		case r == 'c' && (next == 'e' || next == 'i' || next == 'y'):
			p = 's'
		case (r == 'g' || r == 'q') && next == 'u' && (at(i+2) == 'e' || at(i+2) == 'i' || at(i+2) == 'y' || r == 'q'):
			p = latinPhone[r]
			i++
		case r == 't' && next == 0 && i > 1, r == 't' && next == 'e' && i+2 == len(w):
			p = 'T'
		case r == 'h' && next == 0 && i > 1:
			continue
		default:
			p = latinPhone[r]
		}
		if p != 0 {
			out = put(out, p)
		}
	}
	return out
}

func vowel(r rune) bool { return strings.ContainsRune("aeiouyاويⴰⵉⵓⴻ", r) }

// withH are the pairs that end in h: ch, sh ش; kh خ; gh, rh غ; th, dh, ph.
var withH = map[rune]byte{'c': 'c', 's': 'c', 'k': 'x', 'g': 'G', 'r': 'G', 't': 't', 'd': 'd', 'p': 'f'}

var latinPhone = map[rune]byte{
	'a': 'a', 'e': 'e', 'i': 'i', 'y': 'i', 'o': 'u', 'u': 'u', 'w': 'u', 'b': 'b', 'p': 'b', 't': 't', 'd': 'd', 'j': 'j', 'h': 'h', 'x': 'x', 'r': 'r',
	'z': 'z', 's': 's', 'c': 'k', 'k': 'k', 'g': 'g', 'q': 'q', 'f': 'f', 'v': 'f', 'l': 'l', 'm': 'm', 'n': 'n', '3': '3', '5': 'x', '7': 'h', '9': 'q',
}

var phone = map[rune]byte{
	'ا': 'a', 'و': 'u', 'ي': 'i', 'ع': '3', 'ب': 'b', 'ت': 't', 'ث': 't', 'ج': 'j', 'ح': 'h', 'خ': 'x', 'د': 'd', 'ذ': 'd', 'ر': 'r', 'ز': 'z', 'س': 's',
	'ش': 'c', 'ص': 's', 'ض': 'd', 'ط': 't', 'ظ': 'd', 'غ': 'G', 'ف': 'f', 'ق': 'q', 'ك': 'k', 'ل': 'l', 'م': 'm', 'ن': 'n', 'ه': 'h',
	'ⴰ': 'a', 'ⴻ': 'e', 'ⵉ': 'i', 'ⵢ': 'i', 'ⵓ': 'u', 'ⵡ': 'u', 'ⵄ': '3', 'ⴱ': 'b', 'ⵜ': 't', 'ⵟ': 't', 'ⴷ': 'd', 'ⴹ': 'd', 'ⵊ': 'j', 'ⵃ': 'h', 'ⵀ': 'h',
	'ⵅ': 'x', 'ⵔ': 'r', 'ⵕ': 'r', 'ⵣ': 'z', 'ⵥ': 'z', 'ⵙ': 's', 'ⵚ': 's', 'ⵛ': 'c', 'ⴽ': 'k', 'ⴳ': 'g', 'ⵇ': 'q', 'ⵖ': 'G', 'ⴼ': 'f', 'ⵍ': 'l', 'ⵎ': 'm', 'ⵏ': 'n',
	'ⵒ': 'b', 'ⵠ': 'f',
}

// Skeleton is what of phones is never left out: the consonants, those that
// spelling exchanges merged, without the article and a final t.
func Skeleton(phones []byte) string {
	out := make([]byte, 0, len(phones))
	for _, p := range phones {
		if c := bone[p]; c != 0 && (len(out) == 0 || out[len(out)-1] != c) {
			out = append(out, c)
		}
	}
	return string(out)
}

var bone = [128]byte{'b': 'b', 't': 't', 'd': 'd', 'j': 'j', 'x': 'x', 'r': 'r', 'z': 'z', 's': 's', 'c': 'c', 'k': 'k', 'g': 'k', 'q': 'k', 'G': 'k', 'f': 'f', 'l': 'l', 'm': 'm', 'n': 'n'}

// Likeness is how alike two sequences of phones are: 1 the same, 0 nothing in
// common. What people leave out or exchange costs little (a vowel, k and g, s and
// ṣ), another consonant costs most. The measure is a weighted edit distance over
// the weight of the longer name.
func Likeness(a, b []byte) float64 { return LikenessFrom(a, b, 0) }

// LikenessFrom is Likeness, and 0 as soon as it is clear that it is below least:
// most names are not alike, and are told apart at a glance.
func LikenessFrom(a, b []byte, least float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	a, b = a[:min(len(a), mostPhones)], b[:min(len(b), mostPhones)]
	heavy := max(Heft(a), Heft(b), 1)
	limit := int((1 - least) * float64(heavy))
	if apart := Heft(a) - Heft(b); apart > limit || -apart > limit {
		return 0
	}
	var rows [2][mostPhones + 1]int
	last, row := &rows[0], &rows[1]
	for j, q := range b {
		last[j+1] = last[j] + weight[q]
	}
	for i, p := range a {
		row[0] = last[0] + weight[p]
		best := row[0]
		swaps, out := &exchange[p], weight[p]
		for j, q := range b {
			d := last[j]
			if p != q {
				d += swaps[q]
			}
			d = min(d, last[j+1]+out, row[j]+weight[q])
			if i > 0 && j > 0 && p != q && p == b[j-1] && q == a[i-1] {
				d = min(d, last[j]+swapped)
			}
			row[j+1] = d
			best = min(best, d)
		}
		if best > limit {
			return 0
		}
		last, row = row, last
	}
	return max(0, 1-float64(last[len(b)])/float64(heavy))
}

const (
	mostPhones = 64
	swapped    = 60 // two neighbours in the wrong order: dearer than a vowel, cheaper than two consonants
)

// Heft is what leaving all of them out would cost, in hundredths of a consonant.
func Heft(phones []byte) (n int) {
	for _, p := range phones {
		n += weight[p]
	}
	return n
}

// weight is what leaving a phone out costs, in hundredths of a consonant.
var weight = func() (w [128]int) {
	for p := range w {
		w[p] = 100
	}
	for p, n := range map[byte]int{'a': 18, 'e': 6, 'i': 28, 'u': 28, '3': 15, 'h': 40, 'L': 10, 'T': 40, 'n': 85} {
		w[p] = n
	}
	return w
}()

// exchange is what one phone for another costs.
var exchange = func() (x [128][128]int) {
	for p := range x {
		for q := range x[p] {
			x[p][q] = min(weight[p]+weight[q], 100)
		}
	}
	for pair, n := range map[string]int{
		"ae": 6, "ie": 12, "ue": 16, "ai": 30, "au": 30, "iu": 35, "3a": 6, "3e": 10, "3i": 20, "3u": 22, "3h": 30, "3G": 60, "3q": 60,
		"kg": 8, "kq": 10, "gq": 8, "gj": 35, "gG": 25, "kG": 35, "qG": 30, "xG": 30, "xk": 35, "xq": 40, "Gr": 45, "hx": 35, "hG": 60,
		"sz": 35, "sc": 40, "zj": 40, "jc": 50, "dt": 35, "bf": 55, "bm": 70, "lr": 60, "nm": 45, "nl": 65, "tc": 60, "dz": 55, "ts": 60, "tT": 0, "Te": 25, "Ta": 30, "dT": 35, "Lh": 40,
		"lL": 30, "rd": 70, "mb": 70,
	} {
		x[pair[0]][pair[1]], x[pair[1]][pair[0]] = n, n
	}
	return x
}()
