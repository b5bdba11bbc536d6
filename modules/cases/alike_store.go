package cases

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/linkage"
)

// addSketch writes down under which keys a case is looked for, and what was heard in
// its words. It has to be compared from now on.
func addSketch(t *db.Tx, cid CaseID, x sketched) (num int64, err error) {
	packed := make([]byte, 0, 8*len(x.blocks))
	for _, b := range x.blocks {
		packed = binary.BigEndian.AppendUint64(packed, uint64(b))
	}
	n, err := db.List(t, db.Int, `INSERT INTO cases_sketch (case_id, blocks, looked, heard_by, heard) VALUES (?1, ?2, 0, ?3, ?4) ON CONFLICT (case_id) DO NOTHING RETURNING n`, cid, packed, x.by, x.heard)
	if err != nil || len(n) == 0 || len(x.blocks) == 0 {
		return 0, err
	}
	var a asking
	here := a.put(n[0])
	var rows []string
	for _, b := range x.blocks {
		rows = append(rows, `(`+a.put(b)+`, `+here+`)`)
	}
	_, err = t.Exec(`INSERT INTO cases_block (block, n) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, a.args...)
	return n[0], err
}

// dropSketch takes a case out of all comparing.
func dropSketch(t *db.Tx, cid CaseID) error {
	type sketch struct {
		n      int64
		blocks []byte
	}
	all, err := db.List(t, func(r db.Row) (s sketch, err error) { return s, r.Scan(&s.n, &s.blocks) },
		`SELECT n, blocks FROM cases_sketch WHERE case_id = ?1`, cid)
	if err != nil || len(all) == 0 {
		return err
	}
	for packed := all[0].blocks; len(packed) >= 8; packed = packed[8:] {
		if _, err := t.Exec(`DELETE FROM cases_block WHERE block = ?1 AND n = ?2`, int64(binary.BigEndian.Uint64(packed)), all[0].n); err != nil {
			return err
		}
	}
	_, err = t.Exec(`DELETE FROM cases_sketch WHERE case_id = ?1`, cid)
	return err
}

// How many earlier reports one is held against: the latest of each key, and of
// all keys together, those of the rarest keys first.
const (
	perBlock = 16
	mostSeen = 32
)

// numbered finds what stands under some keys, those of the first keys first.
func numberedUnder(t *db.Tx, blocks []int64) ([]int64, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	var a asking
	var parts []string
	for i, b := range blocks {
		here := a.put(b)
		parts = append(parts, `SELECT `+strconv.Itoa(i)+` AS at, n FROM (SELECT n FROM cases_block WHERE block = `+here+` ORDER BY n DESC LIMIT `+strconv.Itoa(perBlock)+`) b`+strconv.Itoa(i))
	}
	type found struct{ at, n int64 }
	all, err := db.List(t, func(r db.Row) (f found, err error) { return f, r.Scan(&f.at, &f.n) }, strings.Join(parts, " UNION ALL "), a.args...)
	if err != nil {
		return nil, err
	}
	lists := make([][]int64, len(blocks))
	for _, f := range all {
		lists[f.at] = append(lists[f.at], f.n)
	}
	seen := map[int64]bool{}
	var out []int64
	for _, list := range lists {
		for _, n := range list {
			if !seen[n] && len(out) < mostSeen {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// near is as much of a case as tells whether it is to be compared.
type near struct {
	n        int64 // the number under which it is found
	id, into CaseID
	revision int64
	service  string
	over     bool // it ended, or its person was forgotten
}

// root is the case that carries the work.
func (n near) root() CaseID {
	if n.into.IsZero() {
		return n.id
	}
	return n.into
}

// keptCase is a case as it is compared: what stands open in it, and what was heard in
// the rest, sealed.
type keptCase struct {
	near
	open  *Case // as much of it as a report holds beside name and words
	by    int64 // by which words heard was made
	heard []byte
}

func casesNumbered(t *db.Tx, ns []int64) ([]keptCase, error) {
	if len(ns) == 0 {
		return nil, nil
	}
	var a asking
	return db.List(t, scanKept, `SELECT s.n, c.id, c.merged_into, c.version, c.service, CASE WHEN c.erased_at IS NOT NULL OR (c.phase = 'final' AND c.merged_into IS NULL) THEN 1 ELSE 0 END,
		c.needs, c.people, c.rank, c.place, c.commune, c.province, c.region, c.lat, c.lon, c.made_at, c.phone_key, c.family_key, s.heard_by, s.heard
		FROM cases_sketch s JOIN cases_case c ON c.id = s.case_id WHERE `+a.in("s.n", anys(ns)...), a.args...)
}

func scanKept(r db.Row) (h keptCase, err error) {
	c := &Case{}
	h.open = c
	var over int64
	var needs, place, commune, province, region string
	var lat, lon any
	if err := r.Scan(&h.n, &h.id, &h.into, &h.revision, &h.service, &over, &needs, &c.People, &c.Rank, db.Opt(&place), db.Opt(&commune), db.Opt(&province), db.Opt(&region),
		&lat, &lon, db.Time(&c.MadeAt), &c.PhoneKey, &c.FamilyKey, &h.by, &h.heard); err != nil {
		return h, err
	}
	h.over, c.ID, c.Service = over == 1, h.id, h.service
	c.lies(place, region, province, commune, lat, lon)
	return h, json.Unmarshal([]byte(needs), &c.Needs)
}

// glimpse is what was heard in a case, by its number.
type glimpse struct {
	numberedCase
	heard []byte
}

func glimpses(t *db.Tx, ns []int64, by int64) ([]glimpse, error) {
	if len(ns) == 0 {
		return nil, nil
	}
	var a asking
	return db.List(t, func(r db.Row) (g glimpse, err error) { return g, r.Scan(&g.n, &g.id, &g.heard) },
		`SELECT s.n, s.case_id, s.heard FROM cases_sketch s WHERE s.heard_by = `+a.put(by)+` AND `+a.in("s.n", anys(ns)...), a.args...)
}

// heardAnew are cases of which was heard by other words than today's, from a number on.
func heardAnew(t *db.Tx, by, after int64, limit int) ([]numberedCase, error) {
	return db.List(t, func(r db.Row) (c numberedCase, err error) { return c, r.Scan(&c.n, &c.id) },
		`SELECT s.n, s.case_id FROM cases_sketch s WHERE s.heard_by <> ?1 AND s.n > ?2 ORDER BY s.n LIMIT ?3`, by, after, limit)
}

type numberedCase struct {
	n  int64
	id CaseID
}

func putHeard(t *db.Tx, cid CaseID, x sketched) error {
	_, err := t.Exec(`UPDATE cases_sketch SET heard_by = ?2, heard = ?3 WHERE case_id = ?1`, cid, x.by, x.heard)
	return err
}

func casesOf(t *db.Tx, ids []CaseID) ([]*Case, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var a asking
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE `+a.in("id", anys(ids)...), a.args...)
}

