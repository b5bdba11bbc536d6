package picture

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of the picture.
func checks() []module.Check {
	return []module.Check{{Name: "a shelter closes after it opens", Find: func(t *db.Tx) ([]string, error) {
		return db.List(t, db.Text, `SELECT id FROM picture_shelter WHERE closed_at < opened_at LIMIT 20`)
	}}}
}
