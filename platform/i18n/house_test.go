package i18n

import (
	"encoding/json"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"
)

// casablanca is Morocco's time in November: UTC+1. The tests need no tzdata.
var casablanca = time.FixedZone("+01", 3600)

// noon is the present in these tests: Saturday 21 November 2026, 12:00 there.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, casablanca)

// files is a package that speaks: texts by language and key.
func files(t testing.TB, texts map[Lang]map[string]any) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for l, of := range texts {
		data, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		out["locale/"+string(l)+".json"] = &fstest.MapFile{Data: data}
	}
	return out
}

func load(t testing.TB, texts map[Lang]map[string]any) *Catalogue {
	t.Helper()
	c, err := Load(files(t, texts))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// base is a catalogue of the base words alone.
func base(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func printer(c *Catalogue, l Lang) *Printer {
	p := c.For(l, casablanca)
	p.Now = func() time.Time { return noon }
	return p
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %q\nwant %q", what, got, want)
	}
}