// newSketches are cases that nobody compared yet, the first to come first.
func newSketches(t *db.Tx, limit int) ([]CaseID, error) {
	return db.List(t, scanCaseID, `SELECT case_id FROM cases_sketch WHERE looked = 0 ORDER BY n LIMIT ?1`, limit)
}

func looked(t *db.Tx, ids []CaseID) error {
	var a asking
	_, err := t.Exec(`UPDATE cases_sketch SET looked = 1 WHERE `+a.in("case_id", anys(ids)...), a.args...)
	return err
}

// unsketched are cases that may be compared and have no sketch, from one on: what
// was there before this file, or came from a release before it.
func unsketched(t *db.Tx, after string, limit int) ([]CaseID, error) {
	return db.List(t, scanCaseID, `SELECT c.id FROM cases_case c WHERE c.id > ?1 AND c.erased_at IS NULL AND (c.phase <> 'final' OR c.merged_into IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM cases_sketch s WHERE s.case_id = c.id) AND NOT EXISTS (SELECT 1 FROM cases_concern n WHERE n.id = c.id) ORDER BY c.id LIMIT ?2`, after, limit)
}

// concerned tells whether a concern that only trained people read came along
// with a case.
func concerned(t *db.Tx, cid CaseID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM cases_concern WHERE id = ?1`, cid)
}

// Likeness is a pair of cases that may be one, as it was proposed and judged.
type Likeness struct {
	A, B        CaseID
	Probability float64
	Band        string
	Reasons     []linkage.Reason
	Asker       bool   // the person who asked said that it is the same
	Verdict     string // same, other; "" until somebody decides
}

const alikeColumns = `l.a, l.b, l.probability, l.band, l.reasons, l.asker, l.verdict`

func scanLikeness(r db.Row) (l Likeness, err error) {
	var reasons string
	var asker int64
	if err = r.Scan(&l.A, &l.B, &l.Probability, &l.Band, &reasons, &asker, db.Opt(&l.Verdict)); err != nil {
		return l, err
	}
	l.Asker = asker == 1
	return l, json.Unmarshal([]byte(reasons), &l.Reasons)
}

func ordered(a, b CaseID) (CaseID, CaseID) {
	if b.String() < a.String() {
		return b, a
	}
	return a, b
}

// addLikeness proposes that two cases are one. What somebody decided stays.
func addLikeness(t *db.Tx, a, b CaseID, j linkage.Judgement, asker bool) error {
	a, b = ordered(a, b)
	said := 0
	if asker {
		said = 1
	}
	reasons, err := json.Marshal(j.Reasons)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO cases_alike (a, b, probability, band, reasons, asker, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
		ON CONFLICT (a, b) DO UPDATE SET probability = ?3, band = ?4, reasons = ?5, asker = CASE WHEN cases_alike.asker = 1 THEN 1 ELSE ?6 END WHERE cases_alike.verdict IS NULL`,
		a, b, j.Probability, j.Band.String(), string(reasons), said, t.Now())
	return err
}

