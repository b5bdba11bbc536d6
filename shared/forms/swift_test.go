package forms

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// The short ways round Clean and writeText must end where the long ones do:
// what was asked is known again by the bytes that they write.

func TestALetterThatNeedsNoCleaningIsNeitherHiddenNorALineEnd(t *testing.T) {
	t.Parallel()
	for r := range utf8.MaxRune {
		if utf8.ValidRune(r) && plain(string(r)) && (hidden(r) || r == '\t' || r == '\u0085' || r == '\u2028' || r == '\u2029') {
			t.Errorf("%U is taken for plain", r)
		}
	}
	if plain("a\xff") || plain("\u200b") || plain("a\nb") {
		t.Error("taken for plain")
	}
	if got := Clean("  نحن تحت الأنقاض, École ⴰⵣⵓⵍ ", false); got != "نحن تحت الأنقاض, École ⴰⵣⵓⵍ" {
		t.Errorf("%q", got)
	}
}

func TestATextStandsInJSONAsTheEncoderWritesIt(t *testing.T) {
	t.Parallel()
	one := func(s string) {
		var got, want bytes.Buffer
		if err := writeText(&got, s); err != nil {
			t.Fatal(err)
		}
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		if got.String()+"\n" != want.String() {
			t.Errorf("%q: %s, not %s", s, got.String(), want.String())
		}
	}
	for r := range rune(0x11000) {
		if utf8.ValidRune(r) {
			one("a" + string(r))
		}
	}
	one("")
	one("<b>&'\u2028\u2029\u202a\x7f")
}
