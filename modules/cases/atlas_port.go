package cases

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// Spot is what a map may know of a case that is not over: where it is, how
// urgent, whose. Restricted concerns are kept elsewhere and are none of these.
type Spot struct {
	ID                               CaseID
	At                               geo.Point
	HasPoint                         bool
	Level                            int
	Phase                            service.Phase
	Org                              actor.OrganisationID
	Service                          string
	Region, Province, Commune, Place string // "" where not known
}

// Sight is what part of all phases the queue of somebody shows: as far as their
// grants reach, and of what is taken only what org has, unless org is zero.
func Sight(by actor.Actor) (reach Reach, org actor.OrganisationID) {
	return reachOf(by, DeedSee.Roles), ownOnly(by)
}

// SpotLines puts cases into words for a list, in the order in which they were asked
// for, without those that are gone. The caller has made sure that the reader's
// queue shows them.
func (o *Office) SpotLines(c *web.Ctx, t *db.Tx, ids []CaseID) (out []Line, err error) {
	for _, cid := range ids {
		k, err := getCase(t, cid)
		if fault.KindOf(err) == fault.Missing {
			continue
		}
		if err != nil {
			return nil, err
		}
		l, err := o.line(c, t, k)
		if err != nil {
			return nil, err
		}
		l.Href = c.Href("/queue?phase=" + string(k.Phase) + "&case=" + l.ID)
		out = append(out, l)
	}
	return out, nil
}

// EachSpot hands over every case that is not over and stands for itself.
func (o *Office) EachSpot(t *db.Tx, each func(Spot)) error { return eachSpot(t, each) }

// SpotsOf are those of the named cases that are not over and stand for themselves.
// What names no case is passed over.
func (o *Office) SpotsOf(t *db.Tx, ids []string) ([]Spot, error) {
	var known []any
	for _, text := range ids {
		if cid, err := id.Parse[Case](text); err == nil {
			known = append(known, cid)
		}
	}
	if len(known) == 0 {
		return nil, nil
	}
	return spotsOf(t, known)
}

// CountSpots is how many EachSpot would hand over.
func (o *Office) CountSpots(t *db.Tx) (int, error) { return countSpots(t) }
