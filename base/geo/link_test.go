package geo

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestAWholePlusCodeIsRead(t *testing.T) {
	t.Parallel()
	// From the test data of the Open Location Code project, decoding.csv.
	for code, want := range map[string]Point{
		"7FG49QCJ+2V": {20.3700625, 2.7821875}, "7FG49QCJ+2VX": {20.3701125, 2.782234375}, "7FG49QCJ+2VXGJ": {20.3701135, 2.78223535156},
		"8FVC2222+22": {47.0000625, 8.0000625}, "4VCPPQGP+Q9": {-41.2730625, 174.7859375},
	} {
		for _, s := range []string{code, "rdv " + code + " près du puits", "https://plus.codes/" + code, "https://www.google.com/maps?q=" + code[:8] + "%2B" + code[9:]} {
			if got, ok := Parse(s); !ok || math.Abs(got.Lat-want.Lat) > 1e-4 || math.Abs(got.Lon-want.Lon) > 1e-4 {
				t.Errorf("Parse(%q) = %v, %v; want %v", s, got, ok, want)
			}
		}
	}
	for _, s := range []string{"9QCJ+2V Asni", "7FG49QCJ", "7FG49QCJ+2", "7FG49QCL+2V", "A7FG49QCJ+2VV22222", "06123456+78"} {
		if got, ok := Parse(s); ok {
			t.Errorf("Parse(%q) = %v, and should be nothing", s, got)
		}
	}
}

func TestALinkThatHidesItsPointIsFoundSoThatSomebodyCanSaySo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://maps.app.goo.gl/abc123":             "https://maps.app.goo.gl/abc123",
		"سلام، موقعي https://goo.gl/maps/Xy1 عافاكم": "https://goo.gl/maps/Xy1",
		"maps.app.goo.gl/Q?g_st=iw.":                 "maps.app.goo.gl/Q?g_st=iw",
		"ici: https://maps.apple/p/xYz!":             "https://maps.apple/p/xYz",
	} {
		if got, ok := ShortLink(text); !ok || got != want {
			t.Errorf("ShortLink(%q) = %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "Asni", "https://maps.google.com/?q=31.2,-8.1", "https://maps.app.goo.gl/abc 31.2, -8.1 et 31.200,-8.100", "https://example.org/goo"} {
		if got, ok := ShortLink(text); ok {
			t.Errorf("ShortLink(%q) = %q", text, got)
		}
	}
}

var morocco = Box{20, -18, 36.5, -0.5}

func TestAPairTheOtherWayRoundIsTurnedOnlyWhenItThenLiesInTheCountry(t *testing.T) {
	t.Parallel()
	want := Point{31.2, -8.1}
	for _, s := range []string{"31.2, -8.1", "-8.1, 31.2", "lat -8.1 lon 31.2", "٣١٫٢، -٨٫١", "-٨٫١، ٣١٫٢", "lon -8.1 lat 31.2", "31 درجة و 12 دقيقة شمالا، 8 درجة و 6 دقيقة غربا", "https://maps.google.com/?q=31.2+-8.1"} {
		if got, ok := ParseIn(s, morocco); !ok || !near(got, want) {
			t.Errorf("ParseIn(%q) = %v, %v", s, got, ok)
		}
	}
	for s, stays := range map[string]Point{"48.85, 2.35": {48.85, 2.35}, "31.2, 8.1": {31.2, 8.1}} {
		if got, ok := ParseIn(s, morocco); !ok || !near(got, stays) {
			t.Errorf("ParseIn(%q) = %v, %v: nobody may move it", s, got, ok)
		}
	}
	if got, ok := ParseIn("31.2, -8.1", Box{}); !ok || !near(got, want) {
		t.Errorf("without a country %v, %v", got, ok)
	}
}

func TestHoweverACoordinateIsWrittenItComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Point{float64(rapid.IntRange(2_000_000, 3_650_000).Draw(t, "lat")) / 1e5, -float64(rapid.IntRange(50_000, 1_800_000).Draw(t, "lon")) / 1e5}
		write := rapid.SampledFrom([]func(Point) string{
			func(p Point) string { return p.String() },
			func(p Point) string { return fmt.Sprintf("geo:%.5f,%.5f;u=20", p.Lat, p.Lon) },
			func(p Point) string { return fmt.Sprintf("https://maps.google.com/?q=%.5f,%.5f&z=17", p.Lat, p.Lon) },
			func(p Point) string { return fmt.Sprintf("https://www.google.com/maps/@%.5f,%.5f,15z", p.Lat, p.Lon) },
			func(p Point) string {
				return fmt.Sprintf("https://www.openstreetmap.org/#map=14/%.5f/%.5f", p.Lat, p.Lon)
			},
			func(p Point) string { return fmt.Sprintf("lon %.5f lat %.5f", p.Lon, p.Lat) },
			func(p Point) string { return fmt.Sprintf("%.5f° N, %.5f° W", p.Lat, -p.Lon) },
			func(p Point) string { return fmt.Sprintf("%.5f, %.5f", p.Lon, p.Lat) },
			func(p Point) string {
				dms := func(v float64) string {
					whole := math.Floor(v)
					rest := (v - whole) * 60
					return fmt.Sprintf("%d°%d'%.2f\"", int(whole), int(rest), (rest-math.Floor(rest))*60)
				}
				return dms(p.Lat) + "N " + dms(-p.Lon) + "W"
			},
		}).Draw(t, "write")
		s := write(p)
		got, ok := ParseIn(s, morocco)
		if !ok || math.Abs(got.Lat-p.Lat) > 2e-5 || math.Abs(got.Lon-p.Lon) > 2e-5 {
			t.Errorf("%q is read as %v, %v; it is %v", s, got, ok, p)
		}
	})
}
