package stock

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// unlike names lots and losses of which the ledger has another number.
func unlike(t *db.Tx) (bad []string, err error) {
	lots, err := db.List(t, scanLot, `SELECT `+lotColumns+` FROM stock_lot l ORDER BY l.seq`)
	if err != nil {
		return nil, err
	}
	losses, err := db.List(t, scanLoss, `SELECT `+lossColumns+` FROM stock_loss x ORDER BY x.seq`)
	if err != nil {
		return nil, err
	}
	want := map[ledger.EntryID]int64{}
	named := map[ledger.EntryID]string{}
	for _, l := range lots {
		want[l.Entry], named[l.Entry] = int64(l.Units), subjectOf(l.ID)
	}
	for _, x := range losses {
		want[x.Entry], named[x.Entry] = int64(x.Units), lossSubject(x.ID)
	}
	if err := ledger.Each(t, func(e ledger.Entry) error {
		n, ours := want[e.ID]
		if !ours {
			return nil
		}
		delete(want, e.ID)
		came := int64(0)
		for _, p := range e.Postings {
			came += max(p.Amount, 0)
		}
		if came != n || e.About != named[e.ID] {
			bad = append(bad, named[e.ID]+": the ledger has another number of units")
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for eid := range want {
		bad = append(bad, named[eid]+": the ledger has no entry of it")
	}
	return bad, nil
}

// beyond names payments whose lots do not cost what was counted, or more than was paid.
func beyond(t *db.Tx) ([]string, error) {
	return db.List(t, func(r db.Row) (bad string, err error) {
		err = r.Scan(&bad)
		return "giving.spending/" + bad + ": its lots cost another sum than was counted", err
	}, `SELECT p.payment FROM stock_payment p LEFT JOIN stock_lot l ON l.payment = p.payment
		GROUP BY p.payment, p.taken, p.minor HAVING CAST(COALESCE(SUM(l.minor), 0) AS BIGINT) <> p.taken OR p.taken > p.minor ORDER BY p.payment`)
}
