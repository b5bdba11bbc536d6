package works

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

const photoColumns = `p.id, p.works_order, p.moment, p.sum, p.width, p.height, p.body, p.account, p.made_at`

func scanPhoto(r db.Row) (p Photo, err error) {
	err = r.Scan(&p.ID, &p.Order, &p.Moment, &p.Sum, &p.Width, &p.Height, &p.Body, &p.Account, db.Time(&p.MadeAt))
	if len(p.Body) == 0 {
		p.Body = nil
	}
	return p, err
}

func getPhoto(t *db.Tx, pid PhotoID) (Photo, error) {
	return db.One(t, scanPhoto, `SELECT `+photoColumns+` FROM works_photo p WHERE p.id = ?1`, pid)
}

// photosOf are the pictures of an order, without their bodies.
func photosOf(t *db.Tx, oid OrderID) ([]Photo, error) {
	return db.List(t, scanPhoto, `SELECT p.id, p.works_order, p.moment, p.sum, p.width, p.height, NULL, p.account, p.made_at
		FROM works_photo p WHERE p.works_order = ?1 ORDER BY p.made_at, p.id`, oid)
}

// countPhotos tells how many pictures an order has of before and of after.
func countPhotos(t *db.Tx, oid OrderID) (before, after int, err error) {
	all, err := photosOf(t, oid)
	for _, p := range all {
		if p.Moment == Before {
			before++
		} else {
			after++
		}
	}
	return before, after, err
}

func addPhoto(t *db.Tx, p Photo) error {
	_, err := t.Exec(`INSERT INTO works_photo (id, works_order, moment, sum, width, height, body, account, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
		p.ID, p.Order, p.Moment, p.Sum, p.Width, p.Height, p.Body, p.Account, p.MadeAt)
	return err
}

func dropBodies(t *db.Tx, before time.Time) error {
	_, err := t.Exec(`UPDATE works_photo SET body = NULL WHERE made_at < ?1 AND body IS NOT NULL`, before)
	return err
}
