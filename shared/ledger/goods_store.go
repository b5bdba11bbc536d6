package ledger

import "github.com/twiza/twiza/platform/db"

// AssetsGiven are the goods of which somebody was ever given something.
func AssetsGiven(t *db.Tx) ([]string, error) {
	return db.List(t, db.Text, `SELECT DISTINCT a.asset FROM ledger_account a WHERE a.kind = 'given' AND a.asset LIKE 'lot/%' ORDER BY a.asset`)
}

// Movements are all postings of an asset, in the order in which their entries were
// written.
func Movements(t *db.Tx, asset string) ([]Movement, error) { return MovementsAfter(t, asset, 0, 0) }

// MovementsAfter are those of entries after one (Order), of which no posting stands
// before a line (Seq): to read on where somebody stopped.
func MovementsAfter(t *db.Tx, asset string, order, seq int64) ([]Movement, error) {
	return db.List(t, func(r db.Row) (m Movement, err error) {
		return m, r.Scan(&m.Seq, &m.Order, &m.Entry, &m.Ref, &m.About, &m.ValueOn, db.Time(&m.MadeAt), &m.Code, &m.Kind, &m.Amount)
	}, `SELECT p.seq, e.seq, e.id, e.ref, e.about, e.value_on, e.made_at, a.code, a.kind, p.amount
		FROM ledger_account a JOIN ledger_posting p ON p.account = a.id AND p.seq > ?3 JOIN ledger_entry e ON e.id = p.entry AND e.seq > ?2
		WHERE a.asset = ?1 ORDER BY e.seq, p.n`, asset, order, seq)
}
