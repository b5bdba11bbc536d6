package field

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Gifts is what field asks of whoever keeps offers: what was promised to an
// organisation can be loaded on its caravans, and what was not sent is given
// back. All of it happens in the caller's unit of work, so that what is aboard
// and what is still promised always add up.
type Gifts interface {
	// Promised lists the goods that an organisation may still load.
	Promised(t *db.Tx, org actor.OrganisationID) ([]Gift, error)
	// Load takes units of an offer on a mission: in all, not in addition; 0 puts
	// them back. More than is there is fault.Conflict.
	Load(t *deed.Tx, mission MissionID, offer string, units int) error
	// Unload gives back all that was taken for a mission which never set out.
	Unload(t *deed.Tx, mission MissionID) error
	// Vehicles lists the vehicles that were offered to an organisation.
	Vehicles(t *db.Tx, org actor.OrganisationID) ([]OfferedVehicle, error)
}

// Gift is what is left of an offer of goods, in whole units.
type Gift struct {
	Offer, Good string
	Units       int // that may still be loaded
	Place       string
	Until       time.Time
}

// OfferedVehicle is a vehicle that somebody lends, and when.
type OfferedVehicle struct {
	Offer, Kind string
	Kg, Seats   int
	RoadClass   string
	From, Until time.Time
}

// UseGifts says who keeps offers. Without, there are none.
func (s *Service) UseGifts(g Gifts) { s.gifts = g }
