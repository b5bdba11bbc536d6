package places_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/places"
)

var (
	box    = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	symbol = regexp.MustCompile(`class="mk p\d" transform="translate\((-?\d+) (-?\d+)\)"`)
)

func fitted(marks ...places.Mark) string {
	return string(places.Sketch(morocco, "", marks, places.Sheet{Title: "x", Lang: "fr", Width: 360, Labels: true, Fit: true}))
}

// symbols are where marks are drawn, as parts of the width and the height.
func symbols(t *testing.T, svg string) (at [][2]float64, high float64) {
	t.Helper()
	size := box.FindStringSubmatch(svg)
	if size == nil {
		t.Fatalf("no drawing: %.80s", svg)
	}
	h, _ := strconv.ParseFloat(size[2], 64)
	for _, m := range symbol.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		at = append(at, [2]float64{x / 1000, y / h})
	}
	return at, h
}

func TestAFittedSketchShowsTheNeighbourhoodOfItsMarksWithAMargin(t *testing.T) {
	t.Parallel()
	// Al Haouz, Chichaoua, Taroudannt: three provinces that meet.
	near := []places.Mark{{Code: "07.041.07.11", Rank: 1, Count: 4}, {Code: "07.161", Rank: 2, Count: 2}, {Code: "09.541", Rank: 3, Count: 1}}
	svg := fitted(near...)
	wellFormed(t, svg)
	at, high := symbols(t, svg)
	if len(at) != len(near) {
		t.Fatalf("%d symbols of %d", len(at), len(near))
	}
	wide := 0.0
	for i, a := range at {
		if a[0] < 0.08 || a[0] > 0.92 || a[1] < 0.08 || a[1] > 0.92 {
			t.Errorf("a symbol stands at %v: the margin is gone", a)
		}
		for _, b := range at[:i] {
			wide = max(wide, math.Hypot(a[0]-b[0], (a[1]-b[1])*high/1000))
		}
	}
	if wide < 0.4 {
		t.Errorf("the marks take %.2f of the width: it does not fit them", wide)
	}
	if r := high / 1000; r < 0.6 || r > 1.6 {
		t.Errorf("the drawing is %.2f times as high as wide", r)
	}
	for _, far := range []string{"Laâyoune", "Tanger", "Oujda", "Dakhla"} {
		if strings.Contains(svg, far) {
			t.Errorf("%s is named on a drawing of the High Atlas", far)
		}
	}
	if whole := string(places.Sketch(morocco, "", near, places.Sheet{Title: "x", Lang: "fr", Width: 360, Labels: true})); len(svg) >= len(whole) {
		t.Errorf("%d bytes, and all of the country is %d: outlines that do not cross it were not left out", len(svg), len(whole))
	}
	if !strings.Contains(svg, `class="c0"`) || !strings.Contains(svg, `class="pl"`) {
		t.Error("the provinces that cross it are not drawn, or have no name")
	}
}

func TestAFittedSketchOfOnePlaceIsNotALensOnOneHouse(t *testing.T) {
	t.Parallel()
	one, _ := symbols(t, fitted(places.Mark{Code: "07.041.07.11", Rank: 1, Count: 1}))
	if len(one) != 1 || math.Abs(one[0][0]-0.5) > 0.02 || math.Abs(one[0][1]-0.5) > 0.02 {
		t.Errorf("the only mark stands at %v", one)
	}
	// Asni is 15 km from Ouirgane: it must be in the picture of Ouirgane alone.
	both := fitted(places.Mark{Code: "07.041.07.11", Rank: 1, Count: 1}, places.Mark{Code: "07.041.07.03", Rank: 1, Count: 1})
	if at, _ := symbols(t, both); len(at) == 2 && math.Abs(at[0][0]-at[1][0])+math.Abs(at[0][1]-at[1][1]) > 0.7 {
		t.Errorf("15 km fill the drawing: %v", at)
	}
}

func TestAFittedSketchOfNothingIsTheWholeCountry(t *testing.T) {
	t.Parallel()
	whole := string(places.Sketch(morocco, "", nil, places.Sheet{Title: "x", Lang: "fr", Width: 360, Labels: true}))
	if fitted() != whole || fitted(places.Mark{Code: "nowhere", Rank: 1, Count: 3}) != whole {
		t.Error("without a mark that can be placed, something else than the country is drawn")
	}
}

func TestAFittedSketchIsTheSameWhateverTheOrderOfItsMarks(t *testing.T) {
	t.Parallel()
	a, b, c := places.Mark{Code: "07.041.07.11", Rank: 1, Count: 4}, places.Mark{Code: "07.161", Rank: 2, Count: 2}, places.Mark{Code: "11.321", Rank: 3, Count: 1}
	first := fitted(a, b, c)
	for range 5 {
		if fitted(c, a, b) != first || fitted(b, c, a) != first {
			t.Fatal("the same cases give another drawing")
		}
	}
	if at, _ := symbols(t, first); len(at) != 3 {
		t.Errorf("%d symbols of 3: one far case must stay in the picture", len(at))
	}
}

func TestAProvinceIsDrawnWholeWhenNobodyAskedToFit(t *testing.T) {
	t.Parallel()
	one := []places.Mark{{Code: "07.041.07.11", Rank: 1, Count: 4}}
	empty := string(places.Sketch(morocco, "07.041", nil, places.Sheet{Title: "x"}))
	svg := string(places.Sketch(morocco, "07.041", one, places.Sheet{Title: "x"}))
	if box.FindString(svg) != box.FindString(empty) {
		t.Error("a case changes the frame of its province")
	}
}
