package intake

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Sizes is what was measured at a tenth of the size, and at all of it: the
// report of this bench and of those beside it.
type Sizes[F any] struct{ Tenth, Full []F }

// All is every figure, a tenth of the size first.
func (s Sizes[F]) All() []F { return append(slices.Clone(s.Tenth), s.Full...) }

// Pairs hands the figures of the two sizes to each that are of the same thing.
func (s Sizes[F]) Pairs(same func(a, b F) bool, each func(tenth, full F)) {
	for _, a := range s.Tenth {
		for _, b := range s.Full {
			if same(a, b) {
				each(a, b)
			}
		}
	}
}

// Lines prints one object for each of some lists, a line each.
func Lines[A, B any](w io.Writer, first []A, then []B) error {
	e := json.NewEncoder(w)
	for _, x := range first {
		if err := e.Encode(x); err != nil {
			return err
		}
	}
	for _, x := range then {
		if err := e.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

// Table prints figures for people, in columns under their heads.
func Table[F any](w io.Writer, heads string, all []F, row func(F) string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, heads)
	for _, f := range all {
		fmt.Fprintln(t, row(f))
	}
	return t.Flush()
}

// Over is the median of what each round came to.
func Over[B any](rounds []B, what func(B) float64) float64 {
	var all []float64
	for _, b := range rounds {
		all = append(all, what(b))
	}
	return Median(all)
}

// Median is the middle value; of an even number, the mean of the middle two.
func Median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// Ms is a time in milliseconds, and Megabytes a size in megabytes of 2^20.
func Ms(d time.Duration) float64    { return float64(d) / float64(time.Millisecond) }
func Megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
