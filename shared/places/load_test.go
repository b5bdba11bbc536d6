package places_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

// tamurt is the small pack in memory, to be broken.
func tamurt(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(packs.FS, "tamurt", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(packs.FS, path)
		files[path] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

const (
	yamlFile = "tamurt/country.yaml"
	csvFile  = "tamurt/places/places.csv"
)

func TestABadPackSaysWhereItIsBad(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, old, new, want string }{
		{yamlFile, "code: tamurt", "code: other", "tamurt/country.yaml:3: code is other"},
		{yamlFile, "time_zone: Indian/Maldives", "time_zone: Indian/Nowhere", "tamurt/country.yaml:5: time_zone"},
		{yamlFile, "currency: XTS", "curency: XTS", "tamurt/country.yaml:6: field curency not found"},
		{yamlFile, "currency: XTS", "currency: shells", "tamurt/country.yaml:6: currency"},
		{yamlFile, "week_start: saturday", "week_start: samedi", "tamurt/country.yaml:7: week_start"},
		{yamlFile, `prefix: "999"`, `prefix: "+999"`, "tamurt/country.yaml:8: phone"},
		{yamlFile, "default: fr", "default: de", "tamurt/country.yaml:10: default"},
		{yamlFile, "- code: isl", "- code: tmr", "tamurt/country.yaml:16: a spoken language"},
		{yamlFile, ", en: Islander", "", "tamurt/country.yaml:18: no name in en"},
		{yamlFile, "kind: commune", "kind: town", "tamurt/country.yaml:26: levels are"},
		{yamlFile, "source: made up with the country", "source: ''", "tamurt/country.yaml:38: an emergency number without a source"},
		{yamlFile, `number: "555"`, `number: "SOS"`, "tamurt/country.yaml:35: an emergency number is digits"},
		{yamlFile, "names: {ar: تامورت", "names: [ar: تامورت", "tamurt/country.yaml:3: did not find"},
		{csvFile, "illiteracy_pct", "iliteracy_pct", "tamurt/places/places.csv:1: unknown column iliteracy_pct"},
		{csvFile, "lang_islander_pct", "lang_klingon_pct", "tamurt/places/places.csv:1: unknown column lang_klingon_pct"},
		{csvFile, "code,kind,parent", "code,kind,code", "tamurt/places/places.csv:1: column code comes twice"},
		{csvFile, ",lat,lon,", ",lat,name_es,", "tamurt/places/places.csv:1: lat and lon go together"},
		{csvFile, "A2,province,A,", "A1,province,A,", "tamurt/places/places.csv:5: code A1 comes twice"},
		{csvFile, "A1-02,commune,A1,", "A1-02,commune,Z9,", `tamurt/places/places.csv:9: parent "Z9" is not in this pack`},
		{csvFile, "A1-02,commune,A1,", "A1-02,commune,A,", "tamurt/places/places.csv:9: a commune lies in a province, and A is a region"},
		{csvFile, "A1-02,commune,A1,", "A1-02,hamlet,A1,", `tamurt/places/places.csv:9: kind "hamlet"`},
		{csvFile, "B,region,,", "B,region,A,", "tamurt/places/places.csv:3: a region lies in no other place"},
		{csvFile, ",-40.15,83.95,", ",-40.15,,", "tamurt/places/places.csv:14: lat and lon go together"},
		{csvFile, ",-40.15,83.95,", ",-140.15,83.95,", "tamurt/places/places.csv:14: lat and lon go together and are on the globe"},
		{csvFile, ",-40.15,83.95,", ",south,83.95,", `tamurt/places/places.csv:14: lat: "south" is not degrees`},
		{csvFile, ",3600,900,", ",many,900,", `tamurt/places/places.csv:14: population: "many" is not a whole number`},
		{csvFile, ",3600,900,", ",3600,-9,", `tamurt/places/places.csv:14: households: "-9"`},
		{csvFile, ",35.2,92.4,11.9", ",35.2,192.4,11.9", `tamurt/places/places.csv:14: lang_islander_pct: "192.4" is not a share`},
		{csvFile, ",35.2,92.4,11.9", ",35.2,92.4", "tamurt/places/places.csv:14: wrong number of fields"},
		{csvFile, ",,دار السرطان,", ",,,", "tamurt/places/places.csv:24: no name"},
	} {
		files := tamurt(t)
		text := string(files[c.file].Data)
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s has no %q", c.file, c.old)
		}
		files[c.file].Data = []byte(strings.Replace(text, c.old, c.new, 1))
		_, err := places.Load(files, "tamurt")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q says %v; want %q", c.new, c.old, err, c.want)
		}
	}
}

func TestEverythingWrongWithAPackIsToldAtOnce(t *testing.T) {
	t.Parallel()
	files := tamurt(t)
	files[yamlFile].Data = []byte(strings.Replace(string(files[yamlFile].Data), "currency: XTS", "currency: shells", 1))
	files[csvFile].Data = []byte(strings.NewReplacer(",3600,900,", ",many,900,", "A2,province,A,", "A1,province,A,").Replace(string(files[csvFile].Data)))
	_, err := places.Load(files, "tamurt")
	for _, want := range []string{"country.yaml:6", "places.csv:14", "places.csv:5"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %s in: %v", want, err)
		}
	}
	if p, ok := errors.AsType[places.Problem](err); !ok || p.File == "" || p.Line == 0 {
		t.Errorf("a problem knows its file and line: %+v", p)
	}
}

func TestAMissingPackOrTableIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	if _, err := places.Load(packs.FS, "atlantis"); err == nil || !strings.Contains(err.Error(), "atlantis/country.yaml") {
		t.Errorf("no Atlantis: %v", err)
	}
	files := tamurt(t)
	delete(files, csvFile)
	if _, err := places.Load(files, "tamurt"); err == nil || !strings.Contains(err.Error(), "tamurt/places: no table") {
		t.Errorf("no tables: %v", err)
	}
	files[csvFile] = &fstest.MapFile{}
	if _, err := places.Load(files, "tamurt"); err == nil || !strings.Contains(err.Error(), "places.csv:1: no header") {
		t.Errorf("an empty table: %v", err)
	}
	files = tamurt(t)
	files[yamlFile].Data = []byte("# nothing\n")
	if _, err := places.Load(files, "tamurt"); err == nil || !strings.Contains(err.Error(), yamlFile) {
		t.Errorf("an empty country: %v", err)
	}
}

func TestOutlinesOfAPackAreCheckedAgainstItsPlaces(t *testing.T) {
	t.Parallel()
	for shapes, want := range map[string]string{
		`{"A": [[[85,-40],[86,-40],[86,-39]]],` + "\n" + `"Z": [[[85,-40],[86,-40],[86,-39]]]}`: "tamurt/outlines/regions.json:2: Z is no region",
		`{"A1": [[[85,-40],[86,-40],[86,-39]]]}`:                                                "regions.json:1: A1 is no region",
		`{"A": [[[85,-400],[86,-40],[86,-39]]]}`:                                                "regions.json:1: A leaves the globe",
		`{"A": [`:                                                                               "tamurt/outlines/regions.json: ",
		`{"A": [[[85,-40],[86,-40],[86,-39]]]}`:                                                 "",
	} {
		files := tamurt(t)
		files["tamurt/outlines/regions.json"] = &fstest.MapFile{Data: []byte(shapes)}
		g, err := places.Load(files, "tamurt")
		switch {
		case want == "" && (err != nil || len(g.Outlines(places.Region)) != 1):
			t.Errorf("%s: %v", shapes, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", shapes, err, want)
		}
	}
}

func TestOutlinesAreImportedFromGeoJSON(t *testing.T) {
	t.Parallel()
	const square = `[[[-8.1,31.0],[-7.9,31.0],[-7.9,31.2],[-8.1,31.2],[-8.1,31.0]]]`
	list, err := places.ReadGeoJSON(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"code":"07.041.07.11","name":"x"},"geometry":{"type":"Polygon","coordinates":` + square + `}},
		{"type":"Feature","properties":{"code":"07.041.07.03"},"geometry":{"type":"MultiPolygon","coordinates":[` + square + `,` + square + `]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Code != "07.041.07.03" || len(list[0].Rings) != 2 || len(list[1].Rings[0]) != 4 {
		t.Fatalf("%+v", list)
	}
	g, err := morocco.WithOutlines(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Outlines(places.Commune)) != 2 || len(g.Outlines(places.Province)) != 75 || len(morocco.Outlines(places.Commune)) != 0 {
		t.Error("the new gazetteer has the communes, the old one is as it was")
	}
	if svg := string(places.Sketch(g, "07.041", nil, places.Sheet{})); !strings.Contains(svg, `class="cm"`) {
		t.Error("imported communes are not drawn")
	}
	list[0].Code = "99.999"
	if _, err := morocco.WithOutlines(list); err == nil || !strings.Contains(err.Error(), "99.999") {
		t.Errorf("an unknown commune: %v", err)
	}
}

func TestABadGeoJSONSaysWhichFeature(t *testing.T) {
	t.Parallel()
	bad := map[string]string{
		`not json`: "outlines", `{"type":"Topology"}`: "not a FeatureCollection",
		`{"type":"FeatureCollection","features":[{"properties":{}}]}`:                                                                                                         "feature 1 has no code",
		`{"type":"FeatureCollection","features":[{"properties":{"code":7}}]}`:                                                                                                 "feature 1 has no code",
		`{"type":"FeatureCollection","features":[{"properties":{"code":"A"},"geometry":{"type":"Point","coordinates":[1,2]}}]}`:                                               "feature 1 (A)",
		`{"type":"FeatureCollection","features":[{"properties":{"code":"A"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}}]}`:                                   "three corners",
		`{"type":"FeatureCollection","features":[{"properties":{"code":"A"},"geometry":{"type":"Polygon","coordinates":[[[1],[3],[4],[1]]]}}]}`:                               "longitude and a latitude",
		`{"type":"FeatureCollection","features":[{"properties":{"code":"A"},"geometry":{"type":"Polygon","coordinates":[[[500000,3400000],[500001,3400000],[1,2],[1,3]]]}}]}`: "not on the globe",
	}
	for _, text := range slices.Sorted(maps.Keys(bad)) {
		if _, err := places.ReadGeoJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), bad[text]) {
			t.Errorf("%s: %v, want %s", text, err, bad[text])
		}
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add(`{"type":"FeatureCollection","features":[{"properties":{"code":"A"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]]]}}]}`)
	f.Add(`{"type":"FeatureCollection","features":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := places.ReadGeoJSON(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, o := range list {
			for _, ring := range o.Rings {
				if o.Code == "" || len(ring) < 3 {
					t.Errorf("%q gave %+v", text, o)
				}
			}
		}
	})
}

func TestEveryCountryOfTheHouseLoads(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(packs.FS, "*/country.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("countries %v, %v", files, err)
	}
	for _, file := range files {
		country, _, _ := strings.Cut(file, "/")
		if _, err := places.Load(packs.FS, country); err != nil {
			t.Error(err)
		}
	}
	if credit, err := fs.ReadFile(packs.FS, "ma/outlines/ATTRIBUTION.md"); err != nil || !strings.Contains(string(credit), "ODbL") {
		t.Error("the outlines travel with their licence")
	}
}
