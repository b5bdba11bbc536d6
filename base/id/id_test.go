package id

import (
	"testing"
	"time"
)

type thing struct{}

func TestAnIdentifierReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	a := New[thing](time.UnixMilli(1_700_000_000_000))
	b, err := Parse[thing](a.String())
	if err != nil || a != b || len(a.String()) != 36 || a.String()[14] != '7' {
		t.Fatalf("%s read back as %s: %v", a, b, err)
	}
	v, _ := a.Value()
	var c Of[thing]
	if err := c.Scan(v); err != nil || c != a {
		t.Fatal("a column changed it", err)
	}
}

func TestOneThingHasOneName(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "018BCFE5-6800-7000-8000-000000000001", "018bcfe56800-7000-8000-00000000000001", "{18bcfe5-6800-7000-8000-00000000000}"} {
		if _, err := Parse[thing](s); err == nil {
			t.Errorf("%q passed for an identifier", s)
		}
	}
	var zero Of[thing]
	if v, _ := zero.Value(); v != nil || zero.String() != "" {
		t.Error("no identifier must be stored as NULL")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("018bcfe5-6800-7000-8000-000000000001")
	f.Fuzz(func(t *testing.T, s string) {
		if i, err := Parse[thing](s); err == nil && !i.IsZero() && i.String() != s {
			t.Errorf("%q became %q", s, i)
		}
	})
}
