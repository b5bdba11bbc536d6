package conform

import "strings"

// texts is what people write to each other here: every script, signs that
// JSON, forms and SMS alphabets treat in their own way, and one that is long.
var texts = []struct{ name, text string }{
	{"Latin", "Azul, 3 familles sans eau à Tizi n'Test ; code A7K2 <urgent> & 100% [ok] {oui} ^~|\\ \"€\""},
	{"Arabic", "السلام عليكم، نحتاج إلى ماء وأغطية لثلاث عائلات. الرمز ٤٢"},
	{"Tifinagh", "ⴰⵣⵓⵍ, ⵏⵔⴰ ⴰⵎⴰⵏ ⵉ ⴽⵕⴰⴹ ⵜⵡⴰⵛⵓⵍⵉⵏ"},
	{"emoji", "Eau 💧 et pain 🍞 pour 👨‍👩‍👧‍👦 svp 🙏"},
	{"lines", "ligne un\nligne deux\n\tligne trois+plus=égal"},
	{"600 characters", long()},
}

// long is 600 characters exactly, which is nine parts in Arabic.
func long() string {
	r := []rune(strings.Repeat("الماء مقطوع عن الدوار منذ يومين والطريق مغلقة. ", 14))[:599]
	return string(r) + "."
}
