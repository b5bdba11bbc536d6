package giving

import (
	"errors"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func TestAFundThatCollectsNoMoreHandsOutNoNumbersAndKeepsItsGifts(t *testing.T) {
	engines(t, func(k *till) {
		cell := k.somebody(actor.CrisisCell)
		before := k.announced(100_00)
		if err := k.EndFund(k.Context(), k.keeper, "neige"); fault.KindOf(err) != fault.Denied {
			k.Errorf("a treasurer ended it: %v", err)
		}
		k.must(k.EndFund(k.Context(), cell, "neige"))
		if err := k.EndFund(k.Context(), cell, "neige"); !errors.Is(err, deed.ErrNothingDone) {
			k.Errorf("ended twice: %v", err)
		}
		gid := id.New[Gift](k.clock.At)
		_, err := k.Announce(k.Context(), actor.Actor{Channel: "web"}, gid, "neige", 50_00, EarmarkID{})
		k.refused("a number of a fund that ended", "giving.fund.ended_no_number", err)
		if again, err := k.Announce(k.Context(), actor.Actor{Channel: "web"}, before.ID, "neige", 100_00, EarmarkID{}); err != nil || again.Receipt != before.Receipt {
			k.Errorf("a number that was handed out before, asked for again: %v", err)
		}
		k.take(came{minor: 100_00, words: before.Receipt.String()})
		if got := k.parts(before); got[partWaiting] != 100_00 {
			k.Errorf("what was announced before and came after: %v", got)
		}
		k.spend(Spending{Kind: Allocate, Minor: 40_00}, "Bois")
		k.must(k.ReopenFund(k.Context(), cell, "neige"))
		_, err = k.Announce(k.Context(), actor.Actor{Channel: "web"}, gid, "neige", 50_00, EarmarkID{})
		k.must(err)
	})
}
