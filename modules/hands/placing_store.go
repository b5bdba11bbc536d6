package hands

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const placingColumns = `p.id, p.call, p.volunteer, p.state, p.asked_at, p.asked_by, p.answered_at, p.in_at, p.out_at, COALESCE(p.minutes, -1), p.reason, p.confirmed_at, p.confirmed_by`

func scanPlacing(r db.Row) (*Placing, error) {
	var p Placing
	return &p, r.Scan(&p.ID, &p.Call, &p.Volunteer, &p.State, db.Time(&p.AskedAt), &p.AskedBy, db.Time(&p.AnsweredAt), db.Time(&p.In), db.Time(&p.Out),
		&p.Minutes, &p.Reason, db.Time(&p.ConfirmedAt), &p.ConfirmedBy)
}

func getPlacing(t *db.Tx, pid PlacingID) (*Placing, error) {
	return db.One(t, scanPlacing, `SELECT `+placingColumns+` FROM hands_placing p WHERE p.id = ?1`, pid)
}

// placingOf is what there is between a volunteer and a call; nil when nothing.
func placingOf(t *db.Tx, cid CallID, vid VolunteerID) (*Placing, error) {
	p, err := db.One(t, scanPlacing, `SELECT `+placingColumns+` FROM hands_placing p WHERE p.call = ?1 AND p.volunteer = ?2`, cid, vid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return p, err
}

// placingsOf is everybody who was asked for a call, in the order of asking.
func placingsOf(t *db.Tx, cid CallID) ([]*Placing, error) {
	return db.List(t, scanPlacing, `SELECT `+placingColumns+` FROM hands_placing p WHERE p.call = ?1 ORDER BY p.asked_at, p.id`, cid)
}

// placingsFor is everything that one volunteer was asked, the latest first.
func placingsFor(t *db.Tx, vid VolunteerID, limit int) ([]*Placing, error) {
	return db.List(t, scanPlacing, `SELECT `+placingColumns+` FROM hands_placing p WHERE p.volunteer = ?1 ORDER BY p.asked_at DESC, p.id DESC LIMIT ?2`, vid, limit)
}

func addPlacing(t *db.Tx, p *Placing) error {
	_, err := t.Exec(`INSERT INTO hands_placing (id, call, volunteer, state, asked_at, asked_by, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '')`,
		p.ID, p.Call, p.Volunteer, string(p.State), p.AskedAt, p.AskedBy)
	return err
}

func savePlacing(t *db.Tx, p *Placing) error {
	minutes := any(p.Minutes)
	if p.Minutes < 0 {
		minutes = nil
	}
	_, err := t.Exec(`UPDATE hands_placing SET state = ?1, asked_at = ?2, asked_by = ?3, answered_at = ?4, in_at = ?5, out_at = ?6, minutes = ?7, reason = ?8, confirmed_at = ?9, confirmed_by = ?10 WHERE id = ?11`,
		string(p.State), p.AskedAt, p.AskedBy, p.AnsweredAt, p.In, p.Out, minutes, p.Reason, p.ConfirmedAt, p.ConfirmedBy, p.ID)
	return err
}

// nextInLine is who said yes first of those for whom there was no place.
func nextInLine(t *db.Tx, cid CallID) (*Placing, error) {
	p, err := db.One(t, scanPlacing, `SELECT `+placingColumns+` FROM hands_placing p JOIN hands_volunteer v ON v.id = p.volunteer
		WHERE p.call = ?1 AND p.state = 'full' AND v.state = 'accepted' ORDER BY p.answered_at, p.id LIMIT 1`, cid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return p, err
}

// busy is the volunteers who have a place on a shift of that time, or of all of
// them that one; but is the call that does not count.
func busy(t *db.Tx, but CallID, vid VolunteerID, from, to time.Time) (map[VolunteerID]bool, error) {
	all, err := db.List(t, func(r db.Row) (v VolunteerID, err error) { return v, r.Scan(&v) },
		`SELECT p.volunteer FROM hands_placing p JOIN hands_shift s ON s.call = p.call JOIN hands_call c ON c.id = p.call
		WHERE p.state = 'placed' AND c.id <> ?1 AND (?2 = '' OR p.volunteer = ?2) AND s.from_at < ?3 AND s.to_at > ?4`, but, vid.String(), to, from)
	out := make(map[VolunteerID]bool, len(all))
	for _, v := range all {
		out[v] = true
	}
	return out, err
}

// counts is the funnel of a call for people.
type counts struct{ Asked, Yes, No, Silent, Came, Minutes int }

func countPlacings(t *db.Tx, cid CallID) (n counts, err error) {
	all, err := placingsOf(t, cid)
	for _, p := range all {
		if p.State != Offered {
			n.Asked++
		}
		switch p.State {
		case Placed, TooLate, Withdrew:
			n.Yes++
		case SaidNo:
			n.No++
		case Silent:
			n.Silent++
		}
		if !p.In.IsZero() || !p.ConfirmedAt.IsZero() && p.Minutes > 0 {
			n.Came++
		}
		if !p.ConfirmedAt.IsZero() {
			n.Minutes += p.Minutes
		}
	}
	return n, err
}

// hoursOf is what leaders confirmed of a volunteer: minutes, shifts, and from
// when to when.
func hoursOf(t *db.Tx, vid VolunteerID) (minutes, shifts int, from, to time.Time, err error) {
	type row struct {
		n        int
		from, to time.Time
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.n, db.Time(&x.from), db.Time(&x.to)) },
		`SELECT p.minutes, s.from_at, s.to_at FROM hands_placing p JOIN hands_shift s ON s.call = p.call
		WHERE p.volunteer = ?1 AND p.confirmed_at IS NOT NULL AND p.minutes > 0 ORDER BY s.from_at, p.id`, vid)
	for i, x := range all {
		if i == 0 {
			from = x.from
		}
		if x.to.After(to) {
			to = x.to
		}
		minutes, shifts = minutes+x.n, shifts+1
	}
	return minutes, shifts, from, to, err
}

// crewOf is the volunteers who were placed on a mission, each once.
func crewOf(t *db.Tx, mission string) ([]VolunteerID, error) {
	return db.List(t, func(r db.Row) (v VolunteerID, err error) { return v, r.Scan(&v) },
		`SELECT DISTINCT v.id FROM hands_volunteer v JOIN hands_placing p ON p.volunteer = v.id JOIN hands_shift s ON s.call = p.call
		WHERE s.mission = ?1 AND v.state = 'accepted' AND p.state = 'placed' ORDER BY v.id`, mission)
}

// missionsByPhone lists the missions on which somebody with this phone was placed.
func missionsByPhone(t *db.Tx, key []byte) ([]string, error) {
	return db.List(t, db.Text, `SELECT DISTINCT s.mission FROM hands_volunteer v JOIN hands_placing p ON p.volunteer = v.id JOIN hands_shift s ON s.call = p.call
		WHERE v.phone_key = ?1 AND v.state = 'accepted' AND p.state = 'placed' AND s.mission IS NOT NULL ORDER BY s.mission`, key)
}

// missionsOf are the missions that an account's volunteers have a place on.
func missionsOf(t *db.Tx, aid actor.AccountID) ([]string, error) {
	return db.List(t, db.Text, `SELECT DISTINCT s.mission FROM hands_volunteer v JOIN hands_placing p ON p.volunteer = v.id JOIN hands_shift s ON s.call = p.call
		WHERE v.account = ?1 AND v.state = 'accepted' AND p.state = 'placed' AND s.mission IS NOT NULL ORDER BY s.mission`, aid)
}
