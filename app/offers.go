package app

import (
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/reach"
)

// openOffers joins offers to those whom they ask and who ask them.
func (h *House) openOffers() error {
	rules, err := hands.ReadOfferRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Hands.UseOffers(hands.OfferPorts{Needs: offerNeeds{h, rules}, Goods: offerGoods{h}, Helpers: offerHelpers{h.People}, Texts: offerTexts{h}, Rules: rules})
	h.Field.UseGifts(fieldGifts{h})
	return nil
}

// offerHelpers lets offers ask who works in a place: associations first, the
// offices of the State after them.
type offerHelpers struct{ p *people.Service }

func (x offerHelpers) Helping(t *db.Tx, path []string) ([]actor.OrganisationID, error) {
	all, err := orgs(x).Helping(t, path)
	if err != nil {
		return nil, err
	}
	var first, after []actor.OrganisationID
	for _, oid := range all {
		o, err := x.p.Organisation(t, oid)
		if err != nil {
			return nil, err
		}
		if o.Kind == people.State {
			after = append(after, oid)
		} else {
			first = append(first, oid)
		}
	}
	return append(first, after...), nil
}

// offerNeeds lets offers ask what is lacking: of cases, and of missions that
// are being prepared.
type offerNeeds struct {
	h     *House
	rules hands.OfferRules
}

