package giving

import (
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// lineOf is the explained line of a gift.
func (k *till) lineOf(g *Gift) *Line {
	k.Helper()
	lines, _, err := k.LookBack(k.Context(), k.keeper, "neige", "")
	k.must(err)
	for _, l := range lines {
		if l.Gift == g.ID {
			return l
		}
	}
	k.Fatalf("no line of gift %s", g.Receipt)
	return nil
}

// open is the only line that nobody explained.
func (k *till) open() *Line {
	k.Helper()
	lines, _, err := k.Look(k.Context(), k.keeper, "neige")
	k.must(err)
	if len(lines) != 1 {
		k.Fatalf("%d lines wait", len(lines))
	}
	return lines[0]
}

func (k *till) giftNow(g *Gift) (is *Gift) {
	k.Helper()
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) (err error) { is, err = giftByID(t, g.ID); return err }))
	return is
}

func TestAGiftThatWasAnothersIsTakenBackAndComesToItsOwnNumber(t *testing.T) {
	engines(t, func(k *till) {
		a, b, c := k.announced(500_00), k.announced(500_00), k.announced(100_00)
		k.take(came{minor: 494_00, fee: 6_00, words: "don " + b.Receipt.String()}, came{minor: 100_00, words: c.Receipt.String()})
		l := k.lineOf(b)
		for _, why := range []Back{"", "because", "Back"} {
			k.refused("no reason", "giving.back.choose", k.TakeBack(k.Context(), k.keeper, l.ID, why))
		}
		if err := k.TakeBack(k.Context(), k.somebody(actor.Auditor), l.ID, BackSlip); fault.KindOf(err) != fault.Denied {
			k.Errorf("an auditor took it back: %v", err)
		}
		k.must(k.TakeBack(k.Context(), k.keeper, l.ID, BackOther))
		if err := k.TakeBack(k.Context(), k.keeper, l.ID, BackOther); !errors.Is(err, deed.ErrNothingDone) {
			k.Errorf("taken back twice: %v", err)
		}
		_, acc, _ := k.fund()
		if acc.Came != 600_00 || acc.Waits != 100_00 || acc.In != 494_00 || acc.Fees != 6_00 {
			k.Errorf("%+v", acc)
		}
		if is := k.giftNow(b); !is.Entry.IsZero() || is.Minor != 0 || is.Back != BackOther || !is.Leaf.IsZero() || is.Announced != 500_00 {
			k.Errorf("%+v", is)
		}
		// what comes before it in the row is spent first, and what comes after it next
		_, err := k.Explain(k.Context(), k.keeper, l.ID, Explanation{What: LineGift, Number: a.Receipt.String()})
		k.must(err)
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partFee: 6_00, partWaiting: 494_00}) {
			k.Errorf("%v", got)
		}
		k.spend(Spending{Kind: Allocate, Minor: 150_00}, "Bois")
		if got := k.parts(c); !maps.Equal(got, map[partState]int64{partSet: 100_00}) {
			k.Errorf("%v", got)
		}
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partFee: 6_00, partSet: 50_00, partWaiting: 444_00}) {
			k.Errorf("%v", got)
		}
		k.refused("money that left", "giving.back.spent", k.TakeBack(k.Context(), k.keeper, l.ID, BackSlip))
		if is := k.giftNow(a); is.Minor != 500_00 || is.Back != "" {
			k.Errorf("a refusal changed the gift: %+v", is)
		}
		k.sound()
	})
}

