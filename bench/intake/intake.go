// Package intake measures what matters most on the worst night: how many calls
// for help a house takes in, how long each caller waits for the receipt, and
// what that costs the machine. It talks to a real house over loopback, in a
// process of its own, so that the server's work is counted apart from the work
// of asking.
//
// What always holds: an answer counts only when it is the one that was wanted;
// the processor time of an operation holds everything the server and its
// database did for it, what they did afterwards included (the sealing of the
// journal comes seconds later); a plain "hello" over the same loopback runs in
// every round, because the machine's own speed drifts and ratios do not.
//
// It reads processor time and memory from /proc and so runs on Linux only.
package intake

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Plan is what to measure, on what.
type Plan struct {
	Program     string        // the binary under test
	Places      []string      // codes to ask from
	Stored      int           // requests there before the measuring begins
	Burst       time.Duration // how long one round of one kind lasts
	Rounds      int
	Connections []int     // each asks one request at a time
	Postgres    string    // address of an empty schema; "" leaves PostgreSQL out
	Postmaster  int       // its process, on this machine
	Say         io.Writer // progress, for whoever waits
}

// Bounds of a plan: a bench is run beside other people's work.
const (
	MaxStored = 3_000_000
	MaxBurst  = time.Minute
	MaxRounds = 20
)

// Check refuses a plan that is out of bounds.
func (p Plan) Check() error {
	switch {
	case p.Stored < 100 || p.Stored > MaxStored:
		return fmt.Errorf("stored requests are from 100 to %d", MaxStored)
	case p.Burst < time.Second || p.Burst > MaxBurst:
		return fmt.Errorf("a round lasts from 1 to %d seconds", MaxBurst/time.Second)
	case p.Rounds < 1 || p.Rounds > MaxRounds:
		return fmt.Errorf("rounds are from 1 to %d", MaxRounds)
	case len(p.Places) == 0:
		return fmt.Errorf("there is no place to ask from")
	}
	return nil
}

// run is one measuring under way.
type run struct {
	Plan
	hello  *server
	houses []*server
	report *Report
}

// Run measures, and gives back every figure.
func Run(ctx context.Context, p Plan) (*Report, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "twiza-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	r := &run{Plan: p, report: &Report{}}
	defer r.stop()
	if r.hello, err = start(ctx, hello, p.Program, "bench", "hello"); err != nil {
		return nil, err
	}
	if err := r.open(ctx, folder); err != nil {
		return nil, err
	}
	tenth := p.Stored / 10
	if err := r.fill(ctx, tenth); err != nil {
		return nil, err
	}
	// Short bursts here: at a tenth of the size, long ones would no longer
	// measure a tenth of the size.
	if r.report.Tenth, err = r.rounds(ctx, p.Connections[:1], max(1000, tenth/10)); err != nil {
		return nil, err
	}
	if err := r.fill(ctx, p.Stored); err != nil {
		return nil, err
	}
	r.report.Full, err = r.rounds(ctx, p.Connections, 0)
	return r.report, err
}

// open starts the houses: the real program, the real command.
func (r *run) open(ctx context.Context, folder string) error {
	serve := func(name string, more ...string) error {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--proxied", "--data", filepath.Join(folder, name)}, more...)
		s, err := start(ctx, name, r.Program, args...)
		if err == nil {
			r.houses = append(r.houses, s)
		}
		return err
	}
	err := serve("sqlite")
	if err == nil && r.Postgres != "" {
		err = serve("postgres", "--db", r.Postgres)
		if err == nil {
			r.houses[1].postmaster = r.Postmaster
		}
	}
	return err
}

func (r *run) stop() {
	for _, s := range append(r.houses, r.hello) {
		if s != nil {
			s.stop()
		}
	}
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.Say, format+"\n", args...) }

// fillers is how many ask at once while a store is filled.
const fillers = 64

// fill asks until each house holds so many requests, by the same door as everybody.
func (r *run) fill(ctx context.Context, want int) error {
	for _, s := range r.houses {
		if s.stored >= want {
			continue
		}
		begin := time.Now()
		t, err := s.ask(ctx, load{Connections: fillers, Count: want - s.stored, For: time.Hour, Request: s.requests(r.Places), Want: 201})
		if err != nil {
			return err
		}
		r.say("%s: %d more requests in %.0f s, %d in all", s.name, t.Done, time.Since(begin).Seconds(), s.stored)
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rounds measures every house and hello in turn, again and again. count bounds
// the requests of one burst; 0 leaves it to the time.
func (r *run) rounds(ctx context.Context, connections []int, count int) (out []Figure, err error) {
	seen := map[string][]burst{}
	var order []Figure
	for round := range r.Rounds {
		for _, n := range connections {
			for _, s := range append([]*server{r.hello}, r.houses...) {
				b, err := r.burst(ctx, s, n, count)
				if err != nil {
					return nil, err
				}
				f := Figure{Bench: "intake", Of: s.name, Connections: n}
				if round == 0 {
					order = append(order, f)
				}
				seen[f.key()] = append(seen[f.key()], b)
				r.say("round %d of %d, %s, %d connections: %.0f/s, p99 %.1f ms, %.0f µs of processor each, %d asked to come later",
					round+1, r.Rounds, s.name, n, b.rate(), Ms(b.tally.quantile(.99)), micros(b.perOperation()), b.tally.Busy)
			}
		}
	}
	for _, f := range order {
		out = append(out, f.of(seen[f.key()]))
	}
	return sorted(beside(out)), nil
}

// helloFor is enough for hello, which keeps nothing and defers nothing.
const helloFor = 3 * time.Second

func (r *run) burst(ctx context.Context, s *server, connections, count int) (b burst, err error) {
	l := load{Connections: connections, For: r.Burst, Count: count, Request: helloRequest, Want: 200}
	if s != r.hello {
		l.Request, l.Want = s.requests(r.Places), 201
	} else {
		l.For, l.Count = min(r.Burst, helloFor), 0
	}
	b.from = s.stored
	before, err := s.spent()
	if err != nil {
		return b, err
	}
	if b.tally, err = s.ask(ctx, l); err != nil {
		return b, err
	}
	b.load = loadAverage()
	if s != r.hello {
		if err := s.settle(ctx); err != nil {
			return b, err
		}
	}
	after, err := s.spent()
	if err != nil {
		return b, err
	}
	b.to, b.server, b.database = s.stored, after.server-before.server, after.database-before.database
	b.memory, b.databaseMemory = s.memory()
	return b, nil
}
