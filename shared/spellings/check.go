package spellings

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of spellings.
func checks() []module.Check {
	return []module.Check{
		{Name: "every spelling was confirmed by somebody", Find: func(t *db.Tx) ([]string, error) {
			return db.List(t, db.Text, `SELECT s.id FROM spellings_spelling s WHERE NOT EXISTS (SELECT 1 FROM spellings_voice v WHERE v.spelling = s.id) LIMIT 20`)
		}},
		{Name: "no spelling holds a long number", Find: func(t *db.Tx) (bad []string, err error) {
			all, err := db.List(t, func(r db.Row) (s Spelling, err error) { return s, r.Scan(&s.ID, &s.Shown) }, `SELECT id, shown FROM spellings_spelling`)
			for _, s := range all {
				n := 0
				for _, r := range s.Shown {
					if r >= '0' && r <= '9' || r >= '٠' && r <= '٩' || r >= '۰' && r <= '۹' {
						n++
					}
				}
				if n > 5 {
					bad = append(bad, s.ID.String())
				}
			}
			return bad, err
		}},
	}
}
