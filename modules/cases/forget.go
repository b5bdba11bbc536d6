package cases

import (
	"context"
	"errors"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedConcernForget and DeedImportForget are the end of what the country pack
// says may be kept (law 09-08, art. 3(e)). The house does them by itself.
var (
	DeedConcernForget = deed.Deed{Name: "cases.concern.forget"}
	DeedImportForget  = deed.Deed{Name: "cases.import.forget"}
)

// importForgetTold says how many rows of a file are gone, and whether it had
// been taken in.
type importForgetTold struct {
	Rows int    `json:"rows"`
	File string `json:"file"` // preview, done
}

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

// ForgetImports forgets files that somebody looked at and nobody took in, and
// the rows that could not be taken in, once their time is over.
func (o *Office) ForgetImports(ctx context.Context) error {
	k := o.places.Country().Keep
	if k.Imports.Days == 0 || k.FailedRows.Days == 0 {
		return nil
	}
	type file struct {
		id   ImportID
		told importForgetTold
	}
	var over []file
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		over, err = db.List(t, func(r db.Row) (f file, err error) { return f, r.Scan(&f.id, &f.told.File, &f.told.Rows) },
			`SELECT id, state, CASE WHEN state = 'preview' THEN rows ELSE failed END FROM cases_import
			WHERE (state = 'preview' AND made_at <= ?1) OR (state = 'done' AND done_at <= ?2 AND errors IS NOT NULL) ORDER BY id LIMIT ?3`,
			t.Now().Add(-k.Imports.For()), t.Now().Add(-k.FailedRows.For()), retainBatch)
		return err
	})
	for _, f := range over {
		err = errors.Join(err, welcome(o.h.Do(ctx, actor.Actor{System: "retention"}, DeedImportForget, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			drop := `DELETE FROM cases_import WHERE id = ?1 AND state = 'preview'`
			if f.told.File == "done" {
				drop = `UPDATE cases_import SET errors = NULL WHERE id = ?1 AND state = 'done' AND errors IS NOT NULL`
			}
			n, err := t.Exec(drop, f.id)
			if err == nil && n == 0 {
				return deed.ErrNothingDone // taken in meanwhile
			}
			if err != nil {
				return err
			}
			return t.Tell("cases.import/"+f.id.String(), f.told)
		})))
	}
	return err
}

// welcome makes of a deed that found nothing left to do a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}
