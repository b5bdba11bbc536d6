package sms

import "strings"

// marks are the combining accents of French, written after their letter.
const (
	grave, acute, circumflex, diaeresis, cedilla = '\u0300', '\u0301', '\u0302', '\u0308', '\u0327'
)

// whole puts a letter and its accent together where the default alphabet has
// both in one, and leaves the letter alone where it has not.
var whole = strings.NewReplacer(
	"e\u0300", "è", "e\u0301", "é", "E\u0301", "É", "a\u0300", "à", "u\u0300", "ù",
	string(grave), "", string(acute), "", string(circumflex), "", string(diaeresis), "", string(cedilla), "",
)

// plain is how each sign of careful French is written on a telephone that has
// the default alphabet alone: no word reads otherwise for it.
var plain = strings.NewReplacer(
	"« ", "\"", "«\u00a0", "\"", "«\u202f", "\"", "«", "\"",
	" »", "\"", "\u00a0»", "\"", "\u202f»", "\"", "»", "\"",
	"‘", "'", "’", "'", "‚", "'", "‹", "'", "›", "'", "“", "\"", "”", "\"", "„", "\"",
	"…", "...", "–", "-", "—", "-", "‑", "-", "‐", "-", "−", "-", "•", "-", "·", ".",
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2007", " ", "\u2002", " ", "\u2003", " ", "\t", " ",
	"\u00ad", "", "\u200b", "", "\u200e", "", "\u200f", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\ufeff", "",
	"œ", "oe", "Œ", "Oe", "№", "no", "n°", "no", "N°", "No",
	"À", "A", "Â", "A", "È", "E", "Ê", "E", "Ë", "E", "Î", "I", "Ï", "I", "Ô", "O", "Ù", "U", "Û", "U", "Ÿ", "Y",
	"â", "a", "ç", "c", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "û", "u", "ÿ", "y",
)

// Cheaper is a text without what makes it UCS2 for nothing: typographic quotes,
// dashes and spaces, and the accents of French that the default alphabet lacks
// (ê, ô, ç, œ; è, é, à and ù it has). A message in French is then GSM7 and costs
// less than half. A text that would be UCS2 all the same, as one with a word of
// Arabic or Tifinagh or with a sign of Tamazight in Latin letters, is left
// as it was written, and so is one that would have more parts for it.
func Cheaper(text string) string {
	if Of(text) == GSM7 {
		return text
	}
	out := plain.Replace(whole.Replace(text))
	if Of(out) != GSM7 {
		return text
	}
	if before, _ := Count(text); len(Split(out)) > before {
		return text
	}
	return out
}
