package round

import (
	"fmt"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds, for `twiza check` and for the end of every test.
func (s *Service) checks() []module.Check {
	return []module.Check{
		{Name: "round: a delivery that was taken is on record", Find: s.lostDeliveries},
		{Name: "round: what waits for a person can be read, and nothing else is kept", Find: rule(
			`SELECT r.id, r.state FROM round_record r WHERE (r.state = 'conflict') <> (r.body IS NOT NULL)`, "record %s is %s, and its words say otherwise")},
		{Name: "round: a photo that is whole has no parts", Find: rule(
			`SELECT p.id, k.id FROM round_photo p JOIN round_photo_part k ON k.photo = p.id WHERE p.state = 'whole'`, "photo %s is whole and part %s is still there")},
		{Name: "round: parts follow one another", Find: rule(
			`SELECT p.photo, p.id FROM round_photo_part p WHERE p.start > 0 AND NOT EXISTS (SELECT 1 FROM round_photo_part b WHERE b.photo = p.photo AND b.start + b.size = p.start)`,
			"photo %s: nothing ends where part %s begins")},
	}
}

// lostDeliveries names the records of deliveries that nobody keeps.
func (s *Service) lostDeliveries(t *db.Tx) (out []string, err error) {
	all, err := db.List(t, db.Text, `SELECT id FROM round_record WHERE kind = 'delivery' AND (state = 'taken' OR state = 'settled' AND choice IN ('mine', 'both', 'replaced'))`)
	for _, rid := range all {
		there, err := s.Field.Delivered(t, rid)
		if err != nil {
			return nil, err
		}
		if !there {
			out = append(out, fmt.Sprintf("record %s was taken, and no delivery has its identifier", rid))
		}
	}
	return out, err
}

// rule lists the rows that break an invariant, two columns each.
func rule(q, says string) func(*db.Tx) ([]string, error) {
	return func(t *db.Tx) ([]string, error) {
		return db.List(t, func(r db.Row) (string, error) {
			var a, b string
			err := r.Scan(&a, &b)
			return fmt.Sprintf(says, a, b), err
		}, q)
	}
}
