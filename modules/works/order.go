package works

import (
	"math"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// Order is the work at one site.
type Order struct {
	ID         OrderID
	Org        actor.OrganisationID // who does it
	Place      string               // code
	HasPoint   bool
	At         geo.Point
	Volume     int      // cubic metres, roughly
	Dangers    []string // codes of Dangers
	Phone      []byte   // of whoever leads the crew, sealed; nil when nobody gave one
	Lang       string   // to write to them in
	State      State
	StoppedFor string // the request that stopped it; "" when a person did
	MadeAt     time.Time
	BegunAt    time.Time // the last time that work began
	StoppedAt  time.Time
	EndedAt    time.Time
	ChangedAt  time.Time
}

type OrderID = id.Of[Order]

// State is how far an order has come. The set is closed.
type State string

const (
	Planned   State = "planned"
	Working   State = "working"
	Stopped   State = "stopped"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Dangers is what a crew must know of, in the order in which people read it.
var Dangers = []string{"unstable", "gas", "electricity", "water", "asbestos", "chemicals", "slope", "people_near"}

// moves is every change of state there is.
var moves = map[State][]State{
	Planned: {Working, Cancelled},
	Working: {Stopped, Done},
	Stopped: {Working, Cancelled},
}

const mostVolume = 1_000_000 // m³

// wrong says everything that an order cannot be kept with.
func (o *Order) wrong() (all fault.All) {
	if o.Volume < 1 || o.Volume > mostVolume {
		all = append(all, fault.New(fault.Invalid, "works.order.volume_wrong", "most", mostVolume).On("volume"))
	}
	if slices.ContainsFunc(o.Dangers, func(d string) bool { return !slices.Contains(Dangers, d) }) {
		all = append(all, fault.New(fault.Invalid, "works.order.danger_wrong").On("danger"))
	}
	if o.Org.IsZero() {
		all = append(all, fault.New(fault.Invalid, "works.order.org_missing").On("org"))
	}
	return all
}

func (o *Order) same(x *Order) bool {
	return o.Org == x.Org && o.Place == x.Place && o.HasPoint == x.HasPoint && o.At == x.At && o.Volume == x.Volume && slices.Equal(o.Dangers, x.Dangers)
}

func (o *Order) move(to State, now time.Time) error {
	if !slices.Contains(moves[o.State], to) {
		return fault.New(fault.Conflict, "works.order.cannot_now", "state", string(o.State))
	}
	o.State, o.ChangedAt = to, now
	return nil
}

// begin starts the work, or goes on with it: only with a picture of how it
// looks, and never while people may be under it.
func (o *Order) begin(before int, blocking []Trapped, now time.Time) error {
	var all fault.All
	if len(blocking) > 0 {
		all = append(all, fault.New(fault.Conflict, "works.order.people_under", "n", len(blocking)).On("begin"))
	}
	if before == 0 {
		all = append(all, fault.New(fault.Conflict, "works.order.before_missing").On("photo"))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	if err := o.move(Working, now); err != nil {
		return err
	}
	o.BegunAt, o.StoppedFor = now, ""
	return nil
}

// stop ends the work for now; for names the request because of which, if one.
func (o *Order) stop(caseID string, now time.Time) error {
	if err := o.move(Stopped, now); err != nil {
		return err
	}
	o.StoppedAt, o.StoppedFor = now, caseID
	return nil
}

// finish closes an order with the pictures that prove it.
func (o *Order) finish(before, after int, now time.Time) error {
	if before == 0 || after == 0 {
		return fault.New(fault.Conflict, "works.order.after_missing").On("photo")
	}
	if err := o.move(Done, now); err != nil {
		return err
	}
	o.EndedAt = now
	return nil
}

func (o *Order) cancel(now time.Time) error {
	if err := o.move(Cancelled, now); err != nil {
		return err
	}
	o.EndedAt = now
	return nil
}

// within is whether one place lies in the other, or is it.
type within func(a, b string) bool

// blockedBy tells whether people of whom a report tells may be under this
// rubble. Two points are measured; where one is missing the places decide, and
// a report that names only the commune counts for every site in it: rather a
// crew that waits than one that digs over people.
func (o *Order) blockedBy(x Trapped, metres int, in within) bool {
	if o.HasPoint && x.HasPoint {
		return geo.Distance(o.At, x.At)*1000 <= float64(metres)
	}
	return x.Place != "" && (in(o.Place, x.Place) || in(x.Place, o.Place))
}

// metresTo is how far a report is; -1 when a point is missing.
func (o *Order) metresTo(x Trapped) int {
	if !o.HasPoint || !x.HasPoint {
		return -1
	}
	return int(math.Round(geo.Distance(o.At, x.At) * 1000))
}
