package works

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every test.
func checks() []module.Check {
	return []module.Check{
		{Name: "works: what is done has a picture from before and one from after", Find: func(t *db.Tx) ([]string, error) {
			return db.List(t, func(r db.Row) (string, error) {
				var o string
				err := r.Scan(&o)
				return fmt.Sprintf("order %s is done and a picture is missing", o), err
			}, `SELECT o.id FROM works_order o WHERE o.state = 'done' AND (
				NOT EXISTS (SELECT 1 FROM works_photo p WHERE p.works_order = o.id AND p.moment = 'before')
				OR NOT EXISTS (SELECT 1 FROM works_photo p WHERE p.works_order = o.id AND p.moment = 'after'))`)
		}},
	}
}
