package camt

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func read(t testing.TB, name string) []Statement {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAStatementOfVersionTwoIsRead(t *testing.T) {
	t.Parallel()
	s := read(t, "mad-02.xml")[0]
	if s.ID != "2026-11-20/1" || s.IBAN != "MA64001810007800020110620318" || s.Currency != "MAD" || !s.Adds || len(s.Lines) != 5 || len(s.Pending) != 1 {
		t.Fatalf("%+v", s)
	}
	want := Line{Ref: "B1", Minor: 20050, Currency: "MAD", BookedOn: "2026-11-20", ValueOn: "2026-11-21", EndToEnd: "482719064", Text: "تبرع 482 719 064 merci", PartyName: "فلان الفلاني",
		PartyIBAN: "001810007800020110620318", Code: "PMNT/RCDT/DMCT"}
	if !reflect.DeepEqual(s.Lines[0], want) {
		t.Errorf("%+v", s.Lines[0])
	}
	if b := s.Lines[1:3]; b[0].Minor != 10000 || b[1].Minor != 5000 || b[0].Ref != "B2/1" || b[1].Ref != "T7" || b[1].Text != "deux" {
		t.Errorf("a batch: %+v", b)
	}
	if r := s.Lines[3]; !r.Reversal || r.Minor != -5000 {
		t.Errorf("a reversal: %+v", r)
	}
	if f := s.Lines[4]; f.Minor != -1200 || f.Text != "FRAIS" || f.Ref == "" || f.Ref != read(t, "mad-02.xml")[0].Lines[4].Ref {
		t.Errorf("a line without a reference: %+v", f)
	}
}

func TestAGiftFromAbroadKeepsWhatItWas(t *testing.T) {
	t.Parallel()
	s := read(t, "eur-08.xml")[0]
	l := s.Lines[0]
	if l.Minor != 108125 || l.Was == nil || *l.Was != (Was{10000, "EUR", "10.8125"}) || !reflect.DeepEqual(l.Charges, []Charge{{600, "MAD", true}}) || l.PartyName != "Une personne d’ailleurs" {
		t.Errorf("%+v %+v", l, l.Was)
	}
	if s.Adds {
		t.Error("it does not lead to its last balance, and says that it does")
	}
}

func TestWhatIsNoStatementIsRefused(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/mad-02.xml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for name, x := range map[string]struct {
		text string
		want error
	}{
		"empty":           {"", ErrOther},
		"a page":          {"<html><body/></html>", ErrOther},
		"another message": {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn/></Document>`, ErrOther},
		"cut short":       {text[:len(text)-30], ErrBroken},
		"not text":        {"\xff\xfe<a", ErrBroken},
		"entities":        {`<!DOCTYPE a [<!ENTITY b "c">]>` + text, ErrBroken},
		"letters":         {strings.Replace(text, "200.50", "2oo.50", 1), ErrBroken},
		"too many coins":  {strings.Replace(text, "200.50", "200.505", 1), ErrBroken},
		"a minus":         {strings.Replace(text, "200.50", "-200.50", 1), ErrBroken},
		"neither":         {strings.Replace(text, "CRDT", "CREDIT", 1), ErrBroken},
		"no such day":     {strings.Replace(text, "2026-11-21", "2026-11-31", 1), ErrBroken},
		"very deep":       {strings.Repeat("<a>", 100), ErrBroken},
	} {
		if _, err := Read(strings.NewReader(x.text)); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"mad-02.xml", "eur-08.xml"} {
		body, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, s := range all {
			seen := map[string]bool{}
			for _, l := range append(s.Lines, s.Pending...) {
				if l.Ref == "" || l.Minor == 0 || l.ValueOn == "" || seen[l.Ref] {
					t.Errorf("%+v", l)
				}
				seen[l.Ref] = true
			}
		}
	})
}
