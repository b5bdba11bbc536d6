package field

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every
// test. What the schema refuses by itself is not repeated here.
func checks() []module.Check {
	return []module.Check{
		{Name: "field: every manifest says what was delivered", Find: rule(
			`SELECT l.mission, l.good FROM field_line l WHERE l.delivered <> COALESCE((SELECT SUM(g.quantity) FROM field_delivered g
			JOIN field_delivery d ON d.id = g.delivery WHERE d.mission = l.mission AND g.good = l.good), 0)`,
			"mission %s: the deliveries of %s do not add up to its manifest")},
		{Name: "field: nothing was delivered that was not loaded", Find: rule(
			`SELECT d.mission, g.good FROM field_delivered g JOIN field_delivery d ON d.id = g.delivery
			WHERE NOT EXISTS (SELECT 1 FROM field_line l WHERE l.mission = d.mission AND l.good = g.good)`,
			"mission %s: %s was delivered and is on no manifest")},
		{Name: "field: closed missions balance to the unit", Find: rule(
			`SELECT l.mission, l.good FROM field_line l JOIN field_mission m ON m.id = l.mission
			WHERE m.state = 'closed' AND l.delivered + l.returned + l.lost <> l.loaded`,
			"mission %s is closed and %s does not balance")},
		{Name: "field: nothing moves before a mission departs", Find: rule(
			`SELECT l.mission, l.good FROM field_line l JOIN field_mission m ON m.id = l.mission
			WHERE m.state IN ('planned', 'cancelled') AND l.delivered + l.returned + l.lost > 0`,
			"mission %s never departed and %s was handed out, brought back or lost")},
		{Name: "field: stops wait on open missions only", Find: rule(
			`SELECT s.mission, s.id FROM field_stop s JOIN field_mission m ON m.id = s.mission
			WHERE s.state = 'waiting' AND m.state IN ('closed', 'cancelled')`,
			"mission %s has ended and stop %s still waits")},
		{Name: "field: a stop is delivered by a delivery", Find: rule(
			`SELECT s.mission, s.id FROM field_stop s LEFT JOIN field_delivery d ON d.stop = s.id AND d.mission = s.mission
			WHERE (s.state = 'delivered') <> (d.id IS NOT NULL)`,
			"mission %s: stop %s and its delivery do not agree")},
		{Name: "field: a team is away when its mission is", Find: rule(
			`SELECT f.id, f.state FROM field_team f WHERE (f.state = 'away') <>
			EXISTS (SELECT 1 FROM field_mission m WHERE m.team = f.id AND m.state = 'departed')`,
			"team %s is %s, and its missions say otherwise")},
		{Name: "field: what offers bring is part of the load", Find: rule(
			`SELECT g.mission, g.good FROM field_gift g GROUP BY g.mission, g.good
			HAVING SUM(g.units) > COALESCE((SELECT l.loaded FROM field_line l WHERE l.mission = g.mission AND l.good = g.good), 0)`,
			"mission %s: offers bring more of %s than is loaded")},
		{Name: "field: nobody gets back an offer that is still aboard", Find: rule(
			`SELECT g.mission, g.offer FROM field_gift g JOIN field_mission m ON m.id = g.mission WHERE m.state = 'cancelled'`,
			"mission %s never departed and still holds offer %s")},
		{Name: "field: a mission belongs to the organisation of its team", Find: rule(
			`SELECT m.id, m.team FROM field_mission m JOIN field_team f ON f.id = m.team WHERE f.org <> m.org`,
			"mission %s is not of the organisation of its team %s")},
		{Name: "field: the ledger says what the manifests say", Find: differ},
	}
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
