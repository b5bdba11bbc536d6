package room

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

const bulkColumns = `id, account, act, team, sector, state, made_at, done_at, undone_at`

func scanBulk(r db.Row) (*Bulk, error) {
	var b Bulk
	return &b, r.Scan(&b.ID, &b.Account, &b.Act, db.Opt(&b.Team), &b.Sector, (*string)(&b.State), db.Time(&b.MadeAt), db.Time(&b.DoneAt), db.Time(&b.UndoneAt))
}

func getBulk(t *db.Tx, bid BulkID) (*Bulk, error) {
	return db.One(t, scanBulk, `SELECT `+bulkColumns+` FROM room_bulk WHERE id = ?1`, bid)
}

func addBulk(t *db.Tx, b *Bulk, all []Item) error {
	if _, err := t.Exec(`INSERT INTO room_bulk (id, account, act, team, sector, state, touched, made_at) VALUES (?1, ?2, ?3, ?4, ?5, 'draft', 0, ?6)`,
		b.ID, b.Account, b.Act, db.OrNull(b.Team), b.Sector, b.MadeAt); err != nil {
		return err
	}
	for n, x := range all {
		if _, err := t.Exec(`INSERT INTO room_bulk_item (bulk, case_id, n, seen, state) VALUES (?1, ?2, ?3, ?4, 'chosen')`, b.ID, x.Case, n, x.Seen); err != nil {
			return err
		}
	}
	return nil
}

func itemsOf(t *db.Tx, bid BulkID) ([]item, error) {
	return db.List(t, func(r db.Row) (x item, err error) {
		var reason string
		err = r.Scan(&x.Case, &x.Seen, &x.State, db.Opt(&x.After), &x.Was, db.Opt(&reason))
		if reason != "" {
			x.Reason = unpackWhy(reason)
		}
		return x, err
	}, `SELECT case_id, seen, state, after, was, reason FROM room_bulk_item WHERE bulk = ?1 ORDER BY n`, bid)
}

// lock holds a bulk while one of its cases is changed: whoever does it and whoever
// undoes it come one after the other. False when it is no longer in that state.
func lock(t *db.Tx, bid BulkID, state BulkState) (bool, error) {
	n, err := t.Exec(`UPDATE room_bulk SET touched = touched + 1 WHERE id = ?1 AND state = ?2`, bid, string(state))
	return n == 1, err
}

// begin takes a draft to be done; false when somebody has begun it already.
func begin(t *db.Tx, bid BulkID) (bool, error) {
	n, err := t.Exec(`UPDATE room_bulk SET state = 'done', done_at = ?2 WHERE id = ?1 AND state = 'draft'`, bid, t.Now())
	return n == 1, err
}

// takeBack begins the undoing of what was done; false when it is begun already.
func takeBack(t *db.Tx, bid BulkID) (bool, error) {
	n, err := t.Exec(`UPDATE room_bulk SET state = 'undone', undone_at = ?2 WHERE id = ?1 AND state = 'done'`, bid, t.Now())
	return n == 1, err
}

// markDone says that the bulk did what it should to one case; false when that was
// said before.
func markDone(t *db.Tx, bid BulkID, x Item, was []byte, after int64) (bool, error) {
	n, err := t.Exec(`UPDATE room_bulk_item SET state = 'done', was = ?3, after = ?4 WHERE bulk = ?1 AND case_id = ?2 AND state = 'chosen'`, bid, x.Case, was, after)
	return n == 1, err
}

func markUndone(t *db.Tx, bid BulkID, x Item) (bool, error) {
	n, err := t.Exec(`UPDATE room_bulk_item SET state = 'undone' WHERE bulk = ?1 AND case_id = ?2 AND state = 'done'`, bid, x.Case)
	return n == 1, err
}

// markWhy says why a case was not done, or not put back: from one state to another.
func markWhy(t *db.Tx, bid BulkID, x Item, from, to, reason string) error {
	_, err := t.Exec(`UPDATE room_bulk_item SET state = ?4, reason = ?5 WHERE bulk = ?1 AND case_id = ?2 AND state = ?3`, bid, x.Case, from, to, reason)
	return err
}

// sweepBulks takes away drafts that nobody did, and what is long over.
func sweepBulks(t *db.Tx, drafts, over time.Time) error {
	const old = `(state = 'draft' AND made_at < ?1) OR made_at < ?2`
	if _, err := t.Exec(`DELETE FROM room_bulk_item WHERE bulk IN (SELECT id FROM room_bulk WHERE `+old+`)`, drafts, over); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM room_bulk WHERE `+old, drafts, over)
	return err
}
