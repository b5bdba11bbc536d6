package triage_test

import (
	"io"
	"os"
	"testing"

	"github.com/twiza/twiza/bench/triage"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/sense"
)

func TestWrittenSentencesAreReadFarBetterThanByAPlainList(t *testing.T) {
	t.Parallel()
	all, err := triage.Sentences()
	if err != nil || len(all) < 300 {
		t.Fatalf("%d sentences: %v", len(all), err)
	}
	l, err := sense.Load(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) []string { return l.Read(text).Keys() }
	whole := of(t, triage.Measure(all, read, nil), "all")
	plain := of(t, triage.Measure(all, l.Plain, nil), "all")
	if whole.F1() < 0.84 || whole.Precision() < 0.90 || whole.F1() < 2*plain.F1() {
		t.Errorf("F1 %.2f, precision %.2f; a plain list has F1 %.2f", whole.F1(), whole.Precision(), plain.F1())
	}
	found := of(t, triage.Measure(all, triage.Cautious(read), nil), "danger")
	if found.Recall() < 0.95 {
		t.Errorf("of %d texts that tell of danger, %d would be passed over", found.Right+found.Missed, found.Missed)
	}
	triage.Report(io.Discard, "", all, read, read, l.Plain)
}

func of(t *testing.T, all []triage.Figure, key string) triage.Figure {
	t.Helper()
	for _, f := range all {
		if f.Group == "all" && f.Key == key {
			return f
		}
	}
	t.Fatalf("there is no figure for %s", key)
	return triage.Figure{}
}

func TestNoSentenceThatMeasuresWasEverLearntFrom(t *testing.T) {
	t.Parallel()
	all, err := triage.Sentences()
	if err != nil {
		t.Fatal(err)
	}
	taught, _, err := sense.ReadTaught(os.DirFS("../../packs/ma"))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, s := range all {
		held[s.Text] = true
	}
	for _, s := range taught {
		if held[s.Text] {
			t.Errorf("%q is in both", s.Text)
		}
	}
}

func TestFiguresAreWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	all := []triage.Sentence{{Text: "a", Says: []string{"x"}}, {Text: "b", Says: []string{"x", "y"}}, {Text: "c"}}
	f := of(t, triage.Measure(all, func(text string) []string { return map[string][]string{"a": {"x"}, "c": {"x"}}[text] }, nil), "x")
	if f.Right != 1 || f.Wrong != 1 || f.Missed != 1 || f.F1() != 0.5 {
		t.Errorf("%+v, F1 %v", f, f.F1())
	}
	if k, both := triage.Agreement(triage.Labels{"1": {"x"}, "2": nil, "3": {"x"}, "4": nil}, triage.Labels{"1": {"x"}, "2": nil, "3": nil, "4": nil}, "x"); k != 0.5 || both != 1 {
		t.Errorf("kappa %v of %d", k, both)
	}
	tau, share := triage.Order([]triage.Ranked{{"bb", 3}, {"b", 2}, {"", 1}}, func(text string) float64 { return float64(len(text)) })
	if tau != 1 || share != 1 {
		t.Errorf("%v, %v", tau, share)
	}
}
