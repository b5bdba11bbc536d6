package release

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of what was published.
func checks() []module.Check {
	return []module.Check{
		{Name: "a lot is as many units as it says", Find: func(t *db.Tx) ([]string, error) {
			return db.List(t, db.Text, `SELECT l.id FROM release_lot l LEFT JOIN release_unit u ON u.lot = l.id GROUP BY l.id, l.n HAVING COUNT(u.unit) <> l.n LIMIT 20`)
		}},
		{Name: "a lot was told apart as often as there are ways", Find: func(t *db.Tx) ([]string, error) {
			return db.List(t, db.Text, `SELECT kind || ' ' || dim FROM release_cell GROUP BY kind, dim
				HAVING SUM(n) <> (SELECT SUM(l.n) FROM release_lot l WHERE l.kind = release_cell.kind AND l.told = 1)`)
		}},
	}
}
