package field

import "github.com/twiza/twiza/platform/db"

const visitColumns = `v.id, v.mission, v.seq, v.place, v.households, v.state, v.met, v.reason, v.changed_at`

func scanVisit(r db.Row) (v Visit, err error) {
	return v, r.Scan(&v.ID, &v.Mission, &v.Seq, &v.Place, &v.Households, &v.State, &v.Met, db.Opt(&v.Reason), db.Time(&v.ChangedAt))
}

// addVisit keeps a stop at a place; one to which somebody goes is a conflict.
func addVisit(t *db.Tx, v Visit) error {
	_, err := t.Exec(`INSERT INTO field_outreach (id, mission, seq, place, households, state, met, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		v.ID, v.Mission, v.Seq, v.Place, v.Households, string(v.State), v.Met, v.ChangedAt)
	return err
}

func saveVisit(t *db.Tx, v Visit) error {
	_, err := t.Exec(`UPDATE field_outreach SET state = ?1, met = ?2, reason = ?3, changed_at = ?4 WHERE id = ?5`, string(v.State), v.Met, db.OrNull(v.Reason), v.ChangedAt, v.ID)
	return err
}

// visitedPlaces is how many households were met at each place, and to which
// somebody goes now.
func visitedPlaces(t *db.Tx) (met map[string]int, going map[string]bool, err error) {
	met, going = map[string]int{}, map[string]bool{}
	all, err := db.List(t, scanVisit, `SELECT `+visitColumns+` FROM field_outreach v WHERE v.state IN ('waiting', 'visited')`)
	for _, v := range all {
		met[v.Place] += v.Met
		going[v.Place] = going[v.Place] || v.State == VisitWaiting
	}
	return met, going, err
}
