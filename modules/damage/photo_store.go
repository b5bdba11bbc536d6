package damage

import "github.com/twiza/twiza/platform/db"

const photoColumns = `p.id, p.report, p.sum, p.width, p.height, p.body, p.shown, p.shown_at, p.made_at`

func scanPhoto(r db.Row) (p Photo, err error) {
	err = r.Scan(&p.ID, &p.Report, &p.Sum, &p.Width, &p.Height, &p.Body, &p.Shown, db.Time(&p.ShownAt), db.Time(&p.MadeAt))
	if len(p.Body) == 0 {
		p.Body = nil
	}
	if len(p.Shown) == 0 {
		p.Shown = nil
	}
	return p, err
}

func getPhoto(t *db.Tx, pid PhotoID) (Photo, error) {
	return db.One(t, scanPhoto, `SELECT `+photoColumns+` FROM damage_photo p WHERE p.id = ?1`, pid)
}

func photosOf(t *db.Tx, rid ReportID) ([]Photo, error) {
	return db.List(t, scanPhoto, `SELECT `+photoColumns+` FROM damage_photo p WHERE p.report = ?1 ORDER BY p.made_at, p.id`, rid)
}

// shownOf are the public pictures of a claim, without their bodies.
func shownOf(t *db.Tx, cid ClaimID) ([]string, error) {
	return db.List(t, db.Text, `SELECT p.id FROM damage_photo p JOIN damage_report r ON r.id = p.report WHERE r.claim = ?1 AND r.aside IS NULL AND p.shown IS NOT NULL ORDER BY p.made_at, p.id LIMIT 10`, cid)
}

func addPhoto(t *db.Tx, p *Photo) error {
	_, err := t.Exec(`INSERT INTO damage_photo (id, report, sum, width, height, body, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		p.ID, p.Report, p.Sum, p.Width, p.Height, p.Body, p.MadeAt)
	return err
}

func savePhoto(t *db.Tx, p *Photo) error {
	_, err := t.Exec(`UPDATE damage_photo SET shown = ?1, shown_at = ?2 WHERE id = ?3`, p.Shown, p.ShownAt, p.ID)
	return err
}

// hidePhotos takes the pictures of a report back from the public.
func hidePhotos(t *db.Tx, rid ReportID) error {
	_, err := t.Exec(`UPDATE damage_photo SET shown = NULL, shown_at = NULL WHERE report = ?1`, rid)
	return err
}
