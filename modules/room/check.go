package room

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every test.
func checks() []module.Check {
	return []module.Check{
		query("room: a draft has done nothing yet", `SELECT b.id FROM room_bulk b JOIN room_bulk_item i ON i.bulk = b.id WHERE b.state = 'draft' AND i.state <> 'chosen' LIMIT 20`),
		query("room: only what was undone is put back", `SELECT b.id FROM room_bulk b JOIN room_bulk_item i ON i.bulk = b.id WHERE b.state <> 'undone' AND i.state IN ('undone', 'kept') LIMIT 20`),
		query("room: a note was read by whoever signed it", `SELECT n.id FROM room_note n WHERE n.signed_by IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM room_note_read r WHERE r.note = n.id AND r.account = n.signed_by) LIMIT 20`),
		query("room: nobody signs their own note", `SELECT id FROM room_note WHERE signed_by = account LIMIT 20`),
	}
}

func query(name, sql string) module.Check {
	return module.Check{Name: name, Find: func(t *db.Tx) ([]string, error) { return db.List(t, db.Text, sql) }}
}
