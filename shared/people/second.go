package people

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Second is something that one person wished and another must agree to: the
// role that reads restricted concerns, a new way into an account that holds it,
// or the end of that role where nobody else holds it. Until then the account keeps the access it had, and the new one has none.
type Second struct {
	ID        id.Of[Second]
	Kind      string // give, reset, end
	Account   actor.AccountID
	Grant     id.Of[Grant] // the role that is given or ends once agreed; none for a reset
	Org       actor.OrganisationID
	Territory string
	Service   string
	State     string // waiting, done, refused, first, house
	AskedAt   time.Time
	AskedBy   actor.AccountID
	DecidedAt time.Time
	DecidedBy actor.AccountID
}

const (
	secondGive  = "give"
	secondReset = "reset"
	secondEnd   = "end"
)

// settles is how long an administrator's role and way in must have stood
// before they may agree to what another asked: a second account made in one
// hand today is not a second person.
const settles = 7 * 24 * time.Hour

// noticed is how long a notice stays among those to read.
const noticed = 90 * 24 * time.Hour

// wrong says why somebody may not agree to it: whoever asked and whoever it is
// about are never the second person.
func (x Second) wrong(by actor.AccountID) error {
	switch {
	case x.State != "waiting":
		return fault.New(fault.Conflict, "people.second.decided")
	case by == x.AskedBy || by == x.Account:
		return fault.New(fault.Denied, "people.second.not_oneself")
	}
	return nil
}

const secondColumns = `x.id, x.kind, x.account, x.grant_id, x.org, x.territory, x.service, x.state, x.asked_at, x.asked_by, x.decided_at, x.decided_by`

func scanSecond(r db.Row) (x Second, err error) {
	return x, r.Scan(&x.ID, &x.Kind, &x.Account, &x.Grant, &x.Org, &x.Territory, &x.Service, &x.State,
		db.Time(&x.AskedAt), &x.AskedBy, db.Time(&x.DecidedAt), &x.DecidedBy)
}

func getSecond(t *db.Tx, sid id.Of[Second]) (Second, error) {
	return db.One(t, scanSecond, `SELECT `+secondColumns+` FROM people_second x WHERE x.id = ?1`, sid)
}

func addSecond(t *db.Tx, x Second) error {
	_, err := t.Exec(`INSERT INTO people_second (id, kind, account, grant_id, org, territory, service, state, asked_at, asked_by, decided_at, decided_by)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`,
		x.ID, x.Kind, x.Account, x.Grant, x.Org, x.Territory, x.Service, x.State, x.AskedAt, x.AskedBy, x.DecidedAt, x.DecidedBy)
	if fault.KindOf(err) == fault.Conflict {
		return fault.New(fault.Conflict, "people.second.asked_already")
	}
	return err
}

// decideSecond ends a wish that waits; of two who decide at once, one does.
func decideSecond(t *db.Tx, x Second, state string, by actor.AccountID) error {
	n, err := t.Exec(`UPDATE people_second SET state = ?1, decided_at = ?2, decided_by = ?3 WHERE id = ?4 AND state = 'waiting'`, state, t.Now(), by, x.ID)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.second.decided")
	}
	return err
}

// listSeconds is what waits, then what was decided lately, newest first.
func listSeconds(t *db.Tx) ([]Second, error) {
	return db.List(t, scanSecond, `SELECT `+secondColumns+` FROM people_second x WHERE x.state = 'waiting' OR x.asked_at > ?1
		ORDER BY CASE WHEN x.state = 'waiting' THEN 0 ELSE 1 END, x.asked_at DESC, x.id LIMIT 200`, t.Now().Add(-noticed))
}

