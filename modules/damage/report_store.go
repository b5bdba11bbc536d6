package damage

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

const claimColumns = `c.id, c.what, c.place, c.region, c.province, c.commune, c.state, c.sources, c.reports, c.first_at, c.last_at, c.state_at, c.version`

func scanClaim(r db.Row) (c Claim, err error) {
	var path [3]*string
	err = r.Scan(&c.ID, &c.What, &c.Place, &path[0], &path[1], &path[2], &c.State, &c.Sources, &c.Reports, db.Time(&c.FirstAt), db.Time(&c.LastAt), db.Time(&c.StateAt), &c.Revision)
	for _, p := range path {
		if p != nil && *p != "" {
			c.Path = append(c.Path, *p)
		}
	}
	return c, err
}

func getClaim(t *db.Tx, cid ClaimID) (Claim, error) {
	return db.One(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c WHERE c.id = ?1`, cid)
}

// claimsLike are the claims of the same thing at the same place that a report may
// join, the latest first.
func claimsLike(t *db.Tx, what, place string, since time.Time) ([]Claim, error) {
	return db.List(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c WHERE c.what = ?1 AND c.place = ?2 AND c.last_at >= ?3 AND c.state <> 'aside'
		ORDER BY c.last_at DESC, c.id DESC LIMIT 20`, what, place, since)
}

// claimFind is which claims somebody looks for.
type claimFind struct {
	state  string // "" is all but those set aside
	after  time.Time
	afterI string
	limit  int
}

func listClaims(t *db.Tx, f claimFind) ([]Claim, error) {
	if f.after.IsZero() {
		f.after = t.Now().Add(time.Hour)
	}
	return db.List(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c WHERE (c.state = ?1 OR ?1 = '' AND c.state <> 'aside')
		AND (c.last_at < ?2 OR c.last_at = ?2 AND c.id < ?3) ORDER BY c.last_at DESC, c.id DESC LIMIT ?4`, f.state, f.after, f.afterI, f.limit)
}

// publicClaims are those that lie somewhere and were told of since a moment.
func publicClaims(t *db.Tx, since time.Time, limit int) ([]Claim, error) {
	return db.List(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c WHERE c.commune IS NOT NULL AND c.state <> 'aside' AND c.last_at >= ?1
		ORDER BY c.last_at DESC, c.id DESC LIMIT ?2`, since, limit)
}

// roadClaims tell of a road or a bridge, and nobody has refuted them.
func roadClaims(t *db.Tx, since time.Time, limit int) ([]Claim, error) {
	return db.List(t, scanClaim, `SELECT `+claimColumns+` FROM damage_claim c WHERE c.what IN ('road', 'bridge') AND c.place <> '' AND c.state IN ('unverified', 'told', 'confirmed', 'disputed')
		AND c.last_at >= ?1 ORDER BY c.last_at DESC, c.id DESC LIMIT ?2`, since, limit)
}

func countUnverified(t *db.Tx) (int, error) {
	n, err := db.One(t, db.Int, `SELECT COUNT(*) FROM damage_claim WHERE state = 'unverified'`)
	return int(n), err
}

// toldOf is how many things were told of each place since a moment.
func toldOf(t *db.Tx, since time.Time) (map[string]int, error) {
	out := map[string]int{}
	_, err := db.List(t, func(r db.Row) (n int, err error) {
		var place string
		err = r.Scan(&place, &n)
		out[place] = n
		return n, err
	}, `SELECT place, COUNT(*) FROM damage_claim WHERE place <> '' AND state NOT IN ('aside', 'refuted') AND last_at >= ?1 GROUP BY place`, since)
	return out, err
}

func (c *Claim) levels() (p [3]any) {
	for i := range c.Path {
		p[i] = c.Path[i]
	}
	return p
}

func addClaim(t *db.Tx, c *Claim) error {
	p := c.levels()
	_, err := t.Exec(`INSERT INTO damage_claim (id, what, place, region, province, commune, state, sources, reports, first_at, last_at, state_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1)`,
		c.ID, c.What, c.Place, p[0], p[1], p[2], string(c.State), c.Sources, c.Reports, c.FirstAt, c.LastAt, c.StateAt)
	return err
}

func saveClaim(t *db.Tx, c *Claim) error {
	p := c.levels()
	n, err := t.Exec(`UPDATE damage_claim SET place = ?1, region = ?2, province = ?3, commune = ?4, state = ?5, sources = ?6, reports = ?7, last_at = ?8, state_at = ?9, version = version + 1
		WHERE id = ?10 AND version = ?11`, c.Place, p[0], p[1], p[2], string(c.State), c.Sources, c.Reports, c.LastAt, c.StateAt, c.ID, c.Revision)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	c.Revision++
	return err
}

