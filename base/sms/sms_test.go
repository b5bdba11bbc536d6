package sms

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestTheDefaultAlphabetHasTheSignsOfTheStandard(t *testing.T) {
	t.Parallel()
	if len(basic) != 128 {
		t.Fatalf("the table has %d places", len(basic))
	}
	seen := map[rune]bool{}
	for b, r := range basic {
		if b == escape {
			continue
		}
		if seen[r] {
			t.Errorf("%q stands twice", r)
		}
		seen[r] = true
	}
	// 23.038 §6.2.1 and §6.2.1.1, places that are easily mistaken.
	for text, want := range map[string]string{
		"@": "00", "£": "01", "$": "02", "ì": "07", "Ç": "09", "\n": "0a", "\r": "0d", "Å": "0e", "Δ": "10", "_": "11",
		"Ξ": "1a", "Æ": "1c", "É": "1f", " ": "20", "¤": "24", "¡": "40", "A": "41", "Ä": "5b", "Ö": "5c", "Ñ": "5d",
		"Ü": "5e", "§": "5f", "¿": "60", "a": "61", "ä": "7b", "à": "7f",
		"\f": "1b0a", "^": "1b14", "{": "1b28", "}": "1b29", "\\": "1b2f", "[": "1b3c", "~": "1b3d", "]": "1b3e", "|": "1b40", "€": "1b65",
	} {
		got, ok := EncodeGSM7(text)
		if !ok || hex.EncodeToString(got) != want {
			t.Errorf("%q is %x, want %s", text, got, want)
		}
	}
	for _, text := range []string{"ç", "ê", "œ", "’", "\t", "م", "ⴰ", "💧", "\xff"} {
		if b, ok := EncodeGSM7(text); ok || b != nil {
			t.Errorf("%q was written as % x", text, b)
		}
	}
}

func TestAnEscapeThatLeadsNowhereReadsAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1b65": "€", "1b61": "a", "1b": " ", "1b1b": " ", "611b": "a ", "80": "\uFFFD", "1b80": " \uFFFD", "": "",
	} {
		b, _ := hex.DecodeString(in)
		if got := DecodeGSM7(b); got != want {
			t.Errorf("%s reads %q, want %q", in, got, want)
		}
	}
}

func TestSeptetsArePackedAsTheStandardDrawsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, octets string
		fill         int
	}{
		{"", "", 0},
		{"A", "41", 0},
		{"hellohello", "e8329bfd4697d9ec37", 0}, // the example everybody gives
		{"1234567", "31d98c56b3dd00", 0},        // seven in seven octets, 23.038 §6.1.2.1.1
		{"12345678", "31d98c56b3dd70", 0},       // eight in seven
		// After a header of 11 octets, the text begins on the fourteenth septet: the
		// reply address element of 23.040 §9.2.3.24.
		{"Please reply", "80b2cbe17919242fc3d979", FillBits(11)},
	} {
		s, ok := EncodeGSM7(c.text)
		if !ok {
			t.Fatalf("%q is not in the alphabet", c.text)
		}
		got := PackGSM7(s, c.fill)
		if hex.EncodeToString(got) != c.octets {
			t.Errorf("%q packs to %x, want %s", c.text, got, c.octets)
		}
		if back := DecodeGSM7(UnpackGSM7(got, len(s), c.fill)); back != c.text {
			t.Errorf("%s unpacks to %q, want %q", c.octets, back, c.text)
		}
	}
	for header, want := range map[int]int{6: 1, 7: 0, 11: 3, 14: 0} {
		if got := FillBits(header); got != want {
			t.Errorf("after a header of %d octets there are %d fill bits, want %d", header, got, want)
		}
	}
}

func TestWhatAMessageCostsIsCountedTruly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text  string
		coding      Coding
		parts, left int
	}{
		{"nothing", "", GSM7, 1, 160},
		{"one letter", "a", GSM7, 1, 159},
		{"160 letters", strings.Repeat("a", 160), GSM7, 1, 0},
		{"161 letters", strings.Repeat("a", 161), GSM7, 2, 145},
		{"306 letters", strings.Repeat("a", 306), GSM7, 2, 0},
		{"307 letters", strings.Repeat("a", 307), GSM7, 3, 152},
		{"80 euros", strings.Repeat("€", 80), GSM7, 1, 0},
		{"81 euros never split", strings.Repeat("€", 81), GSM7, 2, 143},
		{"an euro on the border", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 10), GSM7, 2, 141},
		{"70 of Arabic", strings.Repeat("م", 70), UCS2, 1, 0},
		{"71 of Arabic", strings.Repeat("م", 71), UCS2, 2, 63},
		{"70 of Tifinagh", strings.Repeat("ⴰ", 70), UCS2, 1, 0},
		{"135 of Tifinagh", strings.Repeat("ⴰ", 135), UCS2, 3, 66},
		{"one wrong quote", strings.Repeat("a", 70) + "’", UCS2, 2, 63},
		{"35 drops", strings.Repeat("💧", 35), UCS2, 1, 0},
		{"36 drops never split", strings.Repeat("💧", 36), UCS2, 2, 61},
	} {
		if got := Of(c.text); got != c.coding {
			t.Errorf("%s: coding %d, want %d", c.name, got, c.coding)
		}
		if parts, left := Count(c.text); parts != c.parts || left != c.left {
			t.Errorf("%s: %d parts with room for %d, want %d and %d", c.name, parts, left, c.parts, c.left)
		}
	}
}

