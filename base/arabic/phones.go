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
//	A                                     the alef that carries any vowel at the beginning of a word
//	o                                     ع
//	L                                     the article
//	N                                     the Amazigh "of" between two words: Imi n Tlit, «إيمي نتليت»
//	T                                     a t that only some write: at the end of a word
//
// Doubled phones are written once.
func Phones(s string) []byte {
	key := Key(s)
	return AppendPhones(make([]byte, 0, len(key)), key)
}

// AppendPhones is Phones of what is a Key already, put behind dst.
func AppendPhones(dst []byte, key string) []byte {
	first := true
	for key != "" {
		word, rest, _ := strings.Cut(key, " ")
		key = rest
		switch {
		case articles[word]:
			dst = put(dst, 'L')
		case word == "n" && !first && rest != "":
			dst = put(dst, 'N')
		default:
			var room [32]rune
			rs := room[:0]
			for _, r := range word {
				rs = append(rs, r)
			}
			dst = phonesOf(dst, rs, first)
		}
		first = false
	}
	return dst
}

// put adds a phone, a doubled one once.
func put(out []byte, p byte) []byte {
	if n := len(out); n > 0 && out[n-1] == p {
		return out
	}
	return append(out, p)
}

func phonesOf(out []byte, w []rune, first bool) []byte {
	switch {
	case len(w) > 3 && w[0] == 'ا' && w[1] == 'ل':
		out, w = put(out, 'L'), w[2:]
	case len(w) > 3 && (w[0] == 'l' || w[0] == 'ⵍ' || w[0] == 'ل') && !vowel(w[1]):
		out, w = put(out, 'L'), w[1:]
	case len(w) > 4 && w[0] == 'l' && w[1] == 'a' && w[2] == 'a': // Laarab, Laayoune: the article before ع or alef
		out, w = put(put(out, 'L'), 'o'), w[1:]
	case len(w) > 3 && !first && (w[0] == 'ن' || w[0] == 'ⵏ') && !vowel(w[1]):
		out, w = put(out, 'N'), w[1:]
	}
	if w[0] < 0x250 {
		return latinPhones(out, w)
	}
	for i, r := range w {
		p := phoneOf(r)
		switch {
		case p == 0:
			continue
		case i == 0 && r == 'ا' && len(w) > 1:
			p = 'A'
		case p == 'h' && r == 'ه' && i == len(w)-1 && i > 0:
			p = 'e' // a ta marbuta, mostly
		case p == 't' && i == len(w)-1 && i > 1:
			p = 'T'
		}
		out = put(out, p)
	}
	return out
}

// phoneOf reads a letter that is not Latin; 0 is none.
func phoneOf(r rune) byte {
	switch {
	case r >= 0x600 && r < 0x700:
		return arabPhones[r-0x600]
	case r >= 0x2D30 && r < 0x2D80:
		return tifinaghPhones[r-0x2D30]
	}
	return 0
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
		if next == 'h' && r < 128 {
			if p := withH[r]; p != 0 {
				out = put(out, p)
				i++
				continue
			}
		}
		var p byte
		switch {
		case r == 't' && next == 'c' && at(i+2) == 'h', r == 'd' && next == 'j':
			continue // tch, dj
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
		case r < 128:
			p = latinPhone[r]
		}
		if p != 0 {
			out = put(out, p)
		}
	}
	return out
}

func vowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'ا', 'و', 'ي', 'ⴰ', 'ⵉ', 'ⵓ', 'ⴻ':
		return true
	}
	return false
}

// withH are the pairs that end in h: ch, sh ش; kh خ; gh, rh غ; th, dh, ph.
var withH = [128]byte{'c': 'c', 's': 'c', 'k': 'x', 'g': 'G', 'r': 'G', 't': 't', 'd': 'd', 'p': 'f'}

var latinPhone = [128]byte{
	'a': 'a', 'e': 'e', 'i': 'i', 'y': 'i', 'o': 'u', 'u': 'u', 'w': 'u', 'b': 'b', 'p': 'b', 't': 't', 'd': 'd', 'j': 'j', 'h': 'h', 'x': 'x', 'r': 'r',
	'z': 'z', 's': 's', 'c': 'k', 'k': 'k', 'g': 'g', 'q': 'q', 'f': 'f', 'v': 'f', 'l': 'l', 'm': 'm', 'n': 'n', '3': 'o', '5': 'x', '7': 'h', '9': 'q',
}

