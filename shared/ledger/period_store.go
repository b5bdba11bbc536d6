package ledger

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// closedTill is the last day of what is closed; "" where nothing is.
func closedTill(t *db.Tx) (string, error) {
	return db.One(t, db.Text, `SELECT COALESCE(MAX(till), '') FROM ledger_close`)
}

func insertClose(t *db.Tx, till string, by actor.AccountID) error {
	_, err := t.Exec(`INSERT INTO ledger_close (till, closed_at, account) VALUES (?1, ?2, ?3)`, till, t.Now(), by)
	return err
}
