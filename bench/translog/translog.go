// Package translog measures the public log of a real house: what a leaf adds to the
// deed that it is of, how far the signed head is behind, and what a proof and the
// verification of the whole log cost. The POSIX driver of transparency-dev/tessera,
// a program of its own, adds entries of the same size beside it.
package translog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/bench/intake"
)

// House is a house with a public log.
type House interface {
	// Do does one deed that writes a line into the journal, with a leaf or without; it is
	// durable when it returns.
	Do(ctx context.Context, leaf bool) error
	// Fill gives so many leaves in one deed.
	Fill(ctx context.Context, leaves int) error
	// Size is how many leaves the newest signed head has.
	Size(ctx context.Context) (int64, error)
	// Proof is a receipt of one leaf.
	Proof(ctx context.Context, index int64) ([]byte, error)
	// Export writes the public files into a folder.
	Export(ctx context.Context, dir string) error
	// Verify finds the files of a folder sound, as an outsider does.
	Verify(dir string) error
}

// Plan is what is measured.
type Plan struct {
	Stored  int // leaves before proofs and verification are measured
	Writers int
	Burst   time.Duration
	Rounds  int
	Peer    string // program that runs Tessera; "" is none
	Say     io.Writer
}

// Figure is one thing that was done many times.
type Figure struct {
	Bench   string  `json:"bench"`
	Of      string  `json:"of"`   // sqlite, postgres, tessera
	What    string  `json:"what"` // deed, deed+leaf, proof, verify, add
	Writers int     `json:"writers"`
	Stored  int64   `json:"stored"`
	Times   int     `json:"times"`
	Rate    float64 `json:"per_second"`
	HalfMs  float64 `json:"p50_ms"`
	P99Ms   float64 `json:"p99_ms"`
	CPUMs   float64 `json:"cpu_ms"`    // of one
	Behind  float64 `json:"behind_ms"` // until the signed head has the last of them
	Bytes   int     `json:"bytes"`     // of a proof
	Load    float64 `json:"load_average"`
}

// Report is everything that was measured.
type Report struct{ Figures []Figure }

// WriteJSON prints an object for each figure.
func (r *Report) WriteJSON(w io.Writer) error { return figures.JSON(w, r.Figures) }

// WriteTable prints a line for each figure.
func (r *Report) WriteTable(w io.Writer) error {
	return intake.Table(w, "of\twhat\twriters\tleaves\ttimes\tper second\tp50 ms\tp99 ms\tCPU ms\tbehind ms\tbytes\tload\t", r.Figures, func(f Figure) string {
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%.0f\t%.2f\t%.2f\t%.4f\t%.0f\t%d\t%.1f\t", f.Of, f.What, f.Writers, f.Stored, f.Times, f.Rate, f.HalfMs, f.P99Ms, f.CPUMs, f.Behind, f.Bytes, f.Load)
	})
}

// Measure measures one house, and Tessera in the same rounds. database is what the
// database spent so far, beside this process.
func (r *Report) Measure(ctx context.Context, p Plan, of string, h House, database func() (time.Duration, error)) error {
	x := &run{Plan: p, h: h, of: of, database: database}
	for round := range p.Rounds {
		for _, writers := range []int{1, p.Writers} {
			for _, leaf := range []bool{false, true} {
				f, err := x.deeds(ctx, writers, leaf)
				if err != nil {
					return err
				}
				r.Figures = append(r.Figures, f)
			}
		}
		for _, way := range []batching{{p.Writers, 5 * time.Millisecond}, {1024, time.Second}} {
			if p.Peer == "" {
				break
			}
			f, err := x.peer(ctx, way)
			if err != nil {
				return err
			}
			r.Figures = append(r.Figures, f)
		}
		fmt.Fprintf(p.Say, "%s: round %d of %d\n", of, round+1, p.Rounds)
	}
	if err := x.fill(ctx); err != nil {
		return err
	}
	for _, measure := range []func(context.Context) (Figure, error){x.proofs, x.verify} {
		f, err := measure(ctx)
		if err != nil {
			return err
		}
		r.Figures = append(r.Figures, f)
	}
	return nil
}

// run is one house being measured.
type run struct {
	Plan
	h        House
	of       string
	database func() (time.Duration, error)
}

