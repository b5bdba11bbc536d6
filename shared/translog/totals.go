package translog

import (
	"context"
	"fmt"
	"sync"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// running is what the leaves add up to as far as a process has read them: leaves with
// their places never change, so each is read once.
type running struct {
	mu     sync.Mutex
	size   int64
	totals verify.Totals
}

// Totals is what the leaves of the newest head add up to, as rows and as the public file
// totals.csv. The first call of a process reads the whole log, later ones what is new.
func (l *Log) Totals(ctx context.Context) (rows []verify.Total, csv []byte, err error) {
	head, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, err := parseNote(string(head))
	if err != nil {
		return nil, nil, err
	}
	l.sums.mu.Lock()
	defer l.sums.mu.Unlock()
	for l.sums.size < c.Size {
		if err := l.addUp(ctx, min(l.sums.size+integrateBatch, c.Size)); err != nil {
			return nil, nil, err
		}
	}
	return l.sums.totals.Rows(), l.sums.totals.CSV(), nil
}

// addUp adds the leaves up to a place, which is not among them.
func (l *Log) addUp(ctx context.Context, till int64) error {
	var all []leaf
	if err := l.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = entriesFrom(t, l.sums.size, till)
		return err
	}); err != nil {
		return err
	}
	if int64(len(all)) != till-l.sums.size {
		return fmt.Errorf("translog: %d entries from %d on, and not %d", len(all), l.sums.size, till-l.sums.size)
	}
	read := make([]verify.Leaf, len(all))
	for i, f := range all {
		var err error
		if read[i], err = verify.ParseLeaf(f.entry); err != nil {
			return fmt.Errorf("translog: the leaf %d: %w", f.index, err)
		}
	}
	for _, x := range read { // all of them or none: whoever comes again begins where this ended
		l.sums.totals.Add(x)
	}
	l.sums.size = till
	return nil
}
