package cases

import (
	"sync"
	"time"
)

// draftMemory is the forms under way that this process saw last, sealed as they
// lie in the store: while the store does not answer, people go on with them.
type draftMemory struct {
	mu    sync.Mutex
	all   map[DraftID]rememberedDraft
	order []DraftID // as they came; those that are gone are passed over
}

type rememberedDraft struct {
	service      string
	version      int
	body, around []byte
	endsAt       time.Time
	stored       bool // the store has it, and says when it is gone
}

// How many are remembered, and for how long after somebody last wrote.
const (
	draftsInMind = 4096
	draftMind    = 2 * time.Hour
)

func (m *draftMemory) put(did DraftID, d rememberedDraft) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[DraftID]rememberedDraft{}
	}
	if _, ok := m.all[did]; !ok {
		m.order = append(m.order, did)
	}
	m.all[did] = d
	for len(m.all) > draftsInMind || len(m.order) > 2*draftsInMind {
		delete(m.all, m.order[0])
		m.order = m.order[1:]
	}
}

func (m *draftMemory) get(did DraftID, now time.Time) (rememberedDraft, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.all[did]
	return d, ok && now.Before(d.endsAt)
}

func (m *draftMemory) drop(did DraftID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, did)
}

// sweep forgets those whose time is over.
func (m *draftMemory) sweep(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for did, d := range m.all {
		if !now.Before(d.endsAt) {
			delete(m.all, did)
		}
	}
}
