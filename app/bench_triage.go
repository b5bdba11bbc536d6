package app

import (
	"fmt"
	"slices"

	"github.com/twiza/twiza/bench/triage"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/sense"
)

// benchTriage measures how well free words are read: on the written sentences of
// the repository and, where they lie on this machine, on real texts, of which it
// prints figures and nothing else.
func benchTriage(e *env, args []string) error {
	f := flagSet(e, "bench triage", "needs, danger, the fragile and numbers, read from free words alone, beside a reader that always says yes and a plain list of words")
	data := f.String("data", "../shared/data", "folder of the real texts; they are left out where it is missing")
	first := f.String("labels", "", "what a reader says of a sample of the real texts: id,says")
	second := f.String("again", "", "what another says of the same, without having seen the first")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	words, err := sense.Load(packs.FS, fallback(e, "TWIZA_COUNTRY", "ma"))
	if err != nil {
		return err
	}
	bare, err := sense.LoadList(packs.FS, fallback(e, "TWIZA_COUNTRY", "ma"))
	if err != nil {
		return err
	}
	list := func(text string) []string { return bare.Read(text).Keys() }
	written, err := triage.Sentences()
	if err != nil {
		return err
	}
	read := func(text string) []string { return words.Read(text).Keys() }
	triage.Report(e.out, fmt.Sprintf("%d written sentences", len(written)), written, read, list, words.Plain)
	right, said, wrong := triage.Counted(written, func(text string) int { return words.Read(text).People() })
	fmt.Fprintf(e.out, "people: %d of %d numbers read as they stand; %d read where there is none or another\n\n", right, said, wrong)

	real, err := triage.Requests(*data)
	if err != nil {
		fmt.Fprintln(e.out, "the real texts are not on this machine")
		return nil
	}
	ticked, of := triage.Boxes(real, read)
	fmt.Fprintf(e.out, "%d real texts: something read in %d; of %d needs read, %d were ticked in the boxes beside (no target)\n", len(real), triage.Spoken(real, read), ticked, of)
	ranked, err := triage.Urgencies(*data)
	if err != nil {
		return err
	}
	tau, share := triage.Order(ranked, func(text string) float64 { return words.Read(text).Urgency() })
	fmt.Fprintf(e.out, "%d texts that volunteers ranked: tau-b %.2f; of pairs of unlike urgency %.0f %% the right way round\n", len(ranked), tau, 100*share)
	if *first == "" || *second == "" {
		return nil
	}
	a, err := triage.ReadLabels(*first)
	if err != nil {
		return err
	}
	b, err := triage.ReadLabels(*second)
	if err != nil {
		return err
	}
	sample := triage.Agreed(real, a, b, func(text string) string { return words.Read(text).Lang })
	triage.Report(e.out, fmt.Sprintf("\n%d real texts, as two readers agree", len(sample)), sample, read, list, words.Plain)
	for _, key := range slices.Sorted(slices.Values(triage.Keys(sample))) {
		kappa, both := triage.Agreement(a, b, key)
		fmt.Fprintf(e.out, "two readers on %-17s kappa %.2f (%d texts by both)\n", key, kappa, both)
	}
	return nil
}
