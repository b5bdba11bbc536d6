// Package board measures what a dispatcher waits for: the queue, its filters, one
// case, a search, with hundreds of thousands of requests stored; in the real
// program, in a process of its own, beside a server that only says hello.
package board

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/twiza/twiza/bench/intake"
)

// Plan is what to measure.
type Plan struct {
	Program  string
	Places   []string // codes to ask from
	Province string   // a filter that a dispatcher sets
	Sizes    []int    // stored requests, the smaller first
	Burst    time.Duration
	Rounds   int
	Readers  int // dispatchers who read at once
	Postgres string
	Master   int
	House    string // a folder in which the house on SQLite stays filled for the next time; "" leaves nothing
	Say      io.Writer
	// Prepare makes an empty house with a dispatcher, and gives back the session.
	Prepare func(ctx context.Context, folder, postgres string) (session string, err error)
}

// Figure is one page at one size.
type Figure struct {
	Of     string  `json:"of"`
	Stored int     `json:"stored"`
	Page   string  `json:"page"`
	Rate   float64 `json:"per_second"`
	HalfMs float64 `json:"p50_ms"`
	P99Ms  float64 `json:"p99_ms"`
	CPUMs  float64 `json:"cpu_ms"`
	Hellos float64 `json:"times_hello_cpu"`
	KB     float64 `json:"kb_packed"`
	Load   float64 `json:"load"`
}

// Report is every figure.
type Report struct{ Figures []Figure }

// Run measures each house at each size.
func Run(ctx context.Context, p Plan) (*Report, error) {
	folder, err := os.MkdirTemp("", "twiza-bench-board")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	hello, err := intake.Start(ctx, "hello", 0, p.Program, "bench", "hello")
	if err != nil {
		return nil, err
	}
	defer hello.Stop()
	out := &Report{}
	for _, of := range []string{"sqlite", "postgres"} {
		if of == "postgres" && p.Postgres == "" {
			continue
		}
		if err := p.house(ctx, of, filepath.Join(folder, of), hello, out); err != nil {
			return nil, fmt.Errorf("%s: %w", of, err)
		}
	}
	return out, nil
}

func (p Plan) house(ctx context.Context, of, folder string, hello *intake.Process, out *Report) error {
	dsn, master := "", 0
	if of == "postgres" {
		dsn, master = p.Postgres, p.Master
	} else if p.House != "" {
		folder = p.House
	}
	k := kept{file: filepath.Join(folder, "bench.txt")}
	if err := k.read(); err != nil {
		return err
	}
	session, err := k.session, error(nil)
	if session == "" {
		if session, err = p.Prepare(ctx, folder, dsn); err != nil {
			return err
		}
	}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--proxied", "--data", folder}
	if dsn != "" {
		args = append(args, "--db", dsn)
	}
	s, err := intake.Start(ctx, of, master, p.Program, args...)
	if err != nil {
		return err
	}
	defer s.Stop()
	s.Holds(k.stored)
	for _, size := range p.Sizes {
		begin := time.Now()
		if size < k.stored {
			continue
		}
		if err := s.Fill(ctx, size, p.Places); err != nil {
			return err
		}
		if err := k.write(session, size); err != nil {
			return err
		}
		calm, err := s.Calm(ctx, 10*time.Minute+time.Duration(size)*6*time.Millisecond)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Say, "%s: %d requests after %.0f s\n", of, size, time.Since(begin).Seconds())
		if !calm {
			fmt.Fprintln(p.Say, "they are still being compared: pages are charged for it")
		}
		pages, err := p.pages(ctx, s.Address(), session)
		if err != nil {
			return err
		}
		for _, page := range pages {
			f, err := p.measure(ctx, s, hello, session, page)
			if err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
			f.Of, f.Stored = of, size
			out.Figures = append(out.Figures, f)
		}
	}
	return nil
}

// page is one that a dispatcher opens; many are opened in turn.
type page struct {
	name  string
	paths []string
}

var caseLink = regexp.MustCompile(`(?:/cases/|[?;&]case=)([0-9a-f]{8}-[0-9a-f-]{27})`)

// pages finds what there is to open, as a dispatcher would: the queue, what it
// links to, and what a search finds.
func (p Plan) pages(ctx context.Context, address, session string) ([]page, error) {
	get := func(path string) (string, error) {
		_, body, err := ask(ctx, "GET", address, path, session, nil)
		return body, err
	}
	queue, err := get("/fr/queue")
	if err != nil {
		return nil, err
	}
	var cases []string
	for _, m := range caseLink.FindAllStringSubmatch(queue, -1) {
		if !slices.Contains(cases, m[1]) {
			cases = append(cases, m[1])
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("the queue links to no case")
	}
	single, err := get("/fr/cases/" + cases[0])
	if err != nil {
		return nil, err
	}
	number := regexp.MustCompile(`\b[0-9]{3}[ \x{a0}\x{202f}]?[0-9]{3}[ \x{a0}\x{202f}]?[0-9]{3}\b`).FindString(single)
	out := []page{{name: "queue", paths: []string{"/fr/queue"}}, {name: "queue of a province", paths: []string{"/fr/queue?area=" + url.QueryEscape(p.Province)}},
		{name: "queue, level 1", paths: []string{"/fr/queue?level=1"}}}
	var open, beside []string
	for _, c := range cases {
		open, beside = append(open, "/fr/cases/"+c), append(beside, "/fr/queue?case="+c)
	}
	out = append(out, page{name: "queue with a case", paths: beside}, page{name: "case", paths: open})
	for _, q := range [][2]string{{"search by number", number}, {"search by place", "تيزي"}} {
		to, _, err := ask(ctx, "POST", address, "/fr/queue/find", session, url.Values{"q": {q[1]}})
		if err != nil {
			return nil, err
		}
		out = append(out, page{name: q[0], paths: []string{to}})
	}
	return out, nil
}
