package hands

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// crewChecks are what always holds of volunteers and calls, for `twiza check`
// and for the end of every test. What the schema refuses is not repeated here.
func crewChecks() []module.Check {
	return []module.Check{
		{Name: "hands: no call holds more people than it wants", Find: finds(
			`SELECT c.id, c.wanted FROM hands_call c WHERE c.placed > c.wanted OR (SELECT COUNT(*) FROM hands_placing p WHERE p.call = c.id AND p.state = 'placed') > c.wanted`,
			"call %s wants %s people and holds more")},
		{Name: "hands: a call counts the people who have a place", Find: finds(
			`SELECT c.id, c.placed FROM hands_call c WHERE c.placed <> (SELECT COUNT(*) FROM hands_placing p WHERE p.call = c.id AND p.state = 'placed')`,
			"call %s says that %s have a place, and its list says otherwise")},
		{Name: "hands: a call is full when its places are taken", Find: finds(
			`SELECT c.id, c.state FROM hands_call c WHERE c.kind = 'people' AND (c.state = 'full' AND c.placed < c.wanted OR c.state = 'open' AND c.placed >= c.wanted)`,
			"call %s is %s, and its places say otherwise")},
		{Name: "hands: nobody has a place on two shifts at once", Find: finds(
			`SELECT a.volunteer, a.call FROM hands_placing a JOIN hands_shift s ON s.call = a.call JOIN hands_placing b ON b.volunteer = a.volunteer AND b.call <> a.call
			JOIN hands_shift r ON r.call = b.call WHERE a.state = 'placed' AND b.state = 'placed' AND s.from_at < r.to_at AND r.from_at < s.to_at`,
			"volunteer %s has a place on call %s and on another at that time")},
		{Name: "hands: those who were asked are of the organisation that calls", Find: finds(
			`SELECT p.volunteer, p.call FROM hands_placing p JOIN hands_call c ON c.id = p.call JOIN hands_volunteer v ON v.id = p.volunteer WHERE v.org IS NULL OR v.org <> c.org`,
			"volunteer %s was asked for call %s of another organisation")},
		{Name: "hands: a call for people has its shift", Find: finds(
			`SELECT c.id, c.state FROM hands_call c WHERE c.kind = 'people' AND NOT EXISTS (SELECT 1 FROM hands_shift s WHERE s.call = c.id)`,
			"call %s (%s) for people says not when")},
		{Name: "hands: only live volunteers have a place to come", Find: finds(
			`SELECT p.volunteer, p.call FROM hands_placing p JOIN hands_volunteer v ON v.id = p.volunteer JOIN hands_call c ON c.id = p.call
			WHERE v.state <> 'accepted' AND p.state = 'placed' AND c.state <> 'closed' AND p.in_at IS NULL AND c.until > v.changed_at`,
			"volunteer %s is none any more and has a place on call %s")},
	}
}

// finds lists the rows that break an invariant, two columns each.
func finds(q, says string) func(*db.Tx) ([]string, error) {
	return func(t *db.Tx) ([]string, error) {
		return db.List(t, func(r db.Row) (string, error) {
			var a, b string
			err := r.Scan(&a, &b)
			return fmt.Sprintf(says, a, b), err
		}, q)
	}
}
