package intake

import (
	"context"
	"time"
)

// Process is a server under test, for the benches beside this one: they count
// processor time as this one does, and run the same hello.
type Process struct{ s *server }

// Start runs the program and waits until it says where it is open. postmaster
// is the first process of its database, 0 when it has none.
func Start(ctx context.Context, name string, postmaster int, program string, args ...string) (*Process, error) {
	s, err := start(ctx, name, program, args...)
	if err != nil {
		return nil, err
	}
	s.postmaster = postmaster
	return &Process{s}, nil
}

// Address is where it listens, on loopback.
func (p *Process) Address() string { return p.s.address }

// Stop ends it and waits until it has ended.
func (p *Process) Stop() { p.s.stop() }

// Kill ends it as a power cut would: no goodbye, nothing finished.
func (p *Process) Kill() {
	p.s.stdin.Close()
	p.s.cmd.Process.Kill()
	p.s.cmd.Wait()
}

// Complaints is the end of its log.
func (p *Process) Complaints() string { return p.s.complaints.String() }

// Spent is the processor time of the server and of its database since they began.
func (p *Process) Spent() (own, database time.Duration, err error) {
	x, err := p.s.spent()
	return x.server, x.database, err
}

// Settle waits until what is done afterwards is done, and the server at rest.
func (p *Process) Settle(ctx context.Context) error { return p.s.settle(ctx) }

// Memory is what the server holds, and its database, in bytes.
func (p *Process) Memory() (own, database int64) { return p.s.memory() }

// Hello asks a server that only says hello, and is the processor time of one.
func (p *Process) Hello(ctx context.Context, connections int, during time.Duration) (perSecond float64, each time.Duration, err error) {
	before, err := p.s.spent()
	if err != nil {
		return 0, 0, err
	}
	t, err := p.s.ask(ctx, load{Connections: connections, For: during, Request: helloRequest, Want: 200})
	if err != nil {
		return 0, 0, err
	}
	after, err := p.s.spent()
	return burst{tally: t}.rate(), burst{tally: t}.each(after.server - before.server), err
}

// LoadAverage is how busy the machine was over the last minute.
func LoadAverage() float64 { return loadAverage() }

// Fill asks for help until it holds so many requests, by the same door as
// everybody, and waits until it is at rest.
func (p *Process) Fill(ctx context.Context, want int, places []string) error {
	if p.s.stored < want {
		if _, err := p.s.ask(ctx, load{Connections: fillers, Count: want - p.s.stored, For: time.Hour, Request: p.s.requests(places), Want: 201}); err != nil {
			return err
		}
	}
	return p.s.settle(ctx)
}

// Holds says how many requests a house held before it was started.
func (p *Process) Holds(n int) { p.s.stored = n }

// Calm waits until the house has done what it does behind its answers, such as
// comparing reports, or limit is over; it tells whether it has.
func (p *Process) Calm(ctx context.Context, limit time.Duration) (bool, error) {
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; {
		a, err := p.s.spent()
		if err != nil {
			return false, err
		}
		time.Sleep(3 * time.Second)
		b, err := p.s.spent()
		if err != nil {
			return false, err
		}
		if b.server+b.database-a.server-a.database < 150*time.Millisecond { // a twentieth of a processor
			return true, nil
		}
	}
	return false, ctx.Err()
}

// Answers is what came of a load: the processor time of one answer is that of the
// server and of its database.
type Answers struct {
	Done      int
	PerSecond float64
	Half, P99 time.Duration
	Each      time.Duration
}

// Ask sends requests, made whole by each, over so many connections for a while.
// An answer with another status than the wanted one is an error.
func (p *Process) Ask(ctx context.Context, connections int, during time.Duration, want int, each func(to []byte, n int64) []byte) (a Answers, err error) {
	before, err := p.s.spent()
	if err != nil {
		return a, err
	}
	t, err := p.s.ask(ctx, load{Connections: connections, For: during, Request: each, Want: want})
	if err != nil {
		return a, err
	}
	if want != 201 {
		p.s.stored -= t.Done
	}
	after, err := p.s.spent()
	b := burst{tally: t}
	return Answers{t.Done, b.rate(), t.quantile(0.5), t.quantile(0.99), b.each(after.server + after.database - before.server - before.database)}, err
}
