package cases

import (
	"sync"

	"github.com/twiza/twiza/shared/linkage"
)

// shelf keeps the latest cases ready for comparing, so that each is unsealed and
// read once and not for every report that comes after it. It lies in memory alone
// and holds so many at most; who is forgotten is taken off at once.
type shelf struct {
	mu   sync.Mutex // guards what follows
	of   map[CaseID]shelved
	turn []CaseID // in the order in which they came, round and round
	at   int
}

type shelved struct {
	revision int64
	sketch   linkage.Sketch
}

// shelfHolds is how many: a night's busiest hour, at a few kilobytes each.
const shelfHolds = 8192

func (s *shelf) get(cid CaseID, revision int64) (linkage.Sketch, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.of[cid]
	return x.sketch, ok && x.revision == revision
}

func (s *shelf) put(cid CaseID, revision int64, sketch linkage.Sketch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[CaseID]shelved{}
	}
	if _, again := s.of[cid]; !again {
		if len(s.turn) < shelfHolds {
			s.turn = append(s.turn, cid)
		} else {
			delete(s.of, s.turn[s.at])
			s.turn[s.at] = cid
			s.at = (s.at + 1) % shelfHolds
		}
	}
	s.of[cid] = shelved{revision, sketch}
}

func (s *shelf) drop(cid CaseID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, cid)
}
