package giving

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/platform/db"
)

const earmarkColumns = `e.id, e.fund, e.n, e.names, e.opened_at, e.closed_at`

func scanEarmark(r db.Row) (*Earmark, error) {
	var e Earmark
	var names string
	if err := r.Scan(&e.ID, &e.Fund, &e.N, &names, db.Time(&e.OpenedAt), db.Time(&e.ClosedAt)); err != nil {
		return nil, err
	}
	return &e, json.Unmarshal([]byte(names), &e.Names)
}

func earmarksOf(t *db.Tx, fid FundID) ([]*Earmark, error) {
	return db.List(t, scanEarmark, `SELECT `+earmarkColumns+` FROM giving_earmark e WHERE e.fund = ?1 ORDER BY e.n`, fid)
}

func earmarkByID(t *db.Tx, eid EarmarkID) (*Earmark, error) {
	return db.One(t, scanEarmark, `SELECT `+earmarkColumns+` FROM giving_earmark e WHERE e.id = ?1`, eid)
}

// earmarkOf is that of a gift or an envelope; nil is none.
func earmarkOf(t *db.Tx, eid EarmarkID) (*Earmark, error) {
	if eid.IsZero() {
		return nil, nil
	}
	return earmarkByID(t, eid)
}

// addEarmark keeps one and gives it its number, the fund's row locked: two who open one at
// once get two numbers. open is how many are open then.
func addEarmark(t *db.Tx, e *Earmark) (fresh bool, open int64, err error) {
	if err := lockFund(t, e.Fund); err != nil {
		return false, 0, err
	}
	names, err := json.Marshal(e.Names)
	if err != nil {
		return false, 0, err
	}
	n, err := t.Exec(`INSERT INTO giving_earmark (id, fund, n, names, opened_at) SELECT ?1, ?2, COALESCE(MAX(e.n), 0) + 1, ?3, ?4 FROM giving_earmark e WHERE e.fund = ?2 ON CONFLICT (id) DO NOTHING`,
		e.ID, e.Fund, string(names), e.OpenedAt)
	if err != nil || n == 0 {
		return false, 0, err
	}
	is, err := earmarkByID(t, e.ID)
	if err != nil {
		return false, 0, err
	}
	e.N = is.N
	open, err = db.One(t, db.Int, `SELECT COUNT(*) FROM giving_earmark e WHERE e.fund = ?1 AND e.closed_at IS NULL`, e.Fund)
	return true, open, err
}

func closeEarmark(t *db.Tx, eid EarmarkID, at time.Time) (bool, error) {
	n, err := t.Exec(`UPDATE giving_earmark SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL`, eid, at)
	return n == 1, err
}

// lockFund keeps other hands off what is numbered within a fund until the deed ends.
func lockFund(t *db.Tx, fid FundID) error {
	_, err := t.Exec(`UPDATE giving_fund SET code = code WHERE id = ?1`, fid)
	return err
}
