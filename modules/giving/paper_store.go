package giving

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// paper is what a payment rests on, sealed.
type paper struct {
	Sum    string
	Kind   string // "pdf", "jpeg", "png"
	Size   int
	Body   []byte
	MadeAt time.Time
}

// insertPaper keeps a paper; the same again is kept once.
func insertPaper(t *db.Tx, p paper) error {
	_, err := t.Exec(`INSERT INTO giving_paper (sum, kind, size, body, made_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (sum) DO NOTHING`, p.Sum, p.Kind, p.Size, p.Body, p.MadeAt)
	return err
}

func paperBySum(t *db.Tx, sum string) (paper, error) {
	return db.One(t, func(r db.Row) (p paper, err error) {
		return p, r.Scan(&p.Sum, &p.Kind, &p.Size, &p.Body, db.Time(&p.MadeAt))
	},
		`SELECT p.sum, p.kind, p.size, p.body, p.made_at FROM giving_paper p WHERE p.sum = ?1`, sum)
}

// papersOf tells which papers of a fund's spendings are kept.
func papersOf(t *db.Tx, fid FundID) (kept map[string]bool, err error) {
	all, err := db.List(t, db.Text, `SELECT p.sum FROM giving_paper p WHERE p.sum IN (SELECT s.document FROM giving_spending s WHERE s.fund = ?1 AND s.document <> '')`, fid)
	kept = map[string]bool{}
	for _, sum := range all {
		kept[sum] = true
	}
	return kept, err
}

// alsoFor are other spendings that rest on the same paper and were not dropped, oldest
// first.
func alsoFor(t *db.Tx, x *Spending) ([]*Spending, error) {
	if x.Document == "" {
		return nil, nil
	}
	return db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.document = ?1 AND s.id <> ?2 AND s.state <> 'dropped' ORDER BY s.made_at, s.id LIMIT 5`, x.Document, x.ID)
}
