package field

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

func saveWhereabouts(t *db.Tx, tid TeamID, w Whereabouts) error {
	_, err := t.Exec(`INSERT INTO field_whereabouts (team, place, at, back) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (team) DO UPDATE SET place = excluded.place, at = excluded.at, back = excluded.back`, tid, w.Place, w.At, w.Back)
	return err
}

// whereabouts is the newest that is known of every team: what it told, or the
// last stop that it answered on a mission that is still under way.
func (s *Service) whereabouts(t *db.Tx) (map[TeamID]Whereabouts, error) {
	type row struct {
		team TeamID
		at   Whereabouts
	}
	told, err := db.List(t, func(r db.Row) (x row, err error) {
		return x, r.Scan(&x.team, &x.at.Place, db.Time(&x.at.At), db.Time(&x.at.Back))
	}, `SELECT team, place, at, back FROM field_whereabouts`)
	if err != nil {
		return nil, err
	}
	out := make(map[TeamID]Whereabouts, len(told))
	for _, x := range told {
		out[x.team] = x.at
	}
	seen, err := db.List(t, func(r db.Row) (x row, err error) {
		return x, r.Scan(&x.team, &x.at.Place, db.Time(&x.at.At))
	}, `SELECT m.team, s.place, s.changed_at FROM field_stop s JOIN field_mission m ON m.id = s.mission
		WHERE m.state = 'departed' AND s.state = 'delivered' AND s.place IS NOT NULL ORDER BY s.changed_at, s.seq`)
	for _, x := range seen {
		if was := out[x.team]; x.at.At.After(was.At) {
			x.at.Stop, x.at.Back = true, was.Back
			out[x.team] = x.at
		}
	}
	return out, err
}

// heardOf writes down that somebody of a mission was heard of.
func heardOf(t *db.Tx, mid MissionID, at time.Time) error {
	_, err := t.Exec(`UPDATE field_mission SET changed_at = ?1 WHERE id = ?2 AND changed_at < ?1`, at, mid)
	return err
}

// lastHeard is when each team on its way did anything.
func lastHeard(t *db.Tx) (map[TeamID]time.Time, error) {
	type row struct {
		team TeamID
		at   time.Time
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.team, db.Time(&x.at)) },
		`SELECT team, changed_at FROM field_mission WHERE state = 'departed'`)
	out := make(map[TeamID]time.Time, len(all))
	for _, x := range all {
		out[x.team] = x.at
	}
	return out, err
}
