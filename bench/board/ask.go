package board

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/bench/intake"
)

// ask opens a page as a browser does, and gives back what it holds; of a form,
// where it leads.
func ask(ctx context.Context, method, address, path, session string, form url.Values) (to, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: session})
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return "", "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if want := map[string]int{"GET": 200, "POST": 303}[method]; err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s answered %d", path, answer.StatusCode)
	}
	at, _ := url.Parse(answer.Header.Get("Location"))
	if at != nil {
		to = at.RequestURI()
	}
	return to, string(text), err
}

// measure opens a page again and again, by as many readers as there are, and says
// hello beside it in each round.
func (p Plan) measure(ctx context.Context, s, hello *intake.Process, session string, x page) (Figure, error) {
	var rates, halves, p99s, cpus, hellos []float64
	for range p.Rounds {
		_, each, err := hello.Hello(ctx, p.Readers, time.Second)
		if err != nil {
			return Figure{}, err
		}
		a, err := s.Ask(ctx, p.Readers, p.Burst, http.StatusOK, func(to []byte, n int64) []byte {
			to = append(append(append(to, "GET "...), x.paths[n%int64(len(x.paths))]...), " HTTP/1.1\r\nHost: localhost\r\nCookie: session="...)
			to = append(append(to, session...), "\r\nX-Forwarded-For: 10.0."...)
			to = append(strconv.AppendInt(append(strconv.AppendInt(to, n>>8&255, 10), '.'), n&255, 10), "\r\n\r\n"...)
			return to
		})
		if err != nil {
			return Figure{}, err
		}
		if a.Done == 0 {
			return Figure{}, fmt.Errorf("nothing was answered within %v", p.Burst)
		}
		rates, halves, p99s = append(rates, a.PerSecond), append(halves, intake.Ms(a.Half)), append(p99s, intake.Ms(a.P99))
		cpus, hellos = append(cpus, intake.Ms(a.Each)), append(hellos, float64(a.Each)/float64(max(1, each)))
	}
	return Figure{Page: x.name, Rate: intake.Median(rates), HalfMs: intake.Median(halves), P99Ms: intake.Median(p99s), CPUMs: intake.Median(cpus),
		Hellos: intake.Median(hellos), KB: packed(ctx, s.Address(), x.paths[0], session), Load: intake.LoadAverage()}, nil
}

// packed is what of a page goes over the wire, in kilobytes of 1024; 0 where it
// does not come packed.
func packed(ctx context.Context, address, path, session string) float64 {
	_, body, err := ask(ctx, "GET", address, path, session, nil)
	if err != nil {
		return 0
	}
	var n counter
	z, _ := gzip.NewWriterLevel(&n, 6)
	io.WriteString(z, body)
	z.Close()
	return float64(n) / 1024
}

type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

// WriteJSON prints one object a line.
func (r *Report) WriteJSON(w io.Writer) error {
	return figures.JSON(w, r.Figures)
}

// WriteTable prints figures for people.
func (r *Report) WriteTable(w io.Writer) error {
	return intake.Table(w, "of\tstored\tpage\tpages/s\tp50 ms\tp99 ms\tCPU ms\t× hello, CPU\tKB packed\tload\t", r.Figures, func(f Figure) string {
		return fmt.Sprintf("%s\t%d\t%s\t%.0f\t%.1f\t%.1f\t%.2f\t%.0f\t%.1f\t%.1f\t", f.Of, f.Stored, f.Page, f.Rate, f.HalfMs, f.P99Ms, f.CPUMs, f.Hellos, f.KB, f.Load)
	})
}
