package field

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func TestADeliverySentTwiceIsRecordedOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, d := x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 20}, c, d)
		h := x.handover(mid, c, map[string]int{"blanket": 4})
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() { errs[i] = x.deliver(h) })
		}
		wg.Wait()
		x.must(errors.Join(errs...))
		if again, err := x.Deliver(x.ctx, x.leader(), h); !again || err != nil {
			t.Errorf("a retry: %v %v", again, err)
		}
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		if j.Goods.line("blanket").Delivered != 4 || len(x.cases.all[c].moves) != 3 {
			t.Errorf("delivered %d, moved %v", j.Goods.line("blanket").Delivered, x.cases.all[c].moves)
		}
		h.Goods = map[string]int{"blanket": 5}
		x.refused(x.deliver(h), "field.delivery.other_content")
		h = x.handover(mid, d, map[string]int{"blanket": 1})
		h.Proof, h.Code, h.Witness, h.Relation = ByWitness, "", "Lahcen A.", "neighbour"
		x.must(x.deliver(h))
		x.must(x.deliver(h))
		h.Witness = "Fadma B."
		x.refused(x.deliver(h), "field.delivery.other_content")
		h.ID = id.New[Delivery](x.clock.Now())
		x.refused(x.deliver(h), "field.stop.answered")
	})
}

func TestAWrongCodeDeliversNothingAndCounts(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 20}, c)
		h := x.handover(mid, c, map[string]int{"blanket": 4})
		right := h.Code
		// What cannot be delivered anyway is refused before the code is looked at:
		// nobody uses up a family's tries so.
		h.Goods = map[string]int{"blanket": 21}
		x.refused(x.deliver(h), "field.manifest.not_aboard")
		_, err := x.Deliver(x.ctx, x.somebody(actor.Leader, x.other, ""), x.handover(mid, c, map[string]int{"blanket": 4}))
		x.refused(err, "error.denied_here")
		if x.cases.asked != 0 {
			t.Fatalf("the code was looked at %d times", x.cases.asked)
		}
		h.Goods, h.Code = map[string]int{"blanket": 4}, "000000"
		for range 5 {
			x.refused(x.deliver(h), "field.delivery.code_wrong")
		}
		h.Code = right
		x.refused(x.deliver(h), "test.code.locked")
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		if j.Goods.line("blanket").Delivered != 0 || x.cases.all[c].Phase != "moving" {
			t.Error("something was delivered")
		}
		h.Proof, h.Code, h.Witness, h.Relation = ByWitness, "", "Lahcen A.", "elder"
		x.must(x.deliver(h))
		for _, line := range x.told(missionSubject(mid)) {
			if strings.Contains(line, string(right)) || strings.Contains(line, "000000") || strings.Contains(line, "Lahcen") {
				t.Errorf("the journal gives away: %s", line)
			}
		}
		if said := fmt.Sprintf("%v %+v %s %q %x", h, Handover{Code: right}, right, right, right); strings.Contains(said, string(right)) {
			t.Error("a code shows when it is printed")
		}
	})
}

func TestTheNameOfAWitnessIsSealedRevealedForAReasonAndErased(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 2}, c)
		h := x.handover(mid, c, nil)
		h.NoGoods, h.Proof, h.Code, h.Witness, h.Relation = true, ByWitness, "", "Lahcen A.", "elder"
		x.must(x.deliver(h))
		x.read(func(t *db.Tx) error {
			d, err := findDelivery(t, h.ID)
			if err == nil && (len(d.Witness) == 0 || strings.Contains(string(d.Witness), "Lahcen")) {
				err = errors.New("the name is not sealed")
			}
			return err
		})
		_, err := x.Witness(x.ctx, x.leader(), mid, h.Stop, "complaint")
		x.refused(err, "error.denied")
		_, err = x.Witness(x.ctx, x.coordinator(), mid, h.Stop, "curiosity")
		x.refused(err, "field.delivery.reveal_why")
		name, err := x.Witness(x.ctx, x.coordinator(), mid, h.Stop, "complaint")
		x.must(err)
		if lines := x.told(missionSubject(mid)); name != "Lahcen A." || !strings.Contains(lines[len(lines)-1], `"reason":"complaint"`) {
			t.Errorf("%q, and the journal says %s", name, lines[len(lines)-1])
		}
		x.read(func(t *db.Tx) error {
			reads, err := x.WitnessReads(t, c)
			if err == nil && (len(reads) != 1 || reads[0].Reason != "complaint" || reads[0].Org != x.ours || reads[0].Role != "coordinator") {
				err = fmt.Errorf("the family would read of %+v", reads)
			}
			if other, oerr := x.WitnessReads(t, x.ask(x.ours, "A1-01")); oerr != nil || len(other) != 0 {
				err = fmt.Errorf("another family would read of %+v, %v", other, oerr)
			}
			return err
		})
		x.must(x.erased(x.ctx, deed.Record{Subject: "cases.case/" + c.String()}))
		_, err = x.Witness(x.ctx, x.coordinator(), mid, h.Stop, "complaint")
		x.refused(err, "field.delivery.no_witness")
	})
}
