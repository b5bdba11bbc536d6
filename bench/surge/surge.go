// Package surge measures what becomes of people who ask for help when far more
// come than the house can serve, and when its process is killed in the middle.
//
// An open loop: requests are sent at their moment whether the earlier ones were
// answered or not, as people do. One in twenty is sent twice. What counts is that
// nobody who was told "kept" is lost or kept twice, and how long they waited for
// that word; whoever was asked to come back is counted beside them.
package surge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/bench/intake"
)

// Plan is what to measure, on what.
type Plan struct {
	Program    string
	Places     []string
	Times      []int         // how many times the sustainable rate
	For        time.Duration // how long each surge lasts
	Postgres   string        // address of an empty schema; "" leaves PostgreSQL out
	Postmaster int
	Say        io.Writer
	Folder     string // a new one for each house lies in it
	// Ask is the n-th request, under an identifier of its own.
	Ask func(n int64, places []string) (id string, body []byte)
	// Count is how many requests a house's store keeps.
	Count func(ctx context.Context, folder, postgres string) (int64, error)
}

// Figure is what came of one surge.
type Figure struct {
	Bench      string  `json:"bench"`
	Of         string  `json:"of"`
	Times      int     `json:"times"`
	Sustained  float64 `json:"sustainable_per_second"`
	Offered    float64 `json:"offered_per_second"`
	Sent       int64   `json:"sent"`
	Kept       int64   `json:"kept"`
	Beside     int64   `json:"kept_beside_the_store"`
	ComeBack   int64   `json:"asked_to_come_back"`
	Unheard    int64   `json:"unheard"`  // no answer: the process was killed
	NotSent    int64   `json:"not_sent"` // the sender itself could not keep up
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Restart    float64 `json:"restart_s"` // from the kill to the first answer "kept"
	Whole      float64 `json:"whole_s"`   // from the kill until every door is open
	Drained    float64 `json:"drained_s"` // after the surge, until nothing waits
	Lost       int64   `json:"lost"`
	Doubled    int64   `json:"doubled"`
	LoadBefore float64 `json:"load_average"`
}

// Report is every surge.
type Report struct{ Figures []Figure }

// WriteJSON is one object a line.
func (r *Report) WriteJSON(w io.Writer) error {
	return figures.JSON(w, r.Figures)
}

// WriteTable is for eyes.
func (r *Report) WriteTable(w io.Writer) error {
	fmt.Fprintln(w, "| of | × | sustainable/s | offered/s | sent | kept | of them beside | come back | unheard | p50 / p99 ms | kept again s | open again s | drained s | lost | doubled | load |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, f := range r.Figures {
		if _, err := fmt.Fprintf(w, "| %s | %d | %.0f | %.0f | %d | %d | %d | %d | %d | %.0f / %.0f | %.2f | %.2f | %.1f | %d | %d | %.1f |\n", f.Of, f.Times, f.Sustained, f.Offered, f.Sent, f.Kept, f.Beside,
			f.ComeBack, f.Unheard, f.P50, f.P99, f.Restart, f.Whole, f.Drained, f.Lost, f.Doubled, f.LoadBefore); err != nil {
			return err
		}
	}
	return nil
}

// Run measures every engine that the plan names.
func Run(ctx context.Context, p Plan) (*Report, error) {
	r := &Report{}
	engines := []string{"sqlite"}
	if p.Postgres != "" {
		engines = append(engines, "postgres")
	}
	for _, engine := range engines {
		h := &house{p: p, name: engine, folder: p.Folder + "/" + engine, asked: map[string]*asked{}}
		if engine == "postgres" {
			h.postgres, h.postmaster = p.Postgres, p.Postmaster
		}
		all, err := h.measure(ctx)
		r.Figures = append(r.Figures, all...)
		if err != nil {
			return r, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return r, nil
}

type house struct {
	p          Plan
	name       string
	folder     string
	postgres   string
	postmaster int
	address    string // the same after every start, as people know it
	process    atomic.Pointer[intake.Process]
	next       atomic.Int64
	mu         sync.Mutex
	asked      map[string]*asked
}

// asked is one request as its sender knows it.
type asked struct {
	body []byte
	kept bool
}

func (h *house) start(ctx context.Context) error {
	if h.address == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		h.address = l.Addr().String()
		l.Close()
	}
	args := []string{"serve", "--listen", h.address, "--proxied", "--data", h.folder, "--key", h.folder + ".key"}
	if h.postgres != "" {
		args = append(args, "--db", h.postgres)
	}
	s, err := intake.Start(ctx, h.name, h.postmaster, h.p.Program, args...)
	if err == nil {
		h.process.Store(s)
	}
	return err
}

// client lets many be under way at once, over loopback alone.
var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1024, MaxConnsPerHost: 2048}}

type answer struct {
	status int
	took   time.Duration
	waits  bool
}

func (h *house) send(ctx context.Context, n int64, body []byte) (a answer, err error) {
	begin := time.Now()
	r, err := http.NewRequestWithContext(ctx, "POST", "http://"+h.address+"/api/v1/requests", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&63, n>>8&255, n&255))
	w, err := client.Do(r)
	if err != nil {
		return a, err
	}
	defer w.Body.Close()
	var out struct {
		Waits bool `json:"waits"`
	}
	text, err := io.ReadAll(w.Body)
	if err == nil && w.StatusCode < 300 {
		err = json.Unmarshal(text, &out)
	}
	return answer{w.StatusCode, time.Since(begin), out.Waits}, err
}

// fresh is a request that nobody has sent.
func (h *house) fresh() (*asked, int64) {
	n := h.next.Add(1)
	id, body := h.p.Ask(n, h.p.Places)
	a := &asked{body: body}
	h.mu.Lock()
	h.asked[id] = a
	h.mu.Unlock()
	return a, n
}

