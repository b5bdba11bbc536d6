package damage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

var keepAll = map[string]bool{"damage": true, "mmi": true}

func TestAFileThatCannotBeReadIsToldWithASentence(t *testing.T) {
	t.Parallel()
	point := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"damage":"Destroyed"},"geometry":{"type":"%s","coordinates":%s}}]}`
	for _, row := range []struct{ file, want string }{
		{"", "empty"}, {"  \n", "empty"}, {"\xff\xfe\x00", "not_text"}, {`{"type":"Feature"}`, "not_geojson"}, {`[1,2]`, "not_geojson"}, {`{"type":`, "not_geojson"},
		{`{"type":"FeatureCollection","features":[]}`, "nothing"},
		{`{"type":"FeatureCollection","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::26191"}},"features":[]}`, "other_crs"},
		{fmt.Sprintf(point, "Point", `[252000, 71000]`), "position"},
		{fmt.Sprintf(point, "Point", `[1]`), "feature"},
		{fmt.Sprintf(point, "Point", `"x"`), "feature"},
		{fmt.Sprintf(point, "LineString", `[[-8,31],[-8,32]]`), "geometry"},
		{fmt.Sprintf(point, "Polygon", `[[[-8,31],[-8,32],[-8,31]]]`), "ring"},
		{fmt.Sprintf(point, "Polygon", `[]`), "feature"},
		{`{"type":"FeatureCollection","features":[{"properties":{},"geometry":null}]}`, "no_geometry"},
		{"name,damage\nx,Destroyed\n", "no_columns"}, {"lat,lon,damage\n31,,Destroyed\n", "row"}, {"lat,lon,damage\n131,-8,Destroyed\n", "row"}, {"lat,lon\n", "nothing"},
	} {
		_, err := Read([]byte(row.file), keepAll)
		if got := keysOf(err); !slices.Equal(got, []string{"damage.file." + row.want}) {
			t.Errorf("%.60q: want %s, got %v", row.file, row.want, got)
		}
	}
}

func TestPointsAreasAndCodesAreReadInEveryWayTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		file         string
		points, ring int
		code, damage string
	}{
		{"\ufefflat;lon;damage\n31,14;-7,92;Destroyed\n", 1, 0, "", "Destroyed"},
		{"Latitude,Longitude,Damage\n٣١.١٤,-7.92,Damaged\n", 1, 0, "", "Damaged"},
		{"code,damage\n07.041.07.05,Destroyed\n", 0, 0, "07.041.07.05", "Destroyed"},
		{`{"type":"FeatureCollection","features":[{"properties":{"Damage":"Destroyed","name":"a family"},"geometry":{"type":"MultiPoint","coordinates":[[-8,31],[-8.1,31]]}}]}`, 2, 0, "", "Destroyed"},
		{`{"type":"FeatureCollection","features":[{"properties":{"damage":3},"geometry":{"type":"MultiPolygon","coordinates":[[[[-8,31],[-8,32],[-7,32],[-8,31]]],[[[-9,31],[-9,32],[-8.5,32],[-9,31]]]]}}]}`, 0, 2, "", "3"},
	} {
		all, err := Read([]byte(row.file), keepAll)
		if err != nil || len(all) != 1 {
			t.Errorf("%.50q: %v (%v)", row.file, all, err)
			continue
		}
		f := all[0]
		if len(f.Points) != row.points || len(f.Rings) != row.ring || f.Code != row.code || f.Props["damage"] != row.damage || len(f.Props) != 1 {
			t.Errorf("%.50q is read as %+v", row.file, f)
		}
	}
}

func TestAFileOfTooMuchIsRefusedBeforeItCosts(t *testing.T) {
	t.Parallel()
	rows := "lat,lon,damage\n" + strings.Repeat("31,-8,Destroyed\n", mostFeatures+1)
	if got := keysOf(second(Read([]byte(rows), keepAll))); !slices.Equal(got, []string{"damage.file.many"}) {
		t.Errorf("%v", got)
	}
	if got := keysOf(second(Read(make([]byte, mostFile+1), keepAll))); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func second[T any](_ T, err error) error { return err }

// FuzzRead: whatever a stranger's file holds, it is read or told why not, and
// what is read lies on the globe.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"lat,lon,damage\n31,-8,Destroyed\n", "code;mmi\n07;8.4\n", `{"type":"FeatureCollection","features":[{"properties":{"mmi":8.4},"geometry":{"type":"Polygon","coordinates":[[[-8,31],[-8,32],[-7,32],[-8,31]]]}}]}`,
		`{"type":"FeatureCollection","features":[{"properties":{"mmi":null},"geometry":{"type":"Point","coordinates":[1e999,3]}}]}`, "\"\n,", "{", "lat,lon\nNaN,Inf\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := Read(body, keepAll)
		if err != nil {
			if len(keysOf(err)) == 0 {
				t.Fatalf("no sentence for %v", err)
			}
			return
		}
		for i := range all {
			for _, p := range all[i].Points {
				if !p.Valid() {
					t.Fatalf("%v", p)
				}
			}
			for _, r := range all[i].Rings {
				if len(r) < 3 {
					t.Fatalf("a ring of %d", len(r))
				}
			}
		}
		body, err = pack(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := unpack(body)
		if err != nil || len(again) != len(all) {
			t.Fatalf("%d became %d: %v", len(all), len(again), err)
		}
	})
}

func FuzzWorldFile(f *testing.F) {
	f.Add("0.0001\n0\n0\n-0.0001\n-8.4\n31.2\n", 100, 100)
	f.Add("1e300 0 0 -1 0 0", 1<<20, 1)
	f.Fuzz(func(t *testing.T, text string, w, h int) {
		if w < 1 || h < 1 || w > 1<<14 || h > 1<<14 {
			return
		}
		if b, err := worldFile(text, w, h); err == nil && !b.valid() {
			t.Fatalf("%q lies at %+v", text, b)
		}
	})
}

// shared reads a file of the reference data.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	return readShared(t, testkit.Shared(t, "data", "quake", name))
}