func TestMoneyOfAMiddleGiftIsTakenBackWithoutTouchingTheOthers(t *testing.T) {
	engines(t, func(k *till) {
		var gifts []*Gift
		for range 4 {
			g := k.announced(100_00)
			k.take(came{minor: 100_00, words: g.Receipt.String()})
			gifts = append(gifts, g)
		}
		k.spend(Spending{Kind: Allocate, Minor: 50_00}, "Bois")
		k.clock.At = k.clock.At.Add(2 * settles) // all that is settled by now
		k.parts(gifts[0])
		k.must(k.TakeBack(k.Context(), k.keeper, k.lineOf(gifts[1]).ID, BackNone))
		k.spend(Spending{Kind: Allocate, Minor: 150_00}, "Bois")
		for i, want := range []map[partState]int64{{partSet: 100_00}, {}, {partSet: 100_00}, {partWaiting: 100_00}} {
			if got := k.parts(gifts[i]); !maps.Equal(got, want) {
				k.Errorf("gift %d: %v", i, got)
			}
		}
		k.refused("a gift that was set apart", "giving.back.spent", k.TakeBack(k.Context(), k.keeper, k.lineOf(gifts[2]).ID, BackSlip))
		g, err := k.Explain(k.Context(), k.keeper, k.open().ID, Explanation{What: LineGift})
		k.must(err)
		k.clock.At = k.clock.At.Add(2 * settles)
		if got := k.parts(g); !maps.Equal(got, map[partState]int64{partWaiting: 100_00}) {
			k.Errorf("explained anew: %v", got)
		}
		// a gift of nobody known is waited for under its number, and may come again
		k.must(k.TakeBack(k.Context(), k.keeper, k.lineOf(g).ID, BackSlip))
		_, err = k.Explain(k.Context(), k.keeper, k.open().ID, Explanation{What: LineGift, Number: g.Receipt.String()})
		k.must(err)
		if is := k.giftNow(g); is.Minor != 100_00 || is.Announced != 100_00 {
			k.Errorf("%+v", is)
		}
		k.sound()
	})
}

func TestAFeeAndAPaymentAreTakenBackAndSaidAnew(t *testing.T) {
	engines(t, func(k *till) {
		a := k.announced(100_00)
		k.take(came{minor: 100_00, words: a.Receipt.String()})
		k.spend(Spending{Kind: Allocate, Minor: 40_00}, "Bois")
		_, _, envelopes := k.fund()
		env, err := id.Parse[Envelope](envelopes[0].ID)
		k.must(err)
		paid := k.spend(Spending{Kind: Pay, Envelope: env, Minor: 12_00}, "")
		k.take(came{minor: -12_00, words: "prélèvement"})
		l := k.open()
		for range 2 {
			_, err = k.Explain(k.Context(), k.keeper, l.ID, Explanation{What: LineFee})
			k.must(err)
			if got := k.parts(a); !maps.Equal(got, map[partState]int64{partPaid: 12_00, partSet: 28_00, partFee: 12_00, partWaiting: 48_00}) {
				k.Errorf("%v", got)
			}
			k.must(k.TakeBack(k.Context(), k.keeper, l.ID, BackNone))
			if got := k.parts(a); !maps.Equal(got, map[partState]int64{partPaid: 12_00, partSet: 28_00, partWaiting: 60_00}) {
				k.Errorf("the fee is taken back, and %v", got)
			}
		}
		if _, acc, _ := k.fund(); acc.Fees != 0 || acc.Waits != 60_00 || acc.Out != 12_00 {
			k.Errorf("%+v", acc)
		}
		for range 2 {
			_, err = k.Explain(k.Context(), k.keeper, l.ID, Explanation{What: LinePaid, Number: paid.Number.String()})
			k.must(err)
			lines, _, err := k.LookBack(k.Context(), k.keeper, "neige", l.Ref)
			k.must(err)
			if len(lines) != 1 || lines[0].Spending != paid.ID {
				k.Fatalf("%+v", lines)
			}
			k.must(k.TakeBack(k.Context(), k.keeper, l.ID, BackSlip))
		}
		b := k.announced(10_00)
		k.take(came{minor: 10_00, words: b.Receipt.String()})
		k.spend(Spending{Kind: Allocate, Minor: 65_00}, "Bois")
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partPaid: 12_00, partSet: 88_00}) {
			k.Errorf("what came again waits before what came later: %v", got)
		}
		if got := k.parts(b); !maps.Equal(got, map[partState]int64{partSet: 5_00, partWaiting: 5_00}) {
			k.Errorf("%v", got)
		}
		k.sound()
	})
}

