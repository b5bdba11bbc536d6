package damage

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

func readShared(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Ighil and Azgour, the communes that shook most on 8 September 2023.
const ighil, azgour = "07.041.07.05", "07.041.05.07"

// around is n points at a place, each some metres from the next.
func around(p geo.Point, n int, damage string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%f,%f,%s\n", p.Lat+float64(i)*1e-5, p.Lon, damage)
	}
	return b.String()
}

func readAs(t *testing.T, k Kind, file string) map[string]Seen {
	t.Helper()
	r := moroccan(t)
	all, err := Read([]byte(file), r.columns())
	if err != nil {
		t.Fatal(err)
	}
	m, ok := r.mapping(r.fits(k, all), k)
	if !ok {
		t.Fatal("no mapping reads it")
	}
	out := map[string]Seen{}
	for _, s := range r.read(morocco(t), m, all).Seen {
		out[s.Place] = s
	}
	return out
}

func TestALevelNeedsThreeMarksAndFewerCountOneLess(t *testing.T) {
	t.Parallel()
	p, _ := morocco(t).Get(ighil)
	for _, row := range []struct {
		destroyed, damaged, possible, want int
	}{{3, 0, 0, 4}, {1, 0, 0, 3}, {2, 0, 0, 3}, {1, 5, 0, 3}, {0, 3, 0, 3}, {0, 1, 9, 2}, {0, 0, 3, 1}, {0, 0, 1, 1}} {
		file := "lat,lon,damage\n" + around(p.At, row.destroyed, "Destroyed") + around(p.At, row.damaged, "Damaged") + around(p.At, row.possible, "Possibly damaged")
		s := readAs(t, Damage, file)[ighil]
		if s.Level != row.want || s.Counts[4] != row.destroyed || s.Counts[3] != row.damaged || s.Counts[1] != row.possible {
			t.Errorf("%+v gives %+v", row, s)
		}
	}
}

func TestAPointSpeaksOnlyWithinReachOfAPlace(t *testing.T) {
	t.Parallel()
	g := morocco(t)
	for _, d := range g.All(places.Douar) {
		if !d.HasPoint {
			continue
		}
		far := geo.Point{Lat: d.At.Lat + 0.011, Lon: d.At.Lon} // 1.2 km
		near := geo.Point{Lat: d.At.Lat + 0.008, Lon: d.At.Lon}
		if s, ok := readAs(t, Damage, "lat,lon,damage\n"+around(far, 5, "Destroyed"))[d.Code]; ok {
			t.Errorf("%s, 1.2 km away, is of level %d", d.Code, s.Level)
		}
		if s := readAs(t, Damage, "lat,lon,damage\n"+around(near, 5, "Destroyed"))[d.Code]; s.Level != 4 || s.Km != 1 {
			t.Errorf("%s, 0.9 km away, says %+v", d.Code, s)
		}
		return
	}
	t.Fatal("no douar has a point")
}

func TestTheWorstAreaAroundAPlaceCounts(t *testing.T) {
	t.Parallel()
	p, _ := morocco(t).Get(ighil)
	square := func(half float64, mmi string) string {
		at := p.At
		return fmt.Sprintf(`{"type":"Feature","properties":{"mmi":%s},"geometry":{"type":"Polygon","coordinates":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}}`, mmi,
			at.Lon-half, at.Lat-half, at.Lon+half, at.Lat-half, at.Lon+half, at.Lat+half, at.Lon-half, at.Lat+half, at.Lon-half, at.Lat-half)
	}
	got := readAs(t, Shaking, `{"type":"FeatureCollection","features":[`+square(.3, "6.2")+`,`+square(.1, "8.4")+`,`+square(.05, "8.2")+`]}`)
	if s := got[ighil]; s.Level != 4 || s.Value != "8.4" {
		t.Errorf("Ighil says %+v", s)
	}
	hole := strings.Replace(square(.3, "8.6"), `]]]}}`, fmt.Sprintf(`]],[[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}}`, p.At.Lon-.1, p.At.Lat-.1, p.At.Lon+.1, p.At.Lat-.1, p.At.Lon+.1, p.At.Lat+.1, p.At.Lon-.1, p.At.Lat+.1), 1)
	if s, ok := readAs(t, Shaking, `{"type":"FeatureCollection","features":[`+hole+`]}`)[ighil]; ok {
		t.Errorf("in a hole it says %+v", s)
	}
}

