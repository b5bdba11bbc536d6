package i18n

import (
	"fmt"
	"html/template"
	"strings"
)

// Phone shows a phone number given as E.164: 06 61 23 45 42 in its own
// country, +33 6 12 34 56 78 elsewhere.
func (p *Printer) Phone(e164 any) template.HTML { return p.show(Phone(asText(e164))) }

// PhoneMasked hides the last six digits, 06 61 •• •• ••. The last four open
// the tracker, so no screen shows them.
func (p *Printer) PhoneMasked(e164 any) template.HTML { return p.show(Masked(asText(e164))) }

// Code shows a receipt number in groups of three, 482 719 063, read aloud
// digit by digit.
func (p *Printer) Code(number any) template.HTML { return p.show(Code(asText(number))) }

// PlainCode is a receipt number for SMS: its signs alone, 482719063. Groups
// would be put in reverse order by phones that know no isolation.
func PlainCode(number any) string {
	s := asText(number)
	if digits := strings.Map(onlyDigits, s); digits != "" && strings.Map(onlyLetters, s) == "" {
		return digits
	}
	return strings.TrimSpace(s)
}

// asText is the text of a string, or of a value that has one.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

func onlyLetters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f && r != nbspRune {
		return r
	}
	return -1
}

func (w *pen) phone(e164 string, masked bool) {
	if e164 == "" {
		return
	}
	shown := phoneGroups(e164, w.p.National)
	if masked {
		shown = mask(shown)
	}
	w.figures()
	w.words(shown)
	w.closeFigures()
}

// phoneGroups spaces out a phone number as it is read in its country. What is
// no phone number comes back as it is.
func phoneGroups(s, national string) string {
	digits := strings.Map(onlyDigits, s)
	international := strings.HasPrefix(s, "+")
	if strings.HasPrefix(digits, "00") && len(digits) > 2 {
		digits, international = digits[2:], true
	}
	if digits == "" || strings.Map(onlyLetters, s) != "" {
		return s
	}
	if !international {
		return localGroups(digits)
	}
	if rest, ok := strings.CutPrefix(digits, national); ok && national != "" {
		return localGroups("0" + rest)
	}
	country, rest := callingCode(digits)
	return "+" + country + nbsp + foreignGroups(country, rest)
}

// localGroups: 06 61 23 45 42; 0800 00 12 34; a short number stays whole.
func localGroups(d string) string {
	switch {
	case len(d) < 6:
		return d
	case len(d) == 10 && strings.HasPrefix(d, "080"):
		return d[:4] + nbsp + pairs(d[4:])
	}
	return pairs(d)
}

func foreignGroups(country, d string) string {
	switch {
	case country == "1" && len(d) == 10:
		return d[:3] + nbsp + d[3:6] + nbsp + d[6:]
	case len(d)%2 == 1 && len(d) > 1:
		return d[:1] + nbsp + pairs(d[1:])
	}
	return pairs(d)
}

func pairs(d string) string {
	var b strings.Builder
	for i := 0; i < len(d); i += 2 {
		if i > 0 {
			b.WriteString(nbsp)
		}
		b.WriteString(d[i:min(i+2, len(d))])
	}
	return b.String()
}

// callingCode splits a number after its country's code. Codes of one and of
// two digits are those of ITU-T E.164 (list of 2016); the others have three.
func callingCode(d string) (country, rest string) {
	n := 3
	switch {
	case d[0] == '1' || d[0] == '7':
		n = 1
	case len(d) > 1 && strings.Contains(twoDigitCodes, d[:2]+" "):
		n = 2
	}
	n = min(n, len(d))
	return d[:n], d[n:]
}

const twoDigitCodes = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
	"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

// mask hides the last six digits; all of them when there are so few that the
// rest would tell whose phone it is.
func mask(s string) string {
	b := []rune(s)
	hidden := 6
	for i := len(b) - 1; i >= 0 && hidden > 0; i-- {
		if b[i] >= '0' && b[i] <= '9' {
			b[i] = '•'
			hidden--
		} else if b[i] != nbspRune && b[i] != '+' {
			b[i] = '•' // not a phone number after all: show none of its end
		}
	}
	return string(b)
}

// code writes a receipt number. The role lets the element carry a name, which
// has the digits one by one; without it they are read as millions.
func (w *pen) code(s string) {
	s = PlainCode(s)
	if s == "" {
		return
	}
	shown := s
	if strings.Map(onlyDigits, s) == s {
		shown = threes(s)
	}
	if !w.html {
		w.raw(shown)
		return
	}
	w.raw(`<bdi class="num code" role="img" aria-label="`)
	spaced := ""
	for _, r := range s {
		if onlyDigits(r) >= 0 || onlyLetters(r) >= 0 {
			spaced += " " + string(r)
		}
	}
	w.words(strings.TrimPrefix(spaced, " "))
	w.raw(`">`)
	w.words(shown)
	w.raw("</bdi>")
}

func threes(d string) string {
	var b strings.Builder
	for i := 0; i < len(d); i += 3 {
		if i > 0 {
			b.WriteString(nbsp)
		}
		b.WriteString(d[i:min(i+3, len(d))])
	}
	return b.String()
}