// deeds does deeds by so many writers at once, and waits until the head has their leaves.
func (x *run) deeds(ctx context.Context, writers int, leaf bool) (Figure, error) {
	size, err := x.h.Size(ctx)
	if err != nil {
		return Figure{}, err
	}
	before, err := x.spent()
	if err != nil {
		return Figure{}, err
	}
	var failed atomic.Pointer[error]
	all := make([][]time.Duration, writers)
	begun, till := time.Now(), time.Now().Add(x.Burst)
	var hands sync.WaitGroup
	for w := range writers {
		hands.Go(func() {
			for failed.Load() == nil && time.Now().Before(till) {
				at := time.Now()
				if err := x.h.Do(ctx, leaf); err != nil {
					failed.Store(&err)
					return
				}
				all[w] = append(all[w], time.Since(at))
			}
		})
	}
	hands.Wait()
	if err := failed.Load(); err != nil {
		return Figure{}, *err
	}
	lasted := time.Since(begun)
	took := slices.Concat(all...)
	f := Figure{What: "deed", Writers: writers, Stored: size, Times: len(took), Rate: float64(len(took)) / lasted.Seconds()}
	if leaf {
		f.What = "deed+leaf"
		behind := time.Now()
		if err := x.reaches(ctx, size+int64(len(took))); err != nil {
			return f, err
		}
		f.Behind = intake.Ms(time.Since(behind))
	}
	return x.figure(f, took, before)
}

// reaches waits until the signed head has so many leaves.
func (x *run) reaches(ctx context.Context, want int64) error {
	for {
		size, err := x.h.Size(ctx)
		if err != nil || size >= want {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (x *run) fill(ctx context.Context) error {
	size, err := x.h.Size(ctx)
	if err != nil {
		return err
	}
	const atOnce = 1000
	for size < int64(x.Stored) {
		n := min(atOnce, int64(x.Stored)-size)
		if err := x.h.Fill(ctx, int(n)); err != nil {
			return err
		}
		size += n
	}
	fmt.Fprintf(x.Say, "%s: %d leaves\n", x.of, size)
	return x.reaches(ctx, size)
}

// proofs asks for receipts of leaves, anywhere in the log, one after the other.
func (x *run) proofs(ctx context.Context) (Figure, error) {
	size, err := x.h.Size(ctx)
	if err != nil {
		return Figure{}, err
	}
	before, err := x.spent()
	if err != nil {
		return Figure{}, err
	}
	f := Figure{What: "proof", Writers: 1, Stored: size}
	var took []time.Duration
	begun := time.Now()
	g := rand.New(rand.NewPCG(1, 2))
	for till := begun.Add(x.Burst); time.Now().Before(till); {
		at := time.Now()
		body, err := x.h.Proof(ctx, g.Int64N(size))
		if err != nil {
			return f, err
		}
		took = append(took, time.Since(at))
		f.Bytes = max(f.Bytes, len(body))
	}
	f.Times, f.Rate = len(took), float64(len(took))/time.Since(begun).Seconds()
	return x.figure(f, took, before)
}

// verify checks the whole log offline: Rate is leaves a second.
func (x *run) verify(ctx context.Context) (f Figure, err error) {
	dir, err := os.MkdirTemp("", "twiza-bench-log")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	if err := x.h.Export(ctx, dir); err != nil {
		return f, err
	}
	size, err := x.h.Size(ctx)
	if err != nil {
		return f, err
	}
	before, err := x.spent()
	if err != nil {
		return f, err
	}
	begun := time.Now()
	if err := x.h.Verify(dir); err != nil {
		return f, err
	}
	lasted := time.Since(begun)
	return x.figure(Figure{What: "verify", Writers: 1, Stored: size, Times: int(size), Rate: float64(size) / lasted.Seconds()}, []time.Duration{lasted}, before)
}

func (x *run) figure(f Figure, took []time.Duration, before time.Duration) (Figure, error) {
	after, err := x.spent()
	if err != nil || len(took) == 0 {
		return f, fmt.Errorf("%s: %s was done %d times: %w", x.of, f.What, len(took), err)
	}
	slices.Sort(took)
	f.Bench, f.Of, f.Load = "translog", x.of, intake.LoadAverage()
	f.HalfMs, f.P99Ms = intake.Ms(took[len(took)/2]), intake.Ms(took[len(took)*99/100])
	f.CPUMs = intake.Ms(after-before) / float64(f.Times)
	return f, nil
}

// spent is the processor time of this process and of the database so far.
func (x *run) spent() (time.Duration, error) {
	d, err := x.database()
	return figures.Spent() + d, err
}

// batching is how Tessera is used: how many add at once, and how old a batch may be.
// What adds more at once waits longer for each, and the other way round.
type batching struct {
	writers int
	age     time.Duration
}

// peer runs Tessera for as long; it prints one line of JSON.
func (x *run) peer(ctx context.Context, way batching) (f Figure, err error) {
	dir, err := os.MkdirTemp("", "twiza-bench-tessera")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	c := exec.CommandContext(ctx, x.Peer, "add", dir, strconv.Itoa(way.writers), x.Burst.String(), way.age.String())
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Run(); err != nil {
		return f, fmt.Errorf("%s: %w", x.Peer, err)
	}
	f = Figure{Bench: "translog", Of: "tessera", What: "add", Writers: way.writers, Load: intake.LoadAverage()}
	return f, json.Unmarshal(out.Bytes(), &f)
}
