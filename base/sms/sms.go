// Package sms is how the text of short messages becomes octets and what it
// costs: people pay by the part, and a part holds 160 characters of a small
// alphabet or 70 of anything else, Arabic and Tifinagh among it. One sign that
// the small alphabet lacks makes a message more than twice as dear.
//
// The small alphabet and its packing are those of 3GPP TS 23.038 (GSM 7 bit
// default alphabet with its extension table, §6.1.2.1, §6.2.1); the joining of
// parts is that of 3GPP TS 23.040 (§9.2.3.24.1, §9.2.3.24.8). The national
// language tables of 23.038 §6.2.1.2 are not written, since many phones in use
// cannot read them. Nothing here does I/O.
package sms

// Coding is how a text is written in a message.
type Coding uint8

const (
	GSM7 Coding = iota // the default alphabet, seven bits a character
	UCS2               // UTF-16, big end first, two octets a character or four
)

// What fits, in septets or in UTF-16 units: in a message alone, and in a part
// of several, where a header of six octets, or of seven with a wide reference,
// takes its place of the 140 octets there are.
const (
	aloneGSM7, partGSM7, widePartGSM7 = 160, 153, 152
	aloneUCS2, partUCS2, widePartUCS2 = 70, 67, 66

	// MostParts is how many parts a message can have: they are counted in an octet.
	MostParts = 255
)

// Of is the coding that a text takes: GSM7 when every character of it is in
// the default alphabet or its extension.
func Of(text string) Coding {
	for _, r := range text {
		if _, ok := septets[r]; !ok {
			return UCS2
		}
	}
	return GSM7
}

// units is what a character takes: septets or UTF-16 units.
func (c Coding) units(r rune) int {
	switch {
	case c == GSM7:
		return len(septets[r])
	case r > 0xFFFF:
		return 2
	}
	return 1
}

// limits is what fits in a message alone and in a part of several.
func (c Coding) limits(wide bool) (alone, part int) {
	switch {
	case c == GSM7 && wide:
		return aloneGSM7, widePartGSM7
	case c == GSM7:
		return aloneGSM7, partGSM7
	case wide:
		return aloneUCS2, widePartUCS2
	}
	return aloneUCS2, partUCS2
}

// length is what a text takes in a coding.
func (c Coding) length(text string) (n int) {
	for _, r := range text {
		n += c.units(r)
	}
	return n
}

// Count is how many parts a text makes, with the usual reference of 8 bits, and
// how much more the last of them holds: septets where the text is GSM7, UTF-16
// units otherwise. No text at all is one part.
func Count(text string) (parts, left int) {
	c := Of(text)
	pieces := c.split(text, false)
	limit, part := c.limits(false)
	if len(pieces) > 1 {
		limit = part
	}
	return len(pieces), limit - c.length(pieces[len(pieces)-1])
}

// Split is the text of each part, as Count counts them. Together they are the
// text. No part ends within an extension character or a surrogate pair.
func Split(text string) []string { return Of(text).split(text, false) }

func (c Coding) split(text string, wide bool) []string {
	alone, limit := c.limits(wide)
	if c.length(text) <= alone {
		return []string{text}
	}
	var out []string
	start, n := 0, 0
	for i, r := range text {
		u := c.units(r)
		if n+u > limit {
			out = append(out, text[start:i])
			start, n = i, 0
		}
		n += u
	}
	return append(out, text[start:])
}
