package ussd

import "strings"

// A USSD string is 160 octets at most (3GPP TS 24.080, annex A, of the ASN.1
// USSD-String). Packed as 3GPP TS 23.038 §6.1.2.3 packs them, 182 septets fit
// into that; networks on the way cut at 160, so that is what we count on. One
// letter outside the GSM alphabet makes the whole string UCS-2, two octets
// each: 80, which is what Arabic and Tifinagh have.
const (
	roomLatin = 160
	roomOther = 80
)

// The GSM 7 bit default alphabet, 3GPP TS 23.038 §6.2.1, and those of its
// extension, §6.2.1.1, which take two septets.
const (
	alphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// Room is how much of a screen a text takes and how much there is, both in
// septets for what is written in the GSM alphabet, in UTF-16 units otherwise. A
// text fits when used is not above room.
func Room(text string) (used, room int) {
	units := 0
	latin := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(alphabet, r):
			used++
		case strings.ContainsRune(extension, r):
			used += 2
		default:
			latin = false
		}
		units++
		if r > 0xFFFF {
			units++ // a surrogate pair
		}
	}
	if latin {
		return used, roomLatin
	}
	return units, roomOther
}

// cut leaves what a phone shows of a text that is too long.
func cut(text string) string {
	_, room := Room(text)
	latin := room == roomLatin
	left := room
	for i, r := range text {
		n := 1
		if latin && strings.ContainsRune(extension, r) || !latin && r > 0xFFFF {
			n = 2
		}
		if left -= n; left < 0 {
			return text[:i]
		}
	}
	return text
}
