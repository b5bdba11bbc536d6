package intake

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of candidates; what the schema refuses by itself
// is not repeated here.
func checks() []module.Check {
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
		one("intake: a person said so", "candidate %s became a request, and nobody said so",
			`SELECT id FROM intake_candidate WHERE state IN ('case', 'joined', 'offer') AND account IS NULL LIMIT 20`),
		one("intake: one request is made of one candidate", "request %s was made of two candidates",
			`SELECT case_id FROM intake_candidate WHERE case_id IS NOT NULL GROUP BY case_id HAVING COUNT(*) > 1 LIMIT 20`),
	}
}
