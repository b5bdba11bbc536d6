package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

// TestWhateverHappensAtOnceNothingIsSpentTwice has many hands move money between
// the same few accounts, in any order, with references that come again, holds,
// reversals and entries of many lines. Afterwards everything adds up, and what is
// stored is what a clerk with a pencil would have.
func TestWhateverHappensAtOnceNothingIsSpentTwice(t *testing.T) {
	engines(t, func(b *book) {
		hands, each := 8, testkit.Size(60, 1000)
		giver := b.account("giver/people", Giver, "MAD", "")
		all := []*Account{giver}
		for i := range 5 {
			all = append(all, b.account("fund/"+strconv.Itoa(i), Fund, "MAD", ""))
		}
		var mu sync.Mutex
		kept := map[string]Entry{}
		var wait sync.WaitGroup
		for hand := range hands {
			wait.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(hand), 7))
				for n := range each {
					e := b.random(dice, all, fmt.Sprintf("%d", dice.IntN(hands*each)))
					if dice.IntN(4) > 0 {
						e.Ref = fmt.Sprintf("%d/%d", hand, n)
					}
					aside, amount, free := dice.IntN(6) == 0, 1+dice.Int64N(50), dice.IntN(2) == 0
					var posted *Entry
					err := b.do(actor.Actor{System: "test"}, func(t *deed.Tx) error { // may run more than once
						posted = nil
						if aside {
							h, err := SetAside(t, Hold{ID: id.New[Hold](t.Now()), Ref: "h" + e.Ref, Account: e.Postings[0].Account, Amount: amount, About: "test/1"})
							if err == nil && free && h.EndedAt.IsZero() {
								err = LetGo(t, h.ID)
							}
							return err
						}
						got, again, err := Post(t, e)
						if err == nil && !again {
							posted = &got
						}
						return err
					})
					if err == nil && posted != nil {
						mu.Lock()
						kept[posted.Ref] = *posted
						mu.Unlock()
					}
					if k := fault.KindOf(err); err != nil && k != fault.Conflict && !errors.Is(err, deed.ErrNothingDone) {
						b.Errorf("%s: %v", e.Ref, err)
					}
				}
			})
		}
		wait.Wait()
		b.replayed(all, kept)
	})
}

func (b *book) random(dice *rand.Rand, all []*Account, ref string) Entry {
	if dice.IntN(3) == 0 { // several lines, some of them fees
		from := all[dice.IntN(len(all))]
		e := Entry{Ref: ref, Postings: []Posting{{Account: from.ID}}}
		for range 1 + dice.IntN(3) {
			p := Posting{Account: all[dice.IntN(len(all))].ID, Amount: 1 + dice.Int64N(40), Fee: dice.IntN(4) == 0}
			e.Postings[0].Amount -= p.Amount
			e.Postings = append(e.Postings, p)
		}
		e.ID, e.About, e.ValueOn = id.New[Entry](b.clock.Now()), "test/"+ref, "2026-11-20"
		return e
	}
	e := entry(ref, all[dice.IntN(len(all))], all[dice.IntN(len(all))], 1+dice.Int64N(100))
	if dice.IntN(3) == 0 {
		e = entry(ref, all[0], all[1+dice.IntN(len(all)-1)], 1+dice.Int64N(200))
	}
	return e
}

// replayed adds up what is stored, line by line, and compares.
func (b *book) replayed(all []*Account, kept map[string]Entry) {
	b.Helper()
	if err := b.h.DB.Read(b.Context(), func(t *db.Tx) error {
		sums, refs := map[AccountID]int64{}, map[string]bool{}
		if err := Each(t, func(e Entry) error {
			refs[e.Ref] = true
			if k, ok := kept[e.Ref]; !ok || !k.same(e) {
				b.Errorf("%s is stored and nobody was told so", e.Ref)
			}
			for _, p := range e.Postings {
				sums[p.Account] += p.Amount
			}
			return nil
		}); err != nil {
			return err
		}
		for ref := range kept {
			if !refs[ref] {
				b.Errorf("%s was acknowledged and is gone", ref)
			}
		}
		var total int64
		for _, a := range all {
			now, err := Get(t, a.Code)
			if err != nil {
				return err
			}
			if total += now.Balance; sums[a.ID] != now.Balance || now.Limited && now.Free() < 0 {
				b.Errorf("%s holds %d (%d set aside), its lines add up to %d", a.Code, now.Balance, now.Held, sums[a.ID])
			}
		}
		if total != 0 || len(refs) < 20 {
			b.Errorf("all accounts sum to %d after %d entries", total, len(refs))
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

func TestAPathOfAnEarmarkIsAPartAndNotABeginning(t *testing.T) {
	t.Parallel()
	for earmark, fine := range map[string][]string{"": {"", "a", "a/b"}, "a": {"a", "a/b", "a/bc", "a/b/c"}, "a/b": {"a/b", "a/b/c"}} {
		for _, purpose := range []string{"", "a", "ab", "a/b", "a/bc", "a/b/c", "b"} {
			if got := covers(earmark, purpose); got != (earmark == "" || slices.Contains(fine, purpose)) {
				t.Errorf("%q for %q: %v", earmark, purpose, got)
			}
		}
	}
}
