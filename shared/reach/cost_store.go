package reach

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Costs is what messages cost since a moment: about each subject, and in all. A
// part costs what its gateway took on average in those days. What stands in
// "all" and about no subject are answers before there was a request, and notices
// of people who were forgotten since. Parts that a network lost are paid for too.
func (s *Service) Costs(t *db.Tx, since time.Time, about func(subject string, parts, minor int64)) (parts, minor int64, err error) {
	type spent struct {
		gateway      string
		parts, minor int64
	}
	price := map[string]spent{}
	_, err = db.List(t, func(r db.Row) (x spent, err error) {
		if err = r.Scan(&x.gateway, &x.parts, &x.minor); err == nil {
			price[x.gateway] = x
			parts, minor = parts+x.parts, minor+x.minor
		}
		return x, err
	}, `SELECT gateway, SUM(parts), SUM(minor) FROM reach_spent WHERE day >= ?1 GROUP BY gateway`, s.day(since))
	if err != nil {
		return 0, 0, err
	}
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var subject, gateway string
		var n int64
		if err = r.Scan(&subject, &gateway, &n); err != nil {
			return none, err
		}
		var cost int64
		if p := price[gateway]; p.parts > 0 {
			cost = (n*p.minor + p.parts/2) / p.parts
		}
		about(subject, n, cost)
		return none, nil
	}, `SELECT subject, gateway, SUM(parts) FROM reach_message WHERE subject <> '' AND sent_at >= ?1 AND state IN ('taken', 'delivered', 'failed')
		GROUP BY subject, gateway`, since)
	return parts, minor, err
}
