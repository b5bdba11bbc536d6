package merge

import (
	"fmt"
	"io"
	"time"

	"github.com/twiza/twiza/bench/nightone"
)

// Report is everything that was measured, for people to read.
type Report struct {
	Size  int
	Seed  uint64
	Main  Measured
	Quiet Measured // a night on which many say whose house it is to nobody
	Weak  *Weak    // nil where the real requests are not on this machine
	Names *Names   // nil where the lists are not
	Costs []Cost
}

// Measured is one night.
type Measured struct {
	Bare, Reports int
	Scores        []Score
	Met           Score
	Calibration   []Score
}

// Quiet is the share of reports that name nobody, on the other night.
const quiet = 0.35

// Measure reads and judges the nights of a seed.
func (r *Reader) Measure(seed uint64, n int) *Report {
	return &Report{Size: n, Seed: seed, Main: r.measured(nightone.Make(seed, n)), Quiet: r.measured(nightone.MakeWith(seed, n, nightone.Habits{Unnamed: quiet}))}
}

func (r *Reader) measured(all []nightone.Request) (m Measured) {
	n := r.Read(all)
	m.Reports = len(all)
	for _, q := range all {
		if q.Bare {
			m.Bare++
		}
	}
	m.Scores, m.Met, m.Calibration = r.Quality(n)
	return m
}

// Write prints the tables.
func (r *Report) Write(w io.Writer) {
	fmt.Fprintf(w, "a night of %d requests in an hour (bench/nightone, seed %d); what is known of one is what the house would know\n", r.Size, r.Seed)
	r.Main.write(w)
	fmt.Fprintf(w, "\nthe same, where %.0f %% say whose house it is to nobody\n", 100*quiet)
	r.Quiet.write(w)
	if r.Weak != nil {
		r.Weak.write(w)
	}
	if r.Names != nil {
		r.Names.write(w)
	}
	for i, c := range r.Costs {
		if i == 0 {
			fmt.Fprintf(w, "\none new request beside those that are stored\n%-9s %8s %6s %10s %8s %8s %9s\n", "database", "stored", "asked", "proposed", "p50 ms", "p99 ms", "CPU ms")
		}
		fmt.Fprintf(w, "%-9s %8d %6d %10.1f %8.2f %8.2f %9.3f\n", c.Of, c.Stored, c.Asked, c.Proposed, ms(c.P50), ms(c.P99), ms(c.CPU))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (m Measured) write(w io.Writer) {
	fmt.Fprintf(w, "%d of them hold nothing that tells these people from their neighbours\n", m.Bare)
	fmt.Fprintf(w, "%-24s %-26s %7s %10s %8s %9s %14s %15s\n", "called one need", "of", "pairs", "precision", "recall", "led to it", "wrong in 1000", "other families")
	for _, s := range append(m.Scores, m.Met) {
		fmt.Fprintf(w, "%-24s %-26s %7d %9.1f%% %7.1f%% %8.1f%% %14.1f %15.1f\n", s.Way, s.Of, s.Pairs, 100*s.Precision(), 100*s.Recall(), 100*s.Found(), s.WrongPerThousand(), 1000*part(s.Family, s.Reports))
	}
	fmt.Fprint(w, "from a probability of:")
	for _, s := range m.Calibration {
		fmt.Fprintf(w, "  %s %.3f/%.3f", s.Way, s.Precision(), s.Recall())
	}
	fmt.Fprintln(w, "  (precision/recall)")
}
