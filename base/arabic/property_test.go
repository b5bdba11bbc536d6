package arabic

import (
	"bytes"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// written is text as people and their phones produce it: three scripts, digits of
// every keyboard, signs, and now and then rubbish.
var written = rapid.OneOf(
	rapid.StringOfN(rapid.RuneFrom([]rune("اأإآىيئوؤهةبتثجحخدذرزسشصضطظعغفقكلمنڭگپڤءًٌَُِّْـ ،٠٥٩")), 0, 20, -1),
	rapid.StringOfN(rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyzÀÉéèêëïçœ'’-. 379")), 0, 20, -1),
	rapid.StringOfN(rapid.RuneFrom(nil, unicode.Tifinagh), 0, 12, -1),
	rapid.String(),
	rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
)

func TestTheQuickWalkAndTheSlowOneGiveOneKey(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x3000; r++ {
		s := "a" + string(r) + "b"
		if Key(s) != slow(s) {
			t.Fatalf("%U: %q, and slowly %q", r, Key(s), slow(s))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := written.Draw(t, "s")
		if Key(s) != slow(s) {
			t.Errorf("%q: %q, and slowly %q", s, Key(s), slow(s))
		}
	})
}

func TestAKeyOfAKeyIsItselfWhateverWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := written.Draw(t, "s")
		if k := Key(s); Key(k) != k || !bytes.Equal(Phones(s), Phones(k)) {
			t.Errorf("%q: %q, then %q", s, k, Key(k))
		}
	})
}

func TestLikenessIsTheSameBothWaysAndWholeOnlyOfWhatSoundsAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := Phones(written.Draw(t, "a")), Phones(written.Draw(t, "b"))
		l, m := Likeness(a, b), Likeness(b, a)
		if l != m || l < 0 || l > 1 {
			t.Errorf("%s and %s: %g, and %g", a, b, l, m)
		}
		if len(a) > 0 && Likeness(a, a) != 1 {
			t.Errorf("%s is like itself by %g", a, Likeness(a, a))
		}
		least := rapid.Float64Range(0, 1).Draw(t, "least")
		if from := LikenessFrom(a, b, least); from != 0 && from != l || from == 0 && l > least+1e-9 {
			t.Errorf("%s and %s are alike by %g, and by %g when %g is asked", a, b, l, from, least)
		}
	})
}
