package sms

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/twiza/twiza/bench/intake"
)

// burst is one thing measured once.
type burst struct {
	n              int     // messages in, with one answer each
	in, out        float64 // messages a second
	cpu, database  time.Duration
	ack50, ack99   time.Duration
	hook50, hook99 time.Duration
	conversations  int
	memory         int64
	databaseMemory int64
	load           float64
}

func (b burst) each() time.Duration { return b.cpu / time.Duration(max(1, b.n)) }

// waits takes over how long people waited.
func (b *burst) waits(c *crowd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := func(all []time.Duration, part float64) time.Duration {
		if len(all) == 0 {
			return 0
		}
		slices.Sort(all)
		return all[min(len(all)-1, int(part*float64(len(all))))]
	}
	b.ack50, b.ack99, b.hook50, b.hook99 = at(c.acks, .5), at(c.acks, .99), at(c.hooks, .5), at(c.hooks, .99)
}

// Figure is what the rounds of one kind came to; medians over the rounds.
type Figure struct {
	Bench         string  `json:"bench"`
	Of            string  `json:"of"`   // hello, sqlite, postgres
	What          string  `json:"what"` // in, out, as fast as it goes, steady, failing
	Rate          int     `json:"messages_per_hour,omitempty"`
	Rounds        int     `json:"rounds"`
	Messages      int     `json:"messages"`
	Conversations int     `json:"conversations"` // stored, at the end
	In            float64 `json:"in_per_second"`
	Out           float64 `json:"out_per_second"`
	CPU           float64 `json:"cpu_ms"` // of server and database, for one message
	Database      float64 `json:"database_cpu_ms"`
	HelloCPU      float64 `json:"times_hello_cpu"`
	Ack50         float64 `json:"answered_p50_ms"` // from the gateway's call to the answer on the phone
	Ack99         float64 `json:"answered_p99_ms"`
	Hook50        float64 `json:"thanked_p50_ms"` // until the gateway's call is thanked: it is on the disk
	Hook99        float64 `json:"thanked_p99_ms"`
	Memory        float64 `json:"memory_mb"`
	DatabaseMem   float64 `json:"database_memory_mb"`
	Load          float64 `json:"load_average"`
}

// figures sums up what was noted since the last time.
func (r *run) figures() (out []Figure) {
	for _, f := range r.order {
		all := r.seen[fmt.Sprintf("%s/%s/%d", f.Of, f.What, f.Rate)]
		over := func(what func(burst) float64) float64 { return intake.Over(all, what) }
		f.Rounds = len(all)
		for _, b := range all {
			f.Messages += b.n
			f.Conversations, f.Load = max(f.Conversations, b.conversations), max(f.Load, b.load)
			f.Memory, f.DatabaseMem = max(f.Memory, intake.Megabytes(b.memory)), max(f.DatabaseMem, intake.Megabytes(b.databaseMemory))
		}
		f.In, f.Out = over(func(b burst) float64 { return b.in }), over(func(b burst) float64 { return b.out })
		f.CPU, f.Database = over(func(b burst) float64 { return intake.Ms(b.each()) }), over(func(b burst) float64 { return intake.Ms(b.database) / float64(max(1, b.n)) })
		f.Ack50, f.Ack99 = over(func(b burst) float64 { return intake.Ms(b.ack50) }), over(func(b burst) float64 { return intake.Ms(b.ack99) })
		f.Hook50, f.Hook99 = over(func(b burst) float64 { return intake.Ms(b.hook50) }), over(func(b burst) float64 { return intake.Ms(b.hook99) })
		out = append(out, f)
	}
	r.order, r.seen = nil, map[string][]burst{}
	for i := range out {
		if out[0].Of == hello && out[0].CPU > 0 {
			out[i].HelloCPU = out[i].CPU / out[0].CPU
		}
	}
	return out
}

// Growth is how the cost of one message changed from a tenth of the stored
// conversations to all of them.
type Growth struct {
	Bench string  `json:"bench"`
	Of    string  `json:"growth_of"`
	What  string  `json:"what"`
	From  int     `json:"conversations_from"`
	To    int     `json:"conversations_to"`
	CPU   float64 `json:"cpu_ratio"`
}

// Report is everything that was measured: a tenth of the size first.
type Report struct{ intake.Sizes[Figure] }

// Growth compares the two sizes.
func (r *Report) Growth() (out []Growth) {
	r.Pairs(func(a, b Figure) bool { return a.Of == b.Of && a.What == b.What && a.CPU > 0 },
		func(a, b Figure) {
			out = append(out, Growth{"sms", a.Of, a.What, a.Conversations, b.Conversations, b.CPU / a.CPU})
		})
	return out
}

// WriteJSON prints one object for each figure, a line each.
func (r *Report) WriteJSON(w io.Writer) error { return intake.Lines(w, r.All(), r.Growth()) }

// WriteTable prints the same for people.
func (r *Report) WriteTable(w io.Writer) error {
	err := intake.Table(w, "\twhat\tan hour\tconversations\tmessages\tin /s\tout /s\tCPU ms\tof it database\t× hello\tanswered p50 ms\tp99\tthanked p50 ms\tp99\tmemory MB\tdatabase MB\trounds\tload\t", r.All(), func(f Figure) string {
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%.1f\t%.1f\t%.3f\t%.3f\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f\t%.0f\t%.0f\t%d\t%.1f\t", f.Of, f.What, f.Rate, f.Conversations, f.Messages,
			f.In, f.Out, f.CPU, f.Database, f.HelloCPU, f.Ack50, f.Ack99, f.Hook50, f.Hook99, f.Memory, f.DatabaseMem, f.Rounds, f.Load)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\nNo message was lost and none was answered twice. Medians over the rounds. CPU is user and system time of the server and its database for one message,\nthe sealing of the journal included; the gateway and the people are in another process and not counted.")
	for _, g := range r.Growth() {
		fmt.Fprintf(w, "%s, %s: from %d conversations to %d, one message costs %.2f × the processor time.\n", g.Of, g.What, g.From, g.To, g.CPU)
	}
	return nil
}
