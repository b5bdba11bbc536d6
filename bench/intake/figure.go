package intake

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// burst is one house, or hello, measured once.
type burst struct {
	tally            tally
	from, to         int // requests stored before and after
	server, database time.Duration
	memory           int64
	databaseMemory   int64
	load             float64
}

func (b burst) rate() float64 { return float64(b.tally.Done) / b.tally.Took.Seconds() }

func (b burst) each(spent time.Duration) time.Duration {
	return spent / time.Duration(max(1, b.tally.Done))
}

func (b burst) perOperation() time.Duration { return b.each(b.server + b.database) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// Figure is what the rounds of one kind came to. Times and rates are medians
// over the rounds; Best is the fastest round.
type Figure struct {
	Bench       string  `json:"bench"`
	Of          string  `json:"of"` // hello, sqlite, postgres
	Connections int     `json:"connections"`
	Rounds      int     `json:"rounds"`
	Requests    int     `json:"requests"`
	StoredFrom  int     `json:"stored_from"`
	StoredTo    int     `json:"stored_to"`
	PerSecond   float64 `json:"per_second"`
	Best        float64 `json:"best_per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	CPU         float64 `json:"cpu_ms"` // of server and database, for one operation
	ServerCPU   float64 `json:"server_cpu_ms"`
	DatabaseCPU float64 `json:"database_cpu_ms"`
	HelloCPU    float64 `json:"times_hello_cpu"`  // how many hellos one operation costs
	HelloRate   float64 `json:"times_hello_rate"` // how many hellos are answered in the time of one
	Memory      float64 `json:"memory_mb"`
	Database    float64 `json:"database_memory_mb"`
	Load        float64 `json:"load_average"`
}

func (f Figure) key() string { return fmt.Sprintf("%s/%d", f.Of, f.Connections) }

// of sums up the rounds.
func (f Figure) of(all []burst) Figure {
	over := func(what func(burst) float64) float64 { return Over(all, what) }
	f.Rounds = len(all)
	for i, b := range all {
		f.Requests += b.tally.Done
		f.Best, f.Load = max(f.Best, b.rate()), max(f.Load, b.load)
		f.Memory, f.Database = max(f.Memory, Megabytes(b.memory)), max(f.Database, Megabytes(b.databaseMemory))
		if i == 0 {
			f.StoredFrom = b.from
		}
		f.StoredTo = b.to
	}
	f.PerSecond = over(burst.rate)
	f.P50 = over(func(b burst) float64 { return Ms(b.tally.quantile(.5)) })
	f.P99 = over(func(b burst) float64 { return Ms(b.tally.quantile(.99)) })
	f.CPU = over(func(b burst) float64 { return Ms(b.perOperation()) })
	f.ServerCPU = over(func(b burst) float64 { return Ms(b.each(b.server)) })
	f.DatabaseCPU = over(func(b burst) float64 { return Ms(b.each(b.database)) })
	return f
}

const hello = "hello"

// beside compares every figure with hello of the same rounds.
func beside(all []Figure) []Figure {
	out := slices.Clone(all)
	for i := range out {
		for _, h := range all {
			if h.Of == hello && h.Connections == out[i].Connections && h.CPU > 0 && out[i].PerSecond > 0 {
				out[i].HelloCPU, out[i].HelloRate = out[i].CPU/h.CPU, h.PerSecond/out[i].PerSecond
			}
		}
	}
	return out
}

// Growth is how the cost of one request changed from a tenth of the stored
// requests to all of them, at the same number of connections.
type Growth struct {
	Bench string  `json:"bench"`
	Of    string  `json:"growth_of"`
	From  int     `json:"stored_from"`
	To    int     `json:"stored_to"`
	CPU   float64 `json:"cpu_ratio"`
	P99   float64 `json:"p99_ratio"`
}

// Report is everything that was measured: a tenth of the size first.
type Report struct{ Sizes[Figure] }

// Growth compares the two sizes.
func (r *Report) Growth() (out []Growth) {
	r.Pairs(func(a, b Figure) bool { return a.Of != hello && a.key() == b.key() && a.CPU > 0 && a.P99 > 0 },
		func(a, b Figure) {
			out = append(out, Growth{"intake", a.Of, a.StoredFrom, b.StoredFrom, b.CPU / a.CPU, b.P99 / a.P99})
		})
	return out
}

// peer is somebody else's figure for the same work, from another run on two
// cores of the same kind: it cannot be installed from where this bench may
// fetch things. Milliseconds of another run mean little; × hello means more.
type peer struct {
	Bench       string  `json:"bench"`
	Of          string  `json:"of"`
	Quoted      bool    `json:"quoted"` // not measured in this run
	Connections int     `json:"connections"`
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	CPU         float64 `json:"cpu_ms"`
	HelloCPU    float64 `json:"times_hello_cpu"`
	Note        string  `json:"note"`
}

var peers = []peer{
	{"intake", "ODK Central (Node 24, PostgreSQL 15)", true, 32, 109, 253, 385, 14.6, 359, "OpenRosa submission, durable"},
	{"intake", "PocketBase 0.39 (embedded SQLite)", true, 32, 1189, 20, 108, 1.05, 28, "create; not durable when the power fails"},
}

// WriteJSON prints one object for each figure, a line each.
func (r *Report) WriteJSON(w io.Writer) error {
	if err := Lines(w, r.All(), r.Growth()); err != nil {
		return err
	}
	return Lines(w, peers, []peer(nil))
}

// WriteTable prints the same for people.
func (r *Report) WriteTable(w io.Writer) error {
	err := Table(w, "\tconnections\tstored\t/s\tbest\tp50 ms\tp99 ms\tCPU ms\tof it database\t× hello CPU\t× hello time\tmemory MB\tdatabase MB\trounds\tload\t", r.All(), func(f Figure) string {
		stored := "-"
		if f.Of != hello {
			stored = fmt.Sprintf("%d to %d", f.StoredFrom, f.StoredTo)
		}
		return fmt.Sprintf("%s\t%d\t%s\t%.0f\t%.0f\t%.1f\t%.1f\t%.3f\t%.3f\t%.1f\t%.1f\t%.0f\t%.0f\t%d\t%.1f\t", f.Of, f.Connections, stored,
			f.PerSecond, f.Best, f.P50, f.P99, f.CPU, f.DatabaseCPU, f.HelloCPU, f.HelloRate, f.Memory, f.Database, f.Rounds, f.Load)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\nMedians over the rounds. CPU is user and system time of the server and its database for one operation, sealing included.")
	for _, g := range r.Growth() {
		fmt.Fprintf(w, "%s: from %d stored to %d, one request costs %.2f × the processor time, and p99 is %.2f ×.\n", g.Of, g.From, g.To, g.CPU, g.P99)
	}
	r.against(w)
	return nil
}

// against sets the figures beside the peers', for the same connections.
func (r *Report) against(w io.Writer) {
	fmt.Fprintln(w, "\nBeside others, whose figures are quoted from another run on two cores and were not measured here:")
	for _, p := range peers {
		fmt.Fprintf(w, "  %s, %d connections: %.0f/s, p99 %.0f ms, %.2f ms CPU, × hello %.0f (%s)\n", p.Of, p.Connections, p.PerSecond, p.P99, p.CPU, p.HelloCPU, p.Note)
		for _, f := range r.Full {
			if f.Of == hello || f.Connections != p.Connections || f.CPU == 0 || f.HelloCPU == 0 {
				continue
			}
			fmt.Fprintf(w, "    %s here: %.1f × the rate; %.3f of the CPU, %.3f in × hello\n", f.Of, f.PerSecond/p.PerSecond, f.CPU/p.CPU, f.HelloCPU/p.HelloCPU)
		}
	}
}

// sorted puts hello first, then the houses by name, each by its connections.
func sorted(all []Figure) []Figure {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Of, a.Of), cmp.Compare(a.Connections, b.Connections))
	})
	return out
}

func rank(f Figure) int {
	if f.Of == hello {
		return 0
	}
	return 1
}
