package app

import (
	"context"
	"strings"

	"github.com/twiza/twiza/bench/sms"
	"github.com/twiza/twiza/platform/db"
)

// benchStore looks into the records of a house under test from outside: what
// it counts must not be counted by the house that is measured.
type benchStore struct{ d *db.DB }

func (s benchStore) Close() error { return s.d.Close() }

func (s benchStore) Count(ctx context.Context) (n sms.Count, err error) {
	err = s.d.Read(ctx, func(t *db.Tx) error {
		for q, to := range map[string]*int{
			`SELECT COUNT(*) FROM reach_conversation`:                                                          &n.Conversations,
			`SELECT COUNT(*) FROM reach_heard`:                                                                 &n.Heard,
			`SELECT COUNT(*) FROM reach_heard WHERE state <> 'done'`:                                           &n.Unread,
			`SELECT COUNT(*) FROM reach_message WHERE kind = 'answer'`:                                         &n.Answers,
			`SELECT COUNT(*) FROM reach_message WHERE kind = 'answer' AND state NOT IN ('taken', 'delivered')`: &n.Unsent,
			`SELECT COUNT(*) FROM cases_case`:                                                                  &n.Requests,
		} {
			x, err := db.One(t, db.Int, q)
			if err != nil {
				return err
			}
			*to = int(x)
		}
		return nil
	})
	return n, err
}

func (s benchStore) Waiting(ctx context.Context) (unread, unsent int, err error) {
	err = s.d.Read(ctx, func(t *db.Tx) error {
		n, err := db.One(t, db.Int, `SELECT COUNT(*) FROM reach_heard WHERE state = 'waiting'`)
		if err != nil {
			return err
		}
		m, err := db.One(t, db.Int, `SELECT COUNT(*) FROM reach_message WHERE state = 'waiting' AND channel = 'sms' AND level = 1`)
		unread, unsent = int(n), int(m)
		return err
	})
	return unread, unsent, err
}

func (s benchStore) Pause(ctx context.Context, gateway string, aside bool) error {
	on := 0
	if aside {
		on = 1
	}
	return s.d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO reach_gateway (name, state, state_at, paused) VALUES (?1, 'up', ?2, ?3) ON CONFLICT (name) DO UPDATE SET paused = ?3`, gateway, t.Now(), on)
		return err
	})
}

// Deliver does what an association would in some hours.
func (s benchStore) Deliver(ctx context.Context, receipts []string) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		for _, r := range receipts {
			if _, err := t.Exec(`UPDATE cases_case SET state = 'delivered', phase = 'waiting', version = version + 1 WHERE receipt = ?1`, strings.ReplaceAll(r, " ", "")); err != nil {
				return err
			}
		}
		return nil
	})
}
