package field

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

const foundColumns = `f.id, f.mission, f.stop, f.safe, f.hurt, f.dead, f.account, f.at, f.undone`

func scanFound(r db.Row) (f Found, err error) {
	return f, r.Scan(&f.ID, &f.Mission, &f.Stop, &f.Safe, &f.Hurt, &f.Dead, &f.Account, db.Time(&f.At), db.Time(&f.Undone))
}

func findFound(t *db.Tx, fid FoundID) (*Found, error) {
	f, err := db.One(t, scanFound, `SELECT `+foundColumns+` FROM field_found f WHERE f.id = ?1`, fid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &f, err
}

func foundBy(t *db.Tx, mid MissionID) ([]Found, error) {
	return db.List(t, scanFound, `SELECT `+foundColumns+` FROM field_found f WHERE f.mission = ?1 ORDER BY f.at, f.id`, mid)
}

func addFound(t *db.Tx, f Found) error {
	_, err := t.Exec(`INSERT INTO field_found (id, mission, stop, safe, hurt, dead, account, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		f.ID, f.Mission, f.Stop, f.Safe, f.Hurt, f.Dead, f.Account, f.At)
	return err
}

func undoFound(t *db.Tx, fid FoundID) error {
	_, err := t.Exec(`UPDATE field_found SET undone = ?1 WHERE id = ?2`, t.Now(), fid)
	return err
}
