package ledger

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

const holdColumns = `h.id, h.ref, h.account, h.amount, h.about, h.made_at, h.till, h.ended_at, h.entry`

func scanHold(r db.Row) (h Hold, err error) {
	return h, r.Scan(&h.ID, &h.Ref, &h.Account, &h.Amount, &h.About, db.Time(&h.MadeAt), db.Time(&h.Till), db.Time(&h.EndedAt), &h.Entry)
}

func holdByRef(t *db.Tx, ref string) (Hold, error) {
	return db.One(t, scanHold, `SELECT `+holdColumns+` FROM ledger_hold h WHERE h.ref = ?1`, ref)
}

func holdByID(t *db.Tx, hid HoldID) (Hold, error) {
	return db.One(t, scanHold, `SELECT `+holdColumns+` FROM ledger_hold h WHERE h.id = ?1`, hid)
}

func insertHold(t *db.Tx, h Hold) (bool, error) {
	n, err := t.Exec(`INSERT INTO ledger_hold (id, ref, account, amount, about, made_at, till) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (ref) DO NOTHING`,
		h.ID, h.Ref, h.Account, h.Amount, h.About, h.MadeAt, db.OrNull(h.Till))
	return n == 1, err
}

// holdMore sets more aside, or less, unless the account has not so much.
func holdMore(t *db.Tx, aid AccountID, amount int64) (bool, error) {
	n, err := t.Exec(`UPDATE ledger_account SET held = held + ?2 WHERE id = ?1 AND (?2 < 0 OR closed_at IS NULL AND (floor IS NULL OR balance - held - ?2 >= floor))`, aid, amount)
	return n == 1, err
}

func endHold(t *db.Tx, hid HoldID, by EntryID) (bool, error) {
	n, err := t.Exec(`UPDATE ledger_hold SET ended_at = ?2, entry = ?3 WHERE id = ?1 AND ended_at IS NULL`, hid, t.Now(), db.OrNull(by))
	return n == 1, err
}

// holdsOver are the open holds whose time is over, a few at once.
func holdsOver(t *db.Tx, now time.Time) ([]HoldID, error) {
	return db.List(t, func(r db.Row) (h HoldID, err error) { return h, r.Scan(&h) },
		`SELECT id FROM ledger_hold WHERE ended_at IS NULL AND till <= ?1 ORDER BY till, id LIMIT 500`, now)
}
