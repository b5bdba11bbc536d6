package ledger

import "github.com/twiza/twiza/platform/db"

func heldAt(t *db.Tx, aid AccountID, seq int64) (int64, error) {
	if seq == 0 {
		return 0, nil
	}
	return db.One(t, db.Int, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_posting WHERE account = ?1 AND seq <= ?2`, aid, seq)
}

func linesOf(t *db.Tx, aid AccountID, after int64, limit int) ([]Line, error) {
	return db.List(t, func(r db.Row) (l Line, err error) {
		var what string
		err = r.Scan(&l.Seq, &l.Entry, &l.Ref, &l.About, &l.Purpose, &l.Document, &l.ValueOn, db.Time(&l.MadeAt), &l.Amount, &what, &l.Reverses)
		l.Fee = what == "fee"
		return l, err
	}, `SELECT p.seq, e.id, e.ref, e.about, e.purpose, e.document, e.value_on, e.made_at, p.amount, p.what, e.reverses
		FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry WHERE p.account = ?1 AND p.seq > ?2 ORDER BY p.seq LIMIT ?3`, aid, after, limit)
}

func trials(t *db.Tx, till string) ([]Trial, error) {
	return db.List(t, func(r db.Row) (x Trial, err error) {
		x.Account = &Account{}
		a := x.Account
		err = r.Scan(&a.ID, &a.Code, &a.Kind, &a.Asset, &a.Earmark, &x.In, &x.Out)
		a.Balance = x.In - x.Out
		return x, err
	}, `SELECT a.id, a.code, a.kind, a.asset, a.earmark,
			CAST(COALESCE(SUM(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN p.amount < 0 THEN -p.amount ELSE 0 END), 0) AS BIGINT)
		FROM ledger_account a LEFT JOIN (ledger_posting p JOIN ledger_entry e ON e.id = p.entry AND e.value_on <= ?1) ON p.account = a.id
		GROUP BY a.id, a.code, a.kind, a.asset, a.earmark ORDER BY a.code`, till)
}

// Total is what all accounts of a kind hold of an asset.
type Total struct {
	Kind  Kind
	Asset string
	Sum   int64
}

// Totals are by asset, then by kind.
func Totals(t *db.Tx) ([]Total, error) {
	return db.List(t, func(r db.Row) (x Total, err error) { return x, r.Scan(&x.Kind, &x.Asset, &x.Sum) },
		`SELECT kind, asset, CAST(SUM(balance) AS BIGINT) FROM ledger_account GROUP BY kind, asset ORDER BY asset, kind`)
}

// Count is how many entries there are.
func Count(t *db.Tx) (int64, error) { return db.One(t, db.Int, `SELECT COUNT(*) FROM ledger_entry`) }

// Last are the newest entries with the kinds of their accounts, newest first.
func Last(t *db.Tx, n int) (out []Entry, kinds map[AccountID]Kind, err error) {
	all, err := db.List(t, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry e ORDER BY e.seq DESC LIMIT ?1`, n)
	if err != nil {
		return nil, nil, err
	}
	kinds = map[AccountID]Kind{}
	for _, e := range all {
		if e, err = withPostings(t, e, nil); err != nil {
			return nil, nil, err
		}
		of, err := accountsOf(t, e.Postings)
		if err != nil {
			return nil, nil, err
		}
		for aid, a := range of {
			kinds[aid] = a.Kind
		}
		out = append(out, e)
	}
	return out, kinds, nil
}

// Each calls fn for every entry with its postings, in the order in which they
// count, a page at a time.
func Each(t *db.Tx, fn func(Entry) error) error {
	const page = 500
	type numbered struct {
		Entry
		seq int64
	}
	for day, last := "", int64(0); ; {
		all, err := db.List(t, func(r db.Row) (n numbered, err error) {
			n.Entry, err = scanEntry(withSeq{r, &n.seq})
			return n, err
		}, `SELECT `+entryColumns+`, e.seq FROM ledger_entry e WHERE (e.value_on, e.seq) > (?1, ?2) ORDER BY e.value_on, e.seq LIMIT ?3`, day, last, page)
		if err != nil {
			return err
		}
		for _, n := range all {
			e, err := withPostings(t, n.Entry, nil)
			if err != nil {
				return err
			}
			if err := fn(e); err != nil {
				return err
			}
			day, last = e.ValueOn, n.seq
		}
		if len(all) < page {
			return nil
		}
	}
}

// withSeq scans one column more than a noun has.
type withSeq struct {
	db.Row
	seq *int64
}

func (w withSeq) Scan(to ...any) error { return w.Row.Scan(append(to, w.seq)...) }
