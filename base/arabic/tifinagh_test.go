package arabic

import (
	"testing"
	"unicode"
)

func TestTifinaghIsWrittenAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"ⴰⵖⵔⵓⵎ ⴷ ⵡⴰⵎⴰⵏ": "aghrum d waman", "ⵜⵉⵡⵉⵣⵉ": "tiwizi", "ⴰⵙⵓⵜⵔ 3, Amizmiz": "asutr 3, Amizmiz", "ⵎⵛⵜⴰ ⵏ ⵎⵉⴷⴷⵏ?": "mchta n middn?", "ⵏⵏⴽⵯⵏ": "nnkwn"} {
		if got := Tifinagh(in); got != want {
			t.Errorf("%s is written %q, want %q", in, got, want)
		}
	}
}

func TestEveryLetterOfTifinaghIsKnown(t *testing.T) {
	t.Parallel()
	for r := rune(0x2D30); r <= 0x2D7F; r++ {
		if !unicode.Is(unicode.Tifinagh, r) {
			continue
		}
		for _, x := range Tifinagh(string(r)) {
			if x > unicode.MaxASCII {
				t.Errorf("%c (%U) stays as it is", r, r)
			}
		}
	}
}
