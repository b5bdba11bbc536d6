package field

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// What follows is what whoever draws the public picture asks of the field. It says
// where help has arrived, never where anybody is on the way to.

// Arrived is when something was last handed over in each commune, since a moment.
func (s *Service) Arrived(t *db.Tx, since time.Time) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	_, err := db.List(t, func(r db.Row) (at time.Time, err error) {
		var commune string
		err = r.Scan(&commune, db.Time(&at))
		out[commune] = at
		return at, err
	}, `SELECT commune, MAX(changed_at) FROM field_stop WHERE state = 'delivered' AND commune IS NOT NULL AND changed_at >= ?1 GROUP BY commune`, since)
	return out, err
}
