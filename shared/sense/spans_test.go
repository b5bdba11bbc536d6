package sense_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheSpansOfATextAreTheTextWhole(t *testing.T) {
	t.Parallel()
	l := lexicon(t)
	words := []string{"الطريق", "مقطوعة", "20", "tentes", "aman", ".", "تحت الأنقاض", "déjà", "\xff", "6 femmes enceintes", "🙏", "ⴰⵖⵔⵓⵎ"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), " ")
		r := l.Read(text)
		whole, findings := "", 0
		for _, s := range r.Spans(text) {
			whole += s.Text
			findings += len(s.Says)
		}
		if whole != text || findings != len(r.Findings) {
			t.Fatalf("%q became %q with %d of %d findings", text, whole, findings, len(r.Findings))
		}
	})
}
