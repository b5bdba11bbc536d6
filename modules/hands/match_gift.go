package hands

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// What follows is what whoever runs missions asks of offers, in their unit of
// work. app joins the two; neither module knows the other.

// The deeds that a mission causes on an offer.
var (
	DeedOfferLoad    = deed.Deed{Name: "hands.offer.load", Roles: choosers}
	DeedOfferUnload  = deed.Deed{Name: "hands.offer.unload", Roles: choosers}
	DeedOfferArrive  = deed.Deed{Name: "hands.offer.arrive"} // the house itself, when it hears of a delivery
	DeedOfferAccount = deed.Deed{Name: "hands.offer.account"}
)

// LoadTold is what others hear of units that go on a mission, come off it, or
// are accounted for.
type LoadTold struct {
	Offer   OfferID `json:"offer"`
	Mission string  `json:"mission"`
	Good    string  `json:"good"`
	Units   int     `json:"units,omitempty"`
	Back    int     `json:"back,omitempty"`
	Lost    int     `json:"lost,omitempty"`
	Case    string  `json:"case,omitempty"`
}

// Gift is what is left of an offer of goods for an organisation, in whole units.
type Gift struct {
	Offer OfferID
	Good  string
	Units int
	Place string
	Until time.Time
}

// OfferedVehicle is a vehicle that somebody lends, and when.
type OfferedVehicle struct {
	Offer       OfferID
	Kind        string
	Kg, Seats   int
	Road        string
	From, Until time.Time
}

// draw is where units of an offer can be taken from, in that order: what was
// chosen for the mission, what came back from an earlier one, what was chosen
// for something else of the same organisation, what is free.
type draw struct {
	source string
	match  *Match // nil for back and free
	units  int
}

const (
	fromFree = "free"
	fromBack = "back"
)

// drawn lists where units of an offer can be taken from for an organisation.
func (o *Offer) drawn(org actor.OrganisationID, mission string, matches []*Match, loads []*load, now time.Time) (out []draw) {
	stale := !o.GoodTill.IsZero() && !o.GoodTill.After(now)
	if stale {
		return nil
	}
	var later []draw
	for _, m := range matches {
		if m.Org != org || m.State != MatchStanding || m.Held == 0 {
			continue
		}
		d := draw{m.ID.String(), m, m.Held}
		if m.Need == "mission/"+mission {
			out = append(out, d)
		} else {
			later = append(later, d)
		}
	}
	if n := stock(loads, org); n > 0 {
		out = append(out, draw{fromBack, nil, n})
	}
	out = append(out, later...)
	if o.Org == org && o.State == OfferOpen && o.Until.After(now) && o.Free() > 0 {
		out = append(out, draw{fromFree, nil, o.Free()})
	}
	return out
}

// stock is what missions of an organisation brought back and is not aboard
// another one.
func stock(loads []*load, org actor.OrganisationID) (n int) {
	for _, l := range loads {
		if l.org != org {
			continue
		}
		n += l.back
		if l.source == fromBack {
			n -= l.units
		}
	}
	return n
}

// Promised lists the goods that an organisation may still load.
func (s *Service) Promised(t *db.Tx, org actor.OrganisationID) (out []Gift, err error) {
	all, err := offersOf(t, org, GivesGoods)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		matches, loads, err := partsOf(t, o.ID)
		if err != nil {
			return nil, err
		}
		n := 0
		for _, d := range o.drawn(org, "", matches, loads, t.Now()) {
			n += d.units
		}
		if n > 0 && o.Thing != otherThing {
			out = append(out, Gift{o.ID, o.Thing, n, o.Place, o.Ends()})
		}
	}
	return out, nil
}

func partsOf(t *db.Tx, oid OfferID) ([]*Match, []*load, error) {
	matches, err := matchesOf(t, oid)
	if err != nil {
		return nil, nil, err
	}
	loads, err := loadsOf(t, oid)
	return matches, loads, err
}

// VehiclesOf lists the vehicles that were offered to an organisation: those
// given to it, and those that were chosen for it.
func (s *Service) VehiclesOf(t *db.Tx, org actor.OrganisationID) (out []OfferedVehicle, err error) {
	all, err := offersOf(t, org, GivesTransport)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		matches, err := matchesOf(t, o.ID)
		if err != nil {
			return nil, err
		}
		n := 0
		if o.Org == org && o.State == OfferOpen && o.Until.After(t.Now()) {
			n = o.Free()
		}
		for _, m := range matches {
			if m.Org == org {
				n += m.Held
			}
		}
		for range min(n, 20) {
			out = append(out, OfferedVehicle{o.ID, o.Thing, o.Kg, o.Seats, o.Road, o.From, o.Until})
		}
	}
	return out, nil
}

