package picture

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// shelterTold is the line of a shelter. Of a protected one it does not say where.
type shelterTold struct {
	Place     string `json:"place,omitempty"`
	Capacity  int    `json:"capacity,omitempty"`
	Protected bool   `json:"protected,omitempty"`
}

func (s Shelter) told() shelterTold {
	if s.Protected {
		return shelterTold{Protected: true}
	}
	return shelterTold{Place: s.Place, Capacity: s.Capacity}
}

// scope is where a shelter lies, for the question who may.
func (s *Service) scope(place string) (a actor.Scope) {
	for _, p := range s.places.Path(place) {
		a.Path = append(a.Path, p.Code)
	}
	return a
}

// OpenShelter opens one. A retry with the same identifier is welcome.
func (s *Service) OpenShelter(ctx context.Context, by actor.Actor, x Shelter) (ShelterID, error) {
	if _, ok := s.places.Commune(x.Place); !ok {
		x.Place = ""
	}
	if wrong := x.wrong(); len(wrong) > 0 {
		return x.ID, wrong
	}
	err := s.h.Do(ctx, by, DeedShelter, func(t *deed.Tx) error {
		if err := t.Allow(s.scope(x.Place)); err != nil {
			return err
		}
		if x.ID.IsZero() {
			x.ID = id.New[Shelter](t.Now())
		}
		if was, err := getShelter(t.Tx, x.ID); err == nil {
			if was.Name == x.Name && was.Place == x.Place && was.Capacity == x.Capacity && was.Protected == x.Protected && was.Fit == x.Fit {
				return deed.ErrNothingDone
			}
			return fault.New(fault.Conflict, "picture.shelter.other")
		} else if fault.KindOf(err) != fault.Missing {
			return err
		}
		x.OpenedAt = t.Now()
		if err := addShelter(t.Tx, x); err != nil {
			return err
		}
		return t.Tell("picture.shelter/"+x.ID.String(), x.told())
	})
	if err == deed.ErrNothingDone {
		err = nil
	}
	return x.ID, err
}

// CloseShelter closes one.
func (s *Service) CloseShelter(ctx context.Context, by actor.Actor, sid ShelterID) error {
	return s.h.Do(ctx, by, DeedShelterNo, func(t *deed.Tx) error {
		x, err := getShelter(t.Tx, sid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scope(x.Place)); err != nil {
			return err
		}
		n, err := endShelter(t.Tx, sid)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "picture.shelter.closed_already")
		}
		return t.Tell("picture.shelter/"+sid.String(), shelterTold{Protected: x.Protected})
	})
}
