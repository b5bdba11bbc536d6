package talk

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every test.
func checks() []module.Check {
	return []module.Check{{Name: "talk: what was forgotten leaves no words and no phones", Find: func(t *db.Tx) ([]string, error) {
		return db.List(t, func(r db.Row) (string, error) {
			var m string
			err := r.Scan(&m)
			return fmt.Sprintf("the channel of mission %s was forgotten and something of it is still there", m), err
		}, `SELECT c.mission FROM talk_channel c WHERE c.forgotten_at IS NOT NULL AND (
			EXISTS (SELECT 1 FROM talk_message k WHERE k.mission = c.mission AND k.body IS NOT NULL)
			OR EXISTS (SELECT 1 FROM talk_member m WHERE m.mission = c.mission AND (m.phone IS NOT NULL OR m.phone_key IS NOT NULL)))`)
	}}}
}
