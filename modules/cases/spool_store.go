package cases

import (
	"context"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

// alsoUnder lets a case open under a second number: it had been asked before the
// store went away, and its asker, who had not heard, asked again meanwhile.
func (o *Office) alsoUnder(ctx context.Context, n receipt.Number, cid CaseID) error {
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO cases_promised (number, spool, case_id, made_at) VALUES (?1, '', ?2, ?3)
			ON CONFLICT (number) DO UPDATE SET case_id = ?2`, n, cid, t.Now())
		return err
	})
}

// keepPromise lets go of a number that a request came in under.
func keepPromise(t *db.Tx, n receipt.Number) error {
	_, err := t.Exec(`DELETE FROM cases_promised WHERE number = ?1 AND case_id IS NULL`, n)
	return err
}

// promised tells what a number stands for that no case has as its own: the case
// that it opens as well; or nothing yet, because it waits in somebody's spool or
// was not given to anybody.
func promised(t *db.Tx, n receipt.Number) (cid CaseID, known bool, err error) {
	all, err := db.List(t, func(r db.Row) (c CaseID, err error) { return c, r.Scan(&c) }, `SELECT case_id FROM cases_promised WHERE number = ?1`, n)
	if err != nil || len(all) == 0 {
		return cid, false, err
	}
	return all[0], true, nil
}

// How many numbers a process has for when the store does not answer, and how many
// it draws at once: a unit of work that is over in a moment.
const (
	numbersLaidBy = 10_000
	numbersAtOnce = 250
)

// LayNumbersBy draws some of the receipt numbers that may be promised while the
// store does not answer. mine names the spool of this process. more says whether
// some are missing still.
func (o *Office) LayNumbersBy(ctx context.Context, mine string) (more bool, err error) {
	o.asides.mu.Lock()
	have, first := len(o.asides.numbers), !o.asides.asked
	o.asides.mu.Unlock()
	if first {
		return true, o.numbersOf(ctx, mine)
	}
	if have >= numbersLaidBy {
		return false, nil
	}
	var fresh []receipt.Number
	err = o.h.DB.Write(ctx, func(t *db.Tx) error {
		fresh = fresh[:0]
		for range numbersAtOnce {
			n, err := freshReceipt(t)
			if err != nil {
				return err
			}
			if _, err := t.Exec(`INSERT INTO cases_promised (number, spool, made_at) VALUES (?1, ?2, ?3)`, n, mine, t.Now()); err != nil {
				return err
			}
			fresh = append(fresh, n)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	o.asides.numbers = append(o.asides.numbers, fresh...)
	return len(o.asides.numbers) < numbersLaidBy, nil
}

// numbersOf finds the numbers that this process's spool had before it started,
// without those that were given to requests that still wait.
func (o *Office) numbersOf(ctx context.Context, mine string) error {
	var all []receipt.Number
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = db.List(t, func(r db.Row) (n receipt.Number, err error) { return n, r.Scan(&n) },
			`SELECT number FROM cases_promised WHERE spool = ?1 AND case_id IS NULL`, mine)
		return err
	})
	if err != nil {
		return err
	}
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	have := map[receipt.Number]bool{}
	for _, n := range o.asides.numbers { // kept from last time
		have[n] = true
	}
	for _, n := range all {
		if _, given := o.asides.byNumber[n]; !given && !have[n] && !o.asides.given[n] {
			o.asides.numbers = append(o.asides.numbers, n)
		}
	}
	o.asides.given = nil
	o.asides.asked = true
	return nil
}

// GiveNumbersBack lets go of the numbers of a spool that is no more: its process
// is dead, and what waited in it is in the store.
func (o *Office) GiveNumbersBack(ctx context.Context, spool string) error {
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`DELETE FROM cases_promised WHERE spool = ?1 AND case_id IS NULL`, spool)
		return err
	})
}

// crisesOrLast is what crises are open, or were when somebody last knew: a store
// that does not answer shuts the door on nobody.
func (o *Office) crisesOrLast(ctx context.Context) ([]Crisis, error) {
	all, err := o.Crises(ctx)
	if db.IsAway(err) {
		return o.crises.last(), nil
	}
	return all, err
}
