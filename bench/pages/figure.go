package pages

import (
	"fmt"
	"io"

	"github.com/twiza/twiza/bench/intake"
)

// Figure is one page asked for in one way.
type Figure struct {
	Bench       string  `json:"bench"`
	Path        string  `json:"page"`
	Kind        string  `json:"kind"`
	Lang        string  `json:"lang"`
	Way         string  `json:"way"` // handed out, made
	Connections int     `json:"connections"`
	Rounds      int     `json:"rounds"`
	Requests    int     `json:"requests"`
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	CPU         float64 `json:"cpu_ms"` // of the house, for one
	HelloCPU    float64 `json:"times_hello_cpu"`
	HTML        int     `json:"html_bytes"` // compressed, as it travels
	MayHTML     int     `json:"html_budget"`
	First       int     `json:"first_visit_bytes"` // with style sheets and scripts, without fonts
	MayFirst    int     `json:"first_visit_budget"`
	Load        float64 `json:"load_average"`
}

// Report is everything that was measured.
type Report struct{ Figures []Figure }

// WriteJSON prints one object for each figure, a line each.
func (r *Report) WriteJSON(w io.Writer) error { return intake.Lines(w, r.Figures, []Figure(nil)) }

// over marks what is heavier than it may be.
func over(have, may int) string {
	if have > may {
		return "!"
	}
	return ""
}

// WriteTable prints the same for people.
func (r *Report) WriteTable(w io.Writer) error {
	err := intake.Table(w, "\tpage\tway\ta second\tp50 ms\tp99\tCPU ms\t× hello\tHTML KB\tmay\tfirst visit KB\tmay\tload\t", r.Figures, func(f Figure) string {
		return fmt.Sprintf("%s\t%s\t%s\t%.0f\t%.2f\t%.2f\t%.3f\t%.1f\t%.1f%s\t%.0f\t%.1f%s\t%.0f\t%.1f\t", f.Kind, f.Path, f.Way, f.PerSecond, f.P50, f.P99, f.CPU, f.HelloCPU,
			kb(f.HTML), over(f.HTML, f.MayHTML), kb(f.MayHTML), kb(f.First), over(f.First, f.MayFirst), kb(f.MayFirst), f.Load)
	})
	if err == nil {
		_, err = fmt.Fprintln(w, "\nHanded out: asked for by a passer-by who shows no cookie but that of the language; made: by somebody with another. CPU is user and system time of the house.\nKB are 1,024 bytes as they travel, gzip; ! is heavier than the design lets it be. A first visit is the page with its style sheets and scripts, without fonts.")
	}
	return err
}

func kb(bytes int) float64 { return float64(bytes) / 1024 }