var arabPhones, tifinaghPhones = func() (arab [256]byte, tifinagh [80]byte) {
	for r, p := range map[rune]byte{
		'ا': 'a', 'و': 'u', 'ي': 'i', 'ع': 'o', 'ب': 'b', 'ت': 't', 'ث': 't', 'ج': 'j', 'ح': 'h', 'خ': 'x', 'د': 'd', 'ذ': 'd', 'ر': 'r', 'ز': 'z', 'س': 's',
		'ش': 'c', 'ص': 's', 'ض': 'd', 'ط': 't', 'ظ': 'd', 'غ': 'G', 'ف': 'f', 'ق': 'q', 'ك': 'k', 'ل': 'l', 'م': 'm', 'ن': 'n', 'ه': 'h',
		'ⴰ': 'a', 'ⴻ': 'e', 'ⵉ': 'i', 'ⵢ': 'i', 'ⵓ': 'u', 'ⵡ': 'u', 'ⵄ': 'o', 'ⴱ': 'b', 'ⵜ': 't', 'ⵟ': 't', 'ⴷ': 'd', 'ⴹ': 'd', 'ⵊ': 'j', 'ⵃ': 'h', 'ⵀ': 'h',
		'ⵅ': 'x', 'ⵔ': 'r', 'ⵕ': 'r', 'ⵣ': 'z', 'ⵥ': 'z', 'ⵙ': 's', 'ⵚ': 's', 'ⵛ': 'c', 'ⴽ': 'k', 'ⴳ': 'g', 'ⵇ': 'q', 'ⵖ': 'G', 'ⴼ': 'f', 'ⵍ': 'l', 'ⵎ': 'm', 'ⵏ': 'n',
		'ⵒ': 'b', 'ⵠ': 'f',
	} {
		if r < 0x700 {
			arab[r-0x600] = p
		} else {
			tifinagh[r-0x2D30] = p
		}
	}
	return arab, tifinagh
}()

// Skeleton is what of phones is never left out: the consonants, those that
// spelling exchanges merged, without the article and a final t.
func Skeleton(phones []byte) string {
	return string(AppendSkeleton(make([]byte, 0, len(phones)), phones))
}

