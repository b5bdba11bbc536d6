package field

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// FreeTeams counts the teams that are ready and on no mission, and all that are
// not disbanded: of an organisation, or (zero) of all.
func (s *Service) FreeTeams(t *db.Tx, org actor.OrganisationID) (free, all int, err error) {
	type pair struct{ free, all int64 }
	n, err := db.One(t, func(r db.Row) (p pair, err error) { return p, r.Scan(&p.free, &p.all) },
		`SELECT COALESCE(SUM(CASE WHEN f.state = 'ready' AND NOT EXISTS (SELECT 1 FROM field_mission m WHERE m.team = f.id AND m.state IN ('planned', 'departed')) THEN 1 ELSE 0 END), 0),
		COUNT(*) FROM field_team f WHERE f.state <> 'disbanded' AND (?1 = '' OR f.org = ?1)`, org.String())
	return int(n.free), int(n.all), err
}