func TestTheSameFileAlwaysGivesTheSameLevels(t *testing.T) {
	t.Parallel()
	g, r := morocco(t), moroccan(t)
	m, _ := r.mapping("copernicus", Damage)
	classes := []string{"Destroyed", "Damaged", "Possibly damaged", "?"}
	rapid.Check(t, func(t *rapid.T) {
		var all []Feature
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			all = append(all, Feature{Points: []geo.Point{{Lat: rapid.Float64Range(30.9, 31.3).Draw(t, "lat"), Lon: rapid.Float64Range(-8.6, -8.1).Draw(t, "lon")}},
				Props: map[string]string{"damage": rapid.SampledFrom(classes).Draw(t, "class")}})
		}
		body, err := pack(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := unpack(body)
		if err != nil {
			t.Fatal(err)
		}
		first, second := r.read(g, m, all), r.read(g, m, again)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v became %+v", first, second)
		}
		more := r.read(g, m, append(again, Feature{Points: []geo.Point{all[0].Points[0]}, Props: map[string]string{"damage": "Destroyed"}}))
		worse := map[string]int{}
		for _, s := range more.Seen {
			worse[s.Place] = s.Level
		}
		for _, s := range first.Seen { // one more ruin lowers nobody
			if worse[s.Place] < s.Level {
				t.Fatalf("%s fell from %d to %d", s.Place, s.Level, worse[s.Place])
			}
		}
	})
}

// The four files of the earthquake of 8 September 2023 that the reference data has.
func TestTheRealMapsOfTheEarthquakeAreRead(t *testing.T) {
	t.Parallel()
	mmi := readAs(t, Shaking, string(shared(t, "shakemap_mmi.geojson")))
	if mmi[ighil].Level < 4 || mmi[azgour].Level < 4 {
		t.Errorf("Ighil %+v, Azgour %+v", mmi[ighil], mmi[azgour])
	}
	table := readAs(t, Shaking, string(shared(t, "commune_exposure.csv")))
	if table[ighil].Level != 4 || table[ighil].Value != "8.4" || len(table) < 100 {
		t.Errorf("of %d communes, Ighil %+v", len(table), table[ighil])
	}
	apart := 0
	for code, s := range mmi { // the polygons and the table come of one map: at a centre they differ by a band at most
		if k, ok := table[code]; ok && (s.Level > k.Level || k.Level-s.Level > 1) {
			apart++
		}
	}
	if apart > len(table)/20 {
		t.Errorf("%d of %d communes are told otherwise by the polygons", apart, len(table))
	}
	points := readAs(t, Damage, string(shared(t, "damage_points.csv")))
	worst := 0
	for _, s := range points {
		worst = max(worst, s.Level)
	}
	if len(points) < 10 || worst != 4 {
		t.Errorf("%d places, the worst of level %d", len(points), worst)
	}
	r := moroccan(t)
	all, err := Read(shared(t, "damage_points.csv"), r.columns())
	if err != nil {
		t.Fatal(err)
	}
	m, _ := r.mapping(r.fits(Damage, all), Damage)
	if read := r.read(morocco(t), m, all); len(all) != 5193 || read.Unknown != 116 || read.Levels[4] != 98 || read.Levels[3] != 3203 || read.Levels[1] != 1776 {
		t.Errorf("%d points, %+v, %d of no class", len(all), read.Levels, read.Unknown)
	}
}
