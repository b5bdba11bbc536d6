package cases

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const guardianColumns = `g.id, g.concern, g.kinship, g.body, g.state, g.reason, g.proposed_by, g.proposed_at, g.decided_by, g.decided_at, g.ended_at`

func scanGuardian(r db.Row) (g Guardian, err error) {
	return g, r.Scan(&g.ID, &g.Concern, &g.Kinship, &g.body, &g.State, db.Opt(&g.Reason), &g.ProposedBy, db.Time(&g.ProposedAt), &g.DecidedBy, db.Time(&g.DecidedAt), db.Time(&g.EndedAt))
}

func guardiansOf(t *db.Tx, nid ConcernID) ([]Guardian, error) {
	return db.List(t, scanGuardian, `SELECT `+guardianColumns+` FROM cases_guardian g WHERE g.concern = ?1 ORDER BY g.proposed_at DESC, g.id DESC`, nid)
}

// holdGuardian reads one and keeps every other hand off it until this unit of
// work ends.
func holdGuardian(t *db.Tx, gid GuardianID) (Guardian, error) {
	if _, err := t.Exec(`UPDATE cases_guardian SET kinship = kinship WHERE id = ?1`, gid); err != nil {
		return Guardian{}, err
	}
	return db.One(t, scanGuardian, `SELECT `+guardianColumns+` FROM cases_guardian g WHERE g.id = ?1`, gid)
}

func addGuardian(t *db.Tx, g Guardian) error {
	_, err := t.Exec(`INSERT INTO cases_guardian (id, concern, kinship, body, state, proposed_by, proposed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		g.ID, g.Concern, g.Kinship, g.body, g.State, g.ProposedBy, g.ProposedAt)
	return err
}

func saveGuardian(t *db.Tx, g Guardian, by actor.AccountID) error {
	var endedBy actor.AccountID
	if !g.EndedAt.IsZero() {
		endedBy = by
	}
	_, err := t.Exec(`UPDATE cases_guardian SET state = ?1, reason = ?2, decided_by = ?3, decided_at = ?4, ended_by = ?5, ended_at = ?6 WHERE id = ?7`,
		g.State, db.OrNull(g.Reason), g.DecidedBy, g.DecidedAt, endedBy, g.EndedAt, g.ID)
	return err
}

func forgetGuardians(t *db.Tx) error {
	_, err := t.Exec(`UPDATE cases_guardian SET body = NULL WHERE body IS NOT NULL AND concern IN (SELECT c.id FROM cases_concern c WHERE LENGTH(c.body) = 0)`)
	return err
}
