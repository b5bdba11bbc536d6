// Package i18n speaks to people in their own language and their own script:
// Arabic, Amazigh in Tifinagh, French and English, in that order everywhere.
//
// A sentence lives in a catalogue, never in Go or HTML. A Printer says it in
// one language, with plural forms as that language has them, and with every
// number, phone, code and foreign name set apart so that an Arabic line keeps
// its order. What is not yet translated is borrowed from another language and
// says so (lang and dir); it is never mixed in silently. A life-saving
// sentence whose translation nobody has reviewed shows together with its
// Arabic twin.
//
// A Catalogue and a Printer may be used by many goroutines at once.
package i18n

// Lang is a language people can choose, by its BCP 47 code, which is also the
// first part of every page's address: /ar /zgh /fr /en.
type Lang string

// The four languages of the house, and the pseudo-language of its tests.
const (
	AR  Lang = "ar"  // plain modern standard Arabic, as written in Morocco
	ZGH Lang = "zgh" // Standard Moroccan Amazigh, in Tifinagh
	FR  Lang = "fr"
	EN  Lang = "en"

	// QPS shows every sentence of the catalogue accented and in ⟦brackets⟧:
	// whatever shows without them was not said through the catalogue.
	QPS Lang = "qps"
)

// langs is the order of languages everywhere: menus, catalogues, exports.
var langs = [...]Lang{AR, ZGH, FR, EN}

// Langs is the four languages in the order in which people see them.
func Langs() []Lang { return append([]Lang(nil), langs[:]...) }

// Known says whether l is one of the four, or the pseudo-language.
func Known(l Lang) bool { return l.index() >= 0 || l == QPS }

// Name is what a language calls itself, in its own script.
func Name(l Lang) string {
	switch l {
	case AR:
		return "العربية"
	case ZGH:
		return "ⵜⴰⵎⴰⵣⵉⵖⵜ"
	case FR:
		return "Français"
	case EN:
		return "English"
	}
	return string(l)
}

// Dir is the direction of a page in that language: "rtl" for Arabic, else "ltr".
func Dir(l Lang) string {
	if l == AR {
		return "rtl"
	}
	return "ltr"
}

// HTMLLang is the value of an element's lang attribute. The pseudo-language is
// a private variant of English there, for BCP 47 knows no other honest name.
func HTMLLang(l Lang) string {
	if l == QPS {
		return "en-x-qps"
	}
	return string(l)
}

// index is the place of a language in langs, or -1.
func (l Lang) index() int {
	switch l {
	case AR:
		return 0
	case ZGH:
		return 1
	case FR:
		return 2
	case EN:
		return 3
	}
	return -1
}

// written is the language whose texts, numbers and plurals stand behind l: l
// itself, or English behind the pseudo-language.
func (l Lang) written() Lang {
	if l == QPS {
		return EN
	}
	return l
}

// chain is where a sentence is looked for, first to last: Amazigh readers are
// most likely to read Arabic, English readers French.
func (l Lang) chain() [len(langs)]Lang {
	switch l.written() {
	case ZGH:
		return [...]Lang{ZGH, AR, FR, EN}
	case FR:
		return [...]Lang{FR, AR, EN, ZGH}
	case EN:
		return [...]Lang{EN, FR, AR, ZGH}
	}
	return [...]Lang{AR, FR, EN, ZGH}
}
