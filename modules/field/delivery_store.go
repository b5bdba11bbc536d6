package field

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
)

const deliveryColumns = `d.id, d.mission, d.stop, d.proof, d.relation, d.witness, d.account, d.at`

func scanDelivery(r db.Row) (*Delivery, error) {
	var d Delivery
	return &d, r.Scan(&d.ID, &d.Mission, &d.Stop, &d.Proof, db.Opt(&d.Relation), &d.Witness, &d.Account, db.Time(&d.At))
}

// findDelivery reads a delivery with its goods; nil when there is none.
func findDelivery(t *db.Tx, did DeliveryID) (*Delivery, error) {
	return oneDelivery(t, `SELECT `+deliveryColumns+` FROM field_delivery d WHERE d.id = ?1`, did)
}

func deliveryAt(t *db.Tx, sid StopID) (*Delivery, error) {
	return oneDelivery(t, `SELECT `+deliveryColumns+` FROM field_delivery d WHERE d.stop = ?1`, sid)
}

func oneDelivery(t *db.Tx, q string, arg any) (*Delivery, error) {
	d, err := db.One(t, scanDelivery, q, arg)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines, err := db.List(t, func(r db.Row) (l Line, err error) { return l, r.Scan(&l.Good, &l.Delivered) },
		`SELECT good, quantity FROM field_delivered WHERE delivery = ?1`, d.ID)
	d.Goods = map[string]int{}
	for _, l := range lines {
		d.Goods[l.Good] = l.Delivered
	}
	return d, err
}

func addDelivery(t *db.Tx, d *Delivery) error {
	_, err := t.Exec(`INSERT INTO field_delivery (id, mission, stop, proof, relation, witness, account, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		d.ID, d.Mission, d.Stop, d.Proof, db.OrNull(d.Relation), d.Witness, d.Account, d.At)
	for good, n := range d.Goods {
		if err != nil {
			return err
		}
		_, err = t.Exec(`INSERT INTO field_delivered (delivery, good, quantity) VALUES (?1, ?2, ?3)`, d.ID, good, n)
	}
	return err
}

// missionsFor are those that went to a case, in the order in which they were planned.
func missionsFor(t *db.Tx, c CaseID) ([]MissionID, error) {
	return db.List(t, func(r db.Row) (m MissionID, err error) { return m, r.Scan(&m) },
		`SELECT DISTINCT mission FROM field_stop WHERE case_id = ?1 ORDER BY mission`, c)
}

// eraseWitnesses forgets who stood by at the deliveries of a case.
func eraseWitnesses(t *db.Tx, c CaseID) error {
	_, err := t.Exec(`UPDATE field_delivery SET witness = NULL WHERE stop IN (SELECT id FROM field_stop WHERE case_id = ?1)`, c)
	return err
}

// DeliveredBetween are the cases for which something was handed over in a span of
// time, each as often as that was.
func (s *Service) DeliveredBetween(t *db.Tx, from, till time.Time) ([]CaseID, error) {
	return db.List(t, func(r db.Row) (c CaseID, err error) { return c, r.Scan(&c) },
		`SELECT p.case_id FROM field_delivery d JOIN field_stop p ON p.id = d.stop WHERE d.at >= ?1 AND d.at < ?2`, from, till)
}

const deliveryRef = "field/deliver/"

// DeliverySubjects are all deliveries, for whoever audits.
func DeliverySubjects(t *db.Tx) ([]string, error) {
	return db.List(t, db.Text, `SELECT 'field.delivery/' || d.id FROM field_delivery d`)
}

// Handed is a delivery by its identifier or its reference in the ledger, with the case
// that it was made to and that one's commune, "" where nobody knows it; nil is none.
func (s *Service) Handed(t *db.Tx, ref string) (d *Delivery, c CaseID, commune string, err error) {
	did, err := id.Parse[Delivery](strings.TrimPrefix(ref, deliveryRef))
	if err != nil {
		return nil, c, "", nil
	}
	if d, err = findDelivery(t, did); err != nil || d == nil {
		return nil, c, "", err
	}
	_, err = db.One(t, func(r db.Row) (x struct{}, err error) { return x, r.Scan(&c, &commune) }, `SELECT s.case_id, COALESCE(s.commune, '') FROM field_stop s WHERE s.id = ?1`, d.Stop)
	return d, c, commune, err
}
