package reach

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
)

func doubled(t *db.Tx) ([]string, error) {
	return db.List(t, db.Text, `SELECT MIN(id) FROM reach_message WHERE once IS NOT NULL GROUP BY once HAVING COUNT(*) > 1 LIMIT 20`)
}

func kept(t *db.Tx) ([]string, error) {
	all, err := db.List(t, db.Text, `SELECT id FROM reach_heard WHERE state = 'done' AND body IS NOT NULL LIMIT 20`)
	for i := range all {
		all[i] = fmt.Sprintf("message %s", all[i])
	}
	return all, err
}
