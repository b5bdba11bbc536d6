package cases

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestTheNumbersOfSheetsThatNobodyUsedAreGivenUpAfterTheirTime(t *testing.T) {
	rules, err := ReadPaperRules(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	worlds(t, func(t *testing.T, w *world) {
		w.UsePaper(rules)
		print := func(n int) (all []Sheet) {
			batch, err := w.Print(t.Context(), w.staff(actor.Agent, ""), "crisis_help", n, "ar")
			if err == nil {
				err = w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { all, err = sheets(tx, batch); return err })
			}
			if err != nil || len(all) != n {
				t.Fatal(len(all), err)
			}
			return all
		}
		known := func(n receipt.Number) bool {
			var err error
			_ = w.h.DB.Read(t.Context(), func(tx *db.Tx) error { _, err = printedSheet(tx, n); return nil })
			return fault.KindOf(err) != fault.Missing
		}
		old := print(2)
		used, err := w.Ask(t.Context(), w.staff(actor.Agent, ""), DeedTakeDown, Request{Service: "crisis_help", Answers: w.answers(nil), Lang: "ar", Channel: "paper", Paper: old[0].Number})
		if err != nil || used.Receipt != old[0].Number {
			t.Fatal(used.Receipt, err)
		}
		w.clock.Advance(time.Duration(rules.UnusedDays)*24*time.Hour - time.Hour)
		fresh := print(1)
		for _, after := range []time.Duration{0, 2 * time.Hour} {
			w.clock.Advance(after)
			if err := w.SweepSheets(t.Context()); err != nil {
				t.Fatal(err)
			}
			if known(old[1].Number) != (after == 0) {
				t.Errorf("%v after its time: known is %v", after, known(old[1].Number))
			}
		}
		if !known(old[0].Number) || !known(fresh[0].Number) {
			t.Error("a sheet that was used, or a fresh one, was given up")
		}
	})
}

func TestAPackThatDoesNotSayHowLongASheetIsGoodIsRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"nothing": "", "no days": "source: x", "no source": "unused_days: 30", "a day that is none": "unused_days: -1\nsource: x", "a word too many": "unused_days: 3\nsource: x\nused: 4"} {
		if _, err := ReadPaperRules(fstest.MapFS{"xx/paper.yaml": {Data: []byte(body)}}, "xx"); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
}
