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
	finding.Print(e.out, finding.Measure(g, all, nil))
	return nil
}
