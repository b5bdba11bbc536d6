package stock

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// Whatever is given and corrected, the public is never told of fewer than few families
// at once, each delivery is told once, and what it was told adds up to what it knows.
func TestThePublicIsToldOfEnoughFamiliesTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	const few = 5
	for seed := range uint64(testkit.Size(300, 5000)) {
		dice := rand.New(rand.NewPCG(seed, 11))
		now, told, is := map[string]int64{}, map[string]toldAs{}, map[string]Handing{}
		public := map[string]int64{} // by commune, as leaves add up
		for day := range 12 {
			for range dice.IntN(9) {
				ref := fmt.Sprint("field/deliver/", len(is))
				is[ref], now[ref] = Handing{Commune: []string{"", "01.1", "01.2"}[dice.IntN(3)], Family: fmt.Sprint(dice.IntN(9))}, 1+dice.Int64N(6)
			}
			for ref := range now {
				if dice.IntN(20) == 0 {
					now[ref] = dice.Int64N(6) // corrected
				}
			}
			var fresh []string
			for _, ref := range slices.Sorted(maps.Keys(now)) {
				if _, known := told[ref]; !known && now[ref] > 0 {
					fresh = append(fresh, ref)
				}
			}
			for _, b := range batches("lot/x.blanket", fresh, now, told, is, few) {
				families := map[string]bool{}
				for _, r := range b.rows {
					if r.first == (told[r.ref].commune != "") {
						t.Fatalf("seed %d, day %d: %s is told as new: %v", seed, day, r.ref, r.first)
					}
					if r.first {
						families[is[r.ref].Family] = true
					}
					if is[r.ref].Commune != b.commune {
						t.Fatalf("seed %d: %s was not given in %s", seed, r.ref, b.commune)
					}
					told[r.ref] = toldAs{told[r.ref].units + r.units, b.commune}
				}
				if len(families) < few || len(families) != b.families || b.units() <= 0 || b.commune == "" {
					t.Fatalf("seed %d, day %d: a leaf of %d families (it says %d) and %d units", seed, day, len(families), b.families, b.units())
				}
				public[b.commune] += b.units()
				for ref, x := range told {
					if x.commune == b.commune && x.units != now[ref] {
						t.Fatalf("seed %d: %s was corrected, and the leaf does not say so", seed, ref)
					}
				}
			}
		}
		sum := map[string]int64{}
		for _, x := range told {
			sum[x.commune] += x.units
		}
		for c, n := range sum {
			if public[c] != n {
				t.Fatalf("seed %d: leaves add up to %d in %s, and deliveries to %d", seed, public[c], c, n)
			}
		}
	}
}
