package field

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Gone is when somebody last set out to each commune, since a moment: for those
// who look for places that nobody has gone to.
func (s *Service) Gone(t *db.Tx, since time.Time) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	_, err := db.List(t, func(r db.Row) (at time.Time, err error) {
		var commune string
		err = r.Scan(&commune, db.Time(&at))
		out[commune] = at
		return at, err
	}, `SELECT s.commune, MAX(m.departed_at) FROM field_stop s JOIN field_mission m ON m.id = s.mission
		WHERE m.departed_at >= ?1 AND s.commune IS NOT NULL AND s.state <> 'not_reached' GROUP BY s.commune`, since)
	return out, err
}
