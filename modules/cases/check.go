package cases

import (
	"fmt"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of cases. An operator runs them with the
// command check; tests run them after every story.
func (o *Office) checks() []module.Check {
	return append(o.taskChecks(), []module.Check{
		query("a case that is owned has an owner, an open one has none",
			`SELECT id FROM cases_case WHERE (phase IN ('owned', 'moving')) <> (org IS NOT NULL) AND phase IN ('open', 'owned', 'moving') LIMIT 20`),
		query("a merged case points at one that is not merged",
			`SELECT a.id FROM cases_case a JOIN cases_case b ON b.id = a.merged_into WHERE b.merged_into IS NOT NULL LIMIT 20`),
		query("a case carries for others only while others are joined to it",
			`SELECT o.case_id FROM cases_own o WHERE NOT EXISTS (SELECT 1 FROM cases_case v WHERE v.merged_into = o.case_id) LIMIT 20`),
		query("no voice waits behind a case that is less urgent",
			`SELECT v.id FROM cases_case v JOIN cases_case r ON r.id = v.merged_into JOIN cases_own o ON o.case_id = r.id WHERE r.level > v.level OR r.rank > v.rank LIMIT 20`),
		query("who was forgotten, and what only trained people read, is compared with nobody", `SELECT s.case_id FROM cases_sketch s JOIN cases_case c ON c.id = s.case_id
			WHERE c.erased_at IS NOT NULL OR EXISTS (SELECT 1 FROM cases_concern n WHERE n.id = s.case_id) LIMIT 20`),
		query("what was put before an owner of last resort names it",
			`SELECT id FROM cases_case WHERE (last_org IS NOT NULL) <> (last_at IS NOT NULL) LIMIT 20`),
		query("what is in hand, answered or over is before no owner of last resort since then",
			`SELECT id FROM cases_case WHERE (gave_up_at IS NOT NULL AND phase <> 'open') OR (last_at IS NOT NULL AND phase IN ('waiting', 'final')) LIMIT 20`),
		{Name: "every case has an owner of last resort", Find: o.checkLastOwners},
		query("life in danger is level 1", `SELECT id FROM cases_case WHERE rank = 0 AND level <> 1 LIMIT 20`),
		query("a receipt belongs to one thing",
			`SELECT receipt FROM (SELECT receipt FROM cases_case UNION ALL SELECT receipt FROM cases_concern UNION ALL SELECT receipt FROM cases_complaint) r
			GROUP BY receipt HAVING COUNT(*) > 1`),
		query("every case has a journal line of its beginning",
			`SELECT c.id FROM cases_case c WHERE NOT EXISTS (SELECT 1 FROM deed_record r WHERE r.subject = 'cases.case/' || c.id) LIMIT 20`),
		query("a closed concern has an outcome", `SELECT id FROM cases_concern WHERE (state = 'closed') <> (outcome IS NOT NULL) LIMIT 20`),
		query("an answered complaint has an answer", `SELECT id FROM cases_complaint WHERE (state = 'answered') <> (answer IS NOT NULL) LIMIT 20`),
		query("a sheet of paper was typed in as one thing, under its number", `SELECT p.number FROM cases_paper p WHERE
			(p.used_at IS NULL AND EXISTS (SELECT 1 FROM cases_case c WHERE c.receipt = p.number)) OR
			(p.used_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.receipt = p.number AND c.id = p.case_id)
			AND NOT EXISTS (SELECT 1 FROM cases_concern n WHERE n.receipt = p.number AND n.id = p.case_id)) LIMIT 20`),
		query("what a person agreed to is about their request", `SELECT k.id FROM cases_consent k WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = k.case_id)
			AND NOT EXISTS (SELECT 1 FROM cases_concern n WHERE n.id = k.case_id) LIMIT 20`),
		query("who was forgotten is found by no phone, and nobody has news of them", `SELECT c.id FROM cases_case c WHERE c.erased_at IS NOT NULL AND (c.family_key IS NOT NULL
			OR EXISTS (SELECT 1 FROM cases_consent k WHERE k.case_id = c.id AND (k.helper IS NOT NULL OR k.word_key IS NOT NULL))) LIMIT 20`),
		{Name: "a case is in a state of its service, and its phase is that state's", Find: o.checkStates},
		{Name: "what was asked is what the journal committed to", Find: o.checkCommitments},
	}...)
}

func query(name, sql string) module.Check {
	return module.Check{Name: name, Find: func(t *db.Tx) ([]string, error) { return db.List(t, db.Text, sql) }}
}

func (o *Office) checkStates(t *db.Tx) (bad []string, err error) {
	type row struct {
		id, service, state, phase string
		version                   int
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) {
		return x, r.Scan(&x.id, &x.service, &x.version, &x.state, &x.phase)
	}, `SELECT MIN(id), service, service_version, state, phase FROM cases_case GROUP BY service, service_version, state, phase`)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		def, err := o.def(t, &Case{Service: x.service, Version: x.version})
		if err != nil {
			return nil, err
		}
		if s, ok := def.State(x.state); !ok || string(s.Phase) != x.phase {
			bad = append(bad, fmt.Sprintf("%s (state %s, phase %s)", x.id, x.state, x.phase))
		}
	}
	return bad, nil
}

// checkCommitments redoes the commitment of the newest thousand requests.
func (o *Office) checkCommitments(t *db.Tx) (bad []string, err error) {
	type row struct {
		id        string
		salt, key []byte
		told      string
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.id, &x.salt, &x.key, &x.told) },
		`SELECT c.id, c.salt, c.asked_key, r.told FROM cases_case c JOIN deed_record r ON r.subject = 'cases.case/' || c.id
		WHERE c.salt IS NOT NULL AND r.deed IN (?1, ?2, ?3) ORDER BY r.seq DESC LIMIT 1000`, DeedAsk.Name, DeedTakeDown.Name, DeedImport.Name)
	for _, x := range all {
		var told askTold
		if err := unmarshal(deed.Record{Told: []byte(x.told)}.Told, &told); err != nil {
			return nil, err
		}
		if !crypt.Committed(told.Commitment, x.salt, x.key) {
			bad = append(bad, x.id)
		}
	}
	return bad, err
}
