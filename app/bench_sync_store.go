package app

import (
	"context"
	"path/filepath"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/sync"
	"github.com/twiza/twiza/platform/db"
)

// countHome looks into the records of a house under test from outside: what it
// counts must not be counted by the house that is measured.
func countHome(ctx context.Context, folder, postgres string) (n sync.Count, err error) {
	dsn := postgres
	if dsn == "" {
		dsn = "file:" + filepath.Join(folder, "twiza.db")
	}
	d, err := db.Open(dsn, clock.System{})
	if err != nil {
		return n, err
	}
	defer d.Close()
	err = d.Read(ctx, func(t *db.Tx) error {
		for q, to := range map[string]*int{
			`SELECT COUNT(*) FROM round_record`:                                                                  &n.Records,
			`SELECT COUNT(*) FROM field_delivery`:                                                                &n.Deliveries,
			`SELECT COUNT(*) FROM field_stop WHERE state = 'not_reached'`:                                        &n.NotReached,
			`SELECT COUNT(*) FROM round_record WHERE kind = 'visit' AND state = 'taken' AND answers IS NOT NULL`: &n.Visits,
			`SELECT COUNT(*) FROM cases_case`:                                                                    &n.Requests,
			`SELECT COUNT(*) FROM round_photo WHERE state = 'whole' AND body IS NOT NULL`:                        &n.Photos,
			`SELECT COUNT(*) FROM field_line l WHERE l.delivered <> COALESCE((SELECT SUM(g.quantity) FROM field_delivered g
				JOIN field_delivery d ON d.id = g.delivery WHERE d.mission = l.mission AND g.good = l.good), 0)`: &n.Unbalanced,
		} {
			x, err := db.One(t, db.Int, q)
			if err != nil {
				return err
			}
			*to = int(x)
		}
		return nil
	})
	return n, err
}
