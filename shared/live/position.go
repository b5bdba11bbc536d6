package live

import (
	"maps"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Under PostgreSQL a line may become readable after lines with higher numbers:
// numbers are given when a line is written, and its transaction may end later
// than another's. Numbers that were passed over are therefore looked for again,
// at each reading at first and more seldom later, until nobody can still be
// about to write them: a transaction that failed leaves its number out for ever.
const (
	lateBy  = 1000            // numbers below the newest, at the start, that may still be missing
	waitFor = 2 * time.Minute // for a number; no deed takes as long
	youngAt = 5 * time.Second // until then it is looked for at each reading
	seldom  = 2 * time.Second // and then so often
	mostOut = 20_000          // numbers looked for at once; the oldest are given up beyond that
)

// position is how far the journal was read.
type position struct {
	last   int64               // the highest number seen
	out    map[int64]time.Time // numbers below it that were not, and since when
	looked time.Time           // when the older ones were looked for
}

func (p position) clone() position {
	p.out = maps.Clone(p.out)
	return p
}

// begin stands at the end of the journal: what is not readable yet comes.
func (p *position) begin(t *db.Tx) error {
	last, err := deed.Head(t)
	if err != nil {
		return err
	}
	*p = position{last: last, out: map[int64]time.Time{}, looked: t.Now()}
	if !t.Postgres() {
		return nil
	}
	there, err := deed.After(t, max(0, last-lateBy), lateBy)
	if err != nil {
		return err
	}
	at := max(0, last-lateBy)
	for _, c := range there {
		p.pass(at, c.Number, t.Now())
		at = c.Number
	}
	return nil
}

// pass notes the numbers between two that were seen one after the other.
func (p *position) pass(from, to int64, now time.Time) {
	for n := max(from+1, to-mostOut); n < to; n++ {
		p.out[n] = now
	}
}

// read lists what is readable now, oldest number first, and moves on.
func (p *position) read(t *db.Tx) (fresh []Change, more bool, err error) {
	late, err := p.late(t)
	if err != nil {
		return nil, false, err
	}
	news, err := deed.After(t, p.last, atOnce)
	if err != nil {
		return nil, false, err
	}
	for _, c := range news {
		if t.Postgres() { // SQLite has one writer: a number left out was never a line
			p.pass(p.last, c.Number, t.Now())
		}
		p.last = c.Number
	}
	p.forget(t.Now())
	return append(late, news...), len(news) == atOnce, nil
}

// late looks again for numbers that were passed over.
func (p *position) late(t *db.Tx) (found []Change, err error) {
	if len(p.out) == 0 {
		return nil, nil
	}
	old := t.Now().Sub(p.looked) >= seldom
	if old {
		p.looked = t.Now()
	}
	var ask []int64
	for n, since := range p.out {
		if old || t.Now().Sub(since) < youngAt {
			ask = append(ask, n)
		}
	}
	slices.Sort(ask)
	for part := range slices.Chunk(ask, deed.NumberedMost) {
		some, err := deed.Numbered(t, part)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			delete(p.out, c.Number)
		}
		found = append(found, some...)
	}
	return found, nil
}

// forget gives up numbers that nobody writes any more.
func (p *position) forget(now time.Time) {
	maps.DeleteFunc(p.out, func(_ int64, since time.Time) bool { return now.Sub(since) > waitFor })
	if len(p.out) <= mostOut {
		return
	}
	for _, n := range slices.Sorted(maps.Keys(p.out))[:len(p.out)-mostOut] {
		delete(p.out, n)
	}
}
