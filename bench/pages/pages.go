// Package pages measures what a public page costs the machine that answers and
// the person who pays for the bytes: every page, as it is handed out to a
// passer-by and as it is made for somebody whom the house knows, beside a server
// that only says hello, on the same machine in the same minute.
package pages

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/bench/intake"
)

// Plan is what to measure.
type Plan struct {
	Program     string // the house
	Folder      string // empty, for its records
	Fill        func(ctx context.Context, folder string) error
	Pages       []Page
	Lang        string
	Connections int
	Burst       time.Duration // of one page in one way
	Rounds      int
	Say         io.Writer
}

// Page is one public page, and what it may weigh (DESIGN, section 11).
type Page struct {
	Path  string // without the language
	Kind  string // citizen, form, data
	HTML  int    // bytes that the page may have, compressed
	First int    // bytes of a first visit, with style sheets and scripts
}

// Check says what of a plan makes no sense.
func (p Plan) Check() error {
	switch {
	case p.Rounds < 1 || p.Rounds > 20:
		return fmt.Errorf("between 1 and 20 rounds")
	case p.Burst < 50*time.Millisecond || p.Burst > time.Minute:
		return fmt.Errorf("between a twentieth of a second and a minute for one page")
	case p.Connections < 1 || p.Connections > 256:
		return fmt.Errorf("between 1 and 256 connections")
	case len(p.Pages) == 0:
		return fmt.Errorf("no pages")
	}
	return nil
}

// agent is what most who come have.
const agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"

// The two ways to ask for a page: as a passer-by, who shows nothing, and as
// somebody with a cookie, for whom the page is made.
const (
	handed = "handed out"
	made   = "made"
)

// Run measures.
func Run(ctx context.Context, p Plan) (*Report, error) {
	hello, err := intake.Start(ctx, "hello", 0, p.Program, "bench", "hello")
	if err != nil {
		return nil, err
	}
	defer hello.Stop()
	fmt.Fprintln(p.Say, "a house with an invented night")
	folder := filepath.Join(p.Folder, "house")
	if err := p.Fill(ctx, folder); err != nil {
		return nil, err
	}
	house, err := intake.Start(ctx, "house", 0, p.Program, "serve", "--proxied", "--listen", "127.0.0.1:0", "--data", folder)
	if err != nil {
		return nil, err
	}
	defer house.Stop()
	if err := house.Settle(ctx); err != nil {
		return nil, err
	}
	out := &Report{}
	w := &walker{Plan: p, site: "http://" + house.Address(), house: house, http: &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: p.Connections, DisableCompression: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	defer w.http.CloseIdleConnections()
	for _, page := range p.Pages {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		fmt.Fprintln(p.Say, page.Path)
		_, each, err := hello.Hello(ctx, p.Connections, p.Burst)
		if err != nil {
			return nil, err
		}
		weight, first, err := w.weigh(ctx, page)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", page.Path, err, house.Complaints())
		}
		for _, way := range []string{handed, made} {
			f := Figure{Bench: "pages", Path: page.Path, Kind: page.Kind, Lang: p.Lang, Way: way, Connections: p.Connections, Rounds: p.Rounds,
				HTML: weight, MayHTML: page.HTML, First: first, MayFirst: page.First}
			if err := w.rounds(ctx, page, way, &f); err != nil {
				return nil, fmt.Errorf("%s: %w: %s", page.Path, err, house.Complaints())
			}
			f.HelloCPU = f.CPU / intake.Ms(each)
			f.Load = max(f.Load, intake.LoadAverage())
			out.Figures = append(out.Figures, f)
		}
	}
	return out, nil
}

// walker asks one house for its pages.
type walker struct {
	Plan
	site  string
	house *intake.Process
	http  *http.Client
}

func (w *walker) get(ctx context.Context, path, cookie string) (body []byte, squeezed bool, err error) {
	q, err := http.NewRequestWithContext(ctx, "GET", w.site+path, nil)
	if err != nil {
		return nil, false, err
	}
	q.Header.Set("User-Agent", agent)
	q.Header.Set("Accept-Encoding", "gzip")
	if cookie != "" {
		q.Header.Set("Cookie", cookie)
	}
	r, err := w.http.Do(q)
	if err != nil {
		return nil, false, err
	}
	defer r.Body.Close()
	body, err = io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %d", path, r.StatusCode)
	}
	return body, r.Header.Get("Content-Encoding") == "gzip", err
}

var linked = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+\.(?:css|js))"`)

// weigh is what a page weighs on the wire, and what a first visit does: with the
// style sheets and scripts that it names, without fonts, each once.
func (w *walker) weigh(ctx context.Context, page Page) (html, first int, err error) {
	body, squeezed, err := w.get(ctx, "/"+w.Lang+page.Path, "")
	if err != nil {
		return 0, 0, err
	}
	html = len(body)
	if squeezed {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return 0, 0, err
		}
		if body, err = io.ReadAll(z); err != nil {
			return 0, 0, err
		}
	}
	var seen []string
	first = html
	for _, m := range linked.FindAllStringSubmatch(string(body), -1) {
		if slices.Contains(seen, m[1]) {
			continue
		}
		seen = append(seen, m[1])
		asset, _, err := w.get(ctx, m[1], "")
		if err != nil {
			return 0, 0, err
		}
		first += len(asset)
	}
	return html, first, nil
}

// rounds asks for one page in one way, and fills in what it cost.
func (w *walker) rounds(ctx context.Context, page Page, way string, f *Figure) error {
	cookie := "lang=" + w.Lang
	if way == made {
		cookie += "; bench=1"
	}
	var cpu, rate, p50, p99 []float64
	for range w.Rounds {
		before, _, err := w.house.Spent()
		if err != nil {
			return err
		}
		waits, took, err := w.burst(ctx, "/"+w.Lang+page.Path, cookie)
		if err != nil {
			return err
		}
		after, _, err := w.house.Spent()
		if err != nil {
			return err
		}
		f.Requests += len(waits)
		slices.Sort(waits)
		cpu = append(cpu, intake.Ms(after-before)/float64(len(waits)))
		rate = append(rate, float64(len(waits))/took.Seconds())
		p50 = append(p50, intake.Ms(waits[len(waits)/2]))
		p99 = append(p99, intake.Ms(waits[len(waits)*99/100]))
		f.Load = max(f.Load, intake.LoadAverage())
	}
	f.CPU, f.PerSecond, f.P50, f.P99 = intake.Median(cpu), intake.Median(rate), intake.Median(p50), intake.Median(p99)
	return nil
}

func (w *walker) burst(ctx context.Context, path, cookie string) (waits []time.Duration, took time.Duration, err error) {
	begin := time.Now()
	end := begin.Add(w.Burst)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range w.Connections {
		wg.Go(func() {
			for first := true; first || time.Now().Before(end); first = false {
				at := time.Now()
				_, _, bad := w.get(ctx, path, cookie)
				d := time.Since(at)
				mu.Lock()
				if waits = append(waits, d); bad != nil && err == nil {
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
	return waits, time.Since(begin), err
}