const reportColumns = `r.id, r.claim, r.receipt, r.digest, r.phone, r.device, r.org, r.private, r.lat, r.lon, r.aside, r.lang, r.made_at`

func scanReport(row db.Row) (r Report, err error) {
	var lat, lon *float64
	var aside *string
	err = row.Scan(&r.ID, &r.Claim, &r.Receipt, &r.Digest, &r.Phone, &r.Device, &r.Org, &r.Sealed, &lat, &lon, &aside, &r.Lang, db.Time(&r.MadeAt))
	if lat != nil && lon != nil {
		r.At.Lat, r.At.Lon, r.HasPoint = *lat, *lon, true
	}
	if aside != nil {
		r.SetAside = *aside
	}
	if len(r.Phone) == 0 {
		r.Phone = nil
	}
	if len(r.Device) == 0 {
		r.Device = nil
	}
	return r, err
}

func getReport(t *db.Tx, rid ReportID) (Report, error) {
	return db.One(t, scanReport, `SELECT `+reportColumns+` FROM damage_report r WHERE r.id = ?1`, rid)
}

// findReport is nil when there is none.
func findReport(t *db.Tx, rid ReportID) (*Report, error) {
	r, err := getReport(t, rid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &r, err
}

// mostTold is how many reports of one claim are read: whoever comes after them
// changes nothing in how it stands.
const mostTold = 500

func reportsOf(t *db.Tx, cid ClaimID) ([]Report, error) {
	return db.List(t, scanReport, `SELECT `+reportColumns+` FROM damage_report r WHERE r.claim = ?1 ORDER BY r.made_at, r.id LIMIT ?2`, cid, mostTold)
}

func addReport(t *db.Tx, r *Report) error {
	var lat, lon any
	if r.HasPoint {
		lat, lon = r.At.Lat, r.At.Lon
	}
	_, err := t.Exec(`INSERT INTO damage_report (id, claim, receipt, digest, phone, device, org, private, lat, lon, aside, lang, made_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,
		r.ID, r.Claim, r.Receipt, r.Digest, r.Phone, r.Device, r.Org, r.Sealed, lat, lon, db.OrNull(r.SetAside), r.Lang, r.MadeAt)
	return err
}

// handOver gives the reports and words of one claim to another.
func handOver(t *db.Tx, from, to ClaimID) error {
	if _, err := t.Exec(`UPDATE damage_report SET claim = ?1 WHERE claim = ?2`, to, from); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE damage_word SET claim = ?1 WHERE claim = ?2`, to, from)
	return err
}

func setAside(t *db.Tx, rid ReportID, why string) error {
	_, err := t.Exec(`UPDATE damage_report SET aside = ?1 WHERE id = ?2`, db.OrNull(why), rid)
	return err
}

func numberTaken(t *db.Tx, n receipt.Number) (bool, error) {
	return db.Has(t, `SELECT 1 FROM damage_report WHERE receipt = ?1`, n)
}

// oldReports are those that still name somebody and were told before a moment.
func oldReports(t *db.Tx, before time.Time, limit int) ([]Report, error) {
	return db.List(t, scanReport, `SELECT `+reportColumns+` FROM damage_report r WHERE r.made_at < ?1 AND (r.private IS NOT NULL
		OR EXISTS (SELECT 1 FROM damage_photo p WHERE p.report = r.id AND p.body IS NOT NULL)) ORDER BY r.made_at, r.id LIMIT ?2`, before, limit)
}

// forgetReport takes away what names people. The keyed hashes stay: without them
// one source could become two.
func forgetReport(t *db.Tx, rid ReportID) error {
	if _, err := t.Exec(`UPDATE damage_report SET private = NULL WHERE id = ?1`, rid); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE damage_photo SET body = NULL WHERE report = ?1`, rid)
	return err
}

func wordsOf(t *db.Tx, cid ClaimID) ([]Word, error) {
	return db.List(t, func(r db.Row) (w Word, err error) {
		var verdict string
		err = r.Scan(&w.ID, &w.Claim, &verdict, &w.Reason, &w.Official, &w.Org, &w.Account, db.Time(&w.At))
		w.Confirms = verdict == "confirm"
		return w, err
	}, `SELECT id, claim, verdict, reason, official, org, account, at FROM damage_word WHERE claim = ?1 ORDER BY at, id LIMIT ?2`, cid, mostTold)
}

func addWord(t *db.Tx, w *Word) error {
	verdict := "refute"
	if w.Confirms {
		verdict = "confirm"
	}
	_, err := t.Exec(`INSERT INTO damage_word (id, claim, verdict, reason, official, org, account, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		w.ID, w.Claim, verdict, w.Reason, w.Official, w.Org, w.Account, w.At)
	return err
}
