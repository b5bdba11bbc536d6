package field

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a caravan.
var (
	DeedVehicleAdd   = deed.Deed{Name: "field.vehicle.add", Roles: abroad}
	DeedVehicleDrop  = deed.Deed{Name: "field.vehicle.drop", Roles: abroad}
	DeedDriverReveal = deed.Deed{Name: "field.vehicle.reveal", Roles: abroad}
	DeedPermit       = deed.Deed{Name: "field.permit.set", Roles: manage}
	DeedOrder        = deed.Deed{Name: "field.mission.order", Roles: abroad}
)

// VehicleTold is what others hear of a vehicle: never its plate or its driver.
type VehicleTold struct {
	Vehicle VehicleID            `json:"vehicle"`
	Mission MissionID            `json:"mission"`
	Org     actor.OrganisationID `json:"org"`
	Kind    string               `json:"kind"`
	Road    RoadClass            `json:"road"`
	Kg      int                  `json:"kg"`
	Litres  int                  `json:"litres"`
	Offer   string               `json:"offer,omitempty"`
}

// PermitTold is what others hear of a permit. What was typed stays with it.
type PermitTold struct {
	Mission MissionID            `json:"mission"`
	Org     actor.OrganisationID `json:"org"`
	Permit  PermitState          `json:"permit"`
}

// Drive is a vehicle as somebody writes it down, with what must not be read by
// everybody.
type Drive struct {
	Vehicle
	PlateText, DriverText string
}

func plateAt(v VehicleID) string  { return crypt.At("field_vehicle.plate", v.String()) }
func driverAt(v VehicleID) string { return crypt.At("field_vehicle.driver", v.String()) }

// tidy fills in what the country's pack knows of the kind, where nothing was
// written, and what an offer says of itself.
func (s *Service) tidy(d Drive) Drive {
	d.PlateText, d.DriverText = tidyPlate(d.PlateText), tidyPlate(d.DriverText)
	k, ok := s.means.Kind(d.Kind)
	if !ok {
		return d
	}
	if d.Road == "" {
		d.Road = k.Road
	}
	if d.Kg == 0 {
		d.Kg = k.Kg
	}
	if d.Litres == 0 {
		d.Litres = k.Litres
	}
	if d.Seats == 0 {
		d.Seats = k.Seats
	}
	return d
}

// AddVehicle puts a vehicle on a mission that has not set out. The same one
// again is welcome and changes nothing.
func (s *Service) AddVehicle(ctx context.Context, by actor.Actor, d Drive) error {
	return s.act(ctx, by, DeedVehicleAdd, d.Mission, func(t *deed.Tx, j *Journey) (any, error) {
		d := d
		if d.Offer != "" {
			if err := s.lent(t.Tx, j.Org, &d); err != nil {
				return nil, err
			}
		}
		d = s.tidy(d)
		if err := d.wrong(d.PlateText, d.DriverText).OrNil(); err != nil {
			return nil, err
		}
		switch old, err := findVehicle(t.Tx, d.ID); {
		case err != nil:
			return nil, err
		case old != nil && old.same(&d.Vehicle):
			return nil, deed.ErrNothingDone
		case old != nil:
			return nil, fault.New(fault.Conflict, "field.mission.id_taken")
		}
		if err := j.must(Planned); err != nil {
			return nil, err
		}
		had, err := vehiclesOf(t.Tx, j.ID)
		if err != nil {
			return nil, err
		}
		if len(had) >= maxVehicles {
			return nil, fault.New(fault.Conflict, "field.vehicle.many", "most", maxVehicles).On("kind")
		}
		if d.Offer != "" {
			if free, err := s.freeVehicles(t.Tx, j.Org); err != nil {
				return nil, err
			} else if !slices.ContainsFunc(free, func(o OfferedVehicle) bool { return o.Offer == d.Offer }) {
				return nil, fault.New(fault.Conflict, "field.vehicle.offer_here").On("offer")
			}
		}
		d.Plate, d.Driver, d.MadeAt = nil, nil, t.Now()
		if d.PlateText != "" {
			d.Plate = s.vault.SealText(plateAt(d.ID), d.PlateText)
		}
		if d.DriverText != "" {
			d.Driver = s.vault.SealText(driverAt(d.ID), d.DriverText)
		}
		return d.told(j.Org), addVehicle(t.Tx, &d.Vehicle)
	})
}

func (v *Vehicle) told(org actor.OrganisationID) VehicleTold {
	return VehicleTold{v.ID, v.Mission, org, v.Kind, v.Road, v.Kg, v.Litres, v.Offer}
}

// lent takes over what an offer says of its vehicle, which must be lent now.
func (s *Service) lent(t *db.Tx, org actor.OrganisationID, d *Drive) error {
	all, err := s.offeredVehicles(t, org)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(o OfferedVehicle) bool { return o.Offer == d.Offer })
	if i < 0 {
		return fault.New(fault.Conflict, "field.gift.gone").On("offer")
	}
	o := all[i]
	d.Kind, d.Road, d.Kg, d.Seats = o.Kind, RoadClass(o.RoadClass), o.Kg, o.Seats
	return nil
}

