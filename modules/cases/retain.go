package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// retainBatch is how many the house forgets at a turn: what is left waits for
// the next, an hour later.
const retainBatch = 500

// lateBy is how long after its time a person may still be known before an
// operator hears of it.
const lateBy = 3 * 24 * time.Hour

// Kept is how the house stands with the time that it may keep what names people.
type Kept struct {
	Forgotten     int64 // cases whose person was forgotten, ever: asked for, or because time was over
	Due           int   // time is over, and the next turns will forget them
	HeldComplaint int   // left alone: a complaint about them is not answered yet
	HeldConcern   int   // left alone: a concern about them is not closed yet
	Late          []CaseID
}

type ending struct {
	id    CaseID
	due   time.Time
	about bool // a complaint is open
}

// Retain forgets the people of cases that ended longer ago than their service
// may keep them (law 09-08, art. 3(e)), as if they had asked for it. Each is a deed of its own, so that what a turn did not reach,
// or was interrupted at, the next one finds. The house does it by itself.
func (o *Office) Retain(ctx context.Context) error { return o.retain(ctx, retainBatch) }

func (o *Office) retain(ctx context.Context, most int) error {
	concerns, err := o.concernedCases(ctx)
	if err != nil {
		return err
	}
	done := 0
	return o.eachEnded(ctx, func(x ending) error {
		if x.about || concerns[x.id] {
			return nil
		}
		if done++; done > most {
			return errEnough
		}
		return o.forgetOne(ctx, x.id)
	})
}

var errEnough = errors.New("cases: enough for one turn")

// eachEnded walks over every case whose time is over, in the order of their
// identifiers, until fn has had enough.
func (o *Office) eachEnded(ctx context.Context, fn func(ending) error) error {
	type kind struct {
		code    string
		version int
	}
	var kinds []kind
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		kinds, err = db.List(t, func(r db.Row) (k kind, err error) { return k, r.Scan(&k.code, &k.version) },
			`SELECT DISTINCT service, service_version FROM cases_case WHERE erased_at IS NULL ORDER BY 1, 2`)
		return err
	})
	for _, k := range kinds {
		if err == nil {
			err = o.eachEndedOf(ctx, k.code, k.version, fn)
		}
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (o *Office) eachEndedOf(ctx context.Context, code string, version int, fn func(ending) error) error {
	after := ""
	for {
		var page []ending
		err := o.h.DB.Read(ctx, func(t *db.Tx) error {
			def, err := o.def(t, &Case{Service: code, Version: version})
			if err != nil {
				return err
			}
			page, err = listEnded(t, code, version, def.Retention, after, retainBatch)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, x := range page {
			if err := fn(x); err != nil {
				return err
			}
		}
		after = page[len(page)-1].id.String()
	}
}

// listEnded is a page of the cases that ended before their time. A voice that
// was joined to another case ends with it.
func listEnded(t *db.Tx, code string, version int, keep time.Duration, after string, limit int) ([]ending, error) {
	return db.List(t, func(r db.Row) (x ending, err error) {
		var open int64
		err = r.Scan(&x.id, db.Time(&x.due), &open)
		x.due, x.about = x.due.Add(keep), open > 0
		return x, err
	}, `SELECT c.id, COALESCE(r.changed_at, c.changed_at), (SELECT COUNT(*) FROM cases_complaint p WHERE p.case_id = c.id AND p.state = 'open')
		FROM cases_case c LEFT JOIN cases_case r ON r.id = c.merged_into
		WHERE c.erased_at IS NULL AND c.service = ?1 AND c.service_version = ?2 AND COALESCE(r.phase, c.phase) = 'final'
		AND COALESCE(r.changed_at, c.changed_at) <= ?3 AND c.id > ?4 ORDER BY c.id LIMIT ?5`, code, version, t.Now().Add(-keep), after, limit)
}

// concernedCases are the cases that an open concern is about: the one it came
// with, and the one a complaint of abuse names, which stands sealed in it and
// nowhere else.
func (o *Office) concernedCases(ctx context.Context) (map[CaseID]bool, error) {
	out := map[CaseID]bool{}
	err := o.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := db.List(t, scanConcern, `SELECT `+concernColumns+` FROM cases_concern WHERE state <> 'closed' ORDER BY id`)
		for _, n := range all {
			with, err := id.Parse[Case](n.ID.String())
			if err != nil {
				return err
			}
			out[with] = true
			plain, err := o.vault.Open("cases_concern.body|"+n.ID.String(), n.Body)
			if err != nil {
				return err
			}
			var said struct {
				Case string `json:"case"`
			}
			if json.Unmarshal(plain, &said) == nil {
				if about, err := id.Parse[Case](said.Case); err == nil {
					out[about] = true
				}
			}
		}
		return err
	})
	return out, err
}

// forgetOne forgets the person of one case, unless something came up meanwhile.
func (o *Office) forgetOne(ctx context.Context, cid CaseID) error {
	var at time.Time
	err := o.h.Do(ctx, actor.Actor{System: "retention"}, DeedErase, func(t *deed.Tx) error {
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		r, err := root(t.Tx, c)
		if err != nil {
			return err
		}
		def, err := o.def(t.Tx, &Case{Service: c.Service, Version: c.Version})
		if err != nil {
			return err
		}
		open, err := db.Has(t.Tx, `SELECT 1 FROM cases_complaint WHERE case_id = ?1 AND state = 'open'`, cid)
		if err != nil {
			return err
		}
		if open || !c.ErasedAt.IsZero() || r.Phase != service.Final || r.ChangedAt.Add(def.Retention).After(t.Now()) {
			return deed.ErrNothingDone
		}
		at = t.Now()
		// What was said in complaints about it, and answered, names people too.
		if _, err = t.Exec(`UPDATE cases_complaint SET body = NULL, answer = ?1, secret_key = NULL, version = version + 1 WHERE case_id = ?2`, []byte{}, cid); err != nil {
			return err
		}
		if _, err := o.erase(t.Tx, cid, at); err != nil {
			return err
		}
		return t.Tell(subject(cid), eraseTold{"retention"})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	if err == nil && o.forget != nil {
		err = o.forget(cid, at)
	}
	return err
}

// KeptAtAll says how the house stands: what it forgot, and what it leaves alone
// and why.
func (o *Office) KeptAtAll(ctx context.Context) (k Kept, err error) {
	concerns, err := o.concernedCases(ctx)
	if err != nil {
		return k, err
	}
	now := o.h.DB.Now()
	err = o.eachEnded(ctx, func(x ending) error {
		switch {
		case x.about:
			k.HeldComplaint++
		case concerns[x.id]:
			k.HeldConcern++
		default:
			k.Due++
			if x.due.Add(lateBy).Before(now) && len(k.Late) < 20 {
				k.Late = append(k.Late, x.id)
			}
		}
		return nil
	})
	if err != nil {
		return k, err
	}
	return k, o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		k.Forgotten, err = db.One(t, db.Int, `SELECT COUNT(*) FROM cases_case WHERE erased_at IS NOT NULL`)
		return err
	})
}

// String is the standing in one line, for an operator, who learns that
// something is open and not whether it is a concern: no count tells of those.
func (k Kept) String() string {
	return fmt.Sprintf("%d people forgotten so far, %d to be forgotten now, %d left alone because something about them is still open",
		k.Forgotten, k.Due, k.HeldComplaint+k.HeldConcern)
}
