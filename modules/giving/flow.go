package giving

import (
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// leg is one line of an account: what came, or what left. before is the sum of all legs
// of its side before it.
type leg struct {
	entry  ledger.EntryID
	about  string
	amount int64 // above zero on either side
	before int64
}

// flow is what came to an account and what left it, each in its order. Lines that are
// settled lie in memory for all who ask (flows); the last ones were just read.
type flow struct {
	in, out       []leg // settled
	inNew, outNew []leg // since then
	at            func(ledger.EntryID) (int, bool)
	gone          []span // of what came, taken back: it left by itself, whole
	undo          []undo // of what left, and came again
}

// span is a stretch of all that came, as it was counted.
type span struct{ from, to int64 }

// undo is an entry and the one that took it back.
type undo struct{ was, by ledger.EntryID }

// flows keeps the settled lines of accounts: those that are so old that no transaction
// can bring one before them any more. The ledger changes none, so they are read once.
type flows struct {
	mu sync.Mutex // guards of
	of map[string]*settled
}

type settled struct {
	last    int64 // line up to which it reaches
	in, out []leg
	at      map[ledger.EntryID]int // of what came
	undone  []undo
}

// settles is how long a line may be written by somebody and not yet be seen by others.
const settles = 2 * time.Minute

// add puts lines behind those that are there. What takes back what came is no leg: it
// takes just that, wherever it stands in the row.
func add(in, out []leg, came, left int64, lines []ledger.Line, each func(ledger.EntryID, int)) (ins, outs []leg, undone []undo) {
	for _, l := range lines {
		if !l.Reverses.IsZero() {
			undone = append(undone, undo{l.Reverses, l.Entry})
		}
		x := leg{entry: l.Entry, about: l.About, amount: l.Amount}
		if l.Amount > 0 {
			x.before, x.about = came, "" // nobody asks what a gift is about
			came += x.amount
			if each != nil {
				each(x.entry, len(in))
			}
			in = append(in, x)
		} else if l.Reverses.IsZero() {
			x.amount, x.before = -l.Amount, left
			left += x.amount
			out = append(out, x)
		}
	}
	return in, out, undone
}

// sum is what all legs of a side come to.
func sum(legs []leg) int64 {
	if len(legs) == 0 {
		return 0
	}
	l := legs[len(legs)-1]
	return l.before + l.amount
}

func (s *Service) flowOf(t *db.Tx, code string) (f flow, err error) {
	a, err := ledger.Get(t, code)
	if err != nil {
		return f, err
	}
	s.flows.mu.Lock()
	if s.flows.of == nil {
		s.flows.of = map[string]*settled{}
	}
	k := s.flows.of[code]
	if k == nil {
		k = &settled{at: map[ledger.EntryID]int{}}
		s.flows.of[code] = k
	}
	last := k.last
	f.in, f.out, f.undo = k.in, k.out, slices.Clip(k.undone)
	s.flows.mu.Unlock()
	f.at = func(e ledger.EntryID) (int, bool) {
		s.flows.mu.Lock()
		defer s.flows.mu.Unlock()
		i, ok := k.at[e]
		return i, ok
	}
	lines, err := ledger.LinesAfter(t, a.ID, last)
	if err != nil {
		return f, err
	}
	old, now := 0, t.Now()
	for old < len(lines) && now.Sub(lines[old].MadeAt) > settles {
		old++
	}
	s.flows.mu.Lock()
	if k.last == last && old > 0 { // nobody else brought them meanwhile
		var more []undo
		k.in, k.out, more = add(k.in, k.out, sum(k.in), sum(k.out), lines[:old], func(e ledger.EntryID, i int) { k.at[e] = i })
		k.undone, k.last = append(k.undone, more...), lines[old-1].Seq
		f.in, f.out, f.undo, lines = k.in, k.out, slices.Clip(k.undone), lines[old:]
	}
	s.flows.mu.Unlock()
	var more []undo
	f.inNew, f.outNew, more = add(nil, nil, sum(f.in), sum(f.out), lines, nil)
	f.undo = append(f.undo, more...)
	for _, u := range f.undo {
		if from, to, came := f.raw(u.was); came {
			f.gone = append(f.gone, span{from, to})
		}
	}
	return f, nil
}

// raw is where an entry's coins lie among all that ever came; found is false where it
// brought nothing.
func (f flow) raw(e ledger.EntryID) (from, to int64, found bool) {
	if i, ok := f.at(e); ok && i < len(f.in) {
		return f.in[i].before, f.in[i].before + f.in[i].amount, true
	}
	for _, l := range f.inNew {
		if l.entry == e {
			return l.before, l.before + l.amount, true
		}
	}
	return 0, 0, false
}

// shift is where a coin lies among what came and stayed.
func (f flow) shift(at int64) int64 {
	to := at
	for _, g := range f.gone {
		if g.to <= at {
			to -= g.to - g.from
		}
	}
	return to
}

// stretch is where an entry's coins lie among all that came and was not taken back.
func (f flow) stretch(e ledger.EntryID) (from, to int64, found bool) {
	from, to, found = f.raw(e)
	shifted := f.shift(from)
	return shifted, shifted + to - from, found
}

// undone is the entry that took one back which had left.
func (f flow) undone(e ledger.EntryID) (by ledger.EntryID, ok bool) {
	for _, u := range f.undo {
		if u.was == e {
			return u.by, true
		}
	}
	return by, false
}

// gonePast tells whether more left than came before a coin.
func (f flow) gonePast(at int64) bool { return max(sum(f.out), sum(f.outNew)) > f.shift(at) }

// cut is what left of a stretch by one line, and where it lies among all of that line.
type cut struct {
	line  leg
	minor int64
	skip  int64 // coins of the line before it
}

// left is what left of a stretch; what did not waits still.
func (f flow) left(from, to int64) (cuts []cut, waits int64) {
	waits = to - from
	for _, side := range [][]leg{f.out, f.outNew} {
		first := sort.Search(len(side), func(i int) bool { return side[i].before+side[i].amount > from })
		for _, l := range side[first:] {
			if l.before >= to {
				break
			}
			a, b := max(from, l.before), min(to, l.before+l.amount)
			cuts, waits = append(cuts, cut{l, b - a, a - l.before}), waits-(b-a)
		}
	}
	return cuts, waits
}
