package field

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
)

var stock = []string{"blanket", "food_basket", "tent", "water_5l"}

// TestEveryManifestBalances drives one journey through any history of loading,
// handing out, losing and bringing back, and counts along on fingers: what the
// manifest says never differs, nothing is handed out that is not there, and a
// mission closes exactly when not a unit is missing.
func TestEveryManifestBalances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		j := &Journey{Mission: Mission{State: Planned}, Stops: []Stop{{Seq: 1, State: Delivered}}}
		aboard, left := map[string]int{}, map[string]int{} // on fingers; left is what set out
		t.Repeat(map[string]func(*rapid.T){
			"load": func(t *rapid.T) {
				good, n := rapid.SampledFrom(stock).Draw(t, "good"), rapid.IntRange(-1, 30).Draw(t, "n")
				if j.State != Planned {
					t.Skip("it has departed")
				}
				if err := j.Goods.load(map[string]int{good: n}); (err == nil) != (n >= 0) {
					t.Fatalf("loading %d: %v", n, err)
				}
				if n >= 0 {
					aboard[good], left[good] = n, n
				}
			},
			"depart": func(t *rapid.T) {
				if len(j.Goods) < 2 {
					t.Skip("there is nothing to balance yet")
				}
				was := j.State
				if err := j.depart(morning); (err == nil) != (was == Planned) {
					t.Fatalf("departing from %s: %v", was, err)
				}
			},
			"deliver": func(t *rapid.T) { handOut(t, j, aboard) },
			"return":  func(t *rapid.T) { bringHome(t, j, aboard) },
			"lose":    func(t *rapid.T) { mislay(t, j, aboard) },
			"home": func(t *rapid.T) { // what is left comes back
				for _, l := range j.Goods {
					if j.State == Departed {
						aboard[l.Good] = 0
						if err := j.Goods.bringBack(map[string]int{l.Good: l.Returned + l.Aboard()}); err != nil {
							t.Fatal(err)
						}
					}
				}
			},
			"close": func(t *rapid.T) {
				was, missing := j.State, 0
				for _, n := range aboard {
					missing += n
				}
				err := j.close(morning)
				if (err == nil) != (was == Departed && missing == 0) {
					t.Fatalf("closing with %d aboard from %s: %v", missing, was, err)
				}
			},
			"": func(t *rapid.T) { balanced(t, j, aboard, left) },
		})
	})
}

func handOut(t *rapid.T, j *Journey, aboard map[string]int) {
	if j.State != Departed {
		t.Skip("not on its way")
	}
	units := map[string]int{rapid.SampledFrom(stock).Draw(t, "good"): rapid.IntRange(-1, 20).Draw(t, "n"),
		rapid.SampledFrom(stock).Draw(t, "other"): rapid.IntRange(0, 5).Draw(t, "m")}
	ok := true
	for good, n := range units {
		ok = ok && n >= 0 && n <= aboard[good]
	}
	goods := slices.Clone(j.Goods)
	if err := goods.deliver(units); (err == nil) != ok {
		t.Fatalf("handing out %v with %v aboard: %v", units, aboard, err)
	}
	if ok { // a refused deed is not saved
		j.Goods = goods
		for good, n := range units {
			aboard[good] -= n
		}
	}
}

func bringHome(t *rapid.T, j *Journey, aboard map[string]int) {
	if j.State != Departed || len(j.Goods) == 0 {
		t.Skip("nothing to bring back")
	}
	l := rapid.SampledFrom(j.Goods).Draw(t, "line")
	n := rapid.IntRange(-1, 40).Draw(t, "n")
	ok := n >= 0 && n <= aboard[l.Good]+l.Returned
	if err := j.Goods.bringBack(map[string]int{l.Good: n}); (err == nil) != ok {
		t.Fatalf("bringing back %d of %+v: %v", n, l, err)
	}
	if ok {
		aboard[l.Good] += l.Returned - n
	}
}

