package stock

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/testkit"
)

// yard is a depot of one good with missions, as the ledger would write it down.
type yard struct {
	all  []ledger.Movement
	held map[string]int64
	lots map[string]int64
	n    int
}

func (y *yard) enter(about, ref string, units int64, from string, fromKind ledger.Kind, to string, toKind ledger.Kind) {
	y.n++
	eid := id.Of[ledger.Entry]{}
	if err := eid.UnmarshalText([]byte(fmt.Sprintf("01999999-0000-7000-8000-%012d", y.n))); err != nil {
		panic(err)
	}
	y.all = append(y.all, ledger.Movement{Entry: eid, Ref: ref, About: about, Code: from, Kind: fromKind, Amount: -units}, ledger.Movement{Entry: eid, Ref: ref, About: about, Code: to, Kind: toKind, Amount: units})
	y.held[from], y.held[to] = y.held[from]-units, y.held[to]+units
}

// shown is what lies where, as text.
func shown(at map[string]*place) string {
	var out strings.Builder
	for _, code := range slices.Sorted(maps.Keys(at)) {
		fmt.Fprintln(&out, code, at[code].kind, at[code].runs)
	}
	return out.String()
}

// Whatever moves, each unit of a lot is in one place, every place holds what the ledger
// says, and what arrived first left first.
func TestEachUnitOfALotIsInOnePlaceWhateverMoves(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Size(200, 5000)) {
		dice := rand.New(rand.NewPCG(seed, 3))
		y := &yard{held: map[string]int64{}, lots: map[string]int64{}}
		for step := range 60 {
			mission := fmt.Sprint(dice.IntN(3))
			road, given, lost := "road/"+mission, "given/"+mission, "lost/"+mission
			about := "field.mission/" + mission
			part := func(code string) int64 {
				if y.held[code] <= 0 {
					return 0
				}
				return 1 + dice.Int64N(y.held[code])
			}
			switch n := dice.IntN(8); {
			case n == 0 || step == 0:
				lot := fmt.Sprint("lot", step)
				y.lots[lot] = 1 + dice.Int64N(40)
				y.enter("stock.lot/"+lot, "lot/"+lot, y.lots[lot], "source", ledger.Giver, "stock", ledger.Stock)
			case n <= 2 && y.held["stock"] > 0:
				y.enter(about, "field/depart/"+mission, part("stock"), "stock", ledger.Stock, road, ledger.Transit)
			case n == 3: // what people offered
				y.enter(about, "field/depart/"+mission, 1+dice.Int64N(5), "depot", ledger.Giver, road, ledger.Transit)
			case n == 4 && y.held[road] > 0:
				y.enter(about, fmt.Sprint("field/deliver/", step), part(road), road, ledger.Transit, given, ledger.Given)
			case n == 5 && y.held[road] > 0:
				y.enter(about, "field/account/x", part(road), road, ledger.Transit, "stock", ledger.Stock)
			case n == 6 && y.held[road] > 0:
				y.enter(about, "field/account/x", part(road), road, ledger.Transit, lost, ledger.Lost)
			case n == 7 && y.held[given] > 0: // a delivery that was told twice
				y.enter(about, fmt.Sprint("field/deliver/", step), part(given), given, ledger.Given, road, ledger.Transit)
			}
		}
		at := follow(map[string]*place{}, y.all)
		// played to somewhere, and on from a copy, it comes to the same, and what was copied
		// stays as it was
		cut := 2 * dice.IntN(len(y.all)/2+1)
		half := follow(map[string]*place{}, y.all[:cut])
		before := shown(half)
		if again := shown(follow(copied(half), y.all[cut:])); again != shown(at) || shown(half) != before {
			t.Fatalf("seed %d: played on from movement %d:\n%s\nand not\n%s", seed, cut, again, shown(at))
		}
		lots := map[string]int64{}
		for code, p := range at {
			sum := int64(0)
			for _, r := range p.runs {
				if r.units <= 0 {
					t.Fatalf("seed %d: %s has a run of %d", seed, code, r.units)
				}
				if (r.ref != "") != (p.kind == ledger.Given) {
					t.Errorf("seed %d: %s has units of the delivery %q", seed, code, r.ref)
				}
				sum += r.units
				if r.lot != "" {
					lots[r.lot] += r.units
				}
			}
			if p.kind != ledger.Giver && sum != y.held[code] {
				t.Fatalf("seed %d: %s holds %d, and the ledger says %d", seed, code, sum, y.held[code])
			}
		}
		if !maps.Equal(lots, y.lots) {
			t.Fatalf("seed %d: of the lots %v there are %v", seed, y.lots, lots)
		}
	}
}

func TestWhatArrivedFirstLeavesFirstAndWhatComesBackStandsInFront(t *testing.T) {
	t.Parallel()
	y := &yard{held: map[string]int64{}, lots: map[string]int64{}}
	y.enter("stock.lot/a", "lot/a", 10, "source", ledger.Giver, "stock", ledger.Stock)
	y.enter("stock.lot/b", "lot/b", 10, "source", ledger.Giver, "stock", ledger.Stock)
	y.enter("field.mission/1", "field/depart/1", 12, "stock", ledger.Stock, "road", ledger.Transit)
	y.enter("field.mission/1", "field/deliver/1", 4, "road", ledger.Transit, "given", ledger.Given)
	y.enter("field.mission/1", "field/account/1", 8, "road", ledger.Transit, "stock", ledger.Stock)
	y.enter("field.mission/2", "field/depart/2", 6, "stock", ledger.Stock, "road2", ledger.Transit)
	at := follow(map[string]*place{}, y.all)
	if got := fmt.Sprint(at["given"].runs, at["road2"].runs, at["stock"].runs); got != "[{a 4 field/deliver/1}] [{a 6 }] [{b 2 } {b 8 }]" {
		t.Error(got)
	}
}
