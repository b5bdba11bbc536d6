package people

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks is what always holds about people. The schema keeps most of it; these
// find what a schema cannot say and what another program may have done.
func (s *Service) checks() []module.Check {
	finds := func(name, words, q string) module.Check {
		return module.Check{Name: name, Find: func(t *db.Tx) ([]string, error) {
			all, err := db.List(t, db.Text, q)
			for i := range all {
				all[i] = fmt.Sprintf(words, all[i])
			}
			return all, err
		}}
	}
	return []module.Check{
		finds("people.sessions_of_active_accounts", "session %s belongs to an account that may not sign in",
			`SELECT s.id FROM people_session s JOIN people_account a ON a.id = s.account WHERE a.state <> 'active' ORDER BY s.id`),
		finds("people.grants_have_their_organisation", "grant %s is for an organisation and names none",
			`SELECT id FROM people_grant WHERE role IN ('coordinator', 'leader', 'volunteer') AND org IS NULL ORDER BY id`),
		finds("people.nobody_grants_to_themselves", "grant %s was given by the one who holds it",
			`SELECT id FROM people_grant WHERE given_by = account ORDER BY id`),
		finds("people.one_organisation_a_name", "the name with the key %q belongs to more than one organisation",
			`SELECT key FROM people_organisation_alias WHERE to_at IS NULL GROUP BY key HAVING COUNT(DISTINCT org) > 1 ORDER BY key`),
		finds("people.names_find_their_organisation", "organisation %s is not found by the name it bears",
			`SELECT o.id FROM people_organisation o WHERE NOT EXISTS (SELECT 1 FROM people_organisation_alias a WHERE a.org = o.id AND a.to_at IS NULL AND a.key = o.sort_ar)
				OR NOT EXISTS (SELECT 1 FROM people_organisation_alias a WHERE a.org = o.id AND a.to_at IS NULL AND a.key = o.sort_fr) ORDER BY o.id`),
		finds("people.somebody_lets_people_in", "account %s is open, and there is no administrator",
			`SELECT a.id FROM people_account a WHERE a.state = 'active' AND NOT EXISTS (SELECT 1 FROM people_grant g JOIN people_account b ON b.id = g.account
				WHERE g.role = 'administrator' AND g.ended_at IS NULL AND b.state = 'active') ORDER BY a.id LIMIT 1`),
		finds("people.two_give_the_role_that_reads_concerns", "grant %s lets somebody read restricted concerns, and no second person agreed",
			`SELECT g.id FROM people_grant g WHERE g.role = 'safeguarding' AND g.ended_at IS NULL AND NOT EXISTS
				(SELECT 1 FROM people_second x WHERE x.grant_id = g.id AND x.kind = 'give' AND x.state IN ('done', 'first', 'house')) ORDER BY g.id`),
		finds("people.one_officer_an_office", "officer %s held an office while somebody else did",
			`SELECT a.id FROM people_officer a JOIN people_officer b ON b.org = a.org AND b.office = a.office AND b.id <> a.id
				WHERE b.from_at <= a.from_at AND (b.until_at IS NULL OR b.until_at > a.from_at) AND NOT (a.until_at IS NOT NULL AND a.until_at <= b.from_at) ORDER BY a.id`),
		{Name: "people.territories_are_places", Find: s.lostPlaces},
	}
}

// lostPlaces finds territories that the country pack does not know (any more):
// whoever holds them reaches nothing.
func (s *Service) lostPlaces(t *db.Tx) (lost []string, err error) {
	codes, err := db.List(t, db.Text, `SELECT code FROM people_territory UNION SELECT territory FROM people_grant WHERE territory <> '' AND ended_at IS NULL ORDER BY 1`)
	for _, code := range codes {
		if _, ok := s.places.Get(code); !ok {
			lost = append(lost, fmt.Sprintf("the territory %q is no place of this country", code))
		}
	}
	return lost, err
}
