package i18n

import (
	"math"
	"testing"
)

// The expected forms are those of CLDR 48 as ICU 78 answers them: ar, fr and
// en for themselves, shi for zgh.
func TestEveryLanguageCountsInItsOwnForms(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		n                any
		ar, zgh, fr, eng string
	}{
		{0, zero, one, one, other},
		{1, one, one, one, one},
		{-1, one, one, one, one},
		{2, two, few, other, other},
		{3, few, few, other, other},
		{10, few, few, other, other},
		{11, many, other, other, other},
		{99, many, other, other, other},
		{100, other, other, other, other},
		{101, other, other, other, other},
		{102, other, other, other, other},
		{103, few, other, other, other},
		{110, few, other, other, other},
		{111, many, other, other, other},
		{1000, other, other, other, other},
		{1_000_000, other, other, many, other},
		{uint8(2), two, few, other, other},
		{int64(math.MinInt64), few, other, other, other}, // …808
		{0.5, other, one, one, other},
		{1.5, other, other, one, other},
		{2.5, other, other, other, other},
		{2.0, two, few, other, other},
		{1.001, one, one, one, one}, // shows as 1
		{math.NaN(), other, other, other, other},
	} {
		q, ok := quantity(row.n)
		if !ok {
			t.Fatalf("%v is no quantity", row.n)
		}
		for l, want := range map[Lang]string{AR: row.ar, ZGH: row.zgh, FR: row.fr, EN: row.eng} {
			if got := pluralForm(l, q); got != want {
				t.Errorf("%v in %s: %s, want %s", row.n, l, got, want)
			}
		}
	}
}

func TestArabicSaysAllSixForms(t *testing.T) {
	t.Parallel()
	p := printer(load(t, map[Lang]map[string]any{AR: {
		"m.cases": "{n, plural, zero {لا طلبات} one {طلب واحد} two {طلبان} few {# طلبات} many {# طلبًا} other {# طلب}}",
	}}), AR)
	for n, want := range map[int]string{
		0: "لا طلبات", 1: "طلب واحد", 2: "طلبان", 7: "7 طلبات", 11: "11 طلبًا", 100: "100 طلب", 1250: "1\u00a0250 طلبًا", 1203: "1\u00a0203 طلبات",
	} {
		same(t, "m.cases", p.Text("m.cases", "n", n), want)
	}
	same(t, "as HTML", string(p.T("m.cases", "n", 11)), `<bdi class="num">11</bdi> طلبًا`)
}