// setVerdict writes down what somebody decided of a pair; "" that it is open again.
func setVerdict(t *db.Tx, a, b CaseID, verdict string, by actor.AccountID, batch DecisionID) error {
	a, b = ordered(a, b)
	_, err := t.Exec(`INSERT INTO cases_alike (a, b, probability, band, reasons, asker, verdict, judged_by, judged_at, batch, made_at) VALUES (?1, ?2, 0, 'unlikely', '[]', 0, ?3, ?4, ?5, ?6, ?5)
		ON CONFLICT (a, b) DO UPDATE SET verdict = ?3, judged_by = ?4, judged_at = ?5, batch = ?6`, a, b, db.OrNull(verdict), by, t.Now(), batch)
	return err
}

func likenesses(t *db.Tx, cid CaseID) ([]Likeness, error) {
	return db.List(t, scanLikeness, `SELECT `+alikeColumns+` FROM cases_alike l WHERE l.a = ?1 UNION ALL SELECT `+alikeColumns+` FROM cases_alike l WHERE l.b = ?1`, cid)
}

// openLikenesses are pairs that nobody judged yet, each as the two cases that
// carry the work now, of which one lies within a reach: what its asker said is
// the same first, then the most probable.
func openLikenesses(t *db.Tx, r Reach, only CaseID, limit int) ([]Likeness, error) {
	var a asking
	q := `SELECT ` + alikeColumns + `, x.id, y.id FROM cases_alike l JOIN cases_case v ON v.id = l.a JOIN cases_case w ON w.id = l.b
		JOIN cases_case x ON x.id = COALESCE(v.merged_into, v.id) JOIN cases_case y ON y.id = COALESCE(w.merged_into, w.id)
		WHERE l.verdict IS NULL AND l.band <> 'unlikely' AND x.id <> y.id AND x.phase <> 'final' AND y.phase <> 'final' AND (` + r.where(&a, "x.") + ` OR ` + r.where(&a, "y.") + `)`
	if !only.IsZero() {
		here := a.put(only)
		q += ` AND (x.id = ` + here + ` OR y.id = ` + here + `)`
	}
	q += `
		ORDER BY l.probability DESC, l.a, l.b LIMIT ` + a.put(limit)
	return db.List(t, func(row db.Row) (l Likeness, err error) {
		var reasons string
		var asker int64
		var x, y CaseID
		if err = row.Scan(&l.A, &l.B, &l.Probability, &l.Band, &reasons, &asker, db.Opt(&l.Verdict), &x, &y); err != nil {
			return l, err
		}
		l.A, l.B, l.Asker = x, y, asker == 1
		return l, json.Unmarshal([]byte(reasons), &l.Reasons)
	}, q, a.args...)
}

// DecisionID names what somebody decided in one go, so that it can be undone.
type (
	decisionKind struct{}
	DecisionID   = id.Of[decisionKind]
)

// lastBatch is what somebody decided last, after a moment; zero when nothing.
func lastJudged(t *db.Tx, by actor.AccountID, after time.Time) (b DecisionID, n int64, err error) {
	type row struct {
		b DecisionID
		n int64
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.b, &x.n) },
		`SELECT batch, COUNT(*) FROM cases_alike WHERE judged_by = ?1 AND judged_at > ?2 AND batch IS NOT NULL AND verdict IS NOT NULL GROUP BY batch ORDER BY MAX(judged_at) DESC, batch DESC LIMIT 1`, by, after)
	if len(all) == 1 {
		b, n = all[0].b, all[0].n
	}
	return b, n, err
}

