package receipt

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
)

func draw(t testing.TB) Number {
	t.Helper()
	n, err := New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheTableIsTheOneOfDamm(t *testing.T) {
	t.Parallel()
	if got := check(572); got != 4 { // the worked example that accompanies the table everywhere
		t.Errorf("check digit of 572 is %d, want 4", got)
	}
	for a := range 10 {
		if damm[a][a] != 0 {
			t.Errorf("the diagonal at %d is %d", a, damm[a][a])
		}
		for x := range 10 {
			for y := range x {
				if damm[a][x] == damm[a][y] || damm[x][a] == damm[y][a] {
					t.Errorf("row or column %d holds a digit twice", a)
				}
				if damm[damm[a][x]][y] == damm[damm[a][y]][x] {
					t.Errorf("after %d, exchanging %d and %d goes unnoticed", a, x, y)
				}
			}
		}
	}
}

func TestANumberIsNineDigitsAndNeverBeginsWithZero(t *testing.T) {
	t.Parallel()
	first := map[byte]int{}
	for range 20_000 {
		s := draw(t).String()
		if len(s) != Digits || s[0] == '0' {
			t.Fatalf("drew %q", s)
		}
		first[s[0]]++
	}
	for d := byte('1'); d <= '9'; d++ { // 2,222 expected each; ten standard deviations are 444
		if first[d] < 1778 || first[d] > 2666 {
			t.Errorf("%c came first %d times in 20,000", d, first[d])
		}
	}
}

func TestTheEndsOfTheSpaceAreDrawnRight(t *testing.T) {
	t.Parallel()
	low, err := New(bytes.NewReader([]byte{0, 0, 0, 0}))
	if err != nil || low.String()[:8] != "10000000" {
		t.Errorf("the lowest draw is %s, %v", low, err)
	}
	const top = (space - 1) << 5
	high, err := New(bytes.NewReader([]byte{top >> 24, top >> 16 & 255, top >> 8 & 255, top & 255}))
	if err != nil || high.String()[:8] != "99999999" {
		t.Errorf("the highest draw is %s, %v", high, err)
	}
}

func TestABrokenSourceOfChanceIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := New(strings.NewReader("abc")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a source that ends: %v", err)
	}
	if n, err := New(bytes.NewReader(bytes.Repeat([]byte{0xff}, 4096))); err == nil {
		t.Errorf("a source that only says 0xff drew %s", n)
	}
}

func TestEveryWrongDigitIsCaught(t *testing.T) {
	t.Parallel()
	for range 500 {
		s := draw(t).String()
		for i := range s {
			for d := byte('0'); d <= '9'; d++ {
				if d == s[i] {
					continue
				}
				wrong := s[:i] + string(d) + s[i+1:]
				wantKey(t, wrong, "receipt.check_digit")
			}
		}
	}
}

func TestEveryExchangeOfNeighboursIsCaught(t *testing.T) {
	t.Parallel()
	for range 2000 {
		s := draw(t).String()
		for i := range len(s) - 1 {
			if s[i] == s[i+1] {
				continue
			}
			wrong := s[:i] + string(s[i+1]) + string(s[i]) + s[i+2:]
			wantKey(t, wrong, "receipt.check_digit")
		}
	}
}

func wantKey(t *testing.T, text, key string) *fault.Fault {
	t.Helper()
	n, err := Parse(text)
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Key != key || f.Kind != fault.Invalid || !n.IsZero() {
		t.Errorf("Parse(%q) = %q, %v; want %s", text, n, err, key)
		return fault.New(fault.Invalid, key)
	}
	return f
}

func TestANumberIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"482719064", "482 719 064", " 482-719-064\n", "482.719.064", "4 8 2 7 1 9 0 6 4",
		"٤٨٢٧١٩٠٦٤", "٤٨٢ ٧١٩ ٠٦٤", "۴۸۲۷۱۹۰۶۴", "482\u00a0719\u202f064",
		"\u2066482 719 064\u2069", "\u200f482–719–064", "٤82 ۷19 ٠64",
	} {
		n, err := Parse(text)
		if err != nil || n.String() != "482719064" {
			t.Errorf("Parse(%q) = %s, %v", text, n, err)
		}
		if n.Groups() != "482 719 064" {
			t.Errorf("shown as %q", n.Groups())
		}
	}
}

func TestEachMistakeHasItsName(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		"":              "receipt.empty",
		" - ":           "receipt.empty",
		"48271906":      "receipt.too_short",
		"4827190641":    "receipt.too_long",
		"48271906X":     "receipt.not_digits",
		"482719063":     "receipt.check_digit",
		"842719064":     "receipt.check_digit",
		"000000000":     "receipt.starts_zero",
		"482/719/064":   "receipt.not_digits",
		"482719064\xff": "receipt.not_digits",
	} {
		wantKey(t, text, key)
	}
	if f := wantKey(t, "482 719 06", "receipt.too_short"); f.Args["got"] != 8 || f.Args["want"] != 9 {
		t.Errorf("a short number is told with %v", f.Args)
	}
	if f := wantKey(t, strings.Repeat("4", 1_000_000), "receipt.too_long"); f.Args["got"] != 1_000_000 {
		t.Errorf("a long number is told with %v", f.Args)
	}
	if f := wantKey(t, "482 719 O64", "receipt.not_digits"); f.Args["found"] != "O" {
		t.Errorf("a letter is told with %v", f.Args)
	}
}

func TestANumberSurvivesStorageAndJSON(t *testing.T) {
	t.Parallel()
	n := draw(t)
	v, err := n.Value()
	if err != nil {
		t.Fatal(err)
	}
	var back Number
	if err := back.Scan(v); err != nil || back != n {
		t.Errorf("stored %s, read %s, %v", n, back, err)
	}
	if err := back.Scan([]byte(n.String())); err != nil || back != n {
		t.Errorf("stored %s as bytes, read %s, %v", n, back, err)
	}
	j, err := json.Marshal(struct{ N Number }{n})
	if err != nil || string(j) != `{"N":"`+n.String()+`"}` {
		t.Errorf("in JSON: %s, %v", j, err)
	}
	if err := back.Scan("482719063"); err == nil {
		t.Error("a number that does not hold was read from the database")
	}
}

func TestNoNumberIsStoredAsNothing(t *testing.T) {
	t.Parallel()
	if v, err := (Number{}).Value(); v != nil || err != nil {
		t.Errorf("no number is stored as %v, %v", v, err)
	}
	n := draw(t)
	if err := n.Scan(nil); err != nil || !n.IsZero() || n.String() != "" || n.Groups() != "" {
		t.Errorf("NULL reads as %q, %v", n, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"482719064", "٤٨٢ ٧١٩ ٠٦٤", "", "0", "482-719.064", "\u2066482719064\u2069", "999999999999", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || !n.IsZero() {
				t.Fatalf("Parse(%q) = %s, %v", text, n, err)
			}
			return
		}
		if s := n.String(); len(s) != Digits || s[0] == '0' {
			t.Fatalf("Parse(%q) = %q", text, s)
		}
		for _, again := range []string{n.String(), n.Groups()} {
			if m, err := Parse(again); err != nil || m != n {
				t.Fatalf("%q reads as %s, %v", again, m, err)
			}
		}
	})
}