func (h *house) keep(a *asked) {
	h.mu.Lock()
	a.kept = true
	h.mu.Unlock()
}

// sustainable is how many a second are kept when each of 32 waits for their answer.
func (h *house) sustainable(ctx context.Context) (float64, error) {
	ctx, stop := context.WithTimeout(ctx, h.p.For)
	defer stop()
	var done atomic.Int64
	var wg sync.WaitGroup
	var failed error
	begin := time.Now()
	for range 32 {
		wg.Go(func() {
			for ctx.Err() == nil {
				a, n := h.fresh()
				got, err := h.send(context.WithoutCancel(ctx), n, a.body)
				if err != nil || got.status >= 300 {
					h.mu.Lock()
					failed = errors.Join(failed, err)
					if err == nil && failed == nil {
						failed = fmt.Errorf("an answer of %d in quiet times", got.status)
					}
					h.mu.Unlock()
					return
				}
				h.keep(a)
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds(), failed
}

func (h *house) measure(ctx context.Context) (all []Figure, err error) {
	if err := h.start(ctx); err != nil {
		return nil, err
	}
	defer func() { h.process.Load().Stop() }()
	for _, times := range h.p.Times {
		rate, err := h.sustainable(ctx)
		if err != nil {
			return all, err
		}
		f := Figure{Bench: "surge", Of: h.name, Times: times, Sustained: rate, LoadBefore: intake.LoadAverage()}
		fmt.Fprintf(h.p.Say, "%s: %.0f a second are sustainable; now %d times as many\n", h.name, rate, times)
		if err := h.surge(ctx, &f); err != nil {
			return all, err
		}
		if err := h.settle(ctx, &f); err != nil {
			return all, err
		}
		all = append(all, f)
		if f.Lost != 0 || f.Doubled != 0 {
			return all, fmt.Errorf("%d lost, %d doubled", f.Lost, f.Doubled)
		}
	}
	return all, nil
}

// most bounds how many the sender itself can have under way.
const most = 4000

// surge sends at the moments of an open loop, and kills the house in the middle.
func (h *house) surge(ctx context.Context, f *Figure) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		waits []time.Duration
		under atomic.Int64
	)
	rate := f.Sustained * float64(f.Times)
	restarted := make(chan error, 1)
	var killed, again time.Time // again: somebody who asked after the kill was told "kept"
	time.AfterFunc(h.p.For/2, func() {
		h.process.Load().Kill()
		begin := time.Now()
		mu.Lock()
		killed = begin
		mu.Unlock()
		err := h.start(ctx)
		f.Whole = time.Since(begin).Seconds()
		restarted <- err
	})
	begin := time.Now()
	for due := int64(0); ctx.Err() == nil; {
		past := time.Since(begin)
		if past >= h.p.For {
			break
		}
		for ; due < int64(rate*past.Seconds()); due++ {
			if under.Load() >= most {
				f.NotSent++
				continue
			}
			a, n := h.fresh()
			twice := n%20 == 0
			f.Sent++
			under.Add(1)
			wg.Go(func() {
				defer under.Add(-1)
				for range 2 {
					sent := time.Now()
					got, err := h.send(ctx, n, a.body)
					mu.Lock()
					switch {
					case err != nil:
						f.Unheard++
					case got.status >= 500 || got.status == 429:
						f.ComeBack++
					default:
						h.keep(a)
						f.Kept++
						if got.waits {
							f.Beside++
						}
						waits = append(waits, got.took)
						if again.IsZero() && !killed.IsZero() && sent.After(killed) {
							again = time.Now()
						}
					}
					mu.Unlock()
					if !twice {
						return
					}
				}
			})
		}
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	f.Offered = float64(f.Sent+f.NotSent) / time.Since(begin).Seconds()
	slices.Sort(waits)
	if len(waits) > 0 {
		f.P50, f.P99 = intake.Ms(waits[len(waits)/2]), intake.Ms(waits[len(waits)*99/100])
	}
	err := <-restarted
	if !again.IsZero() {
		f.Restart = again.Sub(killed).Seconds()
	}
	return err
}

// settle waits until nothing lies beside the store, sends everything that was kept
// again, and counts.
func (h *house) settle(ctx context.Context, f *Figure) error {
	begin := time.Now()
	for {
		waiting, err := h.waiting(ctx)
		if err == nil && waiting == 0 {
			break
		}
		if time.Since(begin) > 10*time.Minute {
			return fmt.Errorf("%d still wait after ten minutes, %v", waiting, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	f.Drained = time.Since(begin).Seconds()
	stored, err := h.p.Count(ctx, h.folder, h.postgres)
	if err != nil {
		return err
	}
	h.mu.Lock()
	all, acknowledged := make([]*asked, 0, len(h.asked)), int64(0)
	for _, a := range h.asked {
		all = append(all, a)
		if a.kept {
			acknowledged++
		}
	}
	h.mu.Unlock()
	f.Doubled = max(0, stored-int64(len(all)))
	f.Lost = max(0, acknowledged-stored)
	// Some thousand of those who were told "kept" ask again: each must be known.
	for i, a := range all {
		if !a.kept || i%max(1, len(all)/2000) != 0 {
			continue
		}
		got, err := h.send(ctx, int64(i), a.body)
		if err != nil {
			return err
		}
		if got.status == http.StatusCreated {
			f.Lost++
		}
	}
	return nil
}

func (h *house) waiting(ctx context.Context) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+h.address+"/readyz", nil)
	if err != nil {
		return 0, err
	}
	w, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer w.Body.Close()
	var out struct {
		Waiting int64 `json:"waiting"`
	}
	return out.Waiting, json.NewDecoder(w.Body).Decode(&out)
}
