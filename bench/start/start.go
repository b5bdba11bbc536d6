// Package start measures how soon a house answers after it is started, what it
// holds in memory when nobody comes and when many do, and how large the program
// is: what a small machine, or one that lost its current, is asked for.
package start

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twiza/twiza/bench/intake"
)

// Plan is what to measure.
type Plan struct {
	Program string
	Folder  string                                         // empty, for records
	Fill    func(ctx context.Context, folder string) error // puts an invented night into a folder
	Page    string                                         // the first page, with its language: /ar/
	Pages   []string
	Rounds  int
	Load    time.Duration
	Say     io.Writer
}

// Check says what of a plan makes no sense.
func (p Plan) Check() error {
	switch {
	case p.Rounds < 1 || p.Rounds > 50:
		return fmt.Errorf("between 1 and 50 rounds")
	case p.Load < 100*time.Millisecond || p.Load > 10*time.Minute:
		return fmt.Errorf("between a tenth of a second and ten minutes of load")
	}
	return nil
}

// The ways in which a house is started.
const (
	empty = "an empty folder"     // its tables are made, and its key
	again = "again"               // the same house, closed properly
	after = "again, after kill"   // the same, killed
	demo  = "again, of the night" // one that holds an invented night
)

// readers is how many come at once under load.
const readers = 32

// Run measures.
func Run(ctx context.Context, p Plan) (*Report, error) {
	out := &Report{}
	info, err := os.Stat(p.Program)
	if err != nil {
		return nil, err
	}
	binary := intake.Megabytes(info.Size())
	r := &runner{Plan: p, http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: readers}}}
	defer r.http.CloseIdleConnections()
	night := filepath.Join(p.Folder, "night")
	fmt.Fprintln(p.Say, "an invented night")
	if err := p.Fill(ctx, night); err != nil {
		return nil, err
	}
	took := map[string][]float64{}
	ways := []string{empty, again, after, demo}
	for n := range p.Rounds {
		fmt.Fprintln(p.Say, "round", n+1)
		folder := filepath.Join(p.Folder, fmt.Sprint("house", n))
		for _, way := range ways {
			where := folder
			if way == demo {
				where = night
			}
			h, d, err := r.open(ctx, where)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", way, err)
			}
			took[way] = append(took[way], intake.Ms(d))
			if way == again {
				h.Kill()
			} else {
				h.Stop()
			}
		}
	}
	for _, way := range ways {
		out.Figures = append(out.Figures, Figure{Bench: "start", Of: way, Rounds: p.Rounds, First: intake.Median(took[way]), Binary: binary, Load: intake.LoadAverage()})
	}
	return out, r.memory(ctx, night, out)
}

// memory is what a house holds that was just opened, that rested, and that many
// ask at once; then that rested again.
func (r *runner) memory(ctx context.Context, folder string, out *Report) error {
	h, _, err := r.open(ctx, folder)
	if err != nil {
		return err
	}
	defer h.Stop()
	note := func(of string) {
		own, _ := h.Memory()
		out.Figures = append(out.Figures, Figure{Bench: "start", Of: of, Memory: intake.Megabytes(own), Load: intake.LoadAverage()})
	}
	note("just opened")
	if err := h.Settle(ctx); err != nil {
		return err
	}
	note("idle")
	most, err := r.load(ctx, h)
	if err != nil {
		return err
	}
	out.Figures = append(out.Figures, Figure{Bench: "start", Of: fmt.Sprintf("%d readers", readers), Memory: intake.Megabytes(most), Load: intake.LoadAverage()})
	if err := h.Settle(ctx); err != nil {
		return err
	}
	note("idle again")
	return nil
}

// load lets many read at once, each page made for them, and is the most memory
// that the house held meanwhile.
func (r *runner) load(ctx context.Context, h *intake.Process) (most int64, err error) {
	end := time.Now().Add(r.Load)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range readers {
		wg.Go(func() {
			for n := i; time.Now().Before(end); n++ {
				bad := r.get(ctx, "http://"+h.Address()+r.Pages[n%len(r.Pages)], "bench=1")
				mu.Lock()
				own, _ := h.Memory()
				if most = max(most, own); bad != nil && err == nil {
					err = bad
				}
				stop := err != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	return most, err
}

// runner starts houses.
type runner struct {
	Plan
	http *http.Client
}

// open starts a house, and is how long it took until the first page was read.
func (r *runner) open(ctx context.Context, folder string) (*intake.Process, time.Duration, error) {
	begin := time.Now()
	h, err := intake.Start(ctx, "house", 0, r.Program, "serve", "--proxied", "--listen", "127.0.0.1:0", "--data", folder)
	if err != nil {
		return nil, 0, err
	}
	if err := r.get(ctx, "http://"+h.Address()+r.Page, ""); err != nil {
		h.Stop()
		return nil, 0, fmt.Errorf("%w: %s", err, h.Complaints())
	}
	return h, time.Since(begin), nil
}

func (r *runner) get(ctx context.Context, url, cookie string) error {
	q, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	q.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 10; K)")
	if cookie != "" {
		q.Header.Set("Cookie", cookie)
	}
	a, err := r.http.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		return err
	}
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", url, a.StatusCode)
	}
	return nil
}
