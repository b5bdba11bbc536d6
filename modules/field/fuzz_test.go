package field

import (
	"net/url"
	"testing"
	"time"
)

func FuzzWhatPeopleTypeIsReadOrRefused(f *testing.F) {
	for _, s := range []string{"", "12", "٦", "1 000", "-1", "1e9", "99999999999999999999", "20261121T080000.000000_01999999-0000-7000-8000-000000000001", "2026-11-21T09:00", "\x00", "½"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := url.Values{"load_blanket": {s}, "leave": {s}, "team": {s}, "id": {s}, "case": {s}}
		if n, wrong := readNumber(v, "load_blanket"); n < 0 || n > maxUnits || wrong != nil && n != 0 {
			t.Errorf("%q is %d, %v", s, n, wrong)
		}
		if units, err := readUnits(v, "load_"); err == nil && len(units) != 1 {
			t.Errorf("%q is %v", s, units)
		}
		if m := readMark(s); m.at.IsZero() && !m.id.IsZero() {
			t.Errorf("%q marks an identifier without a moment", s)
		}
		if _, err := readPlan(v, time.UTC); err == nil {
			t.Errorf("%q is an identifier, a team and a moment at once", s)
		}
		if cell := harmless(s); len(cell) < len(s) || len(cell) > 0 && cell[0] == '=' {
			t.Errorf("%q became %q", s, cell)
		}
		d := Handover{Proof: ByCode, Code: Secret(s), NoGoods: true}.tidy()
		if len(d.wrong()) == 0 && (d.Code == "" || len(d.Code) > 12) {
			t.Errorf("%q is a code", s)
		}
	})
}
