package deed

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// manyUnsealed is how far the lines that are not sealed yet are counted.
const manyUnsealed = 100_000

// Unsealed is how many lines of the journal nobody has chained yet, counted as
// far as 100,000, and how old the oldest of them is; zero time when there is none.
func Unsealed(t *db.Tx) (n int64, oldest time.Time, err error) {
	type ends struct {
		n  int64
		at time.Time
	}
	e, err := db.One(t, func(r db.Row) (e ends, err error) { return e, r.Scan(&e.n, db.Time(&e.at)) },
		`SELECT COUNT(*), MIN(at) FROM (SELECT at FROM deed_record WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM deed_seal) ORDER BY seq LIMIT ?1) AS fresh`, manyUnsealed)
	return e.n, e.at, err
}
