package cases

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Waiting is the requests of one level that wait in one phase.
type Waiting struct {
	Level   int    // 1 is a life in danger
	Phase   string // open, owned, moving, waiting
	N       int64
	Oldest  time.Time // when the one that has waited longest came
	Overdue int64     // whose hour has passed
	Late    time.Time // the hour that passed first; zero: none
}

// WaitingNow counts the requests that are not at their end, by level and phase.
func (o *Office) WaitingNow(t *db.Tx) ([]Waiting, error) {
	return db.List(t, func(r db.Row) (w Waiting, err error) {
		return w, r.Scan(&w.Level, &w.Phase, &w.N, db.Time(&w.Oldest), &w.Overdue, db.Time(&w.Late))
	}, `SELECT level, phase, COUNT(*), MIN(made_at), SUM(CASE WHEN due_at < ?1 THEN 1 ELSE 0 END), MIN(CASE WHEN due_at < ?1 THEN due_at END)
		FROM cases_case WHERE phase IN ('open', 'owned', 'moving', 'waiting') AND merged_into IS NULL GROUP BY level, phase ORDER BY level, phase`, t.Now())
}
