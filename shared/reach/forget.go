package reach

import (
	"context"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Forget hears that a case was erased: its voices go, nobody is told of it any
// more, and a conversation that was about nothing else is forgotten whole.
func (s *Service) Forget(ctx context.Context, r deed.Record) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		told, err := db.List(t, func(r db.Row) (c ConversationID, err error) { return c, r.Scan(&c) },
			`SELECT conversation FROM reach_holder WHERE subject = ?1
			UNION SELECT conversation FROM reach_question WHERE subject = ?1`, r.Subject)
		if err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM reach_note WHERE subject = ?1`, `DELETE FROM reach_holder WHERE subject = ?1`, `DELETE FROM reach_question WHERE subject = ?1`,
			`UPDATE reach_message SET body = NULL, replies = NULL WHERE subject = ?1`, `UPDATE reach_call SET subject = '' WHERE subject = ?1`} {
			if _, err := t.Exec(q, r.Subject); err != nil {
				return err
			}
		}
		for _, c := range told {
			others, err := db.Has(t, `SELECT 1 FROM reach_holder WHERE conversation = ?1 UNION SELECT 1 FROM reach_question WHERE conversation = ?1
				UNION SELECT 1 FROM reach_conversation WHERE id = ?1 AND asking = 1`, c)
			if err != nil {
				return err
			}
			if !others {
				if err := forgetConversation(t, c); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// forgetConversation takes a conversation away with all that was said in it.
func forgetConversation(t *db.Tx, c ConversationID) error {
	for _, table := range []string{"reach_holder", "reach_note", "reach_call", "reach_question", "reach_message"} {
		if _, err := t.Exec(`DELETE FROM `+table+` WHERE conversation = ?1`, c); err != nil {
			return err
		}
	}
	_, err := t.Exec(`DELETE FROM reach_conversation WHERE id = ?1`, c)
	return err
}

// A conversation that led to no request is of no use for longer.
const idle = 30 * 24 * time.Hour

// sweepIdle forgets conversations that hold nothing and were left long ago. A
// number that said STOP is kept, so that it is left in peace.
func sweepIdle(t *db.Tx) error {
	all, err := db.List(t, func(r db.Row) (c ConversationID, err error) { return c, r.Scan(&c) },
		`SELECT id FROM reach_conversation c WHERE COALESCE(wrote_at, made_at) < ?1 AND stopped_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM reach_holder h WHERE h.conversation = c.id)
		AND NOT EXISTS (SELECT 1 FROM reach_note n WHERE n.conversation = c.id AND n.subject <> '' AND n.subject NOT LIKE 'reach.call/%')
		AND NOT EXISTS (SELECT 1 FROM reach_question q WHERE q.conversation = c.id AND q.state IN ('turn', 'open', 'heard'))
		AND NOT EXISTS (SELECT 1 FROM reach_message m WHERE m.conversation = c.id AND m.kind = 'notice' AND m.state = 'waiting') LIMIT 500`, t.Now().Add(-idle))
	for _, c := range all {
		if err := forgetConversation(t, c); err != nil {
			return err
		}
	}
	if err == nil {
		_, err = t.Exec(`DELETE FROM reach_heard WHERE state = 'done' AND done_at < ?1`, t.Now().Add(-idle))
	}
	return err
}
