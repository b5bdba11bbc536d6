package cases

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

var files = []string{
	"id,need\n1,food\n",
	"\xef\xbb\xbfid;need;where\n1;food|water;Ijoukak\n2;;\n",
	"id,need\n\"1\n2\",\"fo\"\"od\"\n",
	"id,need\n1,food,too,many\n2\n",
	"id,received_at,lang,contact_group,needs_codes,village_text,place_text,nearest_city_raw,lat,lon,info_text\n" +
		"7,2023-09-09T03:12,fr,12,rescue|food_water,Tizi n'Oucheg,Ourika,Marrakech,31.2,-7.8,\"les maisons, toutes\"\n" +
		"8,yesterday,,,?,,,,910,x,\n",
	"\x89PNG\r\n\x1a\n\x00", "a\rb\rc", "\"", "id,need\r\n=1+1,@food\r\n",
}

// FuzzReadTable: whatever file somebody uploads becomes rows of text, or one
// sentence that says what is wrong with it.
func FuzzReadTable(f *testing.F) {
	for _, s := range files {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		table, err := ReadTable(body)
		if err != nil {
			all, ok := errors.AsType[fault.All](err)
			if !ok || len(all) != 1 || all[0].Kind != fault.Invalid || all[0].Key == "" || all[0].Field != "file" {
				t.Fatalf("%q is told as %v", body, err)
			}
			return
		}
		if len(table.Heads) < 2 || len(table.Rows) == 0 {
			t.Fatalf("%q was read as %d heads and %d rows", body, len(table.Heads), len(table.Rows))
		}
		for _, row := range append(table.Rows, table.Heads) {
			for _, cell := range row {
				if !utf8.ValidString(cell) || len(cell) > maxField {
					t.Fatalf("%q has the cell %q", body, cell)
				}
			}
		}
	})
}

// FuzzReadRow: whatever stands in a row, it becomes a request that the form can
// judge, or says by field what is wrong; and the same row is the same request.
func FuzzReadRow(f *testing.F) {
	o := reader(f)
	for _, s := range files {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		table, err := ReadTable(body)
		if err != nil {
			return
		}
		m := o.guess(table)
		if which%2 == 1 {
			m = o.mappings[0]
		}
		def, err := o.current(m.Service)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range table.Rows[:min(len(table.Rows), 20)] {
			q, err := o.request(def, m, table.Heads, row)
			if err == nil {
				q.Answers, err = def.Form.Validate(q.Answers)
			}
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%q is told as %v", row, err)
				}
				continue
			}
			if q.ID.IsZero() {
				t.Fatalf("%q has no identifier", row)
			}
			if again, err := o.request(def, m, table.Heads, row); err != nil || again.ID != q.ID {
				t.Fatalf("%q read twice is two requests: %v", row, err)
			}
			for name, v := range q.Answers {
				if text, ok := v.(string); ok && (!utf8.ValidString(text) || len([]rune(text)) > forms.MaxText) {
					t.Fatalf("%s of %q is %q", name, row, text)
				}
			}
		}
	})
}

// reader is an office that reads files: the pack, and a vault of its own.
func reader(f *testing.F) *Office {
	f.Helper()
	d, err := db.Open("file:"+filepath.Join(f.TempDir(), "twiza.db"), clock.System{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close() })
	ring, err := crypt.NewRing(filepath.Join(f.TempDir(), "master.key"))
	if err != nil {
		f.Fatal(err)
	}
	o := &Office{}
	o.vault, err = crypt.OpenVault(f.Context(), d, ring)
	if err == nil {
		o.places, err = places.Load(packs.FS, "ma")
	}
	if err == nil {
		o.services, err = service.Load(packs.FS, ".")
	}
	if err == nil {
		o.mappings, err = Mappings(packs.FS)
	}
	if err == nil && len(o.mappings) == 0 {
		err = fmt.Errorf("the pack has no mapping")
	}
	if err != nil {
		f.Fatal(err)
	}
	return o
}
