package app

import (
	finding "github.com/twiza/twiza/bench/places"
	"github.com/twiza/twiza/packs"
)

// benchPlaces measures how well the places that people wrote are found, on the
// files of a developer's machine. It prints figures and none of the texts.
func benchPlaces(e *env, args []string) error {
	f := flagSet(e, "bench places", "spellings of others, douars in the other script, and the places of real requests, each asked for with its own spelling hidden")
	data := f.String("data", "../shared/data", "folder of the real spellings")
	size := f.Int("places", 40_000, "places of the gazetteer that typing is measured in; 0 measures no speed")
	typed := f.Int("typed", 20_000, "beginnings of names that are typed")
	bulk := f.Int("bulk", 50_000, "names that are resolved in one go")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	g, err := finding.Open(packs.FS, *data)
	if err != nil {
		return err
	}
	all, err := finding.Truths(g, *data)
	if err != nil {
		return err
	}
	figures := finding.Measure(g, all, nil)
	finding.Print(e.out, figures)
	finding.PrintWrong(e.out, figures)
	for _, n := range []int{0, *size} { // as it is, and as large as asked for
		if *size == 0 {
			break
		}
		s, err := finding.Race(g, n, *typed, *bulk)
		if err != nil {
			return err
		}
		s.Print(e.out)
	}
	return nil
}
