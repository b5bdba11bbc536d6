package cases

import (
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
)

func TestTheShelfForgetsWhoIsTakenOffAndTrustsNobodyForLong(t *testing.T) {
	t.Parallel()
	var s shelf
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	x := shelved{near: near{n: 7, id: id.New[Case](at), revision: 1, service: "help"}, seen: at}
	s.put(x)
	have := func(n int64, now time.Time) bool {
		all, missing := s.under([]int64{n}, now)
		return len(all) == 1 && len(missing) == 0
	}
	if !have(7, at.Add(shelfTrust/2)) || have(7, at.Add(2*shelfTrust)) || have(7, at.Add(-2*shelfTrust)) || have(8, at) {
		t.Error("a case is trusted for too long, or not at all, or under another number")
	}
	if _, ok := s.get(x.id, 2); ok {
		t.Error("a case that was changed is taken for what it was")
	}
	x.n, x.revision = 9, 2 // its place was corrected: it is found under other keys now
	s.put(x)
	if have(7, at) || !have(9, at) {
		t.Error("a case stands under its old number still")
	}
	s.drop(x.id)
	if _, ok := s.newest(x.id); ok || have(9, at) || len(s.at) != 0 {
		t.Error("who was forgotten lies on the shelf")
	}
	first := shelved{near: near{n: 1, id: id.New[Case](at)}, seen: at}
	s.put(first)
	for i := range int64(shelfHolds) {
		s.put(shelved{near: near{n: 10 + i, id: id.New[Case](at.Add(time.Duration(i)))}, seen: at})
	}
	if _, ok := s.newest(first.id); ok || have(1, at) || len(s.of) > shelfHolds || len(s.at) > shelfHolds {
		t.Errorf("the shelf holds %d cases under %d numbers, and the first of all", len(s.of), len(s.at))
	}
}
