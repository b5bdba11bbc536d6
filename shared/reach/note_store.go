package reach

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// VoiceNote is one recording of a person, without its sound.
type VoiceNote struct {
	ID      NoteID
	Seconds int // 0 when the channel did not say
	At      time.Time
	subject string
	media   string
	sealed  []byte
}

func scanNote(r db.Row) (n VoiceNote, err error) {
	return n, r.Scan(&n.ID, &n.subject, &n.media, &n.Seconds, db.Time(&n.At))
}

// NotesOf are the voice notes that speak of something, the oldest first.
func (s *Service) NotesOf(t *db.Tx, subject string) ([]VoiceNote, error) {
	return db.List(t, scanNote, `SELECT id, subject, media, seconds, made_at FROM reach_note WHERE subject = ?1 AND subject <> '' AND body IS NOT NULL ORDER BY made_at, id`, subject)
}

// subjectOfNote is what a note speaks of; fault.Missing when there is no such note.
func subjectOfNote(t *db.Tx, nid NoteID) (string, error) {
	return db.One(t, db.Text, `SELECT subject FROM reach_note WHERE id = ?1 AND body IS NOT NULL`, nid)
}

// openNote is the sound itself.
func (s *Service) openNote(t *db.Tx, nid NoteID) (media string, sound []byte, err error) {
	n, err := db.One(t, func(r db.Row) (n VoiceNote, err error) { return n, r.Scan(&n.media, &n.sealed) },
		`SELECT media, body FROM reach_note WHERE id = ?1 AND body IS NOT NULL`, nid)
	if err != nil {
		return "", nil, err
	}
	sound, err = s.vault.Open(crypt.At("reach_note.body", nid.String()), n.sealed)
	return n.media, sound, err
}

// Hearable tells whether somebody gave a reason for hearing a note a moment ago.
func Hearable(t *db.Tx, nid NoteID, by actor.AccountID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM reach_listened WHERE note = ?1 AND account = ?2 AND at > ?3`, nid, by, t.Now().Add(-oneListening))
}

// LetHear lets somebody hear a note that speaks of a subject for some minutes.
// Whether they may is the caller's to know, and the line in the journal theirs
// to leave. fault.Missing when it speaks of something else.
func (s *Service) LetHear(t *db.Tx, subject, name string, by actor.AccountID) error {
	nid, err := noteOf(t, subject, name)
	if err == nil {
		_, err = listensOn(t, nid, by)
	}
	return err
}

// Sound is a note that speaks of a subject, for whoever LetHear let hear it;
// fault.Denied for others.
func (s *Service) Sound(t *db.Tx, subject, name string, by actor.AccountID) (media string, sound []byte, err error) {
	nid, err := noteOf(t, subject, name)
	if err != nil {
		return "", nil, err
	}
	may, err := Hearable(t, nid, by)
	if err == nil && !may {
		err = fault.New(fault.Denied, "reach.note.say_why")
	}
	if err != nil {
		return "", nil, err
	}
	return s.openNote(t, nid)
}

func noteOf(t *db.Tx, subject, name string) (nid NoteID, err error) {
	if nid, err = id.Parse[note](name); err != nil {
		return nid, fault.New(fault.Missing, "error.missing")
	}
	about, err := subjectOfNote(t, nid)
	if err == nil && (about == "" || about != subject) {
		err = fault.New(fault.Missing, "error.missing")
	}
	return nid, err
}

// rebindNotes gives the notes of one thing to another.
func rebindNotes(t *db.Tx, from, to string) error {
	_, err := t.Exec(`UPDATE reach_note SET subject = ?1 WHERE subject = ?2`, to, from)
	return err
}

// listensOn tells whether somebody began to listen to a note a moment ago, and
// notes that they listen now.
func listensOn(t *db.Tx, nid NoteID, a actor.AccountID) (bool, error) {
	on, err := db.Has(t, `SELECT 1 FROM reach_listened WHERE note = ?1 AND account = ?2 AND at > ?3`, nid, a, t.Now().Add(-oneListening))
	if err != nil || on {
		return on, err
	}
	_, err = t.Exec(`INSERT INTO reach_listened (note, account, at) VALUES (?1, ?2, ?3) ON CONFLICT (note, account) DO UPDATE SET at = ?3`, nid, a, t.Now())
	return false, err
}