func judgedIn(t *db.Tx, by actor.AccountID, batch DecisionID) ([]Likeness, error) {
	return db.List(t, scanLikeness, `SELECT `+alikeColumns+` FROM cases_alike l WHERE l.judged_by = ?1 AND l.batch = ?2 AND l.verdict IS NOT NULL ORDER BY l.a, l.b`, by, batch)
}

// joinRow is a voice that somebody joined to a case.
type joinRow struct {
	Voice, Into CaseID
	Was         wasOf
	At, Parted  time.Time
}

func scanJoin(r db.Row) (j joinRow, err error) {
	var was string
	if err = r.Scan(&j.Voice, &j.Into, &was, db.Time(&j.At), db.Time(&j.Parted)); err != nil {
		return j, err
	}
	return j, json.Unmarshal([]byte(was), &j.Was)
}

// putJoin writes down that a case was joined to another, anew when it had been
// before.
func putJoin(t *db.Tx, j joinRow, by actor.AccountID, batch DecisionID) error {
	was, err := json.Marshal(j.Was)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO cases_join (case_id, into_id, was, batch, account, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (case_id) DO UPDATE SET into_id = ?2, was = ?3, batch = ?4, account = ?5, made_at = ?6, parted_at = NULL`, j.Voice, j.Into, string(was), batch, by, j.At)
	return err
}

func partJoin(t *db.Tx, voice CaseID) error {
	_, err := t.Exec(`UPDATE cases_join SET parted_at = ?1 WHERE case_id = ?2`, t.Now(), voice)
	return err
}

// joinsOf are the joinings of some cases that still hold.
func joinsOf(t *db.Tx, ids []CaseID) ([]joinRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var a asking
	return db.List(t, scanJoin, `SELECT case_id, into_id, was, made_at, parted_at FROM cases_join WHERE parted_at IS NULL AND `+a.in("case_id", anys(ids)...), a.args...)
}

// partedAt is when a case was last taken apart from another; zero when it never was.
func partedAt(t *db.Tx, cid CaseID) (at time.Time, err error) {
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) { return none, r.Scan(db.Time(&at)) },
		`SELECT parted_at FROM cases_join WHERE case_id = ?1 AND parted_at IS NOT NULL`, cid)
	return at, err
}

func getLead(t *db.Tx, cid CaseID) (*lead, error) {
	all, err := db.List(t, db.Text, `SELECT body FROM cases_own WHERE case_id = ?1`, cid)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var l lead
	return &l, json.Unmarshal([]byte(all[0]), &l)
}

// putLead keeps what a case told by itself; nil forgets it, for nobody is joined
// to the case any more.
func putLead(t *db.Tx, cid CaseID, l *lead) error {
	if l == nil {
		_, err := t.Exec(`DELETE FROM cases_own WHERE case_id = ?1`, cid)
		return err
	}
	body, err := json.Marshal(l)
	if err == nil {
		_, err = t.Exec(`INSERT INTO cases_own (case_id, body) VALUES (?1, ?2) ON CONFLICT (case_id) DO UPDATE SET body = ?2`, cid, string(body))
	}
	return err
}

// voiceIn is which of a pair was joined to the other in one go; zero when none
// is any more.
func voiceIn(t *db.Tx, a, b CaseID, batch DecisionID) (CaseID, error) {
	all, err := db.List(t, scanCaseID, `SELECT case_id FROM cases_join WHERE batch = ?1 AND parted_at IS NULL AND ((case_id = ?2 AND into_id = ?3) OR (case_id = ?3 AND into_id = ?2))`, batch, a, b)
	if err != nil || len(all) == 0 {
		return CaseID{}, err
	}
	return all[0], nil
}

// forgetPairs forgets what was proposed about a case and nobody judged, and why
// what was judged had looked alike.
func forgetPairs(t *db.Tx, cid CaseID) error {
	if _, err := t.Exec(`DELETE FROM cases_alike WHERE (a = ?1 OR b = ?1) AND verdict IS NULL`, cid); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE cases_alike SET reasons = '[]' WHERE a = ?1 OR b = ?1`, cid)
	return err
}
