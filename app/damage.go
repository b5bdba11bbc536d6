package app

import (
	"context"
	"strconv"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
)

// openDamage joins the maps of damage to those whom they ask, and who ask them.
func (h *House) openDamage() error {
	rules, err := damage.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Damage = damage.New(h.Deeds, h.Vault, h.Places, damage.Ports{Rules: rules, Cases: damageCases{h.Cases}, Missions: h.Field, Orgs: damageOrgs{orgs{h.People}, h.People}})
	h.Cases.UseGround(caseGround{h.Damage})
	h.Field.UseRoadReports(fieldRoads{h.Cases, h.Damage})
	return nil
}

// damageCases lets damage ask of cases.
type damageCases struct{ o *cases.Office }

func (x damageCases) Heard(t *db.Tx, since time.Time) (map[string]int, error) {
	return x.o.HeardFrom(t, since)
}

func (x damageCases) Raise(ctx context.Context, codes []string) (int, error) {
	return x.o.Raise(ctx, codes)
}

// damageOrgs lets damage ask of organisations.
type damageOrgs struct {
	orgs
	people *people.Service
}

func (x damageOrgs) Official(t *db.Tx, org actor.OrganisationID) (bool, error) {
	o, err := x.people.Organisation(t, org)
	return o.Status == people.Recognised && (o.Kind == people.State || o.Kind == people.Commune), err
}

// caseGround lets cases ask of maps of damage.
type caseGround struct{ d *damage.Service }

func (x caseGround) Fresh(ctx context.Context) error { return x.d.Fresh(ctx) }
func (x caseGround) Levels(place string) (int, int)  { return x.d.Levels(place) }
func (x caseGround) Harm() map[string]int            { return x.d.Harm() }
func (x caseGround) Lines(c *web.Ctx, place string) (out []cases.GroundLine) {
	for _, l := range x.d.Lines(c, place) {
		out = append(out, cases.GroundLine{Level: c.P.T("damage.level." + strconv.Itoa(l.Level)), Why: l.Why})
	}
	return out
}

// damageRoads are what citizens told of roads, as field asks of them.
func damageRoads(t *db.Tx, d *damage.Service, limit int) (out []field.RoadReport, err error) {
	if d == nil {
		return nil, nil
	}
	all, err := d.Roads(t, limit)
	for _, c := range all {
		r := field.RoadReport{Place: c.Place, At: c.LastAt, Href: "/damage/reports/" + c.ID.String()}
		if err := r.Case.UnmarshalText([]byte(c.ID.String())); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, err
}
