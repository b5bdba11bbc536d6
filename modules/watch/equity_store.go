package watch

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// raised is when an alert was raised last; zero when it never was.
func raised(t *db.Tx, subject string) (at time.Time, err error) {
	all, err := db.List(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) },
		`SELECT at FROM deed_record WHERE subject = ?1 AND deed = ?2 ORDER BY seq DESC LIMIT 1`, subject, equityAlert.Name)
	if len(all) > 0 {
		at = all[0]
	}
	return at, err
}
