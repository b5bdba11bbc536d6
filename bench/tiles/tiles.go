// Package tiles measures what the map of staff costs over many stored requests:
// the first tile that anybody asks for, tiles nobody asked for yet, tiles asked
// for again and again, all while requests change; how soon a new request stands
// in its tile; and how much memory it takes to know.
package tiles

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/bench/figures"
)

// House is a house under test, as whoever sees every request meets it.
type House interface {
	// Keep takes a request in, as it always does.
	Keep(ctx context.Context, n int, s Spot) error
	// Get answers one request of a browser, without a network.
	Get(path string) (status int, body []byte)
	// Change does something to a stored request.
	Change(ctx context.Context, n int) error
}

// Spot is where a request is: a place, or a point near it.
type Spot struct {
	Place    string
	At       geo.Point
	HasPoint bool
}

// Plan is what is measured.
type Plan struct {
	Of       string // sqlite, postgres
	Stored   int
	Rounds   int // tiles of each kind
	Changes  int // a second
	Villages []Spot
	Say      io.Writer
}

// Figure is one line of what was measured.
type Figure struct {
	Of, What      string
	Zoom, N       int
	P50, P99, CPU time.Duration // CPU of this process for one; a database server's is not in it
	Bytes         int           // of the largest
}

// Report is all of it.
type Report struct {
	Of      string
	Stored  int
	Figures []Figure
	Memory  int64 // bytes that the map holds while somebody looks
	Hello   time.Duration
}

// Run fills the house, then measures.
func Run(ctx context.Context, p Plan, h House, hello func() error) (r Report, err error) {
	r = Report{Of: p.Of, Stored: p.Stored}
	spots := p.spots()
	if err := p.fill(ctx, h, spots); err != nil {
		return r, err
	}
	before := heap()
	first := p.time("the very first", 5, 1, func(int) int { return p.get(h, spots[0].At, 5, "") })
	r.Figures = append(r.Figures, first)
	r.Memory = heap() - before
	for _, z := range []int{5, 6, 8, 11, 14} {
		n := p.Rounds
		if z < 8 {
			r.Figures = append(r.Figures, p.time("cold, nobody looked so", z, 1, func(int) int { return p.get(h, spots[0].At, z, []string{"?phase=open", "?phase=waiting"}[z-5]) }))
		}
		r.Figures = append(r.Figures, p.time("warm", z, n, func(i int) int { return p.get(h, spots[(i*7919)%len(spots)].At, z, "") }))
	}
	stop := p.changing(ctx, h)
	for _, z := range []int{5, 8, 11, 14} {
		r.Figures = append(r.Figures, p.time("while requests change", z, p.Rounds, func(i int) int { return p.get(h, spots[(i*7919)%len(spots)].At, z, "") }))
	}
	seen, err := p.visible(ctx, h)
	stop()
	r.Figures = append(r.Figures, seen)
	if err == nil {
		start := figures.Spent()
		for range p.Rounds {
			err = hello()
		}
		r.Hello = (figures.Spent() - start) / time.Duration(p.Rounds)
	}
	return r, err
}

// spots are where people ask: half of them in their village, half near it.
func (p Plan) spots() []Spot {
	dice := rand.New(rand.NewPCG(7, uint64(p.Stored)))
	out := make([]Spot, p.Stored)
	for i := range out {
		s := p.Villages[int(float64(len(p.Villages))*math.Pow(dice.Float64(), 2))] // a quarter of the villages has half of the requests
		if i%2 == 0 {
			s.HasPoint = true
			s.At.Lat, s.At.Lon = s.At.Lat+dice.NormFloat64()*.02, s.At.Lon+dice.NormFloat64()*.02
		}
		out[i] = s
	}
	return out
}