// AppendSkeleton is Skeleton, put behind dst.
func AppendSkeleton(dst, phones []byte) []byte {
	from := len(dst)
	for _, p := range phones {
		if c := bone[p]; c != 0 && (len(dst) == from || dst[len(dst)-1] != c) {
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendGist is a skeleton of fewer kinds of consonants, those that writers and
// ears take for each other made one, put behind dst: by it names are found to be
// compared. Names that are alike mostly have one gist.
func AppendGist(dst, phones []byte) []byte {
	from := len(dst)
	for _, p := range phones {
		if c := gist[p]; c != 0 && (len(dst) == from || dst[len(dst)-1] != c) {
			dst = append(dst, c)
		}
	}
	return dst
}

var gist = [128]byte{'N': 'n', 'b': 'b', 't': 't', 'd': 't', 'j': 'k', 'z': 's', 's': 's', 'c': 's', 'x': 'k', 'k': 'k', 'g': 'k', 'q': 'k', 'G': 'k', 'f': 'f', 'l': 'l', 'm': 'n', 'n': 'n', 'r': 'r'}

var bone = [128]byte{'b': 'b', 't': 't', 'd': 'd', 'j': 'j', 'x': 'x', 'r': 'r', 'z': 'z', 's': 's', 'c': 'c', 'k': 'k', 'g': 'k', 'q': 'k', 'G': 'k', 'f': 'f', 'l': 'l', 'm': 'm', 'n': 'n'}

// Likeness is how alike two sequences of phones are: 1 the same, 0 nothing in
// common. What people leave out or exchange costs little (a vowel, k and g, s and
// ṣ), another consonant costs most. The measure is a weighted edit distance over
// the weight of the longer name.
func Likeness(a, b []byte) float64 { return LikenessFrom(a, b, 0) }

// LikenessFrom is Likeness, and 0 where it is below least, as soon as that is
// clear: most names are not alike, and are told apart at a glance.
func LikenessFrom(a, b []byte, least float64) float64 {
	return LikenessOf(a, b, MassOf(a), MassOf(b), least)
}

// Mass is what phones weigh, in hundredths of a consonant.
type Mass struct {
	Heft  int // what leaving all of them out would cost
	Floor int // a bound: two sequences are never less apart than their floors
}

// MassOf weighs phones.
func MassOf(phones []byte) (m Mass) {
	for _, p := range phones[:min(len(phones), mostPhones)] {
		m.Heft += int(weight[p&63])
		m.Floor += int(bound[p&63])
	}
	return m
}

// Heft is what leaving all of them out would cost, in hundredths of a consonant.
func Heft(phones []byte) int { return MassOf(phones).Heft }

// LikenessOf is LikenessFrom for whoever knows what both weigh already.
func LikenessOf(a, b []byte, massA, massB Mass, least float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	a, b = a[:min(len(a), mostPhones)], b[:min(len(b), mostPhones)]
	heavy := max(massA.Heft, massB.Heft, 1)
	limit := int((1-least)*float64(heavy) + 1e-6)
	if apart := massA.Floor - massB.Floor; apart > limit || -apart > limit {
		return 0
	}
	cost := cost(a, b, limit)
	if cost > limit {
		return 0
	}
	return max(0, 1-float64(cost)/float64(heavy))
}

// cost is the weighted edit distance, or more than limit when it is more.
func cost(a, b []byte, limit int) int {
	// What both begin with costs nothing.
	for len(a) > 1 && len(b) > 1 && a[0] == b[0] && a[1] == b[1] {
		a, b = a[1:], b[1:]
	}
	var rows [3][mostPhones + 1]int32
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j, q := range b {
		last[j+1] = last[j] + int32(weight[q&63])
	}
	most := int32(limit)
	was := int32(0) // the least of the row before: two steps may be one exchange of neighbours
	for i, p := range a {
		out := int32(weight[p&63])
		d := last[0] + out
		row[0] = d
		best := d
		swaps := &exchange[p&63]
		for j, q := range b {
			// d is what stands to the left
			d = min(last[j]+int32(swaps[q&63]), last[j+1]+out, d+int32(weight[q&63]))
			if i > 0 && j > 0 && p == b[j-1] && p != q && q == a[i-1] {
				d = min(d, before[j-1]+swapped(out, int32(weight[q&63])))
			}
			row[j+1] = d
			best = min(best, d)
		}
		if best > most && was > most {
			return limit + 1
		}
		was = best
		before, last, row = last, row, before
	}
	return int(last[len(b)])
}

const mostPhones = 64

// swapped is what two neighbours in the wrong order cost: little when one of them
// is hardly heard, else less than two consonants.
func swapped(a, b int32) int32 { return min(a, b, 60) + 5 }

// Phones are told apart by their lower six bits: no two of them share those.

// bound is weight, lowered where a cheap exchange joins a light phone to a heavy
// one: exchanging one phone for another never costs less than their bounds differ
// by, nor leaving it out.
var bound = func() (b [64]uint8) {
	b = weight
	for changed := true; changed; {
		changed = false
		for p := range b {
			for q := range b {
				if least := int(b[q]) + int(exchange[p][q]); p != q && least < int(b[p]) {
					b[p], changed = uint8(least), true
				}
			}
		}
	}
	return b
}()

// weight is what leaving a phone out costs, in hundredths of a consonant.
var weight = func() (w [64]uint8) {
	for p := range w {
		w[p] = 100
	}
	for p, n := range map[byte]uint8{'a': 18, 'e': 6, 'i': 28, 'u': 28, 'o': 15, 'h': 40, 'L': 10, 'N': 25, 'A': 10, 'T': 40, 'n': 85} {
		w[p&63] = n
	}
	return w
}()

// exchange is what one phone for another costs; for itself nothing.
var exchange = func() (x [64][64]uint8) {
	for p := range x {
		for q := range x[p] {
			if p != q {
				x[p][q] = uint8(min(int(weight[p])+int(weight[q]), 100))
			}
		}
	}
	for pair, n := range map[string]uint8{
		"ae": 6, "ie": 12, "ue": 16, "ai": 30, "au": 30, "iu": 35, "oa": 6, "oe": 10, "oi": 20, "ou": 22, "oh": 30, "oG": 60, "oq": 60,
		"kg": 8, "kq": 10, "gq": 8, "gj": 35, "kj": 45, "qj": 60, "gG": 25, "kG": 35, "qG": 30, "xG": 30, "xk": 35, "xq": 40, "Gr": 45, "hx": 35, "hG": 60,
		"sz": 35, "sc": 40, "zj": 40, "jc": 50, "dt": 35, "bf": 55, "bm": 70, "lr": 60, "nm": 45, "nl": 65, "tc": 60, "dz": 55, "ts": 60, "tT": 0, "Te": 25, "Ta": 30, "dT": 35, "Lh": 40,
		"lL": 12, "rd": 70, "mb": 70, "aA": 0, "eA": 3, "iA": 10, "uA": 14, "oA": 4, "nN": 0,
	} {
		p, q := pair[0]&63, pair[1]&63
		x[p][q], x[q][p] = n, n
	}
	return x
}()
