package merge_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/bench/merge"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/packs"
)

func TestASmallNightIsSortedWithFewWrongMerges(t *testing.T) {
	t.Parallel()
	r, err := merge.NewReader(packs.FS)
	if err != nil {
		t.Fatal(err)
	}
	report := r.Measure(7, 800) // neither the training night nor the one that is reported
	by := map[string]merge.Score{}
	for _, s := range report.Main.Scores {
		if s.Of == "all" {
			by[s.Way] = s
		}
	}
	sure, phone, place := by["very likely"], by["the same phone"], by["the same place and need"]
	if sure.Precision() < 0.95 || sure.Recall() < 0.5 || sure.WrongPerThousand() > 12 {
		t.Errorf("very likely: %.3f precise, %.3f found, %.1f wrong in 1000", sure.Precision(), sure.Recall(), sure.WrongPerThousand())
	}
	if likely := by["likely or very likely"]; likely.Recall() <= sure.Recall() || likely.Precision() < 0.8 {
		t.Errorf("likely: %.3f precise, %.3f found", likely.Precision(), likely.Recall())
	}
	if phone.Recall() >= sure.Recall()/2 || place.Recall() >= sure.Recall()/2 {
		t.Errorf("a phone or a place alone would do: %+v %+v", phone, place)
	}
	if report.Main.Met.Recall() < 0.93 {
		t.Errorf("only %.3f of the pairs meet", report.Main.Met.Recall())
	}
	var said strings.Builder
	report.Write(&said)
	if !strings.Contains(said.String(), "very likely") || strings.Contains(said.String(), "NaN") {
		t.Error(said.String())
	}
}

func TestWeightsAreCountedWhereTheTruthIsKnownAndGuessedWhereItIsNot(t *testing.T) {
	t.Parallel()
	r, err := merge.NewReader(packs.FS)
	if err != nil {
		t.Fatal(err)
	}
	all, prior := r.Estimates(r.Read(nightone.Make(7, 600)), 1)
	if prior <= 0 || prior > 0.02 {
		t.Errorf("two reports are one need: %v", prior)
	}
	for _, e := range all {
		if e.Thing == "phone" && e.Level == "same" && (e.M < 20*e.U || e.EM <= e.EU) {
			t.Errorf("the same phone tells nothing: %+v", e)
		}
	}
}

func TestWhatIsKeptOfAReportIsComparedAsTheReportIs(t *testing.T) {
	t.Parallel()
	r, err := merge.NewReader(packs.FS)
	if err != nil {
		t.Fatal(err)
	}
	all := nightone.Make(7, 600)
	for i, q := range all[1:] {
		told, before := r.Report(q), r.Model.Sketch(r.Report(all[i]))
		read := r.Model.Sketch(told)
		kept, ok := r.Model.Unpack(told.ID, r.Model.Pack(read))
		if !ok || !slices.Equal(r.Model.Blocks(read), r.Model.Blocks(kept)) || !reflect.DeepEqual(r.Model.Compare(read, before), r.Model.Compare(kept, before)) || !reflect.DeepEqual(r.Model.Compare(read, read), r.Model.Compare(kept, kept)) {
			t.Fatalf("%+v is kept as %q", told, r.Model.Pack(read))
		}
	}
}
