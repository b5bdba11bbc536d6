package release

import (
	"strconv"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/places"
)

// What a moment costs where every commune of the country has something in each of
// twelve needs: 1,503 × 12 × 4 units wait.
func BenchmarkAMomentOfTheWholeCountry(b *testing.B) {
	g, err := places.Load(packsOf(b), "ma")
	if err != nil {
		b.Fatal(err)
	}
	p := &Press{places: g, rules: Rules{Floor: 5, Wait: 72 * time.Hour}}
	now := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	var wait []unit
	for i, c := range g.All(places.Commune) {
		for j := range 12 * (i % 5) {
			wait = append(wait, unit{id: strconv.Itoa(i) + "/" + strconv.Itoa(j), place: c.Code, at: now})
		}
	}
	b.ReportMetric(float64(len(wait)), "units")
	for b.Loop() {
		if lots := p.lots(wait, false, now.Add(100*time.Hour)); len(lots) < 1000 {
			b.Fatal(len(lots))
		}
	}
}

func BenchmarkATableOfTwelveNeedsForEachCommune(b *testing.B) {
	cells := []int{3, 9, 40, 0, 2, 17, 5, 6, 0, 1, 88, 4}
	for b.Loop() {
		for range 1503 {
			Part(cells, 5)
		}
	}
}
