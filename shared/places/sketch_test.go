package places_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/places"
)

// night is a mark in every commune of the regions that shook.
func night() []places.Mark {
	var marks []places.Mark
	for i, c := range morocco.All(places.Commune) {
		if morocco.Within(c.Code, "07") || morocco.Within(c.Code, "09") {
			name, _ := c.Name("ar")
			marks = append(marks, places.Mark{Code: c.Code, Rank: 1 + i%4, Count: i % 60, Title: name, RadiusKm: float64(i % 3)})
		}
	}
	return marks
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %.200s", err, svg)
		}
	}
}

func TestASketchIsSmallAndStyledByClassesAlone(t *testing.T) {
	t.Parallel()
	for _, within := range []string{"", "01", "07", "12", "07.041", "06.141", "07.041.07.11", tiziOussem, "nowhere"} {
		svg := string(places.Sketch(morocco, within, night(), places.Sheet{Title: "طلبات مفتوحة", Lang: "ar", Width: 360, Labels: true, Shade: map[string]int{"07.041": 3}}))
		wellFormed(t, svg)
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		z.Write([]byte(svg))
		z.Close()
		if b.Len() > 30<<10 {
			t.Errorf("%q is %d bytes compressed; 30 KB at most", within, b.Len())
		}
		for _, never := range []string{"style", "<script", "onload", "fill=\"#", "xlink"} {
			if strings.Contains(svg, never) {
				t.Errorf("%q has %s", within, never)
			}
		}
		if !regexp.MustCompile(`^<svg class="m" viewBox="0 0 1000 \d+" direction="ltr" role="img"><title>طلبات مفتوحة</title>`).MatchString(svg) {
			t.Errorf("%q begins %.120s", within, svg)
		}
		if !strings.Contains(svg, `class="c0"`) && !strings.Contains(svg, `class="c3"`) {
			t.Errorf("%q has no land", within)
		}
	}
}

func TestASketchSaysNothingItWasNotTold(t *testing.T) {
	t.Parallel()
	svg := string(places.Sketch(morocco, "07.041", []places.Mark{{Code: "07.041.07.11", Rank: 1, Title: `<script>"&'`}}, places.Sheet{Title: "<b>"}))
	wellFormed(t, svg)
	if strings.Contains(svg, "<script") || strings.Contains(svg, "<b>") {
		t.Errorf("words became markup: %s", svg)
	}
	if svg := string(places.Sketch(morocco, "07.041", nil, places.Sheet{})); !strings.Contains(svg, `aria-hidden="true"`) || strings.Contains(svg, "<title>") {
		t.Error("a drawing without a title is hidden from screen readers")
	}
}

func TestMarksThatCoverEachOtherBecomeOneOfTheWorstRank(t *testing.T) {
	t.Parallel()
	marks := []places.Mark{
		{Code: "07.041.07.11", Rank: 3, Count: 4, Title: "Ouirgane"}, {Code: "07.041.07.03", Rank: 2, Count: 5, Title: "Asni"},
		{Code: "07.041.07.11", Rank: 4, Count: 1}, {Code: "nowhere", Rank: 1, Count: 9}, {Code: "11.321", Rank: 1, Count: 2},
	}
	country := string(places.Sketch(morocco, "", marks, places.Sheet{Title: "x"}))
	if n := strings.Count(country, `class="mk`); n != 2 {
		t.Errorf("%d symbols on the country, want one for the mountains and one for Laâyoune", n)
	}
	if !strings.Contains(country, `class="mk p2"`) || !strings.Contains(country, `>10</text>`) || !strings.Contains(country, "Asni · Ouirgane") {
		t.Error("the symbol of the mountains is a diamond with 10")
	}
	province := string(places.Sketch(morocco, "07.041", marks, places.Sheet{Title: "x"}))
	if n := strings.Count(province, `class="mk`); n != 2 || strings.Contains(province, "p1") {
		t.Errorf("%d symbols on the province; Laâyoune is not in it", n)
	}
	if svg := string(places.Sketch(morocco, "07.041", []places.Mark{{Code: "07.041.07.11", Rank: 99, Count: -3, RadiusKm: 5}}, places.Sheet{})); !strings.Contains(svg, "mk p4") || !strings.Contains(svg, `class="acc"`) {
		t.Error("an unknown rank is the mildest, and what is uncertain is dashed")
	}
}

func BenchmarkSketch(b *testing.B) {
	marks := night()
	for b.Loop() {
		places.Sketch(morocco, "", marks, places.Sheet{Title: "x"})
	}
}

func TestNamesOnAMapLeaveRoomForEachOtherAndWhereHelpIsAskedGoesFirst(t *testing.T) {
	t.Parallel()
	haouz := []places.Mark{{Code: "07.041.07.11", Rank: 1, Count: 40}}
	svg := string(places.Sketch(morocco, "", haouz, places.Sheet{Lang: "ar", Width: 360, Labels: true}))
	if n, all := strings.Count(svg, `class="pl"`), len(morocco.All(places.Province)); n < 6 || n > all/2 {
		t.Errorf("%d of %d provinces are named on a phone", n, all)
	}
	if p, _ := morocco.Province("07.041"); !strings.Contains(svg, p.Names["ar"]) {
		t.Errorf("%s has requests and no name", p.Names["ar"])
	}
}

func TestWhereANetworkIsMissingItsSignIsDrawnAndNothingElsewhere(t *testing.T) {
	t.Parallel()
	draw := func(cover map[string]places.Cover) string {
		svg := string(places.Sketch(morocco, "07.041", nil, places.Sheet{Title: "x", Cover: cover}))
		wellFormed(t, svg)
		return svg
	}
	if svg := draw(nil); strings.Contains(svg, `class="nn"`) || strings.Contains(svg, `class="nv"`) {
		t.Error("a map without a layer has its signs")
	}
	here := morocco.Children("07.041")
	svg := draw(map[string]places.Cover{here[0].Code: places.CoverNone, here[1].Code: places.CoverVoice, here[2].Code: places.CoverVoice, "01.051.01.01": places.CoverNone, "nowhere": places.CoverNone, here[3].Code: "data"})
	signs := regexp.MustCompile(`<path class="(n[nv])" d="([^"]*)"/>`).FindAllStringSubmatch(svg, -1)
	if len(signs) != 2 || signs[0][1] != "nv" || strings.Count(signs[0][2], "M") != 2 || signs[1][1] != "nn" || strings.Count(signs[1][2], "M") != 1 {
		t.Errorf("the signs are %v", signs)
	}
}
