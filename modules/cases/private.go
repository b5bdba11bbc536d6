package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// Private is what a case says that names a person, opened for one reader.
type Private struct {
	Answers forms.Answers
	Notes   []Note
}

// revealReasons are the purposes for which staff may open what names a person.
var revealReasons = []string{"call", "deliver", "verify", "safety"}

type revealTold struct {
	Reason string `json:"reason"`
}

// Reveal opens the private answers of a case, for a reason that the journal keeps
// and the person can read. Whoever answers for a case answers for the voices that
// are joined to it, and opens each on its own page.
func (o *Office) Reveal(ctx context.Context, by actor.Actor, cid CaseID, reason string) (p Private, err error) {
	if !known(revealReasons, reason) {
		return p, fault.New(fault.Invalid, "cases.case.reason_needed").On("reason")
	}
	err = o.h.Do(ctx, by, DeedReveal, func(t *deed.Tx) error {
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		owner, err := root(t.Tx, c)
		if err != nil {
			return err
		}
		// Who works for an organisation reads names only in what it answers for.
		if g := t.As(); g.Role.ForOrganisation() && owner.Org != g.Org {
			return fault.New(fault.Denied, "cases.case.claim_first")
		}
		def, err := o.def(t.Tx, c)
		if err != nil {
			return err
		}
		if role := t.As().Role; role != "" && !def.May(word(DeedReveal), role) {
			return fault.New(fault.Denied, "error.denied_here")
		}
		if p, err = o.open(t.Tx, c); err != nil {
			return err
		}
		return t.Tell(subject(cid), revealTold{reason})
	})
	return p, err
}

func known(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (o *Office) open(t *db.Tx, c *Case) (p Private, err error) {
	if p.Answers, err = o.unseal(c); err != nil {
		return p, err
	}
	rows, err := listNotes(t, c.ID)
	for _, r := range rows {
		body, oerr := o.vault.Open("cases_note.body|"+r.id.String(), r.sealed)
		if err = errors.Join(err, oerr); oerr == nil {
			r.note.Body = string(body)
			p.Notes = append(p.Notes, r.note)
		}
	}
	return p, err
}

func (o *Office) unseal(c *Case) (forms.Answers, error) {
	a := forms.Answers{}
	if len(c.Sealed) == 0 {
		return a, nil
	}
	plain, err := o.vault.Open("cases_case.private|"+c.ID.String(), c.Sealed)
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", c.ID, err)
	}
	return a, json.Unmarshal(plain, &a)
}

// answers are the open answers of a case.
func (c *Case) answers() (forms.Answers, error) {
	a := forms.Answers{}
	return a, json.Unmarshal([]byte(c.Answers), &a)
}

// hide takes out of the open answers what may be said in no queue.
func hide(def *service.Definition, c *Case) {
	a, err := c.answers()
	if err != nil {
		return
	}
	def.Hide(a)
	if b, err := json.Marshal(a); err == nil {
		c.Answers = string(b)
	}
	kept := c.Reasons[:0:0]
	for _, r := range c.Reasons {
		if !def.Hidden(r.Code) {
			kept = append(kept, r)
		}
	}
	c.Reasons = kept
}

type eraseTold struct {
	By string `json:"by"`
}

// Erase forgets the person of a closed case: what was sealed, the keys by
// which it could be found, the notes and the salt of the journal's commitment
// are gone; the facts of the case stay, and the journal stays whole.
func (o *Office) Erase(ctx context.Context, by actor.Actor, cid CaseID) error {
	var at time.Time
	err := o.h.Do(ctx, by, DeedErase, func(t *deed.Tx) error {
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		if c.Phase != service.Final && c.MergedInto.IsZero() {
			return fault.New(fault.Conflict, "cases.case.erase_when_closed")
		}
		at = t.Now()
		if _, err := o.erase(t.Tx, cid, at); err != nil {
			return err
		}
		return t.Tell(subject(cid), eraseTold{"person"})
	})
	if err == nil && o.forget != nil {
		err = o.forget(cid, at)
	}
	return err
}

// erase tells whether there was anybody left to forget.
func erase(t *db.Tx, cid CaseID, at time.Time) (bool, error) {
	n, err := t.Exec(`UPDATE cases_case SET private = NULL, phone_key = NULL, family_key = NULL, secret_key = NULL, salt = NULL, lat = NULL, lon = NULL,
		erased_at = ?1, version = version + 1 WHERE id = ?2 AND erased_at IS NULL`, at, cid)
	if err == nil {
		_, err = t.Exec(`DELETE FROM cases_note WHERE case_id = ?1`, cid)
	}
	if err == nil {
		err = forgetConsents(t, cid)
	}
	return n > 0, err
}

// Replay erases again, in a restored copy, what was erased after the copy was
// made. It is not a deed: the deed was done before, and its line may be lost
// with the days that the copy lacks.
func (o *Office) Replay(ctx context.Context, cid CaseID, at time.Time) (did bool, err error) {
	err = o.h.DB.Write(ctx, func(t *db.Tx) (err error) { did, err = o.erase(t, cid, at); return err })
	return did, err
}

// Erased lists what has been erased, so that the record kept outside the
// store can be made whole after a crash between the two.
func (o *Office) Erased(ctx context.Context) (all map[CaseID]time.Time, err error) {
	all = map[CaseID]time.Time{}
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		type gone struct {
			c  CaseID
			at time.Time
		}
		rows, err := db.List(t, func(r db.Row) (g gone, err error) { return g, r.Scan(&g.c, db.Time(&g.at)) },
			`SELECT id, erased_at FROM cases_case WHERE erased_at IS NOT NULL`)
		for _, g := range rows {
			all[g.c] = g.at
		}
		return err
	})
	return all, err
}
