package works

import (
	"encoding/json"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const orderColumns = `o.id, o.org, o.place, COALESCE(o.lat, 0), COALESCE(o.lon, 0), o.lat IS NOT NULL, o.volume, o.dangers, o.phone, o.lang, o.state, o.stopped_for,
	o.made_at, o.begun_at, o.stopped_at, o.ended_at, o.changed_at`

func scanOrder(r db.Row) (*Order, error) {
	var o Order
	var dangers string
	err := r.Scan(&o.ID, &o.Org, &o.Place, &o.At.Lat, &o.At.Lon, &o.HasPoint, &o.Volume, &dangers, &o.Phone, &o.Lang, &o.State, db.Opt(&o.StoppedFor),
		db.Time(&o.MadeAt), db.Time(&o.BegunAt), db.Time(&o.StoppedAt), db.Time(&o.EndedAt), db.Time(&o.ChangedAt))
	if err != nil {
		return nil, err
	}
	return &o, json.Unmarshal([]byte(dangers), &o.Dangers)
}

// hold reads an order and keeps every other hand off it until this unit of work
// ends: the update comes first, so that under PostgreSQL the row is locked
// before anything is read.
func hold(t *db.Tx, oid OrderID) (*Order, error) {
	n, err := t.Exec(`UPDATE works_order SET version = version + 1 WHERE id = ?1`, oid)
	if err == nil && n == 0 {
		err = fault.New(fault.Missing, "error.missing")
	}
	if err != nil {
		return nil, err
	}
	return getOrder(t, oid)
}

func getOrder(t *db.Tx, oid OrderID) (*Order, error) {
	return db.One(t, scanOrder, `SELECT `+orderColumns+` FROM works_order o WHERE o.id = ?1`, oid)
}

func pack(codes []string) string {
	b, _ := json.Marshal(append([]string{}, codes...)) // strings always marshal
	return string(b)
}

func point(has bool, at geo.Point) (lat, lon any) {
	if !has {
		return nil, nil
	}
	return at.Lat, at.Lon
}

// addOrder keeps a new order; the same identifier again changes nothing.
func addOrder(t *db.Tx, o *Order) (fresh bool, err error) {
	lat, lon := point(o.HasPoint, o.At)
	n, err := t.Exec(`INSERT INTO works_order (id, org, place, lat, lon, volume, dangers, phone, lang, state, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1) ON CONFLICT (id) DO NOTHING`,
		o.ID, o.Org, o.Place, lat, lon, o.Volume, pack(o.Dangers), o.Phone, o.Lang, string(o.State), o.MadeAt, o.ChangedAt)
	return n == 1, err
}

// saveOrder writes back what hold read.
func saveOrder(t *db.Tx, o *Order) error {
	_, err := t.Exec(`UPDATE works_order SET state = ?1, stopped_for = ?2, begun_at = ?3, stopped_at = ?4, ended_at = ?5, changed_at = ?6 WHERE id = ?7`,
		string(o.State), db.OrNull(o.StoppedFor), o.BegunAt, o.StoppedAt, o.EndedAt, o.ChangedAt, o.ID)
	return err
}

// listOrders is a page of orders, the latest first; open ones or ended ones.
func listOrders(t *db.Tx, open bool, org actor.OrganisationID, limit int) ([]*Order, error) {
	states := map[bool]string{true: `'planned', 'working', 'stopped'`, false: `'done', 'cancelled'`}[open]
	return db.List(t, scanOrder, `SELECT `+orderColumns+` FROM works_order o WHERE o.state IN (`+states+`) AND (?1 = '' OR o.org = ?1)
		ORDER BY o.made_at DESC, o.id DESC LIMIT ?2`, org.String(), limit)
}

// atWork lists the orders at which somebody works now.
func atWork(t *db.Tx) ([]OrderID, error) {
	return db.List(t, func(r db.Row) (o OrderID, err error) { return o, r.Scan(&o) }, `SELECT id FROM works_order WHERE state = 'working' ORDER BY id`)
}

// Apart is a report that somebody looked into.
type Apart struct{ Case, Reason string }

func apartOf(t *db.Tx, oid OrderID) (out []Apart, err error) {
	return db.List(t, func(r db.Row) (a Apart, err error) { return a, r.Scan(&a.Case, &a.Reason) },
		`SELECT case_id, reason FROM works_apart WHERE works_order = ?1 ORDER BY at, case_id`, oid)
}

func addApart(t *db.Tx, oid OrderID, a Apart, by actor.AccountID) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO works_apart (works_order, case_id, reason, account, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (works_order, case_id) DO NOTHING`,
		oid, a.Case, a.Reason, by, t.Now())
	return n == 1, err
}
