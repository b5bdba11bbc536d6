package jobs

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Depth is what waits to be done.
type Depth struct {
	Due     int64     // now, or earlier
	Oldest  time.Time // since when the one that is due longest is; zero: none
	GivenUp int64     // tried too often: somebody must look
}

// Depth counts the jobs that wait.
func (q *Queue) Depth(t *db.Tx) (d Depth, err error) {
	d, err = db.One(t, func(r db.Row) (d Depth, err error) { return d, r.Scan(&d.Due, db.Time(&d.Oldest)) },
		`SELECT COUNT(*), MIN(run_at) FROM jobs_job WHERE gave_up_at IS NULL AND run_at <= ?1`, t.Now())
	if err == nil {
		d.GivenUp, err = db.One(t, db.Int, `SELECT COUNT(*) FROM jobs_job WHERE gave_up_at IS NOT NULL`)
	}
	return d, err
}
