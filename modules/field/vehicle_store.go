package field

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

const vehicleColumns = `id, mission, kind, road, kg, litres, seats, offer, plate, driver, made_at`

func scanVehicle(r db.Row) (v Vehicle, err error) {
	return v, r.Scan(&v.ID, &v.Mission, &v.Kind, &v.Road, &v.Kg, &v.Litres, &v.Seats, db.Opt(&v.Offer), &v.Plate, &v.Driver, db.Time(&v.MadeAt))
}

// vehiclesOf are those of some missions, in the order in which they were added.
func vehiclesOf(t *db.Tx, missions ...MissionID) ([]Vehicle, error) {
	if len(missions) == 0 {
		return nil, nil
	}
	args := make([]any, len(missions))
	for i, m := range missions {
		args[i] = m
	}
	return db.List(t, scanVehicle, `SELECT `+vehicleColumns+` FROM field_vehicle WHERE mission IN (`+marks(1, len(args))+`) ORDER BY mission, made_at, id`, args...)
}

// findVehicle is nil when there is none.
func findVehicle(t *db.Tx, vid VehicleID) (*Vehicle, error) {
	v, err := db.One(t, scanVehicle, `SELECT `+vehicleColumns+` FROM field_vehicle WHERE id = ?1`, vid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &v, err
}

func addVehicle(t *db.Tx, v *Vehicle) error {
	_, err := t.Exec(`INSERT INTO field_vehicle (id, mission, kind, road, kg, litres, seats, offer, plate, driver, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
		v.ID, v.Mission, v.Kind, string(v.Road), v.Kg, v.Litres, v.Seats, db.OrNull(v.Offer), v.Plate, v.Driver, v.MadeAt)
	return err
}

func dropVehicle(t *db.Tx, mid MissionID, vid VehicleID) (bool, error) {
	n, err := t.Exec(`DELETE FROM field_vehicle WHERE mission = ?1 AND id = ?2`, mid, vid)
	return n > 0, err
}

// offersDriven is how many vehicles of each offer are on open missions.
func offersDriven(t *db.Tx) (map[string]int, error) {
	all, err := db.List(t, db.Text, `SELECT v.offer FROM field_vehicle v JOIN field_mission m ON m.id = v.mission WHERE v.offer IS NOT NULL AND m.state IN ('planned', 'departed')`)
	out := map[string]int{}
	for _, o := range all {
		out[o]++
	}
	return out, err
}

// eraseDrivers forgets plates and drivers of missions that ended before.
func eraseDrivers(t *db.Tx, before time.Time) (int64, error) {
	return t.Exec(`UPDATE field_vehicle SET plate = NULL, driver = NULL WHERE (plate IS NOT NULL OR driver IS NOT NULL)
		AND mission IN (SELECT id FROM field_mission WHERE closed_at < ?1)`, before)
}

// permitOf is what an authority said to a mission; nothing said is not needed.
func permitOf(t *db.Tx, mid MissionID) (Permit, error) {
	all, err := permitsOf(t, mid)
	if len(all) == 1 {
		return all[0], err
	}
	return Permit{Mission: mid, State: NotNeeded}, err
}

func permitsOf(t *db.Tx, missions ...MissionID) ([]Permit, error) {
	if len(missions) == 0 {
		return nil, nil
	}
	args := make([]any, len(missions))
	for i, m := range missions {
		args[i] = m
	}
	return db.List(t, func(r db.Row) (p Permit, err error) {
		return p, r.Scan(&p.Mission, &p.State, &p.Number, &p.Authority, db.Time(&p.Dated), db.Time(&p.ChangedAt))
	}, `SELECT mission, state, number, authority, dated, changed_at FROM field_permit WHERE mission IN (`+marks(1, len(args))+`)`, args...)
}

func savePermit(t *db.Tx, p Permit) error {
	_, err := t.Exec(`INSERT INTO field_permit (mission, state, number, authority, dated, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (mission) DO UPDATE SET state = excluded.state, number = excluded.number, authority = excluded.authority, dated = excluded.dated, changed_at = excluded.changed_at`,
		p.Mission, string(p.State), p.Number, p.Authority, p.Dated, p.ChangedAt)
	return err
}

// aboard is how much of a mission's load comes from which offer.
type aboard struct {
	Offer, Good string
	Units       int
}

func giftsAboard(t *db.Tx, mid MissionID) ([]aboard, error) {
	return db.List(t, func(r db.Row) (a aboard, err error) { return a, r.Scan(&a.Offer, &a.Good, &a.Units) },
		`SELECT offer, good, units FROM field_gift WHERE mission = ?1 ORDER BY offer`, mid)
}

// saveGift keeps how much of an offer is aboard; 0 is none of it.
func saveGift(t *db.Tx, mid MissionID, a aboard) error {
	if a.Units == 0 {
		_, err := t.Exec(`DELETE FROM field_gift WHERE mission = ?1 AND offer = ?2`, mid, a.Offer)
		return err
	}
	_, err := t.Exec(`INSERT INTO field_gift (mission, offer, good, units) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (mission, offer) DO UPDATE SET units = excluded.units`,
		mid, a.Offer, a.Good, a.Units)
	return err
}

func dropGifts(t *db.Tx, mid MissionID) error {
	_, err := t.Exec(`DELETE FROM field_gift WHERE mission = ?1`, mid)
	return err
}

// saveOrder gives stops new numbers, as they stand in the list. They pass
// through numbers that nobody has, because no two stops may share one.
func saveOrder(t *db.Tx, mid MissionID, order []StopID) error {
	if _, err := t.Exec(`UPDATE field_stop SET seq = seq + 100000 WHERE mission = ?1`, mid); err != nil {
		return err
	}
	for i, sid := range order {
		if _, err := t.Exec(`UPDATE field_stop SET seq = ?1 WHERE id = ?2 AND mission = ?3`, i+1, sid, mid); err != nil {
			return err
		}
	}
	return nil
}
