package hands

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Want is a call for things: goods, transport or shelter, in the name of a
// recognised organisation.
type Want struct {
	ID     CallID
	Org    actor.OrganisationID
	Kind   OfferKind
	Thing  string
	Place  string
	Wanted int
	Open   bool
	Until  time.Time
	Saw    int
	Got    int // pledged so far, withdrawn ones not counted
	MadeAt time.Time
}

// Left is how many units are still wanted.
func (w Want) Left() int { return max(0, w.Wanted-w.Got) }

// pledgedUnits counts what an offer promises: all of it while it stands, and
// afterwards what was chosen or came of it.
const pledgedUnits = `CASE WHEN o.state = 'open' THEN o.units ELSE o.taken END`

const wantColumns = `c.id, c.org, c.kind, w.thing, c.place, c.wanted, CASE WHEN c.state = 'open' THEN 1 ELSE 0 END, c.until, c.saw, c.made_at,
	COALESCE((SELECT CAST(SUM(` + pledgedUnits + `) AS BIGINT) FROM hands_offer o WHERE o.call = c.id), 0)`

func scanWant(r db.Row) (*Want, error) {
	var w Want
	var open int
	err := r.Scan(&w.ID, &w.Org, (*string)(&w.Kind), &w.Thing, &w.Place, &w.Wanted, &open, db.Time(&w.Until), &w.Saw, db.Time(&w.MadeAt), &w.Got)
	w.Open = open == 1
	return &w, err
}

func getWant(t *db.Tx, cid CallID) (*Want, error) {
	return db.One(t, scanWant, `SELECT `+wantColumns+` FROM hands_call c JOIN hands_want w ON w.call = c.id WHERE c.id = ?1`, cid)
}

// openWants are the calls for things that still take offers, the first to end
// first.
func openWants(t *db.Tx, limit int) ([]*Want, error) {
	return db.List(t, scanWant, `SELECT `+wantColumns+` FROM hands_call c JOIN hands_want w ON w.call = c.id
		WHERE c.state = 'open' AND c.until > ?1 ORDER BY c.until, c.id LIMIT ?2`, t.Now(), limit)
}

func addWant(t *db.Tx, w *Want) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO hands_call (id, org, kind, place, wanted, state, until, saw, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, 0, ?7, ?7, 1) ON CONFLICT (id) DO NOTHING`, w.ID, w.Org, string(w.Kind), w.Place, w.Wanted, w.Until, t.Now())
	if err != nil || n == 0 {
		return false, err
	}
	_, err = t.Exec(`INSERT INTO hands_want (call, thing) VALUES (?1, ?2)`, w.ID, w.Thing)
	return true, err
}

func closeWant(t *db.Tx, cid CallID) error {
	_, err := t.Exec(`UPDATE hands_call SET state = 'closed', changed_at = ?1, version = version + 1 WHERE id = ?2`, t.Now(), cid)
	return err
}

// callFor is whose a call for such things is, and whether it takes offers.
func callFor(t *db.Tx, call CallRef, kind OfferKind, now time.Time) (org actor.OrganisationID, open bool, err error) {
	var k, state string
	var until time.Time
	_, err = db.One(t, func(r db.Row) (struct{}, error) {
		return struct{}{}, r.Scan(&org, &k, &state, db.Time(&until))
	}, `SELECT org, kind, state, until FROM hands_call WHERE id = ?1`, call)
	if fault.KindOf(err) == fault.Missing {
		return org, false, fault.New(fault.Missing, "error.missing")
	}
	return org, state == "open" && until.After(now) && k == string(kind), err
}
