package cases

import (
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func openEmergencies(t *db.Tx) ([]emergencyRow, error) {
	return db.List(t, func(r db.Row) (x emergencyRow, err error) { return x, r.Scan(&x.id, db.Time(&x.at), &x.by) },
		`SELECT id, begun_at, by_account FROM cases_emergency WHERE ended_at IS NULL ORDER BY begun_at`)
}

func addEmergency(t *db.Tx, by actor.AccountID) (eid id.Of[emergencyKind], err error) {
	eid = id.New[emergencyKind](t.Now())
	_, err = t.Exec(`INSERT INTO cases_emergency (id, begun_at, by_account) VALUES (?1, ?2, ?3)`, eid, t.Now(), by)
	return eid, err
}

func endEmergency(t *db.Tx, eid id.Of[emergencyKind]) error {
	_, err := t.Exec(`UPDATE cases_emergency SET ended_at = ?1 WHERE id = ?2`, t.Now(), eid)
	return err
}