func (p Plan) fill(ctx context.Context, h House, spots []Spot) error {
	next, failed := make(chan int), make(chan error, 64)
	var hands sync.WaitGroup
	for range 64 {
		hands.Go(func() {
			for n := range next {
				if err := h.Keep(ctx, n, spots[n]); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for n := range spots {
		if next <- n; n%50_000 == 49_999 {
			fmt.Fprintf(p.Say, "%s: %d stored\n", p.Of, n+1)
		}
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

// get asks for the tile of a point and tells how many bytes came.
func (p Plan) get(h House, at geo.Point, z int, query string) int {
	_, body := h.Get("/tiles/cases/" + tileAt(at, z) + query)
	return len(body)
}

func tileAt(p geo.Point, z int) string {
	n, lat := math.Exp2(float64(z)), p.Lat*math.Pi/180
	return fmt.Sprintf("%d/%d/%d.mvt", z, int((p.Lon+180)/360*n), int((1-math.Log(math.Tan(lat)+1/math.Cos(lat))/math.Pi)/2*n))
}

// time does something n times, one after the other.
func (p Plan) time(what string, zoom, n int, do func(i int) int) Figure {
	f := Figure{Of: p.Of, What: what, Zoom: zoom, N: n}
	took := make([]time.Duration, n)
	cpu := figures.Spent()
	for i := range n {
		start := time.Now()
		f.Bytes = max(f.Bytes, do(i))
		took[i] = time.Since(start)
	}
	f.CPU = (figures.Spent() - cpu) / time.Duration(n)
	slices.Sort(took)
	f.P50, f.P99 = took[n/2], took[min(n-1, n*99/100)]
	return f
}

// changing keeps doing things to requests until it is stopped.
func (p Plan) changing(ctx context.Context, h House) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var over sync.WaitGroup
	over.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(max(1, p.Changes)))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := h.Change(ctx, n); err != nil && ctx.Err() == nil {
					fmt.Fprintln(p.Say, "a change failed:", err)
				}
			}
		}
	})
	return func() { cancel(); over.Wait() }
}

// visible is how long it takes until a new request stands in its tile.
func (p Plan) visible(ctx context.Context, h House) (Figure, error) {
	f := Figure{Of: p.Of, What: "until a new request shows", Zoom: 14, N: max(5, p.Rounds/20)}
	var took []time.Duration
	for i := range f.N {
		s := p.Villages[i%len(p.Villages)]
		s.HasPoint, s.At.Lon = true, s.At.Lon-9-float64(i)*.05 // out at sea, where no other stands in the same tile
		path := "/tiles/cases/" + tileAt(s.At, 14)
		if err := h.Keep(ctx, p.Stored+i, s); err != nil {
			return f, err
		}
		start := time.Now()
		for ; ; time.Sleep(time.Millisecond) {
			if _, now := h.Get(path); len(now) > 0 {
				break
			}
			if time.Since(start) > 20*time.Second {
				return f, fmt.Errorf("a new request never stood in its tile")
			}
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	f.P50, f.P99 = took[len(took)/2], took[min(len(took)-1, len(took)*99/100)]
	return f, nil
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Write prints a table.
func (r Report) Write(to io.Writer) error {
	w := tabwriter.NewWriter(to, 2, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %d requests; the map holds %.1f MB while somebody looks; hello costs %v\n", r.Of, r.Stored, float64(r.Memory)/1e6, r.Hello.Round(100*time.Nanosecond))
	fmt.Fprintln(w, "what\tzoom\ttiles\tp50 ms\tp99 ms\tCPU ms\t× hello\tbytes")
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d)/1e6) }
	for _, f := range r.Figures {
		cpu, times := "–", "–"
		if f.CPU > 0 {
			cpu = ms(f.CPU)
			if r.Hello > 0 {
				times = fmt.Sprintf("%.1f", float64(f.CPU)/float64(r.Hello))
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%d\n", f.What, f.Zoom, f.N, ms(f.P50), ms(f.P99), cpu, times, f.Bytes)
	}
	return w.Flush()
}
