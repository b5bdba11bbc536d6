package cases

import (
	"bytes"
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// DeedServed is asking whether another organisation serves the family of a case
// already, before setting out (M17): two lorries at one door are a door without.
var DeedServed = deed.Deed{Name: "cases.case.ask_served", Roles: []actor.Role{actor.Coordinator}}

// Served is all that the house answers: never who, nor with what.
type Served string

const (
	ServedYes     Served = "yes"
	ServedNo      Served = "no"
	ServedUnknown Served = "unknown" // no number by which the family could be known again, or it is nobody's to ask
)

// servedFor is how far back help that came counts as being served.
const servedFor = 7 * 24 * time.Hour

type servedTold struct {
	Served Served `json:"served"`
}

// Served tells an organisation whether another one serves the family of a case
// that it answers for itself: under any number that the family's requests hold,
// compared by keyed hash. Each question leaves a line that the family can read.
func (o *Office) Served(ctx context.Context, by actor.Actor, cid CaseID) (answer Served, err error) {
	err = o.h.Do(ctx, by, DeedServed, func(t *deed.Tx) error {
		answer = ServedUnknown
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		if c.Org.IsZero() || t.As().Org != c.Org {
			return fault.New(fault.Denied, "cases.case.claim_first")
		}
		if answer, err = served(t.Tx, c); err != nil {
			return err
		}
		return t.Tell(subject(cid), servedTold{answer})
	})
	return answer, err
}

func served(t *db.Tx, c *Case) (Served, error) {
	joined, err := voices(t, c.ID)
	if err != nil {
		return "", err
	}
	ours := map[CaseID]bool{c.ID: true}
	var keys [][]byte
	for _, k := range append([]*Case{c}, joined...) {
		ours[k.ID] = true
		if shut, err := concerned(t, k.ID); err != nil || shut {
			return ServedUnknown, err
		}
		for _, key := range [][]byte{k.PhoneKey, k.FamilyKey} {
			if len(key) > 0 {
				keys = append(keys, key)
			}
		}
	}
	if doing, err := othersDo(t, c); err != nil || doing {
		return ServedYes, err
	}
	if len(keys) == 0 {
		return ServedUnknown, nil
	}
	for _, key := range keys {
		all, err := casesByPhone(t, key, mostSeen)
		if err != nil {
			return "", err
		}
		for _, k := range all {
			if ours[k.ID] || !bytes.Equal(k.PhoneKey, key) && !bytes.Equal(k.FamilyKey, key) {
				continue
			}
			up, err := root(t, k)
			if err != nil {
				return "", err
			}
			if yes, err := servedBy(t, up, c.Org); err != nil || yes && !ours[up.ID] {
				return ServedYes, err
			}
		}
	}
	return ServedNo, nil
}

// servedBy tells whether another organisation than one is on a case, or brought
// help lately. What only trained people may know says nothing.
func servedBy(t *db.Tx, c *Case, not actor.OrganisationID) (bool, error) {
	if c.Org.IsZero() || c.Org == not {
		return false, nil
	}
	if shut, err := concerned(t, c.ID); err != nil || shut {
		return false, err
	}
	switch c.Phase {
	case service.Owned, service.Moving, service.Waiting:
		return true, nil
	case service.Final:
		return !c.HelpedAt.IsZero() && t.Now().Sub(c.HelpedAt) < servedFor, nil
	}
	return false, nil
}

// othersDo tells whether another organisation carries out a part of the case.
func othersDo(t *db.Tx, c *Case) (bool, error) {
	all, err := tasksOf(t, c.ID)
	for _, k := range all {
		if !k.Org.IsZero() && k.Org != c.Org && (k.State == TaskDoing || k.State == TaskDone) {
			return true, err
		}
	}
	return false, err
}

// servedPerHour is how many families somebody may ask about in an hour: more is
// not setting out, it is looking around.
const servedPerHour = 30

func (o *Office) askServed(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	if err := c.Site.Limit.Take("served:"+by.Account.String(), servedPerHour, time.Hour); err != nil {
		return err
	}
	answer, err := o.Served(c.Context(), by, cid)
	if err != nil {
		return err
	}
	c.Flash("cases.served." + string(answer))
	return c.Seek("/cases/" + cid.String())
}
