package iban

import (
	"errors"
	"testing"
)

func TestAccountNumbersAreReadAsPeopleCopyThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"MA64 0018 1000 7800 0201 1062 0318": "MA64001810007800020110620318",
		"ma64-0018-1000-7800-0201-1062-0318": "MA64001810007800020110620318",
		"001 810 0078000201106203 18":        "MA64001810007800020110620318",
		"٠٠١٨١٠٠٠٧٨٠٠٠٢٠١١٠٦٢٠٣١٨":           "MA64001810007800020110620318",
		"FR14 2004 1010 0505 0001 3M02 606":  "FR1420041010050500013M02606",
		"DE89 3704 0044 0532 0130 00":        "DE89370400440532013000",
		"GB82 WEST 1234 5698 7654 32":        "GB82WEST12345698765432",
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s is read as %s (%v)", text, got, err)
		}
	}
	for text, want := range map[string]error{
		"": ErrShape, "MA": ErrShape, "MA64": ErrShape, "001810007800020110620318X": ErrShape, "MA64 0018 1000 7800 0201 1062 031": ErrShape, "hello, this is no number": ErrShape,
		"MA64 0018 1000 7800 0201 1062 0319": ErrCheck, "MA65 0018 1000 7800 0201 1062 0318": ErrCheck, "001810007800020110620319": ErrCheck, "DE89370400440532013001": ErrCheck,
	} {
		if got, err := Parse(text); !errors.Is(err, want) {
			t.Errorf("%q is read as %q (%v)", text, got, err)
		}
	}
}

func TestAnyWrongDigitOfARIBIsNoticed(t *testing.T) {
	t.Parallel()
	const right = "001810007800020110620318"
	for i := range right {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(right)
			if b[i] == d {
				continue
			}
			b[i] = d
			if got, err := Parse(string(b)); err == nil {
				t.Errorf("%s was taken as %s", b, got)
			}
		}
	}
	for i := range len(right) - 1 { // two digits in each other's place
		b := []byte(right)
		if b[i] == b[i+1] {
			continue
		}
		b[i], b[i+1] = b[i+1], b[i]
		if got, err := Parse(string(b)); err == nil {
			t.Errorf("%s was taken as %s", b, got)
		}
	}
}

func TestAnAccountNumberIsShownInGroupsOrHidden(t *testing.T) {
	t.Parallel()
	const n = "MA64001810007800020110620318"
	if got := Shown(n); got != "MA64 0018 1000 7800 0201 1062 0318" {
		t.Error(got)
	}
	if got := Masked(n); got != "MA64 •••• 0318" {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("MA64 0018 1000 7800 0201 1062 0318")
	f.Add("001810007800020110620318")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(Shown(n)); err != nil || again != n {
			t.Errorf("%q is %s, which is read as %s (%v)", s, n, again, err)
		}
	})
}
