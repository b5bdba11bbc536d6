package cases

import (
	"context"
	"errors"
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// LastOwners is what cases asks of whoever knows which office of the State
// answers in the last resort, whoever serves the need (T12).
type LastOwners interface {
	// LastOwner is that office for a service at a place; a place that nobody
	// knows has one too.
	LastOwner(place, service string) actor.OrganisationID
	// Late is by how long a deadline may be missed, at a level, before a case is
	// put before it.
	Late(level int) time.Duration
}

// UseLastOwners is called while the house is built.
func (o *Office) UseLastOwners(x LastOwners) { o.last = x }

// DeedPutBefore puts a case before its owner of last resort. The house does it
// by itself.
var DeedPutBefore = deed.Deed{Name: "cases.case.put_before"}

// Why a case is put before its owner of last resort.
const (
	unclaimed = "unclaimed"  // nobody took it on in time
	givenBack = "given_back" // whoever had it gave it back, or their time ran out
	overdue   = "overdue"    // whoever has it is late
)

type lastTold struct {
	State   string `json:"state"`
	Owner   string `json:"owner"`
	Because string `json:"because"`
}

// lastOwner is who answers for a case in the last resort: the one before whom it
// was put, or would be.
func (o *Office) lastOwner(c *Case) (org actor.OrganisationID) {
	switch {
	case !c.LastOrg.IsZero():
		return c.LastOrg
	case o.last != nil:
		return o.last.LastOwner(c.Place, c.Service)
	}
	return org
}

// why says why a case is to be put before its owner of last resort now; "" is
// not at all.
func (c *Case) why(late func(level int) time.Duration, now time.Time) string {
	switch {
	case !c.LastAt.IsZero() || !c.MergedInto.IsZero():
		return ""
	case c.Phase == service.Open && !c.GaveUpAt.IsZero():
		return givenBack
	case c.Phase != service.Open && c.Phase != service.Owned && c.Phase != service.Moving:
		return ""
	case now.Before(c.DueAt.Add(late(c.Level))):
		return ""
	case c.Phase == service.Open:
		return unclaimed
	}
	return overdue
}

// takenUp says that somebody has the case in hand, or that it is over: it is
// before nobody any more. Whoever answers in the last resort goes on answering.
func (c *Case) takenUp() {
	c.LastOrg, c.LastAt, c.GaveUpAt = actor.OrganisationID{}, time.Time{}, time.Time{}
}

// lastBatch is how many cases a turn of the house puts before their owners.
const lastBatch = 500

// PutBefore puts what nobody serves in time before its owner of last resort:
// each is a deed of its own, so that what a turn did not reach, the next one
// finds.
func (o *Office) PutBefore(ctx context.Context) error {
	if o.last == nil {
		return nil
	}
	var found []CaseID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { found, err = unserved(t, o.last.Late, lastBatch); return err })
	for _, cid := range found {
		err = errors.Join(err, o.act(ctx, actor.Actor{System: "last_owner"}, DeedPutBefore, cid, func(t *deed.Tx, _ *service.Definition, c *Case) (any, error) {
			because := c.why(o.last.Late, t.Now())
			if because == "" {
				return nil, deed.ErrNothingDone // taken up meanwhile
			}
			c.LastOrg, c.LastAt = o.last.LastOwner(c.Place, c.Service), t.Now()
			return lastTold{c.State, c.LastOrg.String(), because}, nil
		}))
	}
	return err
}

// BeforeOwner is how many cases stand before the organisations in whose name
// somebody works, as those that answer for them in the last resort.
func (o *Office) BeforeOwner(ctx context.Context, by actor.Actor) (n int64, err error) {
	var theirs []actor.OrganisationID
	for _, g := range by.Grants {
		if g.Role.ForOrganisation() && g.Recognised {
			theirs = append(theirs, g.Org)
		}
	}
	if len(theirs) == 0 {
		return 0, nil
	}
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		for _, org := range theirs {
			here, err := countBefore(t, org)
			if err != nil {
				return err
			}
			n += here
		}
		return nil
	})
	return n, err
}

// LastView is who answers for a case in the last resort, for a reader.
type LastView struct {
	Name    template.HTML
	Law     template.HTML // on what it rests; "" where the country says nothing
	Since   time.Time     // when it was put before them; zero when it was not
	Because template.HTML
}

func (o *Office) lastView(c *web.Ctx, t *db.Tx, k *Case) (v LastView, err error) {
	org := o.lastOwner(k)
	if org.IsZero() {
		return v, nil
	}
	name, err := o.orgs.Name(t, org, c.Lang())
	if err != nil {
		return v, err
	}
	v.Name, v.Since = apart(name), k.LastAt
	if c.Site.Cat.Has("places.owners.law") {
		v.Law = c.P.T("places.owners.law")
	}
	if v.Since.IsZero() {
		return v, nil
	}
	because, err := putBecause(t, k.ID)
	if err == nil && because != "" {
		v.Because = c.P.T("cases.last.because_" + because)
	}
	return v, err
}

// putBecause is why a case was last put before its owner.
func putBecause(t *db.Tx, cid CaseID) (string, error) {
	trail, err := deed.Trail(t, subject(cid))
	if err != nil {
		return "", err
	}
	for i := len(trail) - 1; i >= 0; i-- {
		if trail[i].Deed == DeedPutBefore.Name {
			var told lastTold
			err := unmarshal(trail[i].Told, &told)
			return told.Because, err
		}
	}
	return "", nil
}

// checkLastOwners finds places from which somebody asked and for which nobody
// answers in the last resort.
func (o *Office) checkLastOwners(t *db.Tx) (bad []string, err error) {
	if o.last == nil {
		return nil, nil
	}
	type where struct{ id, place, service string }
	all, err := db.List(t, func(r db.Row) (x where, err error) { return x, r.Scan(&x.id, &x.place, &x.service) },
		`SELECT MIN(id), COALESCE(place, ''), service FROM cases_case GROUP BY COALESCE(place, ''), service`)
	for _, x := range all {
		if o.last.LastOwner(x.place, x.service).IsZero() {
			bad = append(bad, x.id)
		}
	}
	return bad, err
}