// close closes the books up to a day.
func (k *till) close(till string) {
	k.Helper()
	k.must(k.h.Do(k.Context(), k.one, deed.Deed{Name: "test.books.close", Open: true}, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return ledger.ClosePeriod(t, till)
	}))
}

// countsOn is the day on which the money of a gift counts.
func (k *till) countsOn(g *Gift) (day string) {
	k.Helper()
	is := k.giftNow(g)
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
		e, err := ledger.Read(t, is.Entry)
		day = e.ValueOn
		return err
	}))
	return day
}

func TestAStatementOfAClosedMonthCountsOnTheFirstOpenDay(t *testing.T) {
	engines(t, func(k *till) {
		a := k.announced(100_00)
		k.clock.At = k.clock.At.Add(30 * 24 * time.Hour)
		k.close("2026-11-25")
		k.take(came{minor: 100_00, words: a.Receipt.String()})
		if got := k.parts(a); got[partWaiting] != 100_00 {
			k.Errorf("%v", got)
		}
		if l := k.lineOf(a); l.Day != "2026-11-20" {
			k.Errorf("the bank's day was changed: %s", l.Day)
		}
		if day := k.countsOn(a); day != "2026-11-26" {
			k.Errorf("it counts on %s", day)
		}
		k.sound()
	})
}

func TestASpendingWrittenBeforeTheBooksWereClosedIsAgreedToAfter(t *testing.T) {
	engines(t, func(k *till) {
		a := k.announced(100_00)
		k.take(came{minor: 100_00, words: a.Receipt.String()})
		x := Spending{ID: id.New[Spending](k.clock.At), Kind: Allocate, Minor: 10_00, Purpose: "bois"}
		k.must(k.Write(k.Context(), k.keeper, "neige", x, "Bois", ""))
		k.clock.At = k.clock.At.Add(30 * 24 * time.Hour)
		k.close("2026-12-10")
		k.must(k.Agree(k.Context(), k.one, x.ID))
		if got := k.parts(a); got[partSet] != 10_00 {
			k.Errorf("%v", got)
		}
		k.sound()
	})
}

func TestWhatIsTakenBackWhileItIsSetApartIsOneOrTheOther(t *testing.T) {
	engines(t, func(k *till) {
		var gifts []*Gift
		for range 4 {
			var lines []*Line
			for range 4 {
				g := k.announced(100_00)
				k.take(came{minor: 100_00, words: g.Receipt.String()})
				gifts, lines = append(gifts, g), append(lines, k.lineOf(g))
			}
			var spend []SpendingID
			for range 3 {
				x := Spending{ID: id.New[Spending](k.clock.At), Kind: Allocate, Minor: 100_00, Purpose: "bois"}
				k.must(k.Write(k.Context(), k.keeper, "neige", x, "Bois", ""))
				spend = append(spend, x.ID)
			}
			var all sync.WaitGroup
			for _, l := range lines {
				all.Go(func() {
					if err := k.TakeBack(k.Context(), k.keeper, l.ID, BackSlip); err != nil && fault.KindOf(err) != fault.Conflict {
						k.Error(err)
					}
				})
			}
			for _, sid := range spend {
				all.Go(func() {
					if err := k.Agree(k.Context(), k.one, sid); err != nil && fault.KindOf(err) != fault.Conflict {
						k.Error(err)
					}
				})
			}
			all.Wait()
			sum := map[partState]int64{}
			for _, g := range gifts {
				for s, n := range k.parts(g) {
					sum[s] += n
				}
			}
			_, acc, _ := k.fund()
			if sum[partWaiting] != acc.Waits || sum[partSet] != acc.Set || acc.Came != acc.Waits+acc.Set+acc.In {
				k.Fatalf("the gifts say %v, the fund %+v", sum, acc)
			}
		}
		k.sound()
	})
}
