package release

import (
	"fmt"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// shelf keeps what was read of lots and cells. They are written once and never
// changed: as long as a stretch of time holds as many, from the same first to the
// same last, it holds the same, and every public page asks for it.
type shelf struct {
	mu  sync.Mutex
	all map[string]any
}

// mostKept bounds what is kept: some stretches of each kind and table.
const mostKept = 64

// stretch is what tells one stretch of time from another.
type stretch struct {
	n           int64
	first, last time.Time
}

// kept reads rows, or gives those that were read of the same stretch before.
// Whoever gets them changes nothing in them.
func kept[T any](s *shelf, name string, of stretch, read func() ([]T, error)) ([]T, error) {
	if of.n == 0 {
		return nil, nil
	}
	key := fmt.Sprintf("%s %d %d %d", name, of.n, of.first.UnixMicro(), of.last.UnixMicro())
	s.mu.Lock()
	rows, ok := s.all[key]
	s.mu.Unlock()
	if ok {
		return rows.([]T), nil
	}
	fresh, err := read()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= mostKept {
		s.all = map[string]any{}
	}
	s.all[key] = fresh
	return fresh, nil
}

func (p *Press) sums(t *db.Tx, kind string, since, till time.Time) ([]sum, error) {
	of, err := lotsIn(t, kind, since, till)
	if err != nil {
		return nil, err
	}
	return kept(&p.shelf, "sums "+kind, of, func() ([]sum, error) { return sums(t, kind, since, till) })
}

func (p *Press) moments(t *db.Tx, kind string, since, till time.Time) ([]sum, error) {
	of, err := lotsIn(t, kind, since, till)
	if err != nil {
		return nil, err
	}
	return kept(&p.shelf, "moments "+kind, of, func() ([]sum, error) { return moments(t, kind, since, till) })
}

func (p *Press) cells(t *db.Tx, kind, dim string, since, till time.Time) ([]kinship, error) {
	of, err := cellsIn(t, kind, dim, since, till)
	if err != nil {
		return nil, err
	}
	return kept(&p.shelf, "cells "+kind+" "+dim, of, func() ([]kinship, error) { return cells(t, kind, dim, since, till) })
}
