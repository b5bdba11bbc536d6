package money

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestThePartsOfAnAmountAddUpToIt(t *testing.T) {
	t.Parallel()
	// The programme of Al Haouz: 32.7 million dirhams for 46,000 families.
	all, err := Amount{3_270_000_000, "MAD"}.Even(46_000)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[int64]int{}
	var sum int64
	for _, a := range all {
		counts[a.Minor]++
		sum += a.Minor
	}
	if sum != 3_270_000_000 || counts[71087] != 44_000 || counts[71086] != 2_000 {
		t.Errorf("sum %d, parts %v", sum, counts)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a := Amount{dice.Int64() >> dice.IntN(60), "MAD"}
		if dice.IntN(2) == 0 {
			a.Minor = -a.Minor
		}
		weights := make([]int64, 1+dice.IntN(9))
		for i := range weights {
			weights[i] = dice.Int64() >> (3 + dice.IntN(60))
		}
		weights[0]++
		parts, err := a.Split(weights...)
		if err != nil {
			t.Fatal(a, weights, err)
		}
		left := a.Minor
		for i, p := range parts {
			if left -= p.Minor; weights[i] == 0 && p.Minor != 0 {
				t.Fatalf("%v by %v gives %v: a share without a weight", a, weights, parts)
			}
		}
		if left != 0 {
			t.Fatalf("%v by %v gives %v: %d are lost", a, weights, parts, left)
		}
	}
	for _, w := range [][]int64{nil, {}, {0}, {0, 0}, {1, -1}} {
		if _, err := (Amount{5, "MAD"}).Split(w...); !errors.Is(err, ErrWeights) {
			t.Errorf("weights %v were taken: %v", w, err)
		}
	}
}

func TestSumsRefuseToOverflowOrToMix(t *testing.T) {
	t.Parallel()
	if _, err := (Amount{math.MaxInt64, "MAD"}).Add(Amount{1, "MAD"}); !errors.Is(err, ErrOverflow) {
		t.Error("too much was added", err)
	}
	if _, err := (Amount{math.MinInt64, "MAD"}).Add(Amount{-1, "MAD"}); !errors.Is(err, ErrOverflow) {
		t.Error("too much was taken away", err)
	}
	if _, err := (Amount{1, "MAD"}).Add(Amount{1, "EUR"}); !errors.Is(err, ErrCurrency) {
		t.Error("dirhams and euros were added", err)
	}
	if s, err := (Amount{5, "MAD"}).Add(Amount{-7, "MAD"}); err != nil || s.Minor != -2 {
		t.Error(s, err)
	}
}

func TestAmountsAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "7": 700, "12,5": 1250, "12.50": 1250, "1250,50": 125050, "1 250,50": 125050, "1\u202f250,50": 125050, "1\u00a0250,50": 125050, "1.250,50": 125050, "1,250.50": 125050,
		"1'250.50": 125050, "1,250": 125000, "1.250": 125000, "1.250.000": 125000000, "32,700,000.00": 3270000000, "١٢٥٠٫٥٠": 125050, "١٬٢٥٠٫٥٠": 125050,
		"۱۲۵۰": 125000, " 5 ": 500, "-3,10": -310, "0,01": 1, "٣٢٧٠٠٠٠٠": 3270000000,
	} {
		if a, err := Parse(text, "MAD"); err != nil || a.Minor != want {
			t.Errorf("%q is read as %v (%v), and is %d", text, a, err, want)
		}
	}
	for _, text := range []string{"", "-", ",", "1,", ".5", "1,25,0", "12,345,6", "1.2.3", "1,250.5.0", "1,2345", "12a", "1e5", "0x10", "1250,505", "1234,567.00", "--1", "1-"} {
		if a, err := Parse(text, "MAD"); !errors.Is(err, ErrAmount) {
			t.Errorf("%q is read as %v (%v)", text, a, err)
		}
	}
	if _, err := Parse("92233720368547758.08", "MAD"); !errors.Is(err, ErrOverflow) {
		t.Error("too much was read", err)
	}
	if a, err := Parse("1,250", "TND"); err != nil || a.Minor != 1250 {
		t.Error("three decimals of a dinar:", a, err)
	}
	if a, err := Parse("1250", "JPY"); err != nil || a.Minor != 1250 || a.Decimal() != "1250" {
		t.Error("yen have no decimals:", a, err)
	}
}

func TestAnAmountIsWrittenWithAllItsDecimals(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]Amount{"0.00 MAD": {0, "MAD"}, "-0.05 MAD": {-5, "MAD"}, "32700000.00 MAD": {3270000000, "MAD"}, "1.250 TND": {1250, "TND"}, "-92233720368547758.08 EUR": {math.MinInt64, "EUR"}} {
		if got := a.String(); got != want {
			t.Errorf("%d reads %s, and is %s", a.Minor, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1 250,50", "١٬٢٥٠٫٥٠", "1.250.000", "-0,5", "1,25,0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s, "MAD")
		if err != nil {
			return
		}
		if b, err := Parse(a.Decimal(), "MAD"); err != nil || a != b {
			t.Errorf("%q is %v, which is read as %v (%v)", s, a, b, err)
		}
	})
}