// unread is how many notices a holder has not put aside: what waits, and what
// was decided since.
func unread(t *db.Tx, aid actor.AccountID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM people_second x WHERE x.state <> 'house' AND (x.state = 'waiting' OR x.asked_at > ?1)
		AND NOT EXISTS (SELECT 1 FROM people_second_seen s WHERE s.second = x.id AND s.account = ?2 AND (x.decided_at IS NULL OR s.at >= x.decided_at))`,
		t.Now().Add(-noticed), aid)
}

// toDecide is how many wishes wait for somebody else than this administrator.
func toDecide(t *db.Tx, aid actor.AccountID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM people_second x WHERE x.state = 'waiting' AND x.asked_by <> ?1 AND x.account <> ?1`, aid)
}

// putAside marks every notice of now as read by a holder.
func putAside(t *db.Tx, aid actor.AccountID) (int64, error) {
	if _, err := t.Exec(`DELETE FROM people_second_seen WHERE account = ?1`, aid); err != nil {
		return 0, err
	}
	return t.Exec(`INSERT INTO people_second_seen (second, account, at) SELECT x.id, ?1, ?2 FROM people_second x
		WHERE x.state <> 'house' AND (x.state = 'waiting' OR x.asked_at > ?3)`, aid, t.Now(), t.Now().Add(-noticed))
}

// guarded tells whether no one person alone may make a way into an account: it
// reads restricted concerns, or waits to.
func guarded(t *db.Tx, aid actor.AccountID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_grant g WHERE g.account = ?1 AND g.role = 'safeguarding' AND g.ended_at IS NULL
		UNION SELECT 1 FROM people_second x WHERE x.account = ?1 AND x.kind = 'give' AND x.state = 'waiting'`, aid)
}

// everGuarded tells whether anybody ever held the role: putting the last
// holder out does not open the door of the first day again.
func everGuarded(t *db.Tx) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_grant g WHERE g.role = 'safeguarding'`)
}

// lastGuardian tells whether nobody would read restricted concerns once a role
// ends. It first takes the rows of everybody who does, so that of two who end two
// roles at once the second sees what the first did.
func lastGuardian(t *db.Tx, gid id.Of[Grant]) (bool, error) {
	if _, err := t.Exec(`UPDATE people_account SET version = version WHERE id IN
		(SELECT account FROM people_grant WHERE role = 'safeguarding' AND ended_at IS NULL)`); err != nil {
		return false, err
	}
	others, err := db.Has(t, `SELECT 1 FROM people_grant g JOIN people_account a ON a.id = g.account
		WHERE g.role = 'safeguarding' AND g.ended_at IS NULL AND a.state = 'active' AND g.id <> ?1`, gid)
	return !others, err
}

// administers tells whether an account is an administrator now, and whether the
// house itself made it one.
func administers(t *db.Tx, aid actor.AccountID) (now, first bool, err error) {
	now, err = db.Has(t, `SELECT 1 FROM people_grant g JOIN people_account a ON a.id = g.account
		WHERE g.account = ?1 AND g.role = 'administrator' AND g.ended_at IS NULL AND a.state = 'active'`, aid)
	if err == nil {
		first, err = db.Has(t, `SELECT 1 FROM people_grant g WHERE g.account = ?1 AND g.role = 'administrator' AND g.ended_at IS NULL AND g.given_by IS NULL`, aid)
	}
	return now, first, err
}

// settled tells whether an administrator has been one, and come in by the same
// link, for long enough to be a second person.
func settled(t *db.Tx, aid actor.AccountID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_grant g WHERE g.account = ?1 AND g.role = 'administrator' AND g.ended_at IS NULL AND g.given_at <= ?2
		AND NOT EXISTS (SELECT 1 FROM people_invite i WHERE i.account = g.account AND i.used_at > ?2)`, aid, t.Now().Add(-settles))
}

// cameIn is when an account last came in by a link.
func cameIn(t *db.Tx, aid actor.AccountID) (at time.Time, err error) {
	return db.One(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) },
		`SELECT MAX(used_at) FROM people_invite WHERE account = ?1`, aid)
}
