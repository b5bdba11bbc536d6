package i18n

import (
	"bytes"
	"strings"
	"unicode"
)

const (
	opening = "⟦"
	closing = "⟧"
)

// Pseudo is a sentence as the pseudo-language shows it: accented, so that
// English that slipped into a page stands out, and in brackets.
func Pseudo(s string) string { return opening + accented(s) + closing }

var accents = strings.NewReplacer(
	"a", "á", "b", "ƀ", "c", "ç", "d", "ð", "e", "é", "f", "ƒ", "g", "ğ", "h", "ĥ", "i", "í", "j", "ĵ", "k", "ķ", "l", "ļ", "m", "ɱ",
	"n", "ñ", "o", "ó", "p", "þ", "q", "ǫ", "r", "ŕ", "s", "š", "t", "ţ", "u", "ú", "v", "ṽ", "w", "ŵ", "x", "ẋ", "y", "ý", "z", "ž",
	"A", "Á", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "F", "Ƒ", "G", "Ğ", "H", "Ĥ", "I", "Í", "J", "Ĵ", "K", "Ķ", "L", "Ļ", "M", "Ḿ",
	"N", "Ñ", "O", "Ó", "P", "Þ", "Q", "Ǫ", "R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ú", "V", "Ṽ", "W", "Ŵ", "X", "Ẋ", "Y", "Ý", "Z", "Ž",
)

func accented(s string) string { return accents.Replace(s) }

// Unspoken finds what a page rendered in QPS says without the catalogue: runs
// of text outside ⟦brackets⟧ that hold a letter, and the attributes that
// people see or hear (alt, aria-label, placeholder, title). Data, as names,
// is among them; the test that asks knows what it put there.
func Unspoken(page string) []string {
	var found []string
	keep := func(s string) {
		for run := range strings.SplitSeq(unbracketed(s), "\x00") {
			if run = strings.TrimSpace(run); strings.ContainsFunc(run, unicode.IsLetter) {
				found = append(found, run)
			}
		}
	}
	var text strings.Builder
	for page != "" {
		open := strings.IndexByte(page, '<')
		if open < 0 {
			text.WriteString(page)
			break
		}
		text.WriteString(page[:open])
		tag, rest := cutTag(page[open:])
		name := tagName(tag)
		for _, a := range heard {
			keep(attribute(tag, a))
		}
		if name == "script" || name == "style" || name == "kbd" || name == "code" || name == "textarea" { // what is typed, or told by a machine, is no word
			_, rest, _ = strings.Cut(rest, "</"+name)
			_, rest, _ = strings.Cut(rest, ">")
		}
		if !inline[strings.TrimPrefix(name, "/")] {
			text.WriteByte(0) // the end of a run
		}
		page = rest
	}
	keep(text.String())
	return found
}

// heard is the attributes that people see or hear.
var heard = []string{"alt", "aria-label", "placeholder", "title"}

// inline is the elements within a line of text, which do not end a run.
var inline = map[string]bool{"bdi": true, "span": true, "time": true, "b": true, "a": true, "small": true, "strong": true, "abbr": true}

// unbracketed is s without ⟦what is in brackets⟧, which may hold more brackets.
func unbracketed(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '⟦':
			depth++
		case r == '⟧':
			depth = max(0, depth-1)
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cutTag splits s, which begins with <, after the tag or comment; a > within
// quotes does not end it.
func cutTag(s string) (tag, rest string) {
	if strings.HasPrefix(s, "<!--") {
		_, rest, _ = strings.Cut(s, "-->")
		return "", rest
	}
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return s[:i+1], s[i+1:]
		}
	}
	return s, ""
}

func tagName(tag string) string {
	name := strings.TrimPrefix(tag, "<")
	if end := strings.IndexAny(name, " \t\r\n>"); end >= 0 {
		name = name[:end]
	}
	return strings.ToLower(name)
}

func attribute(tag, name string) string {
	_, after, ok := strings.Cut(tag, " "+name+`="`)
	if !ok {
		return ""
	}
	s, _, _ := strings.Cut(after, `"`)
	return s
}

// Borrowed is the languages that a rendered page says something in because
// its own lacked the sentence; the page then tells so (i18n.page.partly). A
// twin beside a draft is not borrowed.
func Borrowed(page []byte) []Lang {
	var found []Lang
	for _, l := range langs {
		if bytes.Contains(page, []byte(borrowedSpan(l))) {
			found = append(found, l)
		}
	}
	return found
}

func borrowedSpan(l Lang) string {
	return `<span lang="` + HTMLLang(l) + `" dir="` + Dir(l) + `" class="borrowed">`
}

func twinSpan(l Lang) string { return `<span lang="` + HTMLLang(l) + `" dir="` + Dir(l) + `">` }
