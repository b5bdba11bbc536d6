package field

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// held is what the ledger says of one mission, by place and good, without zeros.
func (x *house) held(mid MissionID) (out map[string]int64) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		all, err := ledger.HeldUnder(t, "mission/"+mid.String()+"/")
		out = map[string]int64{}
		for code, n := range all {
			if _, rest, _ := strings.Cut(strings.TrimPrefix(code, "mission/"), "/"); n != 0 {
				out[rest] = n
			}
		}
		return err
	})
	return out
}

func TestEachUnitOfAMissionIsInTheLedgerUntilItIsGivenBackOrLost(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		by, c := x.coordinator(), x.ask(x.ours, "A1-03")
		mid := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 10, "food_basket": 4}, c)
		want := func(what string, all map[string]int64) {
			t.Helper()
			if got := x.held(mid); !maps.Equal(got, all) {
				t.Fatalf("%s the ledger says %v, want %v", what, got, all)
			}
			x.check()
		}
		want("before it departs", map[string]int64{})
		x.must(x.Depart(x.ctx, by, mid))
		want("on the road", map[string]int64{"road/blanket": 10, "road/food-basket": 4})
		d := x.handover(mid, c, map[string]int{"blanket": 6, "food_basket": 4})
		x.must(x.deliver(d))
		x.must(x.deliver(d)) // a phone that sends twice
		want("after a delivery", map[string]int64{"road/blanket": 4, "given/blanket": 6, "given/food-basket": 4})
		x.must(x.Return(x.ctx, by, mid, map[string]int{"blanket": 4}))
		x.must(x.Return(x.ctx, by, mid, map[string]int{"blanket": 3})) // one was counted twice
		x.must(x.Lose(x.ctx, by, mid, "blanket", 1, "wet"))
		want("at the end", map[string]int64{"given/blanket": 6, "given/food-basket": 4, "lost/blanket": 1})
		x.must(x.Close(x.ctx, by, mid))
		var text strings.Builder
		x.read(func(t *db.Tx) error {
			for good, n := range map[string]int64{"blanket": -7, "food-basket": -4} { // what left the depot and did not come back
				a, err := ledger.Get(t, "depot/"+x.ours.String()+"/"+good)
				if err != nil || a.Balance != n {
					return errors.Join(err, fmt.Errorf("the depot of %s holds %+v", good, a))
				}
			}
			return ledger.Journal(t, &text)
		})
		for _, w := range []string{"field/depart/" + mid.String(), "field/deliver/" + d.ID.String(), ` "lot/` + x.ours.String() + `.blanket"`} {
			if !strings.Contains(text.String(), w) {
				t.Errorf("an accountant does not find %s in\n%s", w, &text)
			}
		}
	})
}

func TestARefusedDeliveryMovesNothingInTheLedger(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 3}, c)
		if x.deliver(x.handover(mid, c, map[string]int{"blanket": 4})) == nil {
			t.Error("more was handed out than is aboard")
		}
		if got := x.held(mid); !maps.Equal(got, map[string]int64{"road/blanket": 3}) {
			t.Errorf("the ledger says %v", got)
		}
	})
}

// A house that was brought up to date has missions on the road that no ledger knows.
func TestAMissionOfBeforeTheLedgerIsEnteredWholeWhenItMoves(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		by, c, c2 := x.coordinator(), x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-03")
		team := x.team(x.ours, "A1-02", "Mulets")
		mid := x.planned(team, map[string]int{"blanket": 9, "tent": 2}, c, c2)
		// As the version before would have left it: departed, and no entry.
		x.must(x.act(x.ctx, by, DeedDepart, mid, func(t *deed.Tx, j *Journey) (any, error) {
			return j.told(), errors.Join(j.depart(t.Now()), x.bind(t, j, []CaseID{c, c2}, true), setTeamState(t.Tx, team, Away, t.Now()))
		}))
		if got := x.held(mid); len(got) != 0 {
			t.Fatalf("before it moves: %v", got)
		}
		x.check()
		x.must(x.deliver(x.handover(mid, c, map[string]int{"blanket": 5})))
		if got := x.held(mid); !maps.Equal(got, map[string]int64{"road/blanket": 4, "given/blanket": 5, "road/tent": 2}) {
			t.Errorf("after its first move: %v", got)
		}
		x.must(x.Lose(x.ctx, by, mid, "tent", 1, "stolen"))
		if got := x.held(mid); !maps.Equal(got, map[string]int64{"road/blanket": 4, "given/blanket": 5, "road/tent": 1, "lost/tent": 1}) {
			t.Errorf("after its second: %v", got)
		}
	})
}

func TestAManifestOrALedgerAlteredByHandIsNamed(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 3}, c)
		other := x.mission(x.team(x.ours, "A1-02", "Sacs"), map[string]int{"tent": 3}, x.ask(x.ours, "A1-03"))
		x.must(x.deliver(x.handover(mid, c, map[string]int{"blanket": 2})))
		stopped := errors.New("undo")
		for q, want := range map[string][]string{
			// A storekeeper makes two units vanish: off the paper, and into "lost".
			`UPDATE field_line SET lost = 1, lost_reason = 'wet' WHERE good = 'blanket'`: {"mission/" + mid.String() + "/lost/blanket", "mission/" + mid.String() + "/road/blanket"},
			`UPDATE field_line SET loaded = 2 WHERE good = 'tent'`:                       {"mission/" + other.String() + "/road/tent"},
			`DELETE FROM field_line WHERE good = 'tent'`:                                 {"mission/" + other.String() + "/road/tent"},
			`UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'given'`:       {"mission/" + mid.String() + "/given/blanket"},
		} {
			err := x.h.DB.Write(x.ctx, func(t *db.Tx) error {
				if _, err := t.Exec(q); err != nil {
					return err
				}
				found, err := differ(t)
				if err != nil {
					return err
				}
				for _, w := range want {
					if !strings.Contains(strings.Join(found, "\n"), w) {
						return fmt.Errorf("%s: found %q, want %s", q, found, w)
					}
				}
				return stopped
			})
			if !errors.Is(err, stopped) {
				t.Error(err)
			}
		}
	})
}