// freeVehicles are those that were offered to an organisation and are on no
// open mission. An offer of two lorries is there twice.
func (s *Service) freeVehicles(t *db.Tx, org actor.OrganisationID) (out []OfferedVehicle, err error) {
	all, err := s.offeredVehicles(t, org)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	used, err := offersDriven(t)
	for _, o := range all {
		if used[o.Offer] > 0 {
			used[o.Offer]--
		} else {
			out = append(out, o)
		}
	}
	return out, err
}

// DropVehicle takes a vehicle off a mission that has not set out. What is
// loaded may then be too much: the mission stays until it is not.
func (s *Service) DropVehicle(ctx context.Context, by actor.Actor, mid MissionID, vid VehicleID) error {
	return s.act(ctx, by, DeedVehicleDrop, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Planned); err != nil {
			return nil, err
		}
		v, err := findVehicle(t.Tx, vid)
		if err != nil {
			return nil, err
		}
		if v == nil || v.Mission != mid {
			return nil, deed.ErrNothingDone
		}
		_, err = dropVehicle(t.Tx, mid, vid)
		return v.told(j.Org), err
	})
}

// SetPermit writes down what an authority said. Saying that none is needed
// where the country's rules want one is refused.
func (s *Service) SetPermit(ctx context.Context, by actor.Actor, p Permit) error {
	return s.act(ctx, by, DeedPermit, p.Mission, func(t *deed.Tx, j *Journey) (any, error) {
		p := p.tidy()
		if err := p.wrong(t.Now()).OrNil(); err != nil {
			return nil, err
		}
		if err := j.must(Planned); err != nil {
			return nil, err
		}
		vehicles, err := vehiclesOf(t.Tx, j.ID)
		if err != nil {
			return nil, err
		}
		if needed := s.means.Needed(vehicles, s.burden(j.Goods)); p.State == NotNeeded && len(needed) > 0 {
			return nil, fault.New(fault.Conflict, "field.permit.needed", "n", len(needed)).On("permit")
		}
		p.ChangedAt = t.Now()
		return PermitTold{j.ID, j.Org, p.State}, savePermit(t.Tx, p)
	})
}

// Crew is who drives what on a mission, in clear.
type Crew struct {
	Vehicle VehicleID
	Plate   string
	Driver  string
}

// Drivers reveals plates and drivers, for the papers of a caravan. It leaves a
// line, with no name in it. It is no word from the team: the mission is only read.
func (s *Service) Drivers(ctx context.Context, by actor.Actor, mid MissionID) (out []Crew, err error) {
	err = s.h.Do(ctx, by, DeedDriverReveal, func(t *deed.Tx) error {
		j, err := getJourney(t.Tx, mid)
		if err != nil {
			return err
		}
		if err := s.mayServe(t, j); err != nil {
			return err
		}
		all, err := vehiclesOf(t.Tx, mid)
		if err != nil {
			return err
		}
		if out, err = s.crew(all); err != nil {
			return err
		}
		return t.Tell(missionSubject(mid), j.told())
	})
	return out, err
}

func (s *Service) crew(all []Vehicle) (out []Crew, err error) {
	for _, v := range all {
		c := Crew{Vehicle: v.ID}
		if v.Plate != nil {
			c.Plate, err = s.vault.OpenText(plateAt(v.ID), v.Plate)
		}
		if err == nil && v.Driver != nil {
			c.Driver, err = s.vault.OpenText(driverAt(v.ID), v.Driver)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// forgetDrivers erases plates and drivers some time after their mission ended.
func (s *Service) forgetDrivers(ctx context.Context) error {
	if s.means.ForgetDays == 0 {
		return nil
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := eraseDrivers(t, t.Now().Add(-time.Duration(s.means.ForgetDays)*24*time.Hour))
		return err
	})
}

// ready says all that keeps a caravan from leaving: too much aboard, no permit,
// stops that none of its vehicles gets to. The last needs only a reason.
func (s *Service) ready(t *db.Tx, j *Journey, anyway string) (beyond int, err error) {
	vehicles, err := vehiclesOf(t, j.ID)
	if err != nil {
		return 0, err
	}
	permit, err := permitOf(t, j.ID)
	if err != nil {
		return 0, err
	}
	b := s.burden(j.Goods)
	all := b.over(vehicles)
	if f, ok := permit.hinders(s.means.Needed(vehicles, b)).(*fault.Fault); ok {
		all = append(all, f)
	}
	known, err := roadsNow(t)
	if err != nil {
		return 0, err
	}
	beyond = len(s.unreachable(j, vehicles, known))
	if beyond > 0 && !slices.Contains(ReasonsAnyway, anyway) {
		all = append(all, fault.New(fault.Conflict, "field.road.cannot_reach", "n", beyond).On("anyway"))
	}
	return beyond, all.OrNil()
}

// ReasonsAnyway is why a caravan leaves though the roads are in its way, in the
// order in which people read them.
var ReasonsAnyway = []string{"carry_on_foot", "opens_soon", "guide", "meets_others", "life_at_risk"}

// unreachable are the stops that wait and to which no vehicle gets. Without
// vehicles nobody knows, and none is.
func (s *Service) unreachable(j *Journey, vehicles []Vehicle, known roads) (out []StopID) {
	if len(vehicles) == 0 {
		return nil
	}
	for _, stop := range j.waiting() {
		if best(vehicles, known.at(s.path(stop.Place)).State) == GetsNot {
			out = append(out, stop.ID)
		}
	}
	return out
}
