package merge

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/shared/linkage"
)

// House is a house under test: it takes requests in as it always does, and is
// asked what is alike.
type House interface {
	// Keep takes a request in, for good.
	Keep(ctx context.Context, q nightone.Request, place string) error
	// Known is what the house knows of a new report.
	Known(q nightone.Request) linkage.Report
	// Alike says how many are proposed for one that is not stored.
	Alike(ctx context.Context, r linkage.Report) (proposed int, err error)
}

// Cost is what looking for one new request came to.
type Cost struct {
	Of            string // sqlite, postgres
	Stored, Asked int
	Proposed      float64 // for one, in the mean
	P50, P99      time.Duration
	CPU           time.Duration // of this process, for one; a database server's is not in it
}

// perNight is how many of one night are stored before the next one begins: a
// country is not struck by 300,000 requests in one hour.
const perNight = 10_000

// Costs fills a house step by step and asks at each.
func (r *Reader) Costs(ctx context.Context, of string, h House, steps []int, ask int, say io.Writer) (out []Cost, err error) {
	stored := 0
	slices.Sort(steps)
	for _, size := range steps {
		for stored < size {
			n := min(perNight, size-stored)
			if err := r.fill(ctx, h, nightone.Make(uint64(1000+stored/perNight), n)); err != nil {
				return nil, err
			}
			stored += n
			fmt.Fprintf(say, "%s: %d stored\n", of, stored)
		}
		c, err := r.ask(ctx, h, ask)
		if err != nil {
			return nil, err
		}
		c.Of, c.Stored = of, stored
		out = append(out, c)
	}
	return out, nil
}

// fill stores many at once, as they come: one flush serves all who wait.
func (r *Reader) fill(ctx context.Context, h House, all []nightone.Request) error {
	next := make(chan nightone.Request)
	failed := make(chan error, 64)
	var hands sync.WaitGroup
	for range 64 {
		hands.Go(func() {
			for q := range next {
				if err := h.Keep(ctx, q, r.place(q)); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for _, q := range all {
		next <- q
	}
	close(next)
	hands.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// ask looks for reports one after the other: every second tells again of a need
// that is stored, the others of needs in the same villages that nobody told of.
func (r *Reader) ask(ctx context.Context, h House, n int) (c Cost, err error) {
	again, fresh := nightone.Make(1000, perNight), nightone.Make(999, perNight)
	var all []nightone.Request
	for i := range n {
		all = append(all, [2][]nightone.Request{again, fresh}[i%2][(i*37)%perNight])
	}
	var took []time.Duration
	proposed := 0
	for _, q := range all {
		known := h.Known(q)
		begun, cpu := time.Now(), figures.Spent()
		k, err := h.Alike(ctx, known)
		if err != nil {
			return c, err
		}
		took = append(took, time.Since(begun))
		c.CPU += figures.Spent() - cpu
		proposed += k
	}
	slices.Sort(took)
	c.Asked, c.Proposed, c.CPU = len(all), float64(proposed)/float64(len(all)), c.CPU/time.Duration(len(all))
	c.P50, c.P99 = took[len(took)/2], took[len(took)*99/100]
	return c, nil
}
