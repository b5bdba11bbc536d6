package sms

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// EncodeGSM7 writes a text in the default alphabet, one septet in each octet,
// as SMPP carries it. ok is false when a character is not in the alphabet.
func EncodeGSM7(text string) (unpacked []byte, ok bool) {
	unpacked = make([]byte, 0, len(text))
	for _, r := range text {
		s, known := septets[r]
		if !known {
			return nil, false
		}
		unpacked = append(unpacked, s...)
	}
	return unpacked, true
}

// DecodeGSM7 reads septets that stand one in each octet. An escape that leads
// nowhere reads as 23.038 §6.2.1.1 says: the character of the default alphabet
// instead, and a space for an escape of an escape or at the end. An octet above
// 0x7F is no septet, and reads as U+FFFD.
func DecodeGSM7(unpacked []byte) string {
	var b strings.Builder
	for i := 0; i < len(unpacked); i++ {
		s := unpacked[i]
		if s == escape && i+1 < len(unpacked) && unpacked[i+1] < 0x80 {
			i++
			if r, ok := extension[unpacked[i]]; ok {
				b.WriteRune(r)
				continue
			}
			s = unpacked[i]
		}
		if s >= 0x80 {
			b.WriteRune('\uFFFD')
			continue
		}
		b.WriteRune(basic[s])
	}
	return b.String()
}

// FillBits is how many bits come between a header of so many octets, its length
// octet included, and the text: the text begins on a border of septets
// (23.040 §9.2.3.24).
func FillBits(header int) int { return (7 - header*8%7) % 7 }

// PackGSM7 packs septets eight in seven octets, as they travel by radio
// (23.038 §6.1.2.1), after fill bits of zero.
func PackGSM7(unpacked []byte, fill int) []byte {
	out := make([]byte, (fill+7*len(unpacked)+7)/8)
	for i, s := range unpacked {
		bit := fill + 7*i
		wide := uint16(s&0x7F) << (bit % 8)
		out[bit/8] |= byte(wide)
		if wide > 0xFF {
			out[bit/8+1] |= byte(wide >> 8)
		}
	}
	return out
}

// UnpackGSM7 is PackGSM7 backwards. n is how many septets there are, which
// the octets alone do not tell; it gives fewer where the octets end first.
func UnpackGSM7(packed []byte, n, fill int) []byte {
	if fill < 0 || n < 0 {
		return nil
	}
	n = min(n, max(0, (8*len(packed)-fill)/7))
	out := make([]byte, n)
	for i := range out {
		bit := fill + 7*i
		wide := uint16(packed[bit/8])
		if bit%8 > 1 {
			wide |= uint16(packed[bit/8+1]) << 8
		}
		out[i] = byte(wide>>(bit%8)) & 0x7F
	}
	return out
}

// EncodeUCS2 writes a text in UTF-16, big end first. What is no UTF-8 becomes
// U+FFFD.
func EncodeUCS2(text string) []byte {
	out := make([]byte, 0, 2*len(text))
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return out
}

// DecodeUCS2 reads UTF-16, big end first. Half a surrogate pair becomes U+FFFD,
// and so does a last octet that stands alone.
func DecodeUCS2(octets []byte) string {
	units := make([]uint16, 0, len(octets)/2+1)
	for ; len(octets) >= 2; octets = octets[2:] {
		units = append(units, binary.BigEndian.Uint16(octets))
	}
	if len(octets) == 1 {
		units = append(units, 0xFFFD)
	}
	return string(utf16.Decode(units))
}
