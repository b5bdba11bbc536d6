package reach

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// MessageCount is how many messages of one channel came to one end in an hour.
type MessageCount struct {
	Channel, State string
	N              int64
}

// HourOfMessages counts the messages that were made in the last hour, by channel
// and by what became of them.
func (s *Service) HourOfMessages(t *db.Tx) ([]MessageCount, error) {
	return db.List(t, func(r db.Row) (m MessageCount, err error) { return m, r.Scan(&m.Channel, &m.State, &m.N) },
		`SELECT channel, state, COUNT(*) FROM reach_message WHERE made_at > ?1 GROUP BY channel, state ORDER BY channel, state`, t.Now().Add(-time.Hour))
}

// Unsent is what waits to go out of one channel, and since when the first could.
type Unsent struct {
	Channel string
	N       int64
	Oldest  time.Time
}

// UnsentNow counts, by channel, the messages that could go out and did not yet.
func (s *Service) UnsentNow(t *db.Tx) ([]Unsent, error) {
	return db.List(t, func(r db.Row) (u Unsent, err error) { return u, r.Scan(&u.Channel, &u.N, db.Time(&u.Oldest)) },
		`SELECT channel, COUNT(*), MIN(not_before) FROM reach_message WHERE state = 'waiting' AND not_before <= ?1 GROUP BY channel ORDER BY channel`, t.Now())
}

// CallsToMake counts the people who wait to be called, and since when the first
// should have been.
func (s *Service) CallsToMake(t *db.Tx) (n int64, due time.Time, err error) {
	u, err := db.One(t, func(r db.Row) (u Unsent, err error) { return u, r.Scan(&u.N, db.Time(&u.Oldest)) },
		`SELECT COUNT(*), MIN(due_at) FROM reach_call WHERE state <> 'done'`)
	return u.N, u.Oldest, err
}
