package geo

import (
	"math"
	"testing"
)

func near(a, b Point) bool {
	return math.Abs(a.Lat-b.Lat) < 1e-6 && math.Abs(a.Lon-b.Lon) < 1e-6
}

func TestDistanceAgreesWithKnownPairs(t *testing.T) {
	t.Parallel()
	marrakech, rabat := Point{31.6295, -7.9811}, Point{34.0209, -6.8416}
	for _, c := range []struct {
		a, b Point
		km   float64
	}{
		{marrakech, marrakech, 0},
		{marrakech, rabat, 286.3},
		{Point{0, 0}, Point{0, 180}, math.Pi * earthKm},
		{Point{0, 179.5}, Point{0, -179.5}, 111.195},
		{Point{90, 0}, Point{-90, 77}, math.Pi * earthKm},
	} {
		if got := Distance(c.a, c.b); math.Abs(got-c.km) > 0.5 {
			t.Errorf("%v to %v is %.2f km, want %.2f", c.a, c.b, got, c.km)
		}
	}
}

func TestPastedCoordinatesAreRead(t *testing.T) {
	t.Parallel()
	want := Point{31.2, -8.1}
	for _, s := range []string{
		"31.2, -8.1", "31.2 -8.1", "(31.2; -8.1)", " 31.20000,-8.10000 ", "[31.2,-8.1].", "31.2/-8.1", "+31.2,-8.1",
		"31,2; -8,1", "31,2 -8,1", "31,2, -8,1", "31,2,-8,1", "31,2 ; -8,1",
		"٣١٫٢، -٨٫١", "٣١٫٢ ؛ −٨٫١", "۳۱٫۲, −۸٫۱", "\u200e31.2, \u200e-8.1\u200f", "３１.２, -８.１",
		"31.2, \u22128.1", "31.2\u00a0\u22128.1",
		"geo:31.2,-8.1", "geo:31.2,-8.1?z=14", "geo:31.2,-8.1;u=35", "geo:0,0?q=31.2,-8.1(maison)",
		"https://www.google.com/maps/@31.2,-8.1,15z", "https://maps.google.com/?q=31.2,-8.1", "https://maps.google.com/maps?q=31.2%2C-8.1&z=17",
		"https://www.google.com/maps/place/Asni/@31.25,-7.98,13z/data=!3m1!4b1!4m6!3m5!1s0x0:0x0!8m2!3d31.2!4d-8.1!16s",
		"https://www.google.com/maps/search/?api=1&query=31.2,-8.1", "https://www.google.com/maps/search/31.2,+-8.1?entry=tts",
		"https://www.google.com/maps/place/31.2,-8.1", "https://www.google.com/maps/dir//31.2,-8.1/@31.3,-8.0,12z",
		"https://maps.google.com/maps?daddr=31.2,-8.1", "https://maps.google.com/?q=loc:31.2,-8.1", "https://maps.apple.com/?ll=31.2,-8.1&q=Pin",
		"https://waze.com/ul?ll=31.2%2C-8.1&navigate=yes",
		"https://www.openstreetmap.org/#map=14/31.2/-8.1", "https://www.openstreetmap.org/?mlat=31.2&mlon=-8.1#map=12/31.3/-8.2",
		"https://osm.org/?mlon=-8.1&mlat=31.2",
		"Salam, voici ma position : https://maps.google.com/?q=31.2,-8.1 merci", "موقعي https://maps.google.com/?q=31.2,-8.1 عافاكم",
		"31°12'00.0\"N 8°06'00.0\"W", "31° 12′ N, 8° 6′ O", "31.2° N, 8.1° W", "31.2N 8.1W", "N 31° 12' W 8° 06'", "N31.2 W8.1", "31,2° N 8,1° O",
		"https://www.google.com/maps/place/31%C2%B012'00.0%22N+8%C2%B006'00.0%22W",
		"٣١٫٢ شمالا ٨٫١ غربا",
		"lat: 31.2 lon: -8.1", "Longitude -8.1, Latitude 31.2", "lat=31.2&lng=-8.1", "خط العرض ٣١٫٢ خط الطول -٨٫١",
		"La maison est à 31.2000, -8.1000 près du puits", "GPS 31.200 -8.100",
	} {
		if got, ok := Parse(s); !ok || !near(got, want) {
			t.Errorf("Parse(%q) = %v, %v", s, got, ok)
		}
	}
}

func TestWhatIsNoPointPlacesNobody(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "Asni", "دوار تيزي", "31", "31.2", "31,2", "31, 2", "12 familles, 3 morts", "2.5, 3 familles", "0612345678", "06 12 34 56 78", "+212 612-345678",
		"0,0", "0.0, 0.0", "geo:0,0", "geo:0,0?q=Asni", "91.5, 8.1", "31.2, 181.5", "geo:31.2,-812.5", "https://maps.google.com/?q=Asni",
		"https://maps.app.goo.gl/abc123", "31.2.5, 8", "1.2.3.4", "9 N 8 E", "31°75'N 8°06'W", "1,2,3,4", "2023-09-08 23:11", "NaN, NaN", "1e5, 2e5",
	} {
		if got, ok := Parse(s); ok {
			t.Errorf("Parse(%q) = %v, and should be nothing", s, got)
		}
	}
}

func TestOnlyPointsOnTheGlobeAreValid(t *testing.T) {
	t.Parallel()
	for p, want := range map[Point]bool{
		{31.2, -8.1}: true, {90, 180}: true, {-90, -180}: true, {90.01, 0}: false, {0, 180.01}: false,
		{math.Inf(1), 0}: false, {0, math.Inf(-1)}: false,
	} {
		if p.Valid() != want {
			t.Errorf("%v.Valid() = %v", p, !want)
		}
	}
	if (Point{math.NaN(), 0}).Valid() || (Point{0, math.NaN()}).Valid() {
		t.Error("not a number is not a place")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"31.2, -8.1", "31,2 -8,1", "geo:31.2,-8.1;u=35", "https://www.google.com/maps/@31.2,-8.1,15z", "!3d31.2!4d-8.1", "?mlat=31.2&mlon=-8.1",
		"#map=14/31.2/-8.1", "31°12'30\"N 8°06'W", "٣١٫٢، -٨٫١", "lat 31.2 lon -8.1", "\xff\x00%2C",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := Parse(s)
		if !ok {
			if p != (Point{}) {
				t.Errorf("Parse(%q) failed and still gave %v", s, p)
			}
			return
		}
		if !p.Valid() || p == (Point{}) {
			t.Errorf("Parse(%q) = %v", s, p)
		}
		if math.Abs(p.Lat) < 1e-4 && math.Abs(p.Lon) < 1e-4 {
			return // written to five decimals it may be the 0,0 that is refused
		}
		back, ok := Parse(p.String())
		if !ok || math.Abs(back.Lat-p.Lat) > 1e-5 || math.Abs(back.Lon-p.Lon) > 1e-5 {
			t.Errorf("%q gave %v, whose text gave %v, %v", s, p, back, ok)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		Parse("Salam, voici ma position : https://www.openstreetmap.org/#map=14/31.2/-8.1 merci")
	}
}
