package cases

import (
	"context"
	"errors"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedConcernForget is the end of what the country pack says may be kept (law
// 09-08, art. 3(e)). The house does it by itself.
var DeedConcernForget = deed.Deed{Name: "cases.concern.forget"}

// ForgetConcerns forgets what was said in concerns that were closed longer ago
// than the country lets them be kept. That there was one, of which kind and how
// it ended, stays, for those who may read it; so does the journal.
func (o *Office) ForgetConcerns(ctx context.Context) error {
	keep := o.places.Country().Keep.Concerns.For()
	if keep == 0 {
		return nil
	}
	var over []ConcernID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		over, err = db.List(t, func(r db.Row) (n ConcernID, err error) { return n, r.Scan(&n) },
			`SELECT id FROM cases_concern WHERE state = 'closed' AND closed_at <= ?1 AND LENGTH(body) > 0 ORDER BY closed_at, id LIMIT ?2`, t.Now().Add(-keep), retainBatch)
		return err
	})
	for _, nid := range over {
		err = errors.Join(err, o.onConcern(ctx, actor.Actor{System: "retention"}, DeedConcernForget, nid, func(t *deed.Tx, n *Concern) (concernTold, error) {
			if n.State != "closed" || len(n.Body) == 0 || n.ClosedAt.Add(keep).After(t.Now()) {
				return concernTold{}, deed.ErrNothingDone
			}
			told := concernTold{Kind: n.Kind, Outcome: n.Outcome}
			err := o.forgetConcernConsents(t.Tx, n)
			if err != nil {
				return told, err
			}
			_, err = t.Exec(`UPDATE cases_concern SET body = ?1, secret_key = NULL, asked_key = ?1, version = version + 1 WHERE id = ?2`, []byte{}, n.ID)
			return told, err
		}))
	}
	return err
}

// forgetConcernConsents forgets who helped to tell a concern. What was agreed
// about a case that goes on under the same identifier is forgotten with the case.
func (o *Office) forgetConcernConsents(t *db.Tx, n *Concern) error {
	goes, err := db.Has(t, `SELECT 1 FROM cases_case WHERE id = ?1 AND erased_at IS NULL`, n.ID)
	if err != nil || goes {
		return err
	}
	of, err := id.Parse[Case](n.ID.String())
	if err != nil {
		return err
	}
	return forgetConsents(t, of)
}

// welcome makes of a deed that found nothing left to do a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}
