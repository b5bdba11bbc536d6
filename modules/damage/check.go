package damage

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every test.
func (s *Service) checks() []module.Check {
	return []module.Check{
		{Name: "damage: a claim stands as its reports and words say", Find: s.unsettled},
		{Name: "damage: only what was accepted says something of a place", Find: rule(
			`SELECT p.layer, l.state FROM damage_place p JOIN damage_layer l ON l.id = p.layer WHERE l.state = 'draft'`, "layer %s is a %s and speaks of places")},
		{Name: "damage: no picture of a report that was set aside is public", Find: rule(
			`SELECT p.id, r.id FROM damage_photo p JOIN damage_report r ON r.id = p.report WHERE p.shown IS NOT NULL AND r.aside IS NOT NULL`, "picture %s of report %s is public")},
	}
}

// unsettled names the claims whose standing is another than what makes it up.
func (s *Service) unsettled(t *db.Tx) (out []string, err error) {
	all, err := db.List(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c`)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		reports, err := reportsOf(t, c.ID)
		if err != nil {
			return nil, err
		}
		words, err := wordsOf(t, c.ID)
		if err != nil {
			return nil, err
		}
		if state, n, counted := settle(reports, words); state != c.State || n != c.Sources || counted != c.Reports {
			out = append(out, fmt.Sprintf("claim %s is %s by %d of %d, and should be %s by %d of %d", c.ID, c.State, c.Sources, c.Reports, state, n, counted))
		}
	}
	return out, nil
}

// rule lists the rows that break an invariant, two columns each.
func rule(q, says string) func(*db.Tx) ([]string, error) {
	return func(t *db.Tx) ([]string, error) {
		return db.List(t, func(r db.Row) (string, error) {
			var a, b string
			err := r.Scan(&a, &b)
			return fmt.Sprintf(says, a, b), err
		}, q)
	}
}
