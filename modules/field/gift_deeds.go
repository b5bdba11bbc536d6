package field

import (
	"context"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedLoadGift loads from an offer. It is a load, and written down as one.
var DeedLoadGift = deed.Deed{Name: "field.mission.load_offer", Roles: manage}

// GiftTold is what others hear of an offer that was loaded; units is in all.
type GiftTold struct {
	MissionTold
	Offer string `json:"offer"`
	Good  string `json:"good"`
	Units int    `json:"units"`
}

func (s *Service) promised(t *db.Tx, org actor.OrganisationID) ([]Gift, error) {
	if s.gifts == nil {
		return nil, nil
	}
	return s.gifts.Promised(t, org)
}

func (s *Service) offeredVehicles(t *db.Tx, org actor.OrganisationID) ([]OfferedVehicle, error) {
	if s.gifts == nil {
		return nil, nil
	}
	return s.gifts.Vehicles(t, org)
}

// LoadGift takes units of an offer along, in all: its units join the manifest,
// and the offer knows. 0 puts them back.
func (s *Service) LoadGift(ctx context.Context, by actor.Actor, mid MissionID, offer string, units int) error {
	return s.act(ctx, by, DeedLoadGift, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if j.State != Planned {
			return nil, fault.New(fault.Conflict, "field.manifest.load_fixed")
		}
		if s.gifts == nil {
			return nil, fault.New(fault.Conflict, "field.gift.gone").On("gift_" + offer)
		}
		had, err := giftsAboard(t.Tx, mid)
		if err != nil {
			return nil, err
		}
		a, err := s.choose(t.Tx, j, had, offer, units)
		if err != nil {
			return nil, err
		}
		if a.before == units {
			return nil, deed.ErrNothingDone
		}
		was := s.burden(j.Goods)
		n := units - a.before
		if l := j.Goods.line(a.Good); l != nil {
			n += l.Loaded
		}
		if err := j.Goods.load(map[string]int{a.Good: n}); err != nil {
			return nil, err
		}
		vehicles, err := vehiclesOf(t.Tx, mid)
		if err != nil {
			return nil, err
		}
		if err := s.burden(j.Goods).fits(vehicles, was); err != nil {
			return nil, err
		}
		if err := s.gifts.Load(t, mid, offer, units); err != nil {
			return nil, err
		}
		if err := saveGoods(t.Tx, mid, j.Goods); err != nil {
			return nil, err
		}
		told := GiftTold{j.told(), offer, a.Good, units}
		told.Goods = j.Goods
		return told, saveGift(t.Tx, mid, aboard{offer, a.Good, units})
	})
}

// choice is an offer that somebody loads, with how much of it was aboard.
type choice struct {
	Good   string
	before int
}

// choose finds an offer among those aboard and those promised, and refuses
// more than there is.
func (s *Service) choose(t *db.Tx, j *Journey, had []aboard, offer string, units int) (c choice, err error) {
	field := "gift_" + offer
	if i := slices.IndexFunc(had, func(a aboard) bool { return a.Offer == offer }); i >= 0 {
		c = choice{had[i].Good, had[i].Units}
	}
	left, err := s.promised(t, j.Org)
	if err != nil {
		return c, err
	}
	most := c.before
	if i := slices.IndexFunc(left, func(g Gift) bool { return g.Offer == offer }); i >= 0 {
		c.Good = left[i].Good
		most += left[i].Units
	}
	switch _, unknown := s.goodName(c.Good).(string); {
	case c.Good == "":
		return c, fault.New(fault.Conflict, "field.gift.gone").On(field)
	case unknown:
		return c, fault.New(fault.Invalid, "field.manifest.good_missing").On(field)
	case units < 0 || units > most:
		return c, fault.New(fault.Invalid, "field.gift.too_many", "most", most).On(field)
	}
	return c, nil
}

// keepGifts refuses to load less of a good than what offers bring of it.
func keepGifts(m Manifest, had []aboard) error {
	from := map[string]int{}
	for _, a := range had {
		from[a.Good] += a.Units
	}
	var all fault.All
	for good, n := range from {
		if l := m.line(good); l == nil || l.Loaded < n {
			all = append(all, fault.New(fault.Conflict, "field.gift.under", "good", good, "n", n).On("load_"+good))
		}
	}
	return all.OrNil()
}

// giveBack gives all offers back that a mission which never set out had taken.
func (s *Service) giveBack(t *deed.Tx, mid MissionID) error {
	had, err := giftsAboard(t.Tx, mid)
	if err != nil || len(had) == 0 || s.gifts == nil {
		return err
	}
	if err := s.gifts.Unload(t, mid); err != nil {
		return err
	}
	return dropGifts(t.Tx, mid)
}
