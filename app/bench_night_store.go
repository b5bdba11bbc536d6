package app

import (
	"context"
	"slices"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
)

// openPairs are the likenesses that wait for a person, as /alike shows them: very
// likely ones, then likely ones.
func (a *nightHouse) openPairs(ctx context.Context) (out [][2]cases.CaseID, err error) {
	err = a.h.DB.Read(ctx, func(t *db.Tx) error {
		out, err = db.List(t, scanPair,
			`SELECT x.a, x.b FROM cases_alike x JOIN cases_case ca ON ca.id = x.a JOIN cases_case cb ON cb.id = x.b
			WHERE x.verdict IS NULL AND x.band IN ('likely', 'very_likely') AND ca.merged_into IS NULL AND cb.merged_into IS NULL AND ca.phase <> 'final' AND cb.phase <> 'final'
			ORDER BY x.probability DESC, x.a, x.b LIMIT 400`)
		return err
	})
	return slices.DeleteFunc(out, func(p [2]cases.CaseID) bool { return a.judged[p] }), err
}

// pairsOf are the likenesses of some cases that nobody has judged.
func (a *nightHouse) pairsOf(ctx context.Context, all []*cases.Case) (out [][2]cases.CaseID, err error) {
	err = a.h.DB.Read(ctx, func(t *db.Tx) error {
		for _, c := range all {
			more, err := db.List(t, scanPair, `SELECT a, b FROM cases_alike WHERE verdict IS NULL AND band IN ('likely', 'very_likely') AND (a = ?1 OR b = ?1)`, c.ID)
			if err != nil {
				return err
			}
			out = append(out, more...)
		}
		return nil
	})
	return slices.DeleteFunc(out, func(p [2]cases.CaseID) bool { return a.judged[p] }), err
}

func scanPair(r db.Row) (p [2]cases.CaseID, err error) { return p, r.Scan(&p[0], &p[1]) }

// joinedTo are the cases that were joined to one, straight or by way of another.
func (a *nightHouse) joinedTo(ctx context.Context, cid cases.CaseID) (out []cases.CaseID, err error) {
	err = a.h.DB.Read(ctx, func(t *db.Tx) error {
		for next := []cases.CaseID{cid}; len(next) > 0; {
			more, err := db.List(t, func(r db.Row) (x cases.CaseID, err error) { return x, r.Scan(&x) }, `SELECT id FROM cases_case WHERE merged_into = ?1`, next[0])
			if err != nil {
				return err
			}
			out, next = append(out, more...), append(next[1:], more...)
		}
		return nil
	})
	return out, err
}
