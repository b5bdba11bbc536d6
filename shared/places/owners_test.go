package places_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

func TestEveryPlaceOfEveryCountryHasAnOwnerOfLastResortForEveryService(t *testing.T) {
	t.Parallel()
	for _, country := range []string{"ma", "tamurt"} {
		g, err := places.Load(packs.FS, country)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Missing(); err != nil {
			t.Error(err)
		}
		codes := []string{"", "nowhere", "99.999"}
		for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
			for _, p := range g.All(kind) {
				codes = append(codes, p.Code)
			}
		}
		for _, code := range codes {
			for _, service := range []string{"", "crisis_help", "road_report", "a_service_of_tomorrow"} {
				o, ok := g.Owner(code, service)
				if !ok || o.Names["ar"] == "" || o.Names["fr"] == "" {
					t.Errorf("%s: nobody answers for %q and %q", country, code, service)
				}
				if p, in := g.Province(code); in && o.Place == "" && service != "road_report" {
					t.Errorf("%s: %q lies in %s, and the country's owner answers for it", country, code, p.Code)
				}
			}
		}
		last := time.Duration(0)
		for level := 1; level <= 4; level++ {
			if g.Owners().Late(level) < last || g.Owners().Late(level) <= 0 {
				t.Errorf("%s: level %d waits %v", country, level, g.Owners().Late(level))
			}
			last = g.Owners().Late(level)
		}
	}
}

func TestTheNearestOfficeAnswersAndAServiceMayHaveItsOwn(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ country, place, service, name string }{
		{"ma", "07.041", "crisis_help", "Gouverneur de la province d’Al Haouz"},
		{"ma", "07.041.07.11", "crisis_help", "Gouverneur de la province d’Al Haouz"},
		{"ma", "07.041.07.11", "road_report", "Direction provinciale de l’équipement et de l’eau d’Al Haouz"},
		{"ma", "07", "crisis_help", "Wali de la région Marrakech-Safi, gouverneur de la préfecture de Marrakech"},
		{"ma", "", "crisis_help", "Ministère de l’Intérieur"},
		{"ma", "", "road_report", "Ministère de l’Équipement et de l’Eau"},
		{"tamurt", "A2-01", "crisis_help", "Bailli de Basse-Rive"},
		{"tamurt", "A2-01", "road_report", "Voirie de Tamurt"},
		{"tamurt", "B2-03-1", "road_report", "Voirie de l’île du Couchant"},
		{"tamurt", "nowhere", "crisis_help", "Conseil de Tamurt"},
	} {
		g, err := places.Load(packs.FS, x.country)
		if err != nil {
			t.Fatal(err)
		}
		if o, _ := g.Owner(x.place, x.service); o.Names["fr"] != x.name {
			t.Errorf("%s, %q, %s: %q, not %q", x.country, x.place, x.service, o.Names["fr"], x.name)
		}
	}
}

func TestAPackWithAHoleInWhoAnswersIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	files := func(name, from, to string) fs.FS {
		out := fstest.MapFS{}
		for _, f := range []string{"country.yaml", "owners.yaml", "owners.csv", "places/places.csv"} {
			body, err := fs.ReadFile(packs.FS, "tamurt/"+f)
			if err != nil {
				t.Fatal(err)
			}
			if f == name {
				if !strings.Contains(string(body), from) {
					t.Fatalf("%s does not say %q", f, from)
				}
				body = []byte(strings.Replace(string(body), from, to, 1))
			}
			out["tamurt/"+f] = &fstest.MapFile{Data: body}
		}
		return out
	}
	for _, x := range []struct{ file, from, to, says string }{
		{"owners.csv", "A2,,,", "A1-01,,,", "nobody answers for the province A2"},
		{"owners.csv", "A2,,,", "A9,,,", `owners.csv:3: "A9" is no place`},
		{"owners.csv", "A2,,,", "A1,,,", "owners.csv:3: two offices answer"},
		{"owners.csv", ",,,,مجلس تامورت", ",,fishing,,مجلس تامورت", "nobody answers for what has no place"},
		{"owners.csv", "Bailli des Dunes", "", "owners.csv:4: an office needs its name"},
		{"owners.csv", "place,also", "also,place", "the columns are"},
		{"owners.yaml", "4: 48h", "4: 1h", "late: level 4"},
		{"owners.yaml", "4: 48h", "5: 48h", "late: level 4"},
		{"owners.yaml", "source: made up with the country", "source: ''", "whose delays"},
		{"owners.yaml", "law:", "laws:", "laws"},
	} {
		if _, err := places.Load(files(x.file, x.from, x.to), "tamurt"); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s %q → %q: %v", x.file, x.from, x.to, err)
		}
	}
	whole, err := places.Load(files("", "", ""), "tamurt")
	if err != nil || whole.Missing() != nil {
		t.Fatal(err, whole.Missing())
	}
	none := files("", "", "").(fstest.MapFS)
	delete(none, "tamurt/owners.yaml")
	if g, err := places.Load(none, "tamurt"); err != nil || g.Missing() == nil {
		t.Errorf("a pack in which nobody answers: %v, %v", err, g.Missing())
	}
}
