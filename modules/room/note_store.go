package room

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const noteColumns = `id, area, org, account, body, facts, since, made_at, signed_by, signed_at`

func scanNote(r db.Row) (*Note, error) {
	var n Note
	var facts string
	err := r.Scan(&n.ID, &n.Desk.Area, &n.Desk.Org, &n.Account, &n.Sealed, &facts, db.Time(&n.Since), db.Time(&n.MadeAt), &n.SignedBy, db.Time(&n.SignedAt))
	if err != nil {
		return nil, err
	}
	return &n, json.Unmarshal([]byte(facts), &n.Facts)
}

func wordsAt(n NoteID) string { return crypt.At("room_note.body", n.String()) }

func getNote(t *db.Tx, nid NoteID) (*Note, error) {
	return db.One(t, scanNote, `SELECT `+noteColumns+` FROM room_note WHERE id = ?1`, nid)
}

// waiting is the note of a desk that nobody has signed yet, or nil.
func waiting(t *db.Tx, d Desk) (*Note, error) {
	all, err := db.List(t, scanNote, `SELECT `+noteColumns+` FROM room_note WHERE slot = ?1 AND signed_at IS NULL`, d.Slot())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func addNote(t *db.Tx, n *Note) (fresh bool, err error) {
	k, err := t.Exec(`INSERT INTO room_note (id, area, org, slot, account, body, facts, since, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING`,
		n.ID, n.Desk.Area, n.Desk.Org, n.Desk.Slot(), n.Account, n.Sealed, packFacts(n.Facts), n.Since, n.MadeAt)
	return k == 1, err
}

// rewrite replaces a note that nobody has signed; whoever read it, reads it again.
func rewrite(t *db.Tx, n *Note) error {
	k, err := t.Exec(`UPDATE room_note SET body = ?2, facts = ?3, since = ?4, made_at = ?5 WHERE id = ?1 AND signed_at IS NULL`, n.ID, n.Sealed, packFacts(n.Facts), n.Since, n.MadeAt)
	if err == nil && k == 0 {
		return db.Changed()
	}
	if err == nil {
		_, err = t.Exec(`DELETE FROM room_note_read WHERE note = ?1`, n.ID)
	}
	return err
}

func markRead(t *db.Tx, nid NoteID, a actor.AccountID) error {
	_, err := t.Exec(`INSERT INTO room_note_read (note, account, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`, nid, a, t.Now())
	return err
}

func hasRead(t *db.Tx, nid NoteID, a actor.AccountID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM room_note_read WHERE note = ?1 AND account = ?2`, nid, a)
}

func markSigned(t *db.Tx, nid NoteID, a actor.AccountID) (bool, error) {
	n, err := t.Exec(`UPDATE room_note SET signed_by = ?2, signed_at = ?3 WHERE id = ?1 AND signed_at IS NULL`, nid, a, t.Now())
	return n == 1, err
}

// notesOf are the last notes of a desk, the latest first.
func notesOf(t *db.Tx, d Desk, most int) ([]*Note, error) {
	return db.List(t, scanNote, `SELECT `+noteColumns+` FROM room_note WHERE slot = ?1 ORDER BY made_at DESC, id DESC LIMIT ?2`, d.Slot(), most)
}

// forgetNotes takes away what was written before a moment, and who read it.
func forgetNotes(t *db.Tx, before time.Time) (int64, error) {
	if _, err := t.Exec(`DELETE FROM room_note_read WHERE note IN (SELECT id FROM room_note WHERE made_at < ?1)`, before); err != nil {
		return 0, err
	}
	return t.Exec(`DELETE FROM room_note WHERE made_at < ?1`, before)
}