func mislay(t *rapid.T, j *Journey, aboard map[string]int) {
	if j.State != Departed || len(j.Goods) == 0 {
		t.Skip("nothing to lose")
	}
	l := rapid.SampledFrom(j.Goods).Draw(t, "line")
	n, reason := rapid.IntRange(-1, 40).Draw(t, "n"), rapid.SampledFrom(append([]string{"", "eaten"}, ReasonsLost...)).Draw(t, "reason")
	ok := n >= 0 && n <= aboard[l.Good]+l.Lost && (n == 0 || slices.Contains(ReasonsLost, reason))
	if err := j.Goods.lose(l.Good, n, reason); (err == nil) != ok {
		t.Fatalf("losing %d of %+v because %q: %v", n, l, reason, err)
	}
	if ok {
		aboard[l.Good] += l.Lost - n
	}
}

func balanced(t *rapid.T, j *Journey, aboard, left map[string]int) {
	if !slices.IsSortedFunc(j.Goods, func(a, b Line) int { return map[bool]int{true: -1, false: 1}[a.Good < b.Good] }) {
		t.Fatalf("not in order: %v", j.Goods)
	}
	seen := map[string]bool{}
	for _, l := range j.Goods {
		seen[l.Good] = true
		if l.Aboard() != aboard[l.Good] || l.Loaded != left[l.Good] || min(l.Delivered, l.Returned, l.Lost, l.Aboard()) < 0 {
			t.Fatalf("%+v, on fingers %d of %d aboard", l, aboard[l.Good], left[l.Good])
		}
		if (l.Lost > 0) != (l.LostReason != "") {
			t.Fatalf("a loss without a reason: %+v", l)
		}
		if j.State == Closed && l.Loaded != l.Delivered+l.Returned+l.Lost {
			t.Fatalf("closed and not balanced: %+v", l)
		}
	}
	for good, n := range aboard {
		if n > 0 && !seen[good] {
			t.Fatalf("%d of %s fell off the manifest", n, good)
		}
	}
}

func TestARefusedCloseNamesEveryGoodAndItsDifference(t *testing.T) {
	t.Parallel()
	j := &Journey{Mission: Mission{State: Departed}, Stops: []Stop{{State: Waiting}},
		Goods: Manifest{{Good: "blanket", Loaded: 10, Delivered: 4, Lost: 1}, {Good: "food_basket", Loaded: 3, Returned: 3}, {Good: "tent", Loaded: 2}}}
	all, ok := errors.AsType[fault.All](j.close(morning))
	got := map[string]any{}
	for _, f := range all {
		got[f.Key+" "+f.Field] = f.Args["n"]
	}
	want := map[string]any{"field.manifest.unbalanced back_blanket": 5, "field.manifest.unbalanced back_tent": 2, "field.mission.stops_open ": 1}
	if !ok || !maps.Equal(got, want) || j.State != Departed {
		t.Errorf("got %v", got)
	}
}

func TestAHandoverSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		d    Handover
		want []string
	}{
		{"nothing at all", Handover{}, []string{"field.delivery.nothing", "field.delivery.proof_missing"}},
		{"goods and none", Handover{Goods: map[string]int{"tent": 1}, NoGoods: true, Proof: ByCode, Code: "271828"}, []string{"field.delivery.goods_or_not"}},
		{"no code", Handover{NoGoods: true, Proof: ByCode, Code: "  "}, []string{"field.delivery.code_missing"}},
		{"letters for a code", Handover{NoGoods: true, Proof: ByCode, Code: "abc123"}, []string{"field.delivery.code_missing"}},
		{"Arabic digits and spaces", Handover{NoGoods: true, Proof: ByCode, Code: "٢٧١ ٨٢٨"}, nil},
		{"a nameless witness", Handover{NoGoods: true, Proof: ByWitness, Witness: " … "}, []string{"field.delivery.witness_missing", "field.delivery.relation_missing"}},
		{"a witness", Handover{NoGoods: true, Proof: ByWitness, Witness: "لحسن", Relation: "neighbour"}, nil},
		{"zeros are nothing", Handover{Goods: map[string]int{"tent": 0}, Proof: ByWitness, Witness: "Lahcen", Relation: "elder"}, []string{"field.delivery.nothing"}},
	} {
		var got []string
		for _, f := range c.d.tidy().wrong() {
			got = append(got, f.Key)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestATeamSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	m := Team{Names: Names{FR: "—"}, Skills: []string{"mule", "camel"}, People: 1000}
	var got []string
	for _, f := range m.wrong() {
		got = append(got, f.Field)
	}
	if !slices.Equal(got, []string{"name_fr", "skills", "languages", "people"}) {
		t.Errorf("got %v", got)
	}
}
