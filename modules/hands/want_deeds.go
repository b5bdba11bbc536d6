package hands

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a call for things.
var (
	DeedWantMake  = deed.Deed{Name: "hands.want.make", Roles: choosers}
	DeedWantClose = deed.Deed{Name: "hands.want.close", Roles: choosers}
)

// WantTold is what others hear of a call for things.
type WantTold struct {
	Call  CallID               `json:"call"`
	Org   actor.OrganisationID `json:"org"`
	Kind  OfferKind            `json:"kind"`
	Thing string               `json:"thing"`
	Units int                  `json:"units"`
	Place string               `json:"place"`
}

func (w *Want) told() WantTold { return WantTold{w.ID, w.Org, w.Kind, w.Thing, w.Wanted, w.Place} }

func wantSubject(cid CallID) string { return "hands.call/" + cid.String() }

func (s *Service) wrongWant(w *Want, now time.Time) (all fault.All) {
	bad := func(field, key string, args ...any) {
		all = append(all, fault.New(fault.Invalid, key, args...).On(field))
	}
	switch {
	case w.Kind == GivesGoods && !slices.Contains(s.goodCodes(), w.Thing), w.Thing == otherThing:
		bad("thing", "hands.offer.good_missing")
	case w.Kind == GivesTransport && !slices.Contains(Vehicles, w.Thing):
		bad("thing", "hands.offer.vehicle_missing")
	case !slices.Contains(OfferKinds, w.Kind):
		bad("thing", "hands.offer.kind_missing")
	}
	if w.Wanted < 1 || w.Wanted > mostUnits {
		bad("wanted", "hands.offer.number_wrong", "most", mostUnits)
	}
	if _, ok := s.places.Get(w.Place); !ok {
		bad("place", "hands.offer.place_missing")
	}
	if !w.Until.After(now) || w.Until.After(now.Add(longestPledge)) {
		bad("until", "hands.offer.until_far", "days", int(longestPledge.Hours()/24))
	}
	if w.Org.IsZero() {
		bad("org", "hands.match.org_missing")
	}
	return all
}

// CallFor says what is wanted, where, how much and until when. Only a
// recognised organisation calls (M22).
func (s *Service) CallFor(ctx context.Context, by actor.Actor, w Want) error {
	if w.Kind == GivesShelter {
		w.Thing = byPlaces
	}
	if err := s.wrongWant(&w, s.h.DB.Now()).OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedWantMake, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{Org: w.Org, Path: s.pathOf(w.Place)}); err != nil {
			return err
		}
		ok, err := s.orgs.Recognised(t.Tx, w.Org)
		if err == nil && !ok {
			err = fault.New(fault.Invalid, "hands.match.org_missing").On("org")
		}
		if err != nil {
			return err
		}
		fresh, err := addWant(t.Tx, &w)
		if err != nil {
			return err
		}
		if !fresh {
			old, err := getWant(t.Tx, w.ID)
			if err != nil || old.told() != w.told() {
				return errors.Join(err, fault.New(fault.Conflict, "hands.offer.id_taken"))
			}
			return deed.ErrNothingDone
		}
		return t.Tell(wantSubject(w.ID), w.told())
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// CloseWant ends a call for things. What was pledged stands.
func (s *Service) CloseWant(ctx context.Context, by actor.Actor, cid CallID) error {
	err := s.h.Do(ctx, by, DeedWantClose, func(t *deed.Tx) error {
		w, err := getWant(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(actor.Scope{Org: w.Org, Path: s.pathOf(w.Place)}); err != nil {
			return err
		}
		if !w.Open {
			return deed.ErrNothingDone
		}
		if err := closeWant(t.Tx, cid); err != nil {
			return err
		}
		return t.Tell(wantSubject(cid), w.told())
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}
