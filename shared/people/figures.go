package people

import "github.com/twiza/twiza/platform/db"

// SignedIn is how many sessions are open.
func (s *Service) SignedIn(t *db.Tx) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM people_session WHERE expires_at > ?1 AND seen_at > ?2`, t.Now(), t.Now().Add(-sessionIdle))
}
