package translog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
	"github.com/twiza/twiza/testkit"
)

// TestWhateverHappensAtOnceTheLogOnlyGrows has many hands do deeds, some of which fail
// at their end, while three processes integrate and others read the head. Afterwards
// every deed that was done has its leaf and no other deed has, every head that anybody
// was shown continues the one before, and leaves stand in the order of keeping.
func TestWhateverHappensAtOnceTheLogOnlyGrows(t *testing.T) {
	engines(t, func(s *scene) {
		hands, each := 6, testkit.Size(25, 400)
		broken := errors.New("the deed failed at its end")
		processes := []*Log{s.Log, s.open(s.Log.shown.dir, ""), s.open(s.TempDir(), "")}
		kept, lost := map[LeafID]bool{}, map[LeafID]bool{}
		var heads [][]verify.Checkpoint
		var mu sync.Mutex
		var doing, integrating sync.WaitGroup
		over := make(chan struct{})
		for p, l := range processes {
			heads = append(heads, nil)
			integrating.Go(func() {
				for last := false; !last; {
					select {
					case <-over:
						last = true
					default:
					}
					if err := l.Integrate(s.Context()); err != nil {
						s.Error(err)
						return
					}
					msg, err := l.Checkpoint(s.Context())
					if err != nil {
						s.Error(err)
						return
					}
					c, err := s.keysOf().Open(msg)
					if err != nil {
						s.Error(err)
						return
					}
					heads[p] = append(heads[p], c.Checkpoint)
				}
			})
		}
		for hand := range hands {
			doing.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(hand), 5))
				for n := range each {
					fails := error(nil)
					if dice.IntN(4) == 0 {
						fails = broken
					}
					lid, err := gave(s.Context(), processes[dice.IntN(len(processes))], hand*each+n, fails)
					if !errors.Is(err, fails) {
						s.Error(err)
					}
					mu.Lock()
					if err == nil {
						kept[lid] = true
					} else {
						lost[lid] = true
					}
					mu.Unlock()
				}
			})
		}
		doing.Wait()
		close(over)
		integrating.Wait()
		s.compare(kept, lost)
		s.grown(heads)
	})
}

// compare looks for what was acknowledged and for what was not.
func (s *scene) compare(kept, lost map[LeafID]bool) {
	s.Helper()
	if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		n, last, late := 0, int64(-1), 0
		if err := eachLeaf(t, func(f leaf) error {
			n++
			if !kept[f.id] || lost[f.id] {
				s.Errorf("%s stands in the log, and its deed was not done", f.id)
			}
			if f.index < 0 {
				s.Errorf("%s has no place", f.id)
			}
			if f.index < last {
				late++
			}
			last = f.index
			return nil
		}); err != nil {
			return err
		}
		if n != len(kept) {
			s.Errorf("%d deeds were done, and %d leaves are there", len(kept), n)
		}
		// SQLite has one writer: what is kept first is seen first. Under PostgreSQL a
		// leaf of a lower number may be seen later, and then stands behind.
		if late > 0 && !t.Postgres() {
			s.Errorf("%d leaves stand before those that were kept before them", late)
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
}

// grown proves that every head continues each smaller one, whoever was shown it.
func (s *scene) grown(heads [][]verify.Checkpoint) {
	s.Helper()
	if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		x, pairs := newTree(t), 0
		var all []verify.Checkpoint
		for p, mine := range heads {
			for i := 1; i < len(mine); i++ {
				if mine[i].Size < mine[i-1].Size {
					s.Errorf("process %d showed %d leaves after %d", p, mine[i].Size, mine[i-1].Size)
				}
			}
			all = append(all, mine...)
		}
		dice := rand.New(rand.NewPCG(1, 1))
		for range min(400, len(all)*len(all)) {
			a, b := all[dice.IntN(len(all))], all[dice.IntN(len(all))]
			if a.Size > b.Size {
				a, b = b, a
			}
			if a.Size == 0 {
				continue
			}
			proof, err := tlog.ProveTree(b.Size, a.Size, x)
			if err != nil {
				return err
			}
			if err := verify.Continues(a, b, proof); err != nil {
				s.Errorf("%d leaves do not continue %d: %v", b.Size, a.Size, err)
			}
			pairs++
		}
		if pairs == 0 {
			return fmt.Errorf("of %d heads no two were compared", len(all))
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
}
