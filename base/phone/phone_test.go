package phone

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
)

func TestOnePersonsNumberIsOneValueHoweverItWasWritten(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"0661234542", "06 61 23 45 42", "06.61.23.45.42", "06-61-23-45-42", "06/61/23/45/42", "0661 234 542",
		"+212661234542", "+212 6 61 23 45 42", "00212661234542", "00 212 661-23-45-42", "212661234542",
		"+212 (0)6 61 23 45 42", "+212(0)661234542", "00212(0)661234542", "2120661234542", "+2120661234542",
		"(+212) 661 234 542", "(0)661234542", "(0661) 23 45 42", "+0661234542", "0212661234542",
		"661234542", " 6 61 23 45 42 ", "٠٦٦١٢٣٤٥٤٢", "٠٦ ٦١ ٢٣ ٤٥ ٤٢", "۰۶۶۱۲۳۴۵۴۲", "+٢١٢٦٦١٢٣٤٥٤٢",
		"\u2066+212 661 234 542\u2069", "212661234542+", "06\u00a061\u202f23\u00a045\u00a042", "＋212661234542", "000661234542",
	} {
		if n, err := Parse(raw, "212"); err != nil || n != "+212661234542" {
			t.Errorf("Parse(%q) = %q, %v", raw, n, err)
		}
	}
}

func TestMobilesFixedLinesAndServicesOfTheCountryAreAccepted(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Number{
		"0524438000": "+212524438000",
		"0701020304": "+212701020304",
		"0801000180": "+212801000180",
		"0612000000": "+212612000000",
	} {
		for _, prefix := range []string{"212", "+212"} {
			if n, err := Parse(raw, prefix); err != nil || n != want {
				t.Errorf("Parse(%q, %q) = %q, %v", raw, prefix, n, err)
			}
		}
	}
}

func TestRelativesAbroadAreReachedToo(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Number{
		"+33 6 12 34 56 78":     "+33612345678",
		"0033612345678":         "+33612345678",
		"+33 (0)6 12 34 56 78":  "+33612345678",
		"+1 (514) 555-0123":     "+15145550123",
		"+49 1512 3456789":      "+4915123456789",
		"+966 50 123 4567":      "+966501234567",
		"+٣٤ ٦١٢ ٣٤ ٥٦ ٧٨":      "+34612345678",
		"+290 22222":            "+29022222",
		"+882 12 345 678 901 2": "+882123456789012",
	} {
		if n, err := Parse(raw, "212"); err != nil || n != want {
			t.Errorf("Parse(%q) = %q, %v", raw, n, err)
		}
	}
}

func TestAHouseInAnotherCountryReadsItsOwnNumbers(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Number{
		"06 12 34 56 78": "+33612345678", "33612345678": "+33612345678", "+212661234542": "+212661234542",
	} {
		if n, err := Parse(raw, "33"); err != nil || n != want {
			t.Errorf("Parse(%q, 33) = %q, %v", raw, n, err)
		}
	}
	wantKey(t, "0661234542", "", "phone.no_start")
}

func wantKey(t *testing.T, raw, prefix, key string) *fault.Fault {
	t.Helper()
	n, err := Parse(raw, prefix)
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Key != key || f.Kind != fault.Invalid || n != "" {
		t.Errorf("Parse(%q) = %q, %v; want %s", raw, n, err, key)
		return fault.New(fault.Invalid, key)
	}
	return f
}

func TestEachMistakeHasItsName(t *testing.T) {
	t.Parallel()
	for raw, key := range map[string]string{
		"": "phone.empty", " - ": "phone.empty", "+": "phone.empty", "00": "phone.empty",
		"06 61 23 45 4":       "phone.too_short",
		"0661":                "phone.too_short",
		"+212 661 23 45 4":    "phone.too_short",
		"5":                   "phone.too_short",
		"06 61 23 45 421":     "phone.too_long",
		"+212 661 23 45 42 1": "phone.too_long",
		"+33 61":              "phone.too_short",
		"+1234567890123456":   "phone.too_long",
		"0161234542":          "phone.unknown_range",
		"+212 961 23 45 42":   "phone.unknown_range",
		"0761234O42":          "phone.not_digits",
		"call me":             "phone.not_digits",
		"06 61+23 45 42":      "phone.not_digits",
		"33612345678":         "phone.no_start",
		"361234542":           "phone.no_start",
		"2.12661E+11":         "phone.not_digits",
	} {
		wantKey(t, raw, "212", key)
	}
	if f := wantKey(t, "06 61 23 45 4", "212", "phone.too_short"); f.Args["got"] != 9 || f.Args["want"] != 10 {
		t.Errorf("told with %v", f.Args)
	}
	if f := wantKey(t, "0161234542", "212", "phone.unknown_range"); f.Args["start"] != "01" {
		t.Errorf("told with %v", f.Args)
	}
	if f := wantKey(t, "07x", "212", "phone.not_digits"); f.Args["found"] != "x" {
		t.Errorf("told with %v", f.Args)
	}
	wantKey(t, strings.Repeat("06", 500_000), "212", "phone.too_long")
}

