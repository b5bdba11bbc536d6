package ui

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestARiverIsWellFormedCutsWhatIsLongAndFlowsAsOneWrites(t *testing.T) {
	t.Parallel()
	s := Stream{Label: "Votre don", Sum: "500 DH", Minor: 500_00, Said: `Sur "500 DH"`, Branches: []Branch{
		{400_00, "400 DH", "Couvertures <&> bois", "Tabant", "f-del"}, {99_99, "99,99 DH", strings.Repeat("long ", 30), "", "f-set"}, {1, "0,01 DH", "Frais", "", "f-fee"}}}
	drawn := string(River(s))
	d := xml.NewDecoder(strings.NewReader(drawn))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawn)
		}
	}
	for want, n := range map[string]int{"<path": 3, "<rect": 4, `height="4.0"`: 1, "…": 1, "&lt;&amp;&gt;": 1, `aria-label="Sur &#34;500 DH&#34;"`: 1, "style=": 0, "rtl": 0, `x="0.0"`: 1} {
		if strings.Count(drawn, want) != n {
			t.Errorf("%q stands %d times and not %d in %s", want, strings.Count(drawn, want), n, drawn)
		}
	}
	s.Right = true
	if mirrored := string(River(s)); !strings.Contains(mirrored, `x="750.0"`) || strings.Count(mirrored, `direction="rtl"`) != strings.Count(drawn, "<text") {
		t.Errorf("from right to left it is %s", mirrored)
	}
	if River(Stream{}) != "" {
		t.Error("nothing is drawn of nothing")
	}
}
