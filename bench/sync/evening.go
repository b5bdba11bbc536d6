package sync

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/bench/intake"
)

const helloFor = 3 * time.Second

// house is one house under test.
type house struct {
	Plan
	name, data, postgres string
	picture              []byte
	p                    *intake.Process
	at                   atomic.Pointer[string]
	client               *http.Client
	retries              atomic.Int64
	own, database        time.Duration // spent by a process that was killed

	mu    sync.Mutex
	acks  []time.Duration
	done  int
	half  chan struct{} // closed when half of the records are acknowledged
	limit int
}

func (h *house) address() string { return *h.at.Load() }

// open starts the house, or starts it again on what it left.
func (h *house) open(ctx context.Context) (err error) {
	postmaster := 0
	args := []string{"serve", "--listen", "127.0.0.1:0", "--proxied", "--data", h.data}
	if h.postgres != "" {
		args, postmaster = append(args, "--db", h.postgres), h.Postmaster
	}
	if h.p, err = intake.Start(ctx, h.name, postmaster, h.Program, args...); err != nil {
		return err
	}
	address := h.p.Address()
	h.at.Store(&address)
	if h.client == nil {
		h.client = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: h.Phones, IdleConnTimeout: time.Minute}}
	}
	return nil
}

func (h *house) stop() {
	if h.p != nil {
		h.p.Stop()
	}
}

func (h *house) acknowledged(n int, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acks = append(h.acks, took)
	h.done += n
	if h.half != nil && h.done >= h.limit {
		close(h.half)
		h.half = nil
	}
}

// evening lets everybody come back at once: first what they wrote down, then
// their photos.
func (h *house) evening(ctx context.Context, crowd []*walker) ([]Figure, error) {
	half := make(chan struct{})
	h.half, h.limit = half, len(crowd)*h.Records/2
	killed := make(chan error, 1)
	if h.Kill {
		go func() { killed <- h.powerCut(ctx, half) }()
	} else {
		killed <- nil
	}
	records, err := h.phase(ctx, crowd, "records", h.drain, func() error { return <-killed })
	if err != nil {
		return nil, err
	}
	photos, err := h.phase(ctx, crowd, "photos", h.show, func() error { return nil })
	return []Figure{records, photos}, err
}

// powerCut kills the house in the middle, and starts it again.
func (h *house) powerCut(ctx context.Context, half <-chan struct{}) error {
	select {
	case <-half:
	case <-ctx.Done():
		return ctx.Err()
	}
	own, _, err := h.p.Spent()
	if err != nil {
		return err
	}
	h.own += own
	h.p.Kill()
	h.say("%s: killed in the middle", h.name)
	return h.open(ctx)
}

// phase lets every phone do one thing, and measures it.
func (h *house) phase(ctx context.Context, crowd []*walker, what string, do func(context.Context, *walker) error, ended func() error) (f Figure, err error) {
	h.acks, h.done = nil, 0
	h.retries.Store(0)
	own, database, err := h.p.Spent()
	if err != nil {
		return f, err
	}
	own += h.own
	begin := time.Now()
	errs := make([]error, len(crowd))
	var wait sync.WaitGroup
	for i, w := range crowd {
		wait.Go(func() { errs[i] = do(ctx, w) })
	}
	wait.Wait()
	took := time.Since(begin)
	if err := errors.Join(append(errs, ended())...); err != nil {
		return f, err
	}
	load := intake.LoadAverage()
	if err := h.p.Settle(ctx); err != nil {
		return f, err
	}
	own2, database2, err := h.p.Spent()
	if err != nil {
		return f, err
	}
	cpu, db := own2+h.own-own+database2-database, database2-database
	f = Figure{Bench: "sync", What: what, N: h.done, Seconds: took.Seconds(), PerSecond: float64(h.done) / took.Seconds(),
		CPU: ms(cpu) / float64(max(1, h.done)), Database: ms(db) / float64(max(1, h.done)), Retries: int(h.retries.Load()), Load: load}
	slices.Sort(h.acks)
	if n := len(h.acks); n > 0 {
		f.Ack50, f.Ack99 = ms(h.acks[n/2]), ms(h.acks[min(n-1, n*99/100)])
	}
	memory, _ := h.p.Memory()
	f.Memory = float64(memory) / (1 << 20)
	h.say("%s: %d %s in %.1f s, %.2f ms of processor each", h.name, f.N, what, f.Seconds, f.CPU)
	return f, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
