package forms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a stranger's text safe to keep and to show: valid UTF-8, no
// control characters, no invisible characters that turn text around or hide
// it (Unicode's bidirectional embeddings, overrides and isolates, tags, zero
// width spaces), no space at either end. Joiners stay: Arabic needs them. With
// lines, new lines are kept, at most two together; without, they are spaces.
func Clean(s string, lines bool) string {
	if plain(s) {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r == utf8.RuneError && size == 1 {
			continue
		}
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
			if lines {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
		case r == '\t':
			b.WriteByte(' ')
		case hidden(r):
		default:
			b.WriteRune(r)
		}
	}
	out := strings.TrimSpace(b.String())
	for strings.Contains(out, "\n\n\n") {
		out = strings.ReplaceAll(out, "\n\n\n", "\n\n")
	}
	return out
}

// plain tells that there is nothing to clean, which is so of most of what
// people write: one line in the letters of this country.
func plain(s string) bool {
	for _, r := range s {
		if !(r >= ' ' && r <= '~' || r >= '\u0600' && r <= '\u06ff' || r >= 'À' && r <= '\u024f' || r >= '\u2d30' && r <= '\u2d7f') {
			return false
		}
	}
	return true
}

func hidden(r rune) bool {
	switch {
	case unicode.Is(unicode.Cc, r):
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u206f':
		return true
	case r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u00ad', r == '\u180e':
		return true
	case r >= '\ufff9' && r <= '\ufffb':
		return true
	case r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	// Noncharacters never stand for anything a person wrote.
	return r&0xfffe == 0xfffe || r >= '\ufdd0' && r <= '\ufdef'
}
