package intake

import (
	"testing"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/testkit"
)

var files = []string{
	"id,need\n1,food\n",
	"\xef\xbb\xbfid;need;where\n1;food|water;Ijoukak\n2;;\n",
	"id,need\n\"1\n2\",\"fo\"\"od\"\n",
	"id,need\n1,food,too,many\n2\n",
	"id,received_at,lang,contact_group,needs_codes,village_text,place_text,nearest_city_raw,lat,lon,info_text\n" +
		"7,2023-09-09T03:12,fr,12,rescue|food_water,Tizi n'Oucheg,Ourika,Marrakech,31.2,-7.8,\"les maisons, toutes\"\n" +
		"8,yesterday,,,?,,,,910,x,\n",
	"_uuid,_submission_time,need,phone,people\na,2023-09-10T08:00:00.123+01:00,food water,0661234542,3\nb,x,food nonsense,06,\n",
	"id,need\r\n=1+1,@food\r\n",
}

// fuzzHouse is a house that reads, for fuzzing.
func fuzzHouse(f *testing.F) *house {
	f.Helper()
	var x *house
	dsn := testkit.SQLite(f)
	model.Build(f, dsn)
	x = openHouse(f, dsn)
	return x
}

// FuzzReadRow: whatever stands in a row, it becomes a request that the form can
// judge, or says by field what is wrong; and the same row is the same request.
func FuzzReadRow(f *testing.F) {
	x := fuzzHouse(f)
	for _, s := range files {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		table, err := source.ReadTable(body)
		if err != nil {
			return
		}
		m := x.guess(table)
		if which%2 == 1 {
			m = x.mappings[0]
		}
		def, err := x.def(m.Service)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range table.Rows[:min(len(table.Rows), 20)] {
			q, err := x.request(def, m, table.Heads, row)
			if err == nil {
				q.Answers, err = def.Form.Validate(q.Answers)
			}
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%q is told as %v", row, err)
				}
				continue
			}
			if q.ID == "" {
				t.Fatalf("%q has no identifier", row)
			}
			if again, err := x.request(def, m, table.Heads, row); err != nil || again.ID != q.ID {
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

// FuzzMessage: whatever somebody writes is read, kept sealed, and shown without a
// number that could be called.
func FuzzMessage(f *testing.F) {
	x := fuzzHouse(f)
	for _, s := range []string{"Ijoukak, 20 tentes, 0661234542", "٠٦٦١٢٣٤٥٤٢", "\xff\xfe", "دوار تيزي نحتاج الماء", "", "06 61 23 45 42 / 06 61 23 45 43", "+1 (514) 555-0123", "31.06, -8.12", "123456789012345678901234567890"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := x.fromChat(FileID{}, 0, source.WhatsApp, source.Item{At: morning, From: "A", Text: text}, 0, actor.AccountID{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := x.open(k)
		if err != nil {
			t.Fatal(err)
		}
		shown := x.masked(b.Words)
		if !utf8.ValidString(shown) {
			t.Fatalf("%q shows %q", text, shown)
		}
		for _, p := range x.phonesIn(shown) {
			if p.number != "" {
				t.Fatalf("%q shows a number: %q", text, shown)
			}
		}
		if len(k.Path) > 3 || k.State != Waiting && k.Kind != Nothing {
			t.Fatalf("%q is %+v", text, k)
		}
		again, err := x.fromChat(FileID{}, 9, source.WhatsApp, source.Item{At: morning, From: "B", Text: text}, 0, actor.AccountID{})
		if err != nil || again.ID != k.ID {
			t.Fatalf("%q is two candidates: %v", text, err)
		}
	})
}
