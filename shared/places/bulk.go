package places

import (
	"slices"
	"sync"
	"sync/atomic"
)

// memo remembers what runs of words mean, for a batch: files repeat their words.
type memo struct {
	hits [alone + 1]map[string][]hit
	size int
}

// mostMemo is how many runs a worker remembers before it begins anew: some 20 MB.
const mostMemo = 1 << 16

func newMemo() *memo {
	m := &memo{}
	for i := range m.hits {
		m.hits[i] = map[string][]hit{}
	}
	return m
}

func (m *memo) get(key string, deep depth) ([]hit, bool) {
	hits, ok := m.hits[deep][key]
	return hits, ok
}

func (m *memo) put(key string, deep depth, hits []hit) {
	if m.size++; m.size > mostMemo {
		for i := range m.hits {
			clear(m.hits[i])
		}
		m.size = 1
	}
	m.hits[deep][key] = slices.Clone(hits)
}

// ResolveAll resolves many texts, as Resolve does one, on so many processors (0
// is one). hints may be nil, or has one for each text. Answers come in the order
// of the texts.
func (g *Gazetteer) ResolveAll(texts []string, hints []Hint, workers int) []Answer {
	out := make([]Answer, len(texts))
	const batch = 64
	var next atomic.Int64
	work := func() {
		q := g.query(newMemo())
		defer q.close()
		for {
			from := int(next.Add(batch)) - batch
			if from >= len(texts) {
				return
			}
			for i := from; i < min(from+batch, len(texts)); i++ {
				var h Hint
				if hints != nil {
					h = hints[i]
				}
				out[i] = q.resolve(texts[i], h)
			}
		}
	}
	var all sync.WaitGroup
	for range max(0, workers-1) {
		all.Go(work)
	}
	work()
	all.Wait()
	return out
}
