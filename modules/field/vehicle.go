package field

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
)

// VehicleID names a vehicle on one mission; the same lorry on the next mission
// is another.
type VehicleID = id.Of[Vehicle]

// Vehicle is what a mission travels by: a lorry, a mule, a helicopter, people
// on foot. A mission with one is a caravan.
type Vehicle struct {
	ID      VehicleID
	Mission MissionID
	Kind    string // one of Kinds
	Road    RoadClass
	Kg      int    // it can carry
	Litres  int    // it can hold
	Seats   int    // beside the driver
	Offer   string // that it comes from; "" when it is the organisation's own
	Plate   []byte // sealed; nil when nobody wrote it or it was erased
	Driver  []byte // sealed name, likewise
	MadeAt  time.Time
}

// Kinds of vehicles, in the order in which people read them. What each takes,
// how fast and at what cost is the country pack's to say: means.yaml.
var Kinds = []string{"lorry", "van", "pickup", "4x4", "car", "mule", "helicopter", "drone", "foot"}

const (
	maxVehicles = 20 // of one mission
	maxKg       = 60_000
	maxLitres   = 200_000
	maxSeats    = 99
	maxPlate    = 20 // characters
)

// wrong says everything that a vehicle cannot be kept with. plate and driver
// are what was typed.
func (v *Vehicle) wrong(plate, driver string) (all fault.All) {
	if !slices.Contains(Kinds, v.Kind) {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.kind_missing").On("kind"))
	}
	if !slices.Contains(RoadClasses, v.Road) {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.road_missing").On("road"))
	}
	for _, f := range []struct {
		field           string
		n, fewest, most int
	}{{"kg", v.Kg, 1, maxKg}, {"litres", v.Litres, 1, maxLitres}, {"seats", v.Seats, 0, maxSeats}} {
		if f.n < f.fewest || f.n > f.most {
			all = append(all, fault.New(fault.Invalid, "field.vehicle.number_wrong", "fewest", f.fewest, "most", f.most).On(f.field))
		}
	}
	if utf8.RuneCountInString(plate) > maxPlate {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.long", "most", maxPlate).On("plate"))
	}
	if utf8.RuneCountInString(driver) > maxName {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.long", "most", maxName).On("driver"))
	}
	return all
}

// same tells whether two vehicles say the same, plates and drivers aside.
func (v *Vehicle) same(o *Vehicle) bool {
	return v.Mission == o.Mission && v.Kind == o.Kind && v.Road == o.Road && v.Kg == o.Kg && v.Litres == o.Litres && v.Seats == o.Seats && v.Offer == o.Offer
}

// RoadClass is the worst way that a vehicle can use. The set is closed.
type RoadClass string

const (
	Road  RoadClass = "road"  // a made road that is open
	Track RoadClass = "track" // also where only a 4x4 passes
	Path  RoadClass = "path"  // also where only a mule passes, or people on foot
	Air   RoadClass = "air"   // needs no road
)

// RoadClasses in the order in which people read them.
var RoadClasses = []RoadClass{Road, Track, Path, Air}

// Reach is whether a vehicle gets there. Higher is worse.
type Reach int

const (
	Gets    Reach = iota
	Around        // only by another way, if somebody knows one
	GetsNot       // it does not
)

// passes tells whether a vehicle gets to where the road is in that state. A
// road of which nobody has said anything is taken to be open.
func (c RoadClass) passes(s RoadState) Reach {
	switch {
	case c == Air, s == RoadOpen, s == "":
		return Gets
	case s == RoadClosed && c == Path:
		return Around
	case c == Path, s == RoadRough && c == Track:
		return Gets
	}
	return GetsNot
}

// best is how the best of some vehicles gets there.
func best(all []Vehicle, s RoadState) Reach {
	out := GetsNot
	for _, v := range all {
		out = min(out, v.Road.passes(s))
	}
	return out
}

func tidyPlate(text string) string { return strings.Join(strings.Fields(text), " ") }
