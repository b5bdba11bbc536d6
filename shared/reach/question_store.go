package reach

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
)

func (s *Service) insertQuestion(t *db.Tx, x posed) error {
	sealed, err := s.sealQuestion(x)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO reach_question (id, conversation, kind, subject, body, state, first, choices, choice, made_at, until)
		VALUES (?1, ?2, ?3, ?4, ?5, 'turn', 0, ?6, 0, ?7, ?8)`, x.id, x.conv, x.kind, x.subject, sealed, x.choices, t.Now(), x.until)
	return err
}

// questionColumns with the moment at which the text left the house, or is
// leaving it. What somebody stopped, or what never went, was not asked.
const questionColumns = `q.id, q.conversation, q.kind, q.subject, q.body, q.state, q.first, q.choices, q.choice, q.heard, q.until, q.done_at,
	CASE WHEN m.state = 'dropped' THEN NULL WHEN m.sent_at IS NOT NULL THEN m.sent_at WHEN m.state = 'waiting' AND m.leased_till IS NOT NULL THEN q.asked_at END`

const questionFrom = ` FROM reach_question q LEFT JOIN reach_message m ON m.id = q.message`

func (s *Service) scanQuestion(r db.Row) (x posed, err error) {
	if err = r.Scan(&x.id, &x.conv, &x.kind, &x.subject, &x.sealed, &x.state, &x.first, &x.choices, &x.choice, &x.heard, db.Time(&x.until), db.Time(&x.doneAt), db.Time(&x.sentAt)); err != nil || len(x.sealed) == 0 {
		return x, err
	}
	plain, err := s.vault.Open(crypt.At("reach_question.body", x.id.String()), x.sealed)
	if err == nil {
		err = json.Unmarshal(plain, &x.posedAs)
	}
	return x, err
}

// questionsOf is every question to a number that still says something: open,
// waiting, or over so lately that an answer may come. The oldest first.
func (s *Service) questionsOf(t *db.Tx, c ConversationID) ([]posed, error) {
	return db.List(t, s.scanQuestion, `SELECT `+questionColumns+questionFrom+` WHERE q.conversation = ?1 AND (q.state IN ('turn', 'open', 'heard') OR q.state = 'answered' AND q.done_at > ?2)
		ORDER BY q.made_at, q.id`, c, t.Now().Add(-settling))
}

// turns are questions that were not put yet.
func (s *Service) turns(t *db.Tx, most int) ([]posed, error) {
	return db.List(t, s.scanQuestion, `SELECT `+questionColumns+questionFrom+` WHERE q.state = 'turn' AND q.until > ?1 ORDER BY q.made_at, q.id LIMIT ?2`, t.Now(), most)
}

func openQuestion(t *db.Tx, x posed, m MessageID) error {
	_, err := t.Exec(`UPDATE reach_question SET state = 'open', first = ?1, message = ?2, asked_at = ?3 WHERE id = ?4 AND state = 'turn'`, x.first, m, t.Now(), x.id)
	return err
}

// takeAnswer gives a question its answer, and says whether it was the first.
func takeAnswer(t *db.Tx, q questionID, choice int, by HeardID) (bool, error) {
	n, err := t.Exec(`UPDATE reach_question SET state = 'heard', choice = ?1, heard = ?2 WHERE id = ?3 AND state = 'open'`, choice, by, q)
	return n > 0, err
}

// closeQuestions ends what one message answered.
func closeQuestions(t *db.Tx, heard HeardID) error {
	_, err := t.Exec(`UPDATE reach_question SET state = 'answered', body = NULL, done_at = ?1 WHERE heard = ?2 AND state = 'heard'`, t.Now(), heard)
	return err
}

// overSaid ends a question of which somebody was told that it is over.
func overSaid(t *db.Tx, q questionID) error {
	_, err := t.Exec(`UPDATE reach_question SET state = 'over', body = NULL, done_at = ?1 WHERE id = ?2 AND state = 'open'`, t.Now(), q)
	return err
}

// questionOver says whether a message asks what nobody waits for any more.
func questionOver(t *db.Tx, m MessageID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM reach_question WHERE message = ?1 AND (state <> 'open' OR until <= ?2)`, m, t.Now())
}

// stillSaid is how long after its time somebody who answers a question is told
// that it is over, rather than taken to begin something new.
const stillSaid = 48 * time.Hour

// endQuestions forgets what was not asked in time, and what nobody will answer.
func endQuestions(t *db.Tx, now time.Time) error {
	_, err := t.Exec(`UPDATE reach_question SET state = 'over', body = NULL, done_at = ?1 WHERE state = 'turn' AND until <= ?1 OR state = 'open' AND until < ?2`, now, now.Add(-stillSaid))
	if err == nil {
		_, err = t.Exec(`DELETE FROM reach_question WHERE state IN ('answered', 'over') AND done_at < ?1`, now.Add(-idle))
	}
	return err
}