// needCode is the code of a need in its catalogue key.
func needCode(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

func (x offerNeeds) ofCase(t *db.Tx, c *cases.Case) (hands.Need, error) {
	n := hands.Need{Ref: "case/" + c.ID.String(), Href: "/cases/" + c.ID.String(), Org: c.Org, People: c.People, Level: c.Level, Since: c.MadeAt, Place: c.Place, Path: c.Path}
	if n.Place == "" && len(c.Path) > 0 {
		n.Place = c.Path[len(c.Path)-1]
	}
	keys, err := x.h.Cases.NeedKeys(t, c)
	if err != nil {
		return n, err
	}
	for _, k := range keys {
		n.Kinds, n.Keys = append(n.Kinds, needCode(k)), append(n.Keys, k)
	}
	if n.Place != "" && slices.Contains(n.Kinds, x.rules.Mean.Transport) {
		n.Road, err = x.h.Field.RoadTo(t, n.Place)
	}
	return n, err
}

// ofMission is what a mission lacks for the people of its stops: of each need,
// the people for whom nothing that answers it is loaded.
func (x offerNeeds) ofMission(t *db.Tx, p field.Prepared) (n hands.Need, err error) {
	n = hands.Need{Ref: "mission/" + p.Mission.String(), Href: "/missions/" + p.Mission.String(), Org: p.Org, Level: 4, Since: p.Mission.Time(), Place: p.Place, Goes: p.At, Goods: map[string]int{}}
	for _, place := range x.h.Places.Path(p.Place) {
		if len(n.Path) < 3 {
			n.Path = append(n.Path, place.Code)
		}
	}
	waiting := map[string]int{}
	for _, s := range p.Stops {
		n.Level = min(n.Level, s.Level)
		for _, k := range s.NeedKeys {
			waiting[needCode(k)] += max(1, s.People)
		}
	}
	for _, g := range x.rules.Goods {
		waiting[g.Need] -= p.Loaded[g.Good] * g.For
	}
	for _, g := range x.rules.Goods {
		if lack := waiting[g.Need]; lack > 0 {
			n.Goods[g.Good] = (lack + g.For - 1) / g.For
		}
	}
	if p.Place != "" {
		n.Road, err = x.h.Field.RoadTo(t, p.Place)
	}
	return n, err
}

// mostPrepared is how many missions are asked what they lack.
const mostPrepared = 100

func (x offerNeeds) Waiting(t *db.Tx, area string, limit int) (out []hands.Need, err error) {
	prepared, err := x.h.Field.Preparing(t, mostPrepared)
	if err != nil {
		return nil, err
	}
	for _, p := range prepared {
		n, err := x.ofMission(t, p)
		if err != nil {
			return nil, err
		}
		if len(out) < limit && (area == "" || slices.Contains(n.Path, area)) {
			out = append(out, n)
		}
	}
	all, err := x.h.Cases.OpenNeeds(t, area, limit-len(out))
	for _, c := range all {
		if err != nil {
			break
		}
		var n hands.Need
		n, err = x.ofCase(t, c)
		out = append(out, n)
	}
	return out, err
}

func (x offerNeeds) Get(t *db.Tx, ref string) (n hands.Need, err error) {
	gone := fault.New(fault.Missing, "error.missing")
	kind, text, _ := strings.Cut(ref, "/")
	switch kind {
	case "case":
		cid, wrong := id.Parse[cases.Case](text)
		if wrong != nil {
			return n, gone
		}
		c, err := x.h.Cases.Get(t, cid)
		if err != nil {
			return n, err
		}
		if c.Phase != "open" && c.Phase != "owned" || !c.ErasedAt.IsZero() || !c.MergedInto.IsZero() {
			return n, gone
		}
		return x.ofCase(t, c)
	case "mission":
		mid, wrong := id.Parse[field.Mission](text)
		if wrong != nil {
			return n, gone
		}
		p, ok, err := x.h.Field.Prepare(t, mid)
		if err != nil || !ok {
			if err == nil {
				err = gone
			}
			return n, err
		}
		return x.ofMission(t, p)
	}
	return n, gone
}

func (x offerNeeds) Gap(t *db.Tx, org actor.OrganisationID, commune string) (others []actor.OrganisationID, near []hands.Neighbour, err error) {
	others, all, err := x.h.Field.GapAt(t, org, commune)
	for _, n := range all {
		near = append(near, hands.Neighbour{Place: n.Place, Waiting: n.Waiting})
	}
	return others, near, err
}

// offerGoods are the things that missions load.
type offerGoods struct{ h *House }

func (g offerGoods) Goods() (out []hands.Good) {
	for _, x := range (goods{g.h.Service}).Goods("") {
		out = append(out, hands.Good{Code: x.Code, Key: x.Key, Unit: x.Unit})
	}
	return out
}

// offerTexts tells givers by a short message.
type offerTexts struct{ h *House }

func (x offerTexts) Inform(t *deed.Tx, m hands.Text) error {
	return x.h.Reach.Inform(t, reach.Inform{Subject: m.Subject, Phone: string(m.Phone), Lang: m.Lang, Line: reach.Line{Key: m.Key, Args: m.Args}, Again: m.Again})
}

// fieldGifts lets the field load what was promised.
type fieldGifts struct{ h *House }

func (x fieldGifts) Promised(t *db.Tx, org actor.OrganisationID) (out []field.Gift, err error) {
	all, err := x.h.Hands.Promised(t, org)
	for _, g := range all {
		out = append(out, field.Gift{Offer: g.Offer.String(), Good: g.Good, Units: g.Units, Place: g.Place, Until: g.Until})
	}
	return out, err
}

func (x fieldGifts) Load(t *deed.Tx, mission field.MissionID, offer string, units int) error {
	org, err := x.h.Field.OrgOf(t.Tx, mission)
	if err != nil {
		return err
	}
	return x.h.Hands.LoadGift(t, mission.String(), org, offer, units)
}

func (x fieldGifts) Unload(t *deed.Tx, mission field.MissionID) error {
	org, err := x.h.Field.OrgOf(t.Tx, mission)
	if err != nil {
		return err
	}
	return x.h.Hands.UnloadGifts(t, mission.String(), org)
}

func (x fieldGifts) Vehicles(t *db.Tx, org actor.OrganisationID) (out []field.OfferedVehicle, err error) {
	all, err := x.h.Hands.VehiclesOf(t, org)
	for _, v := range all {
		out = append(out, field.OfferedVehicle{Offer: v.Offer.String(), Kind: v.Kind, Kg: v.Kg, Seats: v.Seats, RoadClass: v.Road, From: v.From, Until: v.Until})
	}
	return out, err
}
