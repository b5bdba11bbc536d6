package cases

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// openAt are the requests at a place, or in a commune, that may still rise.
func openAt(t *db.Tx, code string, limit int) ([]CaseID, error) {
	return db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE (place = ?1 OR commune = ?1) AND phase IN ('open', 'owned') AND level > 1
		AND merged_into IS NULL ORDER BY rank, due_at, id LIMIT ?2`, code, limit)
}

// heardFrom counts the requests of each place since a moment.
func heardFrom(t *db.Tx, since time.Time) (map[string]int, error) {
	out := map[string]int{}
	_, err := db.List(t, func(r db.Row) (n int, err error) {
		var place string
		err = r.Scan(&place, &n)
		out[place] = n
		return n, err
	}, `SELECT place, COUNT(*) FROM cases_case WHERE place IS NOT NULL AND made_at >= ?1 AND merged_into IS NULL GROUP BY place`, since)
	return out, err
}
