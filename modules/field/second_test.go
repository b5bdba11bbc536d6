package field

import (
	"errors"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// second is another account of a stop, as a phone that came home later tells it.
func (x *house) second(mid MissionID, c CaseID, instead bool, goods map[string]int) Second {
	d := x.handover(mid, c, goods)
	d.Proof, d.Code, d.Witness, d.Relation = ByWitness, "", "Brahim", "elder"
	return Second{Handover: d, Account: id.New[actor.Account](x.clock.Now()), Instead: instead}
}

func TestASecondHandoverStandsBesideTheFirstOrInItsPlace(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, other := x.ask(x.ours, "A1-01"), x.ask(x.ours, "A1-01")
		mid := x.mission(x.team(x.ours, "A1-03", "Étoile"), map[string]int{"blanket": 10}, c, other)
		x.must(x.deliver(x.handover(mid, c, map[string]int{"blanket": 3})))
		x.refused(x.DeliverAgain(x.ctx, x.leader(), x.second(mid, c, false, map[string]int{"blanket": 8})), "field.manifest.not_aboard")
		x.must(x.DeliverAgain(x.ctx, x.leader(), x.second(mid, c, false, map[string]int{"blanket": 2})))
		replaced := x.second(mid, c, true, map[string]int{"blanket": 6})
		x.must(x.DeliverAgain(x.ctx, x.leader(), replaced))
		x.refused(x.DeliverAgain(x.ctx, x.leader(), replaced), "field.delivery.other_content")
		x.refused(x.DeliverAgain(x.ctx, x.leader(), x.second(mid, other, true, map[string]int{"blanket": 1})), "field.stop.answered")
		never := errors.New("somebody was faster")
		late := x.second(mid, c, false, map[string]int{"blanket": 1})
		late.Then = func(*deed.Tx, DeliveryID) error { return never }
		if err := x.DeliverAgain(x.ctx, x.leader(), late); !errors.Is(err, never) {
			t.Errorf("what was refused at last was done: %v", err)
		}
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		if l := j.Goods[0]; l.Delivered != 8 || len(j.Stops) != 3 || j.Stops[2].Case != c || j.Stops[2].State != Delivered {
			t.Errorf("%+v after %d stops", l, len(j.Stops))
		}
		x.must(x.NotReached(x.ctx, x.leader(), mid, x.stop(mid, other).ID, "unsafe"))
		x.must(x.DeliverAgain(x.ctx, x.leader(), x.second(mid, other, false, map[string]int{"blanket": 1})))
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 1}))
		x.must(x.Close(x.ctx, x.leader(), mid))
		x.refused(x.DeliverAgain(x.ctx, x.leader(), x.second(mid, c, false, map[string]int{"blanket": 1})), "field.mission.cannot_now")
	})
}

func TestAVolunteerActsOnlyOnTheMissionsTheyWerePlacedOn(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	a, b := x.ask(x.ours, "A1-01"), x.ask(x.ours, "A1-01")
	mine := x.mission(x.team(x.ours, "A1-03", "Étoile"), map[string]int{"blanket": 5}, a)
	not := x.mission(x.team(x.ours, "A1-03", "Lune"), map[string]int{"blanket": 5}, b)
	v := x.somebody(actor.Volunteer, x.ours, "")
	x.refused(x.NotReached(x.ctx, v, mine, x.stop(mine, a).ID, "unsafe"), "field.mission.not_placed")
	x.UseAssigned(func(_ *db.Tx, who actor.AccountID) ([]MissionID, error) {
		if who == v.Account {
			return []MissionID{mine}, nil
		}
		return nil, nil
	})
	x.refused(x.NotReached(x.ctx, v, not, x.stop(not, b).ID, "unsafe"), "field.mission.not_placed")
	_, err := x.Deliver(x.ctx, v, x.handover(mine, a, map[string]int{"blanket": 2}))
	x.must(err)
	if err := x.Close(x.ctx, v, mine); err == nil {
		t.Error("a volunteer closed a mission")
	}
	both := v
	both.Grants = append(both.Grants, actor.Grant{Role: actor.Leader, Org: x.ours, Recognised: true})
	x.must(x.NotReached(x.ctx, both, not, x.stop(not, b).ID, "unsafe"))
}
