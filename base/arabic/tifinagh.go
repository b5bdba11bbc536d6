package arabic

import "strings"

// Tifinagh writes a text in Tifinagh in the Latin letters that people type on a
// basic phone: «ⴰⵖⵔⵓⵎ» is "aghrum". It is for messages to somebody whose phone
// shows no Tifinagh, or who writes that way: all of it is in the default
// alphabet of text messages (3GPP TS 23.038), so it costs less than half. The
// letters are those of IRCAM's chart (2004) with the digraphs of everyday
// writing, kh gh ch, in place of its diacritics: nothing is read back from it.
func Tifinagh(s string) string { return tifinagh.Replace(s) }

var tifinagh = strings.NewReplacer(
	"ⴰ", "a", "ⴱ", "b", "ⴲ", "b", "ⵛ", "ch", "ⴷ", "d", "ⴸ", "d", "ⴹ", "d", "ⴺ", "d", "ⴻ", "e", "ⴼ", "f", "ⴳ", "g", "ⴴ", "g", "ⴵ", "j", "ⴾ", "k",
	"ⵀ", "h", "ⵃ", "h", "ⵄ", "a", "ⵅ", "kh", "ⵇ", "q", "ⵉ", "i", "ⵊ", "j", "ⴽ", "k", "ⴿ", "k", "ⵍ", "l", "ⵎ", "m", "ⵏ", "n",
	"ⵓ", "u", "ⵔ", "r", "ⵕ", "r", "ⵖ", "gh", "ⵙ", "s", "ⵚ", "s", "ⵜ", "t", "ⵝ", "t", "ⵟ", "t", "ⵡ", "w", "ⵢ", "y", "ⵣ", "z",
	"ⵥ", "z", "ⴶ", "j", "ⵞ", "ch", "ⵯ", "w", "ⵠ", "v", "ⵒ", "p", "ⵁ", "h", "ⵂ", "h", "ⵆ", "kh", "ⵈ", "q", "ⵋ", "j", "ⵌ", "j",
	"ⵐ", "ny", "ⵑ", "ng", "ⵗ", "gh", "ⵘ", "gh", "ⵤ", "z", "ⵦ", "e", "ⵧ", "o", "⵿", "", "⵰", ".", "“", "\"")
