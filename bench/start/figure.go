package start

import (
	"fmt"
	"io"

	"github.com/twiza/twiza/bench/intake"
)

// Figure is one way of starting, or one state of a house that is open.
type Figure struct {
	Bench  string  `json:"bench"`
	Of     string  `json:"of"`
	Rounds int     `json:"rounds,omitempty"`
	First  float64 `json:"first_page_ms,omitempty"` // from the command to the end of the first page
	Memory float64 `json:"memory_mb,omitempty"`
	Binary float64 `json:"binary_mb,omitempty"`
	Load   float64 `json:"load_average"`
}

// Report is everything that was measured.
type Report struct{ Figures []Figure }

// WriteJSON prints one object for each figure, a line each.
func (r *Report) WriteJSON(w io.Writer) error { return intake.Lines(w, r.Figures, []Figure(nil)) }

// WriteTable prints the same for people.
func (r *Report) WriteTable(w io.Writer) error {
	blank := func(n float64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%.0f", n)
	}
	err := intake.Table(w, "\tfirst page ms\tmemory MB\tprogram MB\tload\t", r.Figures, func(f Figure) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%.1f\t", f.Of, blank(f.First), blank(f.Memory), blank(f.Binary), f.Load)
	})
	if err == nil {
		_, err = fmt.Fprintln(w, "\nThe first page is counted from the command that starts the house to the last byte of its first page, medians of the rounds; the program's own file is in the system's cache.\nMemory is what the system counts as resident (VmRSS); MB are of 2^20 bytes.")
	}
	return err
}
