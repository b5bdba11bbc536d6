package places_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	bench "github.com/twiza/twiza/bench/places"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

// data is where the real spellings lie on a developer's machine.
const data = "../../../shared/data"

func TestWhatPeopleWroteIsFoundAndWrongValleysAreRare(t *testing.T) {
	if _, err := os.Stat(filepath.Join(data, "douars")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the spellings that this is measured on are missing: ", err)
		}
		t.Skip("needs ../shared/data, which is not on this machine")
	}
	g, err := bench.Open(packs.FS, data)
	if err != nil {
		t.Fatal(err)
	}
	all, err := bench.Truths(g, data)
	if err != nil {
		t.Fatal(err)
	}
	figures := bench.Measure(g, all, nil)
	bench.Print(io.Discard, figures)
	bench.PrintWrong(io.Discard, figures)
	least := map[string]int{"variants": 96, "pairs in the commune": 97, "pairs in the country": 75, "mentions": 83, "requests": 75}
	for _, f := range figures {
		if f.Asked == 0 || f.Fair*100 < least[f.Set]*f.Findable || f.SureWrong*100 > 2*f.Findable {
			t.Errorf("%s in %s: %d of %d found, %d sure and wrong", f.Set, f.Script, f.Fair, f.Findable, f.SureWrong)
		}
	}
}

func TestTheRaceRunsInAGazetteerThatWasGrownAndFindsWhatItAsksFor(t *testing.T) {
	g, err := places.Load(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	s, err := bench.Race(g, 4_000, 200, 500)
	if err != nil {
		t.Fatal(err)
	}
	s.Print(io.Discard)
	if s.Places != 4_000 || s.Typed < 200 || s.Bulk != 500 || s.Right*100 < 90*s.Bulk || s.BulkTook <= 0 {
		t.Errorf("%+v", s)
	}
}