func TestPartsCarryTheirPlaceAndFitIn140Octets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a€", 200)
	narrow := Parts(long, 0x1234, false)
	if got := hex.EncodeToString(narrow[1].UDH); got != "0500033404"+"02" {
		t.Errorf("the header is %s", got)
	}
	wide := Parts(strings.Repeat("ماء", 100), 0x1234, true)
	if got := hex.EncodeToString(wide[0].UDH); got != "060804123405"+"01" {
		t.Errorf("the wide header is %s", got)
	}
	if one := Parts("court", 1, true); len(one) != 1 || one[0].UDH != nil {
		t.Errorf("a short text has %d parts and the header %x", len(one), one[0].UDH)
	}
	for _, p := range append(narrow, wide...) {
		octets := len(p.UDH) + len(p.Payload)
		if p.Coding == GSM7 {
			octets = len(p.UDH) + len(PackGSM7(p.Payload, FillBits(len(p.UDH))))
		}
		if octets > 140 {
			t.Errorf("a part takes %d octets", octets)
		}
	}
	if Parts(strings.Repeat("م", 255*67+1), 1, false) != nil {
		t.Error("a text of 256 parts was cut, and parts are counted in an octet")
	}
	if got := len(Parts(strings.Repeat("م", 255*67), 1, false)); got != 255 {
		t.Errorf("a text of 255 parts has %d", got)
	}
}

func TestHeadersAreReadAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     Header
		rest     string
		cut      bool
	}{
		{"8 bits", "050003cc0302" + "41", Header{Ref: 0xCC, Part: 2, Parts: 3}, "41", false},
		{"16 bits", "060804abcd0201", Header{Ref: 0xABCD, Wide: true, Part: 1, Parts: 2}, "", false},
		{"another element first", "0a" + "050400001389" + "0003", Header{}, "", true},
		{"ports, then parts", "0b" + "050415810000" + "0003070201", Header{Ref: 7, Part: 1, Parts: 2}, "", false},
		{"the last of two counts", "0a" + "0003010201" + "0003020302", Header{Ref: 2, Part: 2, Parts: 3}, "", false},
		{"part 0 counts for nothing", "050003cc0300" + "41", Header{}, "41", false},
		{"part 4 of 3 counts for nothing", "050003cc0304" + "41", Header{}, "41", false},
		{"no elements", "00" + "4142", Header{}, "4142", false},
		{"nothing", "", Header{}, "", true},
		{"cut off", "050003cc", Header{}, "", true},
		{"half an element", "0100", Header{}, "", true},
	} {
		b, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		h, rest, err := ParseUDH(b)
		if (err != nil) != c.cut || h != c.want || hex.EncodeToString(rest) != c.rest {
			t.Errorf("%s: %+v, rest %x, %v", c.name, h, rest, err)
		}
	}
}

