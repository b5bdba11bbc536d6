package hands

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// offerChecks are what always holds of offers, for `twiza check` and for the
// end of every test. What the schema refuses by itself is not repeated here.
func offerChecks() []module.Check {
	one := func(name, says, q string) module.Check {
		return module.Check{Name: name, Find: func(t *db.Tx) ([]string, error) {
			return db.List(t, func(r db.Row) (string, error) {
				var a string
				err := r.Scan(&a)
				return fmt.Sprintf(says, a), err
			}, q)
		}}
	}
	return []module.Check{
		one("hands: every unit of an offer is in one place", "offer %s: what was taken is not what was chosen, used and loaded of it",
			`SELECT o.id FROM hands_offer o WHERE o.taken <> COALESCE((SELECT SUM(m.held + m.used) FROM hands_match m WHERE m.offer = o.id), 0)
			+ COALESCE((SELECT SUM(l.units) FROM hands_load l WHERE l.offer = o.id AND l.source <> 'back'), 0) LIMIT 20`),
		one("hands: no load hands over more than it carried", "mission %s: more of a load is accounted for than was loaded",
			`SELECT l.mission FROM hands_load l WHERE l.back + l.lost + COALESCE((SELECT SUM(g.units) FROM hands_given g
			WHERE g.mission = l.mission AND g.seq = l.seq), 0) > l.units LIMIT 20`),
		one("hands: nothing goes out again that never came back", "offer %s: more went out again than came back",
			`SELECT o.id FROM hands_offer o WHERE COALESCE((SELECT SUM(l.units) FROM hands_load l WHERE l.offer = o.id AND l.source = 'back'), 0)
			> COALESCE((SELECT SUM(l.back) FROM hands_load l WHERE l.offer = o.id), 0) LIMIT 20`),
		one("hands: an offer that ended holds nothing back", "match %s still holds units of an offer that ended",
			`SELECT m.id FROM hands_match m JOIN hands_offer o ON o.id = m.offer WHERE o.state <> 'open' AND m.held > 0 LIMIT 20`),
		one("hands: what is chosen is in the hands of the organisation to which it was given", "match %s is in another's hands",
			`SELECT m.id FROM hands_match m JOIN hands_offer o ON o.id = m.offer WHERE o.org IS NOT NULL AND m.org <> o.org LIMIT 20`),
		one("hands: a call for things says which", "call %s calls for nothing",
			`SELECT c.id FROM hands_call c WHERE c.kind <> 'people' AND NOT EXISTS (SELECT 1 FROM hands_want w WHERE w.call = c.id) LIMIT 20`),
	}
}
