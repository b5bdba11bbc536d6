package hands

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const matchColumns = `m.id, m.offer, m.org, m.need, m.place, m.units, m.held, m.used, m.state, m.made_at, m.used_at, m.changed_at`

func scanMatch(r db.Row) (*Match, error) {
	var m Match
	return &m, r.Scan(&m.ID, &m.Offer, &m.Org, &m.Need, db.Opt(&m.Place), &m.Units, &m.Held, &m.Used, &m.State, db.Time(&m.MadeAt), db.Time(&m.UsedAt), db.Time(&m.ChangedAt))
}

func getMatch(t *db.Tx, mid MatchID) (*Match, error) {
	return db.One(t, scanMatch, `SELECT `+matchColumns+` FROM hands_match m WHERE m.id = ?1`, mid)
}

// matchesOf are those of an offer, oldest first.
func matchesOf(t *db.Tx, oid OfferID) ([]*Match, error) {
	return db.List(t, scanMatch, `SELECT `+matchColumns+` FROM hands_match m WHERE m.offer = ?1 ORDER BY m.made_at, m.id`, oid)
}

// addMatch keeps a new match; the same identifier again changes nothing.
func addMatch(t *db.Tx, m *Match) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO hands_match (id, offer, org, need, place, units, held, used, state, made_at, changed_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, 'standing', ?7, ?7) ON CONFLICT (id) DO NOTHING`, m.ID, m.Offer, m.Org, m.Need, db.OrNull(m.Place), m.Units, m.MadeAt)
	return n == 1, err
}

func saveMatch(t *db.Tx, m *Match) error {
	_, err := t.Exec(`UPDATE hands_match SET held = ?1, used = ?2, state = ?3, used_at = ?4, changed_at = ?5 WHERE id = ?6`,
		m.Held, m.Used, m.State, m.UsedAt, m.ChangedAt, m.ID)
	return err
}

// promised is how many units of things like it are chosen for each need
// already: a need that is met is proposed to nobody.
func promised(t *db.Tx, kind OfferKind, thing string) (map[string]int, error) {
	type row struct {
		need string
		n    int
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.need, &x.n) },
		`SELECT m.need, CAST(SUM(CASE WHEN m.state = 'standing' THEN m.units ELSE m.used END) AS BIGINT) FROM hands_match m JOIN hands_offer o ON o.id = m.offer
		WHERE o.kind = ?1 AND o.thing = ?2 AND m.need <> 'stock' GROUP BY m.need`, string(kind), thing)
	out := make(map[string]int, len(all))
	for _, x := range all {
		out[x.need] = x.n
	}
	return out, err
}

// load is a line of what was loaded of an offer on a mission.
type load struct {
	mission  string
	seq      int
	offer    OfferID
	org      actor.OrganisationID
	good     string
	source   string
	units    int
	back     int
	lost     int
	settled  time.Time
	given    int // handed over at deliveries so far
	received int // of those, that the people said came
}

// aboard is what is neither handed over nor accounted for.
func (l *load) aboard() int { return l.units - l.given - l.back - l.lost }

const loadColumns = `l.mission, l.seq, l.offer, l.org, l.good, l.source, l.units, l.back, l.lost, l.settled_at,
	COALESCE((SELECT CAST(SUM(g.units) AS BIGINT) FROM hands_given g WHERE g.mission = l.mission AND g.seq = l.seq), 0),
	COALESCE((SELECT CAST(SUM(g.units) AS BIGINT) FROM hands_given g JOIN hands_heard h ON h.case_id = g.case_id
		WHERE g.mission = l.mission AND g.seq = l.seq AND h.came = 1 AND h.at >= g.at), 0)`

func scanLoad(r db.Row) (*load, error) {
	var l load
	return &l, r.Scan(&l.mission, &l.seq, &l.offer, &l.org, &l.good, &l.source, &l.units, &l.back, &l.lost, db.Time(&l.settled), &l.given, &l.received)
}

// loadsOn are those of a mission, in the order of loading.
func loadsOn(t *db.Tx, mission string) ([]*load, error) {
	return db.List(t, scanLoad, `SELECT `+loadColumns+` FROM hands_load l WHERE l.mission = ?1 ORDER BY l.seq`, mission)
}

// loadsOf are those of an offer, in the order of loading.
func loadsOf(t *db.Tx, oid OfferID) ([]*load, error) {
	return db.List(t, scanLoad, `SELECT `+loadColumns+` FROM hands_load l WHERE l.offer = ?1 ORDER BY l.made_at, l.mission, l.seq`, oid)
}

// addLoad puts n units on a mission's line of that source, or makes the line.
func addLoad(t *db.Tx, l load) error {
	n, err := t.Exec(`UPDATE hands_load SET units = units + ?1 WHERE mission = ?2 AND offer = ?3 AND source = ?4`, l.units, l.mission, l.offer, l.source)
	if err != nil || n == 1 {
		return err
	}
	_, err = t.Exec(`INSERT INTO hands_load (mission, seq, offer, org, good, source, units, back, lost, made_at)
		VALUES (?1, (SELECT COALESCE(MAX(x.seq), 0) + 1 FROM hands_load x WHERE x.mission = ?1), ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)`,
		l.mission, l.offer, l.org, l.good, l.source, l.units, t.Now())
	return err
}

// shrinkLoad takes units off a line; one without units goes.
func shrinkLoad(t *db.Tx, l *load, by int) error {
	if by == l.units {
		_, err := t.Exec(`DELETE FROM hands_load WHERE mission = ?1 AND seq = ?2`, l.mission, l.seq)
		return err
	}
	_, err := t.Exec(`UPDATE hands_load SET units = units - ?1 WHERE mission = ?2 AND seq = ?3`, by, l.mission, l.seq)
	return err
}

func settleLoad(t *db.Tx, l *load) error {
	_, err := t.Exec(`UPDATE hands_load SET back = ?1, lost = ?2, settled_at = ?3 WHERE mission = ?4 AND seq = ?5`, l.back, l.lost, l.settled, l.mission, l.seq)
	return err
}

// offersOf are the open offers of a kind that an organisation may use, and
// those of which some is in its hands, the first to end first.
func offersOf(t *db.Tx, org actor.OrganisationID, kind OfferKind) ([]*Offer, error) {
	return db.List(t, scanOffer, `SELECT `+offerColumns+` FROM hands_offer o WHERE o.kind = ?2 AND (o.org = ?1 AND o.state = 'open'
		OR EXISTS (SELECT 1 FROM hands_match m WHERE m.offer = o.id AND m.org = ?1 AND m.held > 0)
		OR EXISTS (SELECT 1 FROM hands_load l WHERE l.offer = o.id AND l.org = ?1 AND l.back > 0)) ORDER BY o.until, o.id LIMIT 500`, org, string(kind))
}

func givenAt(t *db.Tx, delivery string) (bool, error) {
	return db.Has(t, `SELECT 1 FROM hands_given WHERE delivery = ?1`, delivery)
}

func addGiven(t *db.Tx, delivery, caseID string, l *load, units int, at time.Time) error {
	_, err := t.Exec(`INSERT INTO hands_given (delivery, mission, seq, case_id, units, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`, delivery, l.mission, l.seq, caseID, units, at)
	return err
}

// heard keeps the last thing the people of a case said of what came.
func heard(t *db.Tx, caseID string, came bool, at time.Time) error {
	n := map[bool]int{true: 1}[came]
	_, err := t.Exec(`INSERT INTO hands_heard (case_id, came, at) VALUES (?1, ?2, ?3)
		ON CONFLICT (case_id) DO UPDATE SET came = ?2, at = ?3 WHERE hands_heard.at <= ?3`, caseID, n, at)
	return err
}

// confirmedNeeds are the cases, of those an offer was handed over to directly,
// whose people said that it came.
func confirmedNeeds(t *db.Tx, oid OfferID) (map[string]bool, error) {
	all, err := db.List(t, db.Text, `SELECT m.need FROM hands_match m JOIN hands_heard h ON m.need = 'case/' || h.case_id
		WHERE m.offer = ?1 AND m.used > 0 AND h.came = 1 AND h.at >= m.used_at`, oid)
	out := map[string]bool{}
	for _, n := range all {
		out[n] = true
	}
	return out, err
}
