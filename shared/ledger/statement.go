package ledger

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Line is one posting as a statement shows it.
type Line struct {
	Seq      int64
	Entry    EntryID
	Ref      string
	About    string
	Purpose  string
	Document string
	ValueOn  string
	MadeAt   time.Time
	Amount   int64
	Reverses EntryID
	Fee      bool
	After    int64 // what the account holds then, in the order in which lines were written
}

// Statement is a page of what happened in an account, in the order in which it was
// written down, after a line (0: from the beginning).
func Statement(t *db.Tx, aid AccountID, after int64, limit int) ([]Line, error) {
	before, err := heldAt(t, aid, after)
	if err != nil {
		return nil, err
	}
	all, err := linesOf(t, aid, after, limit)
	for i := range all {
		before += all[i].Amount
		all[i].After = before
	}
	return all, err
}

// LinesAfter is everything that happened in an account after a line (0: from the
// beginning), without what it held then: to read on where somebody stopped.
func LinesAfter(t *db.Tx, aid AccountID, after int64) (all []Line, err error) {
	const page = 5000
	for {
		lines, err := linesOf(t, aid, after, page)
		if err != nil {
			return nil, err
		}
		if all = append(all, lines...); len(lines) < page {
			return all, nil
		}
		after = lines[len(lines)-1].Seq
	}
}

// Trial is what one account holds: the trial balance is all of them.
type Trial struct {
	Account *Account
	In, Out int64 // all that came, all that left, both above zero
}

// TrialBalance is what every account holds after all that counts until a day; it
// sums to zero for each asset.
func TrialBalance(t *db.Tx, till string) ([]Trial, error) { return trials(t, till) }
