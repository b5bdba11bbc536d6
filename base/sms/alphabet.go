package sms

// The default alphabet, 3GPP TS 23.038 §6.2.1, from 0x00 to 0x7F. The place of
// 0x1B, which leads into the extension table, holds what a phone without that
// table shows: a space.
var basic = []rune("@£$¥èéùìòÇ\nØø\rÅå" +
	"Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ" +
	" !\"#¤%&'()*+,-./" +
	"0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNO" +
	"PQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmno" +
	"pqrstuvwxyzäöñüà")

const escape = 0x1B

// The extension table, 3GPP TS 23.038 §6.2.1.1: what follows an escape.
var extension = map[byte]rune{
	0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\',
	0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€',
}

// septets is how each character of both tables is written.
var septets = func() map[rune][]byte {
	m := make(map[rune][]byte, len(basic)+len(extension))
	for b, r := range basic {
		if b != escape {
			m[r] = []byte{byte(b)}
		}
	}
	for b, r := range extension {
		m[r] = []byte{escape, b}
	}
	return m
}()
