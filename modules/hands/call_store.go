package hands

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const callColumns = `c.id, c.org, c.kind, c.place, c.wanted, c.placed, c.state, c.skill, c.spoken, c.children, c.demands, c.words_ar, c.words_fr, c.until, c.saw, c.made_at, c.changed_at,
	s.id, s.mission, s.meet_ar, s.meet_fr, s.from_at, s.to_at`

const callFrom = ` FROM hands_call c JOIN hands_shift s ON s.call = c.id`

func scanCall(r db.Row) (*Call, error) {
	var c Call
	var children int64
	var demands string
	err := r.Scan(&c.ID, &c.Org, &c.Kind, &c.Place, &c.Wanted, &c.Placed, &c.State, &c.Skill, &c.Spoken, &children, &demands, &c.Words.AR, &c.Words.FR,
		db.Time(&c.Until), &c.Saw, db.Time(&c.MadeAt), db.Time(&c.ChangedAt),
		&c.Shift.ID, db.Opt(&c.Shift.Mission), &c.Shift.Meet.AR, &c.Shift.Meet.FR, db.Time(&c.Shift.From), db.Time(&c.Shift.To))
	if err != nil {
		return nil, err
	}
	c.Children = children == 1
	return &c, json.Unmarshal([]byte(demands), &c.Demands)
}

func getCall(t *db.Tx, cid CallID) (*Call, error) {
	return db.One(t, scanCall, `SELECT `+callColumns+callFrom+` WHERE c.id = ?1`, cid)
}

// holdCall reads a call and keeps every other hand off it until this unit of
// work ends: the update comes first, so that under PostgreSQL the row is locked
// before anything is counted.
func holdCall(t *db.Tx, cid CallID) (*Call, error) {
	n, err := t.Exec(`UPDATE hands_call SET version = version + 1 WHERE id = ?1`, cid)
	if err == nil && n == 0 {
		err = fault.New(fault.Missing, "error.missing")
	}
	if err != nil {
		return nil, err
	}
	return getCall(t, cid)
}

// addCall keeps a new call with its shift; the same identifier again changes
// nothing.
func addCall(t *db.Tx, c *Call) (fresh bool, err error) {
	children := 0
	if c.Children {
		children = 1
	}
	n, err := t.Exec(`INSERT INTO hands_call (id, org, kind, place, wanted, placed, state, skill, spoken, children, demands, words_ar, words_fr, until, saw, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, 0, 'open', ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13, ?13, 1) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.Org, c.Kind, c.Place, c.Wanted, c.Skill, c.Spoken, children, pack(c.Demands), c.Words.AR, c.Words.FR, c.Until, c.MadeAt)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = t.Exec(`INSERT INTO hands_shift (id, call, mission, meet_ar, meet_fr, from_at, to_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		c.Shift.ID, c.ID, db.OrNull(c.Shift.Mission), c.Shift.Meet.AR, c.Shift.Meet.FR, c.Shift.From, c.Shift.To)
	return true, err
}

// saveCall writes back what holdCall read.
func saveCall(t *db.Tx, c *Call) error {
	_, err := t.Exec(`UPDATE hands_call SET placed = ?1, state = ?2, changed_at = ?3 WHERE id = ?4`, c.Placed, string(c.State), c.ChangedAt, c.ID)
	return err
}

// callFind is what a list of calls for people is looked up by.
type callFind struct {
	org   actor.OrganisationID // zero is every one
	ended bool
	after CallID
	limit int
}

// listCalls is a page of calls for people: those that look for somebody, the
// next shift first; or those that ended, the latest first.
func listCalls(t *db.Tx, f callFind) ([]*Call, error) {
	if f.ended {
		return db.List(t, scanCall, `SELECT `+callColumns+callFrom+` WHERE c.kind = 'people' AND (?1 = '' OR c.org = ?1) AND (c.state = 'closed' OR c.until <= ?2)
			AND (?3 = '' OR (s.from_at, c.id) < (SELECT x.from_at, x.call FROM hands_shift x WHERE x.call = ?3)) ORDER BY s.from_at DESC, c.id DESC LIMIT ?4`,
			f.org.String(), t.Now(), f.after.String(), f.limit)
	}
	return db.List(t, scanCall, `SELECT `+callColumns+callFrom+` WHERE c.kind = 'people' AND (?1 = '' OR c.org = ?1) AND c.state <> 'closed' AND c.until > ?2
		AND (?3 = '' OR (s.from_at, c.id) > (SELECT x.from_at, x.call FROM hands_shift x WHERE x.call = ?3)) ORDER BY s.from_at, c.id LIMIT ?4`,
		f.org.String(), t.Now(), f.after.String(), f.limit)
}

// countSaw adds the page openings of a while.
func countSaw(t *db.Tx, cid CallID, n int) error {
	_, err := t.Exec(`UPDATE hands_call SET saw = saw + ?1 WHERE id = ?2`, n, cid)
	return err
}

func callIDs(t *db.Tx, q string, args ...any) ([]CallID, error) {
	return db.List(t, func(r db.Row) (c CallID, err error) { return c, r.Scan(&c) }, q, args...)
}

// runOut are calls for people whose time is over and that nobody closed.
func runOut(t *db.Tx, limit int) ([]CallID, error) {
	return callIDs(t, `SELECT id FROM hands_call WHERE kind = 'people' AND state <> 'closed' AND until <= ?1 ORDER BY until, id LIMIT ?2`, t.Now(), limit)
}

// toRemind are calls whose shift begins soon and whose people were not reminded.
func toRemind(t *db.Tx, before time.Duration, limit int) ([]CallID, error) {
	return callIDs(t, `SELECT c.id`+callFrom+` WHERE c.state <> 'closed' AND s.reminded_at IS NULL AND s.from_at > ?1 AND s.from_at <= ?2 ORDER BY s.from_at, c.id LIMIT ?3`,
		t.Now(), t.Now().Add(before), limit)
}

// markReminded notes that a shift's people were reminded; false when they were.
func markReminded(t *db.Tx, sid ShiftID) (bool, error) {
	n, err := t.Exec(`UPDATE hands_shift SET reminded_at = ?1 WHERE id = ?2 AND reminded_at IS NULL`, t.Now(), sid)
	return n == 1, err
}
