// Package ledger measures the ledger of a real house: transactions of two postings,
// each in a deed of its own with its line in the journal, durable when it returns.
//
// The house runs in the process that measures: nothing of HTTP is in the figures, as
// nothing of it is in the workload of a ledger (perf.md, 7). A hello of the same round
// stands beside, so that a busy machine does not pass for a slow ledger.
package ledger

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/bench/intake"
)

// House is a ledger under test.
type House interface {
	// Open makes so many limited accounts, each filled from a giver.
	Open(ctx context.Context, accounts int) error
	// Move posts one unit from an account to another, by their numbers, once for each
	// reference; it is durable when it returns.
	Move(ctx context.Context, ref string, from, to int) error
	// Fill posts one unit each from one account to the next, so many times in one deed:
	// what was there before anybody measures.
	Fill(ctx context.Context, ref string, times int) error
}

// Plan is what is measured.
type Plan struct {
	Sizes    []int // postings stored before each measuring, ascending
	Accounts int
	Writers  int
	Burst    time.Duration
	Rounds   int
	Program  string // to say hello with
	Say      io.Writer
}

// Figure is one way of moving, over so many postings.
type Figure struct {
	Bench   string  `json:"bench"`
	Of      string  `json:"of"`     // sqlite, postgres
	Stored  int     `json:"stored"` // postings before the first round
	Way     string  `json:"way"`    // uniform, hot
	Writers int     `json:"writers"`
	Rounds  int     `json:"rounds"`
	Moves   int     `json:"moves"` // measured in all
	Rate    float64 `json:"per_second"`
	HalfMs  float64 `json:"p50_ms"`
	P99Ms   float64 `json:"p99_ms"`
	CPUMs   float64 `json:"cpu_ms"` // of one, of this process and of the database
	Hellos  float64 `json:"times_hello_cpu"`
	Load    float64 `json:"load_average"`
}

// The ways: from any account to any; and all from one, to any.
const (
	uniform = "uniform"
	hot     = "hot"
)

// Report is everything that was measured.
type Report struct{ Figures []Figure }

// WriteJSON prints an object for each figure.
func (r *Report) WriteJSON(w io.Writer) error { return figures.JSON(w, r.Figures) }

// WriteTable prints a line for each figure.
func (r *Report) WriteTable(w io.Writer) error {
	return intake.Table(w, "of\tpostings\tway\tmoves/s\tp50 ms\tp99 ms\tCPU ms\t× hello, CPU\tload\t", r.Figures, func(f Figure) string {
		return fmt.Sprintf("%s\t%d\t%s\t%.0f\t%.1f\t%.1f\t%.3f\t%.1f\t%.1f\t", f.Of, f.Stored, f.Way, f.Rate, f.HalfMs, f.P99Ms, f.CPUMs, f.Hellos, f.Load)
	})
}

// run is one house being measured.
type run struct {
	Plan
	h        House
	of       string
	database func() (time.Duration, error)
	hello    *intake.Process
	next     atomic.Int64 // number of the next reference
}

// Measure fills a house step by step and measures it at each. database is what the
// database spent so far, beside this process.
func (r *Report) Measure(ctx context.Context, p Plan, of string, h House, database func() (time.Duration, error)) error {
	hello, err := intake.Start(ctx, "hello", 0, p.Program, "bench", "hello")
	if err != nil {
		return err
	}
	defer hello.Stop()
	x := &run{Plan: p, h: h, of: of, database: database, hello: hello}
	if err := h.Open(ctx, p.Accounts); err != nil {
		return err
	}
	stored := 2 * p.Accounts // each account was filled by an entry of two postings
	for _, size := range p.Sizes {
		if more := (size - stored) / 2; more > 0 {
			if err := x.fill(ctx, more); err != nil {
				return err
			}
			stored += 2 * more
		}
		fmt.Fprintf(p.Say, "%s: %d postings\n", of, stored)
		for _, way := range []string{uniform, hot} {
			f, moved, err := x.measure(ctx, way, stored)
			if err != nil {
				return err
			}
			stored += 2 * moved
			r.Figures = append(r.Figures, f)
		}
	}
	return nil
}

func (x *run) measure(ctx context.Context, way string, stored int) (f Figure, moved int, err error) {
	var rates, halves, p99s, cpus, hellos []float64
	for range x.Rounds {
		_, each, err := x.hello.Hello(ctx, 8, time.Second)
		if err != nil {
			return f, 0, err
		}
		before, err := x.spent()
		if err != nil {
			return f, 0, err
		}
		begun := time.Now()
		took, err := x.write(ctx, way, x.Burst)
		if err != nil {
			return f, 0, err
		}
		lasted := time.Since(begun)
		after, err := x.spent()
		if err != nil {
			return f, 0, err
		}
		if len(took) == 0 {
			return f, 0, fmt.Errorf("%s: nothing was moved within %s", x.of, x.Burst)
		}
		slices.Sort(took)
		one := (after - before) / time.Duration(len(took))
		moved += len(took)
		rates = append(rates, float64(len(took))/lasted.Seconds())
		halves, p99s = append(halves, intake.Ms(took[len(took)/2])), append(p99s, intake.Ms(took[len(took)*99/100]))
		cpus, hellos = append(cpus, intake.Ms(one)), append(hellos, float64(one)/float64(max(1, each)))
	}
	return Figure{Bench: "ledger", Of: x.of, Stored: stored, Way: way, Writers: x.Writers, Rounds: x.Rounds, Moves: moved, Rate: intake.Median(rates), HalfMs: intake.Median(halves), P99Ms: intake.Median(p99s),
		CPUMs: intake.Median(cpus), Hellos: intake.Median(hellos), Load: intake.LoadAverage()}, moved, nil
}

// fill posts so many movements, some hundreds in a deed.
func (x *run) fill(ctx context.Context, more int) error {
	const atOnce = 400
	for more > 0 {
		n := min(more, atOnce)
		if err := x.h.Fill(ctx, "fill-"+strconv.FormatInt(x.next.Add(1), 10), n); err != nil {
			return err
		}
		more -= n
	}
	return nil
}

// write moves by all writers at once, so long, and gives how long each took.
func (x *run) write(ctx context.Context, way string, during time.Duration) (took []time.Duration, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	till := time.Now().Add(during)
	all := make([][]time.Duration, x.Writers)
	var hands sync.WaitGroup
	for w := range x.Writers {
		hands.Go(func() {
			g := rand.New(rand.NewPCG(uint64(w), uint64(x.next.Load())))
			for ctx.Err() == nil && time.Now().Before(till) {
				from, to := g.IntN(x.Accounts), g.IntN(x.Accounts-1)
				if way == hot {
					from = 0
				}
				if to >= from {
					to++
				}
				begun := time.Now()
				if err := x.h.Move(ctx, "bench/"+strconv.FormatInt(x.next.Add(1), 10), from, to); err != nil {
					stop(err)
					return
				}
				all[w] = append(all[w], time.Since(begun))
			}
		})
	}
	hands.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return slices.Concat(all...), nil
}

// spent is the processor time of this process and of the database so far.
func (x *run) spent() (time.Duration, error) {
	d, err := x.database()
	return figures.Spent() + d, err
}
