package cases

import (
	"sync"
	"time"

	"github.com/twiza/twiza/shared/linkage"
)

// shelf keeps the latest cases ready for comparing, so that each is unsealed and
// read once and not for every report that comes after it. It lies in memory alone
// and holds so many at most; who is forgotten is taken off at once. What it says of
// a case was so a moment ago: whatever is told because of it is read again first.
type shelf struct {
	mu   sync.Mutex // guards what follows
	of   map[CaseID]shelved
	at   map[int64]CaseID // by the number under which it is found
	turn []CaseID         // in the order in which they came, round and round
	next int
}

// shelved is a case on the shelf.
type shelved struct {
	near
	sketch linkage.Sketch // empty of one that is over
	seen   time.Time      // when the store said so
	fresh  bool           // the store said so just now; never on the shelf
}

const (
	// shelfHolds is how many: a night's busiest hour, at a few kilobytes each.
	shelfHolds = 8192
	// shelfTrust is how long a case that seems to be about something else is not read
	// again: somebody may be correcting it.
	shelfTrust = 20 * time.Second
)

// under are the cases that stand under some numbers, and the numbers that the shelf
// does not know, or not any more.
func (s *shelf) under(ns []int64, now time.Time) (out []shelved, missing []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range ns {
		x, ok := s.of[s.at[n]]
		if ok && x.n == n && now.Sub(x.seen).Abs() < shelfTrust {
			out = append(out, x)
		} else {
			missing = append(missing, n)
		}
	}
	return out, missing
}

// get is the sketch of a case at a revision.
func (s *shelf) get(cid CaseID, revision int64) (linkage.Sketch, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.of[cid]
	return x.sketch, ok && x.revision == revision && !x.over
}

// newest is a case as it was put there last.
func (s *shelf) newest(cid CaseID) (shelved, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.of[cid]
	return x, ok
}

func (s *shelf) put(x shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of, s.at = map[CaseID]shelved{}, map[int64]CaseID{}
	}
	if was, again := s.of[x.id]; again {
		delete(s.at, was.n)
	} else if len(s.turn) < shelfHolds {
		s.turn = append(s.turn, x.id)
	} else {
		s.take(s.turn[s.next])
		s.turn[s.next] = x.id
		s.next = (s.next + 1) % shelfHolds
	}
	s.of[x.id], s.at[x.n] = x, x.id
}

func (s *shelf) drop(cid CaseID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(cid)
}

func (s *shelf) take(cid CaseID) {
	if x, ok := s.of[cid]; ok {
		delete(s.at, x.n)
	}
	delete(s.of, cid)
}

// compared is a request that was compared with some while it was taken in.
type compared struct {
	found []proposal
	rest  []int64 // the numbers of those that it was not compared with
}

// soon is what was found of requests while they were taken in, until it is proposed. It
// holds so many at most: what it does not know is looked for anew.
type soon struct {
	mu sync.Mutex // guards of
	of map[CaseID]compared
}

const soonHolds = 16384

func (s *soon) put(cid CaseID, x compared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil || len(s.of) >= soonHolds { // nobody took them: another process proposes
		s.of = map[CaseID]compared{}
	}
	s.of[cid] = x
}

func (s *soon) take(cid CaseID) (x compared, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok = s.of[cid]
	delete(s.of, cid)
	return x, ok
}
