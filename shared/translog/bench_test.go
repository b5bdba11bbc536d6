package translog

import (
	"path/filepath"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
)

// BenchmarkIntegrate is what a leaf costs after its deed: its place, its hashes and its
// part of a signed head, a thousand at a time, and one at a time.
func BenchmarkIntegrate(b *testing.B) {
	for name, together := range map[string]int{"one": 1, "thousand": integrateBatch} {
		b.Run(name, func(b *testing.B) {
			keys, _, err := NewKey(origin)
			if err != nil {
				b.Fatal(err)
			}
			l, store, err := openLog(b.Context(), model.SQLite(b), clock.System{}, crypt.NewMaster().Line(), keys, filepath.Join(b.TempDir(), "shown"), "")
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			leaves := 0
			for b.Loop() {
				b.StopTimer()
				for n := range together {
					if _, err := gave(b.Context(), l, n, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				if err := l.Integrate(b.Context()); err != nil {
					b.Fatal(err)
				}
				leaves += together
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(leaves), "µs/leaf")
		})
	}
}