func TestPartsAreJoinedInAnyOrderAndHoweverOftenTold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("الماء مقطوع ", 20)
	pieces := Split(long)
	var j Joiner
	if _, whole := j.Text(); whole || j.Missing() != -1 {
		t.Fatal("nothing was told yet, and it is whole")
	}
	for _, i := range []int{3, 1, 1, 0, 3} {
		if err := j.Add(i+1, len(pieces), pieces[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, whole := j.Text(); whole || j.Missing() != 1 {
		t.Fatalf("%d parts are missing, want 1", j.Missing())
	}
	for _, bad := range []struct {
		part, parts int
		text        string
		want        error
	}{
		{0, 4, "x", ErrPart}, {5, 4, "x", ErrPart}, {1, 256, "x", ErrPart}, {3, 4, strings.Repeat("x", 1025), ErrPart},
		{1, 4, "another", ErrSeries}, {2, 5, pieces[1], ErrSeries},
	} {
		if err := j.Add(bad.part, bad.parts, bad.text); err != bad.want {
			t.Errorf("part %d of %d: %v, want %v", bad.part, bad.parts, err, bad.want)
		}
	}
	if err := j.Add(3, len(pieces), pieces[2]); err != nil {
		t.Fatal(err)
	}
	if got, whole := j.Text(); !whole || got != long {
		t.Error("the joined text is another")
	}
}

func TestCarefulFrenchCostsNoMoreThanCareless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"L’eau arrive…":                          "L'eau arrive...",
		"Dites « oui » : c’est prêt":             "Dites \"oui\" : c'est pret",
		"«\u00a0Douar\u00a0»\u202f!":             "\"Douar\" !",
		"“Sœur” – n°\u00a05":                     "\"Soeur\" - no 5",
		"Reçu à l’hôpital, où ?":                 "Recu à l'hopital, où ?",
		"rec\u0327u e\u0301te\u0301, pre\u0302t": "recu été, pret",
		"déjà GSM-7 {€}":                         "déjà GSM-7 {€}",
		"Température 20°":                        "Température 20°", // a degree has no place in the alphabet
		"السلام عليكم… «ماء»":                    "السلام عليكم… «ماء»",
		"ⴰⵎⴰⵏ… l’eau":                            "ⴰⵎⴰⵏ… l’eau",
		"Tamaziɣt : aḍ… l’eau":                   "Tamaziɣt : aḍ… l’eau",
		"l’eau 💧":                                "l’eau 💧",
	} {
		if got := Cheaper(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if dots := strings.Repeat("…", 69); Cheaper(dots) != dots {
		t.Error("69 ellipses are one part, and were made two")
	}
}

func FuzzAnyTextIsWrittenReadAndCountedTruly(f *testing.F) {
	for _, s := range []string{"", "Azul", "€[]", "السلام", "ⴰⵣⵓⵍ", "👨‍👩‍👧‍👦", strings.Repeat("a€", 120), strings.Repeat("م💧", 50), "\xff\xfe", "L’eau…"} {
		f.Add(s, uint16(7), false)
	}
	f.Fuzz(func(t *testing.T, text string, ref uint16, wide bool) {
		pieces := Split(text)
		if strings.Join(pieces, "") != text {
			t.Fatal("the parts are not the text")
		}
		parts, left := Count(text)
		if parts != len(pieces) || left < 0 {
			t.Fatalf("%d parts counted, %d made, room for %d", parts, len(pieces), left)
		}
		if cheap := Cheaper(text); cheap != text && (Of(cheap) != GSM7 || len(Split(cheap)) > parts || Cheaper(cheap) != cheap) {
			t.Fatal("what was to be cheaper is not")
		}
		if !utf8.ValidString(text) {
			return
		}
		if s, ok := EncodeGSM7(text); ok {
			if Of(text) != GSM7 || DecodeGSM7(s) != text {
				t.Fatal("the default alphabet reads otherwise than it was written")
			}
			if fill := int(ref % 7); !bytes.Equal(UnpackGSM7(PackGSM7(s, fill), len(s), fill), s) {
				t.Fatal("packed and unpacked it is another")
			}
		}
		if DecodeUCS2(EncodeUCS2(text)) != text {
			t.Fatal("UCS2 reads otherwise than it was written")
		}
		readsBack(t, text, Parts(text, ref, wide))
	})
}

// readsBack reads parts backwards, as a phone might get them.
func readsBack(t *testing.T, text string, parts []Part) {
	t.Helper()
	if parts == nil {
		return
	}
	if len(parts) == 1 {
		return
	}
	var j Joiner
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		h, payload, err := ParseUDH(append(bytes.Clone(p.UDH), p.Payload...))
		if err != nil {
			t.Fatal(err)
		}
		piece := DecodeGSM7(payload)
		if p.Coding == UCS2 {
			piece = DecodeUCS2(payload)
			if utf16.IsSurrogate(rune(payload[0])<<8|rune(payload[1])) && payload[0] >= 0xDC {
				t.Fatal("a part begins with half a pair")
			}
		}
		if err := j.Add(h.Part, h.Parts, piece); err != nil {
			t.Fatal(err)
		}
	}
	if got, whole := j.Text(); !whole || got != text {
		t.Fatal("joined it is another text")
	}
}

func FuzzOctetsOfStrangersNeverHurt(f *testing.F) {
	f.Add([]byte{5, 0, 3, 1, 2, 1, 0x1B, 0x65}, 8, 1)
	f.Add([]byte{0x1B}, 1, 0)
	f.Add([]byte{0xD8, 0x3D, 0xDC}, 300, 9)
	f.Fuzz(func(t *testing.T, b []byte, n, fill int) {
		h, rest, err := ParseUDH(b)
		if err == nil && (len(rest) >= len(b) || h.Part > h.Parts || h.Parts > MostParts) {
			t.Fatalf("%+v with %d of %d octets left", h, len(rest), len(b))
		}
		if s := UnpackGSM7(b, n, fill); len(s) > max(0, n) {
			t.Fatalf("%d septets of %d", len(s), n)
		} else if text := DecodeGSM7(s); Of(text) != GSM7 && text != "" {
			t.Fatal("septets read as what is not in the alphabet")
		}
		if !utf8.ValidString(DecodeUCS2(b)) || !utf8.ValidString(DecodeGSM7(b)) {
			t.Fatal("what was read is no UTF-8")
		}
	})
}
