package sync

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/twiza/twiza/bench/figures"
)

// Figure is what one kind of thing came to in one house.
type Figure struct {
	Bench     string  `json:"bench"`
	Of        string  `json:"of"`   // sqlite, postgres
	What      string  `json:"what"` // records, photos
	Phones    int     `json:"phones"`
	N         int     `json:"acknowledged"`
	Seconds   float64 `json:"seconds"` // until the last was acknowledged, the time that the house was away included
	PerSecond float64 `json:"per_second"`
	CPU       float64 `json:"cpu_ms"` // of server and database, for one
	Database  float64 `json:"database_cpu_ms"`
	HelloCPU  float64 `json:"times_hello_cpu"`
	Hello     float64 `json:"hello_per_second"`
	Ack50     float64 `json:"answered_p50_ms"` // of one batch of records, or one whole photo
	Ack99     float64 `json:"answered_p99_ms"`
	Retries   int     `json:"retries"`
	Lost      int     `json:"lost"`
	Doubled   int     `json:"doubled"`
	Memory    float64 `json:"memory_mb"`
	Load      float64 `json:"load_average"`
}

// Report is everything that was measured.
type Report struct{ Figures []Figure }

// WriteJSON prints one object for each figure, a line each.
func (r *Report) WriteJSON(w io.Writer) error {
	return figures.JSON(w, r.Figures)
}

// WriteTable prints the same for people.
func (r *Report) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\twhat\tphones\tacknowledged\tseconds\ta second\tCPU ms\tof it database\t× hello\tp50 ms\tp99\tretries\tlost\tdoubled\tmemory MB\tload\t")
	for _, f := range r.Figures {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%.1f\t%.0f\t%.3f\t%.3f\t%.0f\t%.0f\t%.0f\t%d\t%d\t%d\t%.0f\t%.1f\t\n", f.Of, f.What, f.Phones, f.N, f.Seconds, f.PerSecond, f.CPU, f.Database,
			f.HelloCPU, f.Ack50, f.Ack99, f.Retries, f.Lost, f.Doubled, f.Memory, f.Load)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nAll phones begin at the same moment; the seconds are those until the last of all was acknowledged. p50 and p99 are of a batch of 20 records, and of a whole photo.\nCPU is user and system time of the server (killed and new) and its database, the sealing of the journal included; the phones are in another process and not counted.")
	return err
}
