package field

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// TestHistoriesOfAHouseBalance does what people may do in any order, through
// the deeds, and looks at the invariants after each history.
func TestHistoriesOfAHouseBalance(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		system := actor.Actor{System: "demo"}
		rapid.Check(t, func(r *rapid.T) {
			if t.Failed() {
				r.Skip("one history has failed already")
			}
			team := x.team(x.ours, "A1-02", "Mulets")
			cases := []CaseID{x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-01")}
			mid := x.planned(team, map[string]int{"blanket": rapid.IntRange(0, 9).Draw(r, "blankets"), "tent": rapid.IntRange(0, 3).Draw(r, "tents")}, cases...)
			good, few := rapid.SampledFrom([]string{"blanket", "tent", "food_basket"}), rapid.IntRange(0, 6)
			for range rapid.IntRange(1, 9).Draw(r, "steps") {
				var err error
				switch rapid.IntRange(0, 6).Draw(r, "step") {
				case 0:
					err = x.Load(x.ctx, system, mid, map[string]int{good.Draw(r, "good"): few.Draw(r, "n")})
				case 1, 2:
					err = x.Depart(x.ctx, system, mid)
				case 3:
					err = x.deliver2(system, x.handover(mid, rapid.SampledFrom(cases).Draw(r, "case"), map[string]int{good.Draw(r, "good"): few.Draw(r, "n") + 1}))
				case 4:
					err = x.Return(x.ctx, system, mid, map[string]int{good.Draw(r, "good"): few.Draw(r, "n")})
				case 5:
					err = x.Lose(x.ctx, system, mid, good.Draw(r, "good"), few.Draw(r, "n"), "road")
				case 6:
					err = x.Close(x.ctx, system, mid)
				}
				if err != nil && fault.KindOf(err) == fault.Internal {
					r.Fatal(err)
				}
			}
			x.check()
			if t.Failed() {
				r.Fatal("an invariant is broken")
			}
		})
	})
}

func TestTheSchemaRefusesWhatTheCodeMightMiss(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 3}, c)
		for name, q := range map[string]string{
			"more out than in":        `UPDATE field_line SET delivered = 4 WHERE mission = ?1`,
			"a loss without reason":   `UPDATE field_line SET lost = 1 WHERE mission = ?1`,
			"back to planned":         `UPDATE field_mission SET state = 'planned' WHERE id = ?1`,
			"a stop with no answer":   `UPDATE field_stop SET state = 'not_reached' WHERE mission = ?1`,
			"closed without a moment": `UPDATE field_mission SET state = 'closed' WHERE id = ?1`,
		} {
			if err := x.h.DB.Write(x.ctx, func(t *db.Tx) error { _, err := t.Exec(q, mid); return err }); err == nil {
				t.Errorf("%s was let through", name)
			}
		}
	})
}

func TestTheChecksFindWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	c := x.ask(x.ours, "A1-03")
	team := x.team(x.ours, "A1-02", "Mulets")
	mid := x.mission(team, map[string]int{"blanket": 3, "tent": 1}, c)
	x.must(x.deliver(x.handover(mid, c, map[string]int{"blanket": 2})))
	stopped := errors.New("undo")
	for want, q := range map[string]string{
		"do not add up to its manifest":        `UPDATE field_line SET delivered = 1 WHERE good = 'blanket'`,
		"is on no manifest":                    `UPDATE field_delivered SET good = 'mule'`,
		"does not balance":                     `UPDATE field_mission SET state = 'closed', closed_at = 1`,
		"its missions say otherwise":           `UPDATE field_team SET state = 'ready'`,
		"its delivery do not agree":            `UPDATE field_stop SET state = 'not_reached', reason = 'unsafe'`,
		"was handed out, brought back or lost": `UPDATE field_mission SET state = 'planned', departed_at = NULL`,
		"not of the organisation of its team":  `UPDATE field_team SET org = 'x'`,
	} {
		err := x.h.DB.Write(x.ctx, func(t *db.Tx) error {
			if _, err := t.Exec(q); err != nil {
				return err
			}
			var all []string
			for _, c := range checks() {
				found, err := c.Find(t)
				if err != nil {
					return err
				}
				all = append(all, found...)
			}
			if !strings.Contains(strings.Join(all, "\n"), want) {
				return fmt.Errorf("%s: found %q", q, all)
			}
			return stopped
		})
		if !errors.Is(err, stopped) {
			t.Error(err)
		}
	}
}
