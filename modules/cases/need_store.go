package cases

import "github.com/twiza/twiza/platform/db"

// What follows is what whoever keeps offers asks of cases. app joins the two;
// neither module knows the other.

// OpenNeeds lists the cases of an area whose people wait and to whom nobody is
// on the way, life in danger first, then by deadline; "" is the whole country.
func (o *Office) OpenNeeds(t *db.Tx, area string, limit int) ([]*Case, error) {
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE merged_into IS NULL AND erased_at IS NULL AND phase IN ('open', 'owned')
		AND (?1 = '' OR province = ?1 OR region = ?1 OR commune = ?1) ORDER BY rank, due_at, id LIMIT ?2`, area, limit)
}