func TestAnEmergencyNumberIsNoWayToReachAPerson(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"15", "19", "177", "112", "190", "١٥", "+21219", "+212 0177", "2511"} {
		wantKey(t, raw, "212", "phone.short_number")
	}
}

func TestTwoNumbersInOneFieldAreTold(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"0661234542 / 0662345678", "0661234542, +33612345678", "0661234542؛0662345678"} {
		if f := wantKey(t, raw, "212", "phone.two_numbers"); f.Args["n"] != 2 {
			t.Errorf("%q is told with %v", raw, f.Args)
		}
	}
	wantKey(t, "0661234542 / 06", "212", "phone.too_long")
}

func TestAMaskedNumberNeverShowsTheDigitsThatOpenTheTracker(t *testing.T) {
	t.Parallel()
	for n, want := range map[Number]string{
		"+212661234542":    "06 61 •• •• ••",
		"+33612345678":     "+33 6 12 •• •• ••",
		"+15145550123":     "+1 51 4• •• •• ••",
		"+29022222":        "+290 • •• ••",
		"+882123456789012": "+882 12 3• •• •• •• ••",
		"":                 "",
	} {
		if got := n.Masked(); got != want {
			t.Errorf("%s is masked as %q, want %q", n, got, want)
		}
	}
}

func TestANumberIsShownAsItIsDialled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n                Number
		prefix, national string
		international    string
	}{
		{"+212661234542", "212", "06 61 23 45 42", "+212 6 61 23 45 42"},
		{"+212661234542", "33", "+212 6 61 23 45 42", "+212 6 61 23 45 42"},
		{"+33612345678", "212", "+33 6 12 34 56 78", "+33 6 12 34 56 78"},
		{"+15145550123", "212", "+1 514 555 0123", "+1 514 555 0123"},
		{"+79161234567", "212", "+7 91 61 23 45 67", "+7 91 61 23 45 67"},
		{"", "212", "", ""},
	} {
		if got := c.n.National(c.prefix); got != c.national {
			t.Errorf("%s in %s is %q, want %q", c.n, c.prefix, got, c.national)
		}
		if got := c.n.International(); got != c.international {
			t.Errorf("%s from abroad is %q, want %q", c.n, got, c.international)
		}
	}
}

func TestTheLastFourDigitsAreReadInAnyScript(t *testing.T) {
	t.Parallel()
	n := Number("+212661234542")
	if n.Last4() != "4542" || Number("").Last4() != "" {
		t.Errorf("last four are %q and %q", n.Last4(), Number("").Last4())
	}
	for text, want := range map[string]bool{
		"4542": true, "45 42": true, "٤٥٤٢": true, "۴۵۴۲": true,
		"4543": false, "542": false, "34542": false, "": false, "454x": false,
	} {
		if n.EndsWith(text) != want {
			t.Errorf("ends with %q is %v", text, !want)
		}
		if Number("").EndsWith(text) {
			t.Errorf("no number ends with %q", text)
		}
	}
}

func TestALogNeverHoldsAWholeNumber(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("called", "phone", Number("+212661234542"))
	if strings.Contains(out.String(), "4542") || !strings.Contains(out.String(), "06 61 ••") {
		t.Errorf("the log says %s", out.String())
	}
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0661234542", "+212 (0)6 61 23 45 42", "0033612345678", "٠٦٦١٢٣٤٥٤٢", "19", "", "+", "06/07", "(0)", "((0)0)", "212+"} {
		for _, p := range []string{"212", "33", ""} {
			f.Add(s, p)
		}
	}
	f.Fuzz(func(t *testing.T, raw, prefix string) {
		if prefix != "" && prefix != "33" {
			prefix = "212"
		}
		n, err := Parse(raw, prefix)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || n != "" {
				t.Fatalf("Parse(%q) = %q, %v", raw, n, err)
			}
			return
		}
		if !e164.MatchString(string(n)) {
			t.Fatalf("Parse(%q, %q) = %q", raw, prefix, n)
		}
		for _, again := range []string{string(n), n.National(prefix), n.International()} {
			if m, err := Parse(again, prefix); err != nil || m != n {
				t.Fatalf("%q was %q and reads as %q, %v", again, n, m, err)
			}
		}
		if m := strings.ReplaceAll(n.Masked(), " ", ""); !strings.HasSuffix(m, "••••") {
			t.Fatalf("%s is masked as %q", n, n.Masked())
		}
		if !n.EndsWith(n.Last4()) {
			t.Fatalf("%s does not end with its own last four", n)
		}
	})
}
