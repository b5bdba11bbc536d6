package reach

import (
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach/channel"
)

// wanted is somebody who is to be called.
type wanted struct {
	id      CallID
	conv    ConversationID
	lang    string
	spoken  string
	state   string // waiting, taken, done
	account actor.AccountID
	tries   int // calls that nobody answered
	channel channel.Kind
	made    time.Time
	due     time.Time
	taken   time.Time
	address string // opened; shown masked
}

const wantedColumns = `c.id, c.conversation, c.lang, c.spoken, c.state, c.account, c.tries, v.channel, c.made_at, c.due_at, c.taken_at, v.address`

func (s *Service) scanWanted(r db.Row) (w wanted, err error) {
	var sealed []byte
	if err = r.Scan(&w.id, &w.conv, &w.lang, &w.spoken, &w.state, &w.account, &w.tries, &w.channel, db.Time(&w.made), db.Time(&w.due), db.Time(&w.taken), &sealed); err != nil {
		return w, err
	}
	w.address, err = s.vault.OpenText(crypt.At("reach_conversation.address", w.conv.String()), sealed)
	return w, err
}

// listWanted is everybody who is to be called, by when it is due.
func (s *Service) listWanted(t *db.Tx, limit int) ([]wanted, error) {
	return db.List(t, s.scanWanted, `SELECT `+wantedColumns+` FROM reach_call c JOIN reach_conversation v ON v.id = c.conversation
		WHERE c.state <> 'done' ORDER BY c.due_at, c.id LIMIT ?1`, limit)
}

func (s *Service) getWanted(t *db.Tx, cid CallID) (wanted, error) {
	return db.One(t, s.scanWanted, `SELECT `+wantedColumns+` FROM reach_call c JOIN reach_conversation v ON v.id = c.conversation WHERE c.id = ?1`, cid)
}

// heldBy tells whether somebody has taken the call on and has time for it yet.
func (w wanted) heldBy(a actor.AccountID, now time.Time) bool {
	return w.state == "taken" && w.account == a && now.Before(w.taken.Add(callLease))
}

// free tells whether anybody may take it.
func (w wanted) free(now time.Time) bool {
	return w.state == "waiting" || w.state == "taken" && !now.Before(w.taken.Add(callLease))
}

func takeCall(t *db.Tx, cid CallID, by actor.AccountID) error {
	_, err := t.Exec(`UPDATE reach_call SET state = 'taken', account = ?1, taken_at = ?2 WHERE id = ?3`, by, t.Now(), cid)
	return err
}

// callLater puts a call that nobody answered back on the list.
func callLater(t *db.Tx, cid CallID, due time.Time) error {
	_, err := t.Exec(`UPDATE reach_call SET state = 'waiting', result = 'no_answer', account = NULL, taken_at = NULL, due_at = ?1, tries = tries + 1 WHERE id = ?2`, due, cid)
	return err
}

func endCall(t *db.Tx, cid CallID, result, about string) error {
	_, err := t.Exec(`UPDATE reach_call SET state = 'done', result = ?1, subject = ?2, done_at = ?3 WHERE id = ?4`, result, about, t.Now(), cid)
	return err
}