// LoadGift takes units of an offer on a mission of an organisation: in all,
// not in addition; 0 puts them back. More than is there is fault.Conflict.
func (s *Service) LoadGift(t *deed.Tx, mission string, org actor.OrganisationID, offer string, units int) error {
	oid, err := id.Parse[Offer](offer)
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if units < 0 || units > mostUnits {
		return fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits)
	}
	o, err := holdOffer(t.Tx, oid)
	if err != nil {
		return err
	}
	matches, loads, err := partsOf(t.Tx, oid)
	if err != nil {
		return err
	}
	aboard := 0
	for _, l := range loads {
		if l.mission != mission {
			continue
		}
		if !l.settled.IsZero() || l.given > 0 {
			return fault.New(fault.Conflict, "hands.offer.load_fixed")
		}
		aboard += l.units
	}
	switch {
	case units == aboard:
		return nil
	case o.Kind != GivesGoods:
		return fault.New(fault.Conflict, "hands.match.not_that")
	case units > aboard:
		err = s.putOn(t, o, mission, org, matches, loads, units-aboard)
	default:
		err = takeOff(t, o, mission, matches, loads, aboard-units)
	}
	if err != nil {
		return err
	}
	if err := saveOffer(t.Tx, o); err != nil {
		return err
	}
	d := DeedOfferLoad
	if units < aboard {
		d = DeedOfferUnload
	}
	return t.TellAs(d, offerSubject(oid), LoadTold{Offer: oid, Mission: mission, Good: o.Thing, Units: units})
}

// putOn loads n more units, from wherever they can be taken.
func (s *Service) putOn(t *deed.Tx, o *Offer, mission string, org actor.OrganisationID, matches []*Match, loads []*load, n int) error {
	from := o.drawn(org, mission, matches, loads, t.Now())
	left := 0
	for _, d := range from {
		left += d.units
	}
	if n > left {
		return fault.New(fault.Conflict, "hands.offer.not_left", "left", left)
	}
	for _, d := range from {
		k := min(n, d.units)
		if n -= k; k == 0 {
			break
		}
		switch {
		case d.match != nil:
			d.match.Held, d.match.ChangedAt = d.match.Held-k, t.Now()
			if err := saveMatch(t.Tx, d.match); err != nil {
				return err
			}
		case d.source == fromFree:
			o.Taken += k // whoever loads it has chosen it
			if o.Answer != AnswerTaken {
				o.answered(AnswerTaken, t.Now())
			}
		}
		if err := addLoad(t.Tx, load{mission: mission, offer: o.ID, org: org, good: o.Thing, source: d.source, units: k}); err != nil {
			return err
		}
	}
	return nil
}

// takeOff puts n units back where they came from, the last loaded first.
func takeOff(t *deed.Tx, o *Offer, mission string, matches []*Match, loads []*load, n int) error {
	for i := len(loads) - 1; i >= 0 && n > 0; i-- {
		l := loads[i]
		if l.mission != mission {
			continue
		}
		k := min(n, l.units)
		n -= k
		if err := shrinkLoad(t.Tx, l, k); err != nil {
			return err
		}
		if l.source == fromBack {
			continue
		}
		held := false
		for _, m := range matches {
			if m.ID.String() == l.source && m.State == MatchStanding && o.State == OfferOpen {
				m.Held, m.ChangedAt, held = m.Held+k, t.Now(), true
				if err := saveMatch(t.Tx, m); err != nil {
					return err
				}
			}
		}
		if !held {
			o.Taken -= k
		}
	}
	return nil
}

// UnloadGifts gives back all that was taken for a mission which never set out.
func (s *Service) UnloadGifts(t *deed.Tx, mission string, org actor.OrganisationID) error {
	all, err := loadsOn(t.Tx, mission)
	if err != nil {
		return err
	}
	done := map[OfferID]bool{}
	for _, l := range all {
		if done[l.offer] {
			continue
		}
		done[l.offer] = true
		if err := s.LoadGift(t, mission, org, l.offer.String(), 0); err != nil {
			return err
		}
	}
	return nil
}
