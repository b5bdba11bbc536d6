package reach

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// condition is how a gateway is doing.
type condition struct {
	name         string
	state        string // "up", or a code of what is wrong; "" when nothing was heard of it
	since        time.Time
	heard, sent  time.Time
	paused       bool
	waiting      int64
	today        int64 // messages that went out
	parts, minor int64 // what they cost today
}

// conditions is how every gateway is doing that anything is known of.
func conditions(t *db.Tx, day string, begins time.Time) (map[string]*condition, error) {
	out := map[string]*condition{}
	of := func(name string) *condition {
		if out[name] == nil {
			out[name] = &condition{name: name}
		}
		return out[name]
	}
	_, err := db.List(t, func(r db.Row) (x condition, err error) {
		var paused int
		err = r.Scan(&x.name, &x.state, db.Time(&x.since), db.Time(&x.heard), db.Time(&x.sent), &paused)
		x.paused = paused == 1
		*of(x.name) = x
		return x, err
	}, `SELECT name, state, state_at, heard_at, sent_at, paused FROM reach_gateway`)
	if err != nil {
		return nil, err
	}
	count := func(into func(*condition) *int64, q string, args ...any) error {
		_, err := db.List(t, func(r db.Row) (n int64, err error) {
			var name string
			if err = r.Scan(&name, &n); err == nil {
				*into(of(name)) = n
			}
			return n, err
		}, q, args...)
		return err
	}
	if err := count(func(x *condition) *int64 { return &x.waiting }, `SELECT gateway, COUNT(*) FROM reach_message WHERE state = 'waiting' GROUP BY gateway`); err != nil {
		return nil, err
	}
	// What goes out today was made in the last days: nothing is of use for longer.
	if err := count(func(x *condition) *int64 { return &x.today }, `SELECT gateway, COUNT(*) FROM reach_message WHERE made_at >= ?1 AND sent_at >= ?2 GROUP BY gateway`,
		begins.Add(-7*24*time.Hour), begins); err != nil {
		return nil, err
	}
	if err := count(func(x *condition) *int64 { return &x.parts }, `SELECT gateway, parts FROM reach_spent WHERE day = ?1`, day); err != nil {
		return nil, err
	}
	return out, count(func(x *condition) *int64 { return &x.minor }, `SELECT gateway, minor FROM reach_spent WHERE day = ?1`, day)
}

// setAside pauses a gateway or lets it go on; changed is false when it was so.
func setAside(t *db.Tx, gateway string, paused bool) (changed bool, err error) {
	to := 0
	if paused {
		to = 1
	}
	n, err := t.Exec(`UPDATE reach_gateway SET paused = ?1 WHERE name = ?2 AND paused <> ?1`, to, gateway)
	if err != nil || n > 0 || !paused {
		return n > 0, err
	}
	n, err = t.Exec(`INSERT INTO reach_gateway (name, state, state_at, paused) VALUES (?1, '', ?2, 1) ON CONFLICT (name) DO NOTHING`, gateway, t.Now())
	return n > 0, err
}

// putAside counts what came in and was not read: too much of one number, and
// what could not be read.
func putAside(t *db.Tx) (flood, broken int64, err error) {
	if flood, err = db.One(t, db.Int, `SELECT COUNT(*) FROM reach_heard WHERE state = 'flood'`); err != nil {
		return 0, 0, err
	}
	broken, err = db.One(t, db.Int, `SELECT COUNT(*) FROM reach_heard WHERE state = 'broken'`)
	return flood, broken, err
}

// mostAgain is how many messages are read again at one press.
const mostAgain = 500

// readAgain puts what was put aside back among what is to be read, the oldest first.
func readAgain(t *db.Tx, state string) (int64, error) {
	return t.Exec(`UPDATE reach_heard SET state = 'waiting', run_at = ?1, leased_till = NULL, tries = 0 WHERE id IN (
		SELECT id FROM reach_heard WHERE state = ?2 ORDER BY heard_at, id LIMIT ?3)`, t.Now(), state, mostAgain)
}
