package stock

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const lotColumns = `l.id, l.org, l.good, l.units, l.source, l.payment, l.minor, l.account, l.entry, l.at, l.customs`

func scanLot(r db.Row) (l Lot, err error) {
	var minor *int64
	err = r.Scan(&l.ID, &l.Org, &l.Good, &l.Units, &l.Source, db.Opt(&l.Payment), &minor, &l.By, &l.Entry, db.Time(&l.At), db.Opt(&l.Customs))
	if minor != nil {
		l.Minor = *minor
	}
	return l, err
}

func lotByID(t *db.Tx, lid LotID) (Lot, bool, error) {
	l, err := db.One(t, scanLot, `SELECT `+lotColumns+` FROM stock_lot l WHERE l.id = ?1`, lid)
	if fault.KindOf(err) == fault.Missing {
		return l, false, nil
	}
	return l, err == nil, err
}

func insertLot(t *db.Tx, l Lot) error {
	var minor any
	if l.Minor > 0 {
		minor = l.Minor
	}
	_, err := t.Exec(`INSERT INTO stock_lot (id, org, good, units, source, payment, minor, account, entry, at, customs) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
		l.ID, l.Org, l.Good, l.Units, string(l.Source), db.OrNull(l.Payment), minor, l.By, l.Entry, l.At, db.OrNull(l.Customs))
	return err
}

// lotsOf are the newest lots of an organisation; the zero one is of all.
func lotsOf(t *db.Tx, org actor.OrganisationID, limit int) ([]Lot, error) {
	if org.IsZero() {
		return db.List(t, scanLot, `SELECT `+lotColumns+` FROM stock_lot l ORDER BY l.seq DESC LIMIT ?1`, limit)
	}
	return db.List(t, scanLot, `SELECT `+lotColumns+` FROM stock_lot l WHERE l.org = ?1 ORDER BY l.seq DESC LIMIT ?2`, org, limit)
}

// boughtWith are the lots of a payment, in the order in which they arrived.
func boughtWith(t *db.Tx, payment string) ([]Lot, error) {
	return db.List(t, scanLot, `SELECT `+lotColumns+` FROM stock_lot l WHERE l.payment = ?1 ORDER BY l.seq`, payment)
}

// take counts towards what a payment became; false is more than it paid.
func take(t *db.Tx, p *Payment, minor int64) (bool, error) {
	if _, err := t.Exec(`INSERT INTO stock_payment (payment, minor, taken) VALUES (?1, ?2, 0) ON CONFLICT (payment) DO NOTHING`, p.ID, p.Minor); err != nil {
		return false, err
	}
	n, err := t.Exec(`UPDATE stock_payment SET taken = taken + ?2 WHERE payment = ?1 AND taken + ?2 <= minor`, p.ID, minor)
	return n == 1, err
}

// takenOf is how much of a payment became goods.
func takenOf(t *db.Tx, payment string) (int64, error) {
	n, err := db.One(t, db.Int, `SELECT taken FROM stock_payment WHERE payment = ?1`, payment)
	if fault.KindOf(err) == fault.Missing {
		return 0, nil
	}
	return n, err
}

const lossColumns = `x.id, x.org, x.good, x.units, x.reason, x.account, x.entry, x.at`

func scanLoss(r db.Row) (x Loss, err error) {
	return x, r.Scan(&x.ID, &x.Org, &x.Good, &x.Units, &x.Reason, &x.By, &x.Entry, db.Time(&x.At))
}

func lossByID(t *db.Tx, xid LossID) (Loss, bool, error) {
	x, err := db.One(t, scanLoss, `SELECT `+lossColumns+` FROM stock_loss x WHERE x.id = ?1`, xid)
	if fault.KindOf(err) == fault.Missing {
		return x, false, nil
	}
	return x, err == nil, err
}

func insertLoss(t *db.Tx, x Loss) error {
	_, err := t.Exec(`INSERT INTO stock_loss (id, org, good, units, reason, account, entry, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`, x.ID, x.Org, x.Good, x.Units, x.Reason, x.By, x.Entry, x.At)
	return err
}

// lossesOf are the newest losses of an organisation; the zero one is of all.
func lossesOf(t *db.Tx, org actor.OrganisationID, limit int) ([]Loss, error) {
	if org.IsZero() {
		return db.List(t, scanLoss, `SELECT `+lossColumns+` FROM stock_loss x ORDER BY x.seq DESC LIMIT ?1`, limit)
	}
	return db.List(t, scanLoss, `SELECT `+lossColumns+` FROM stock_loss x WHERE x.org = ?1 ORDER BY x.seq DESC LIMIT ?2`, org, limit)
}

// Subjects are all lots, for whoever audits.
func Subjects(t *db.Tx) ([]string, error) {
	return db.List(t, db.Text, `SELECT 'stock.lot/' || l.id FROM stock_lot l`)
}
