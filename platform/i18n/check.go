package i18n

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Check reads a catalogue as a proof-reader would, and says what is wrong, one
// line each, sorted; nothing when it is good. Every package that speaks calls
// it in a test. It asks that all four languages have the same keys with the
// same arguments, that plurals have the forms their language needs, and that
// texts are written as people write: no empty ones, no markup, French spaces
// that do not break, no typewriter apostrophe, one script at a time.
func Check(c *Catalogue) []string {
	var wrong []string
	for _, key := range c.Keys() {
		s := c.sentence(key)
		var first *entry
		for i, e := range s.in {
			if e == nil {
				wrong = append(wrong, fmt.Sprintf("%s: %s lacks it", key, langs[i]))
				continue
			}
			say := func(format string, args ...any) {
				wrong = append(wrong, fmt.Sprintf("%s (%s): %s", key, e.lang, fmt.Sprintf(format, args...)))
			}
			if first == nil {
				first = e
			} else if a, b := argNames(first.read().words), argNames(e.read().words); a != b {
				say("its arguments are %s, in %s they are %s", b, first.lang, a)
			}
			checkEntry(e, say)
		}
	}
	return wrong
}

type sayFunc func(format string, args ...any)

func checkEntry(e *entry, say sayFunc) {
	if blank(e.text) {
		say("the text is empty")
		return
	}
	e.read().words.walk(func(n node) {
		switch n.kind {
		case plural:
			checkPlural(e.lang, n, say)
		case literal:
			checkLiteral(n.text, say)
			switch e.lang {
			case FR:
				checkFrench(n.text, say)
			case ZGH:
				if hasScript(n.text, unicode.Arabic) {
					say("there are Arabic letters in a Tifinagh text: %q", n.text)
				}
			}
		}
	})
}

// checkPlural: every form the language needs, and none that it never uses. An
// exact form stands for the Arabic form of that one number.
func checkPlural(l Lang, n node, say sayFunc) {
	has := map[string]bool{}
	for _, f := range n.forms {
		has[f.name] = true
	}
	for form, exact := range map[string]string{zero: "=0", one: "=1", two: "=2"} {
		if l == AR && has[exact] {
			has[form] = true
		}
	}
	for _, form := range pluralForms[l] {
		if !has[form] {
			say("the plural of {%s} has no form %q", n.text, form)
		}
	}
	for _, f := range n.forms {
		if !f.exact && !slices.Contains(pluralForms[l], f.name) && !(l == FR && f.name == many) {
			say("the plural of {%s} has a form %q, which the language never uses", n.text, f.name)
		}
	}
}

func checkLiteral(s string, say sayFunc) {
	if strings.ContainsRune(s, '\'') {
		say("a typewriter apostrophe where ’ belongs: %q", s)
	}
	if i := strings.IndexByte(s, '<'); i >= 0 && i+1 < len(s) && (isASCIILetter(s[i+1]) || s[i+1] == '/' || s[i+1] == '!') {
		say("an HTML tag: %q", s)
	}
	if _, after, ok := strings.Cut(s, "&"); ok {
		if name, _, ok := strings.Cut(after, ";"); ok && name != "" && !strings.ContainsAny(name, " &") {
			say("an HTML entity: %q", s)
		}
	}
	for _, r := range s {
		switch {
		case r == 'ـ':
			say("a letter stretched with tatweel: %q", s)
		case r >= '\u2000' && r <= '\u200b' || r == '\u202f' || r == '\u3000':
			say("a space that our fonts lack, U+%04X: %q", r, s)
		case r == '\u200e' || r == '\u200f' || r == '\u061c' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			say("a mark of direction, U+%04X; the printer isolates by itself: %q", r, s)
		case r >= '٠' && r <= '٩' || r >= '۰' && r <= '۹':
			say("a digit that is not 0-9: %q", s)
		case unicode.IsControl(r) && r != '\n':
			say("a control character, U+%04X: %q", r, s)
		}
	}
	if spacedOut(s) {
		say("letters spaced apart: %q", s)
	}
}

// spacedOut is four or more single letters in a row.
func spacedOut(s string) bool {
	row := 0
	for word := range strings.FieldsSeq(s) {
		r := []rune(word)
		if len(r) != 1 || !unicode.IsLetter(r[0]) {
			row = 0
			continue
		}
		if row++; row == 4 {
			return true
		}
	}
	return false
}

// checkFrench: a no-break space before : ; ? ! » and after «. A line that
// breaks there begins with a mark.
func checkFrench(s string, say sayFunc) {
	r := []rune(s)
	for i := range r {
		switch {
		case i > 0 && r[i-1] == ' ' && strings.ContainsRune(":;?!»", r[i]):
			say("a space that can break before %c; it must be U+00A0: %q", r[i], s)
		case i > 0 && r[i] == '»' && r[i-1] != nbspRune:
			say("» needs U+00A0 before it: %q", s)
		case i+1 < len(r) && r[i] == '«' && r[i+1] != nbspRune:
			say("« needs U+00A0 after it: %q", s)
		}
	}
}

func hasScript(s string, script *unicode.RangeTable) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(script, r) })
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// argNames is the arguments of a message, as "{n} {place}"; "none" without.
func argNames(m message) string {
	names := map[string]bool{}
	m.walk(func(n node) {
		if n.kind == value || n.kind == plural || n.kind == choice {
			names["{"+n.text+"}"] = true
		}
	})
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), " ")
}
