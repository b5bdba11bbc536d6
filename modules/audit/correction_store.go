package audit

import "github.com/twiza/twiza/platform/db"

func insertCorrection(t *db.Tx, k Correction, body []byte) error {
	_, err := t.Exec(`INSERT INTO audit_correction (id, body, sum, leaf, account, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`, k.ID, string(body), k.Sum, k.Leaf, k.By, k.At)
	return err
}

func correctionThere(t *db.Tx, kid CorrectionID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM audit_correction k WHERE k.id = ?1`, kid)
}

// corrections are the newest, latest first, each with its file; 0 is all.
func corrections(t *db.Tx, limit int) (all []Correction, bodies [][]byte, err error) {
	if limit == 0 {
		limit = 1 << 30
	}
	all, err = db.List(t, func(r db.Row) (k Correction, err error) {
		var body string
		if err = r.Scan(&k.ID, &body, &k.Sum, &k.Leaf, &k.By, db.Time(&k.At)); err != nil {
			return k, err
		}
		bodies = append(bodies, []byte(body))
		return k, k.read([]byte(body))
	}, `SELECT k.id, k.body, k.sum, k.leaf, k.account, k.at FROM audit_correction k ORDER BY k.seq DESC LIMIT ?1`, limit)
	return all, bodies, err
}

// correctionBody is the published file of one.
func correctionBody(t *db.Tx, kid CorrectionID) ([]byte, error) {
	body, err := db.One(t, db.Text, `SELECT k.body FROM audit_correction k WHERE k.id = ?1`, kid)
	return []byte(body), err
}
