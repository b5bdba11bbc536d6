package cases

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// unserved are cases to be put before their owner of last resort, those in
// danger first: given back, or late by more than the country allows.
func unserved(t *db.Tx, late func(level int) time.Duration, limit int) ([]CaseID, error) {
	now := t.Now()
	return db.List(t, scanCaseID, `SELECT id FROM (
		SELECT id, rank, due_at FROM cases_case WHERE gave_up_at IS NOT NULL AND last_at IS NULL AND merged_into IS NULL AND phase = 'open'
		UNION SELECT id, rank, due_at FROM cases_case WHERE last_at IS NULL AND merged_into IS NULL AND phase IN ('open', 'owned', 'moving') AND rank IN (0, 1)
			AND due_at <= CAST(?1 AS BIGINT) AND due_at <= CASE level WHEN 1 THEN CAST(?1 AS BIGINT) WHEN 2 THEN CAST(?2 AS BIGINT) WHEN 3 THEN CAST(?3 AS BIGINT) ELSE CAST(?4 AS BIGINT) END
		) x ORDER BY rank, due_at, id LIMIT ?5`, now.Add(-late(1)), now.Add(-late(2)), now.Add(-late(3)), now.Add(-late(4)), limit)
}

// stillBefore is what makes a case stand before its owner of last resort.
const stillBefore = `last_at IS NOT NULL AND merged_into IS NULL AND phase IN ('open', 'owned', 'moving')`

func countBefore(t *db.Tx, org actor.OrganisationID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM cases_case WHERE last_org = ?1 AND `+stillBefore, org)
}
