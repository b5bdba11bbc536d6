package field

import (
	"context"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Load says how much of each good goes along; 0 takes a good off again. Once
// the mission has departed, its load is what it is.
func (s *Service) Load(ctx context.Context, by actor.Actor, mid MissionID, units map[string]int) error {
	return s.act(ctx, by, DeedLoad, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if j.State != Planned {
			return nil, fault.New(fault.Conflict, "field.manifest.load_fixed")
		}
		for good := range units {
			if _, unknown := s.goodName(good).(string); unknown {
				return nil, fault.New(fault.Invalid, "field.manifest.good_missing").On("load_" + good)
			}
		}
		was := s.burden(j.Goods)
		if err := j.Goods.load(units); err != nil {
			return nil, err
		}
		if err := s.loadFits(t.Tx, j, was); err != nil {
			return nil, err
		}
		told := j.told()
		told.Goods = j.Goods
		return told, saveGoods(t.Tx, j.ID, j.Goods)
	})
}

// loadFits refuses a load that the vehicles cannot take, or that is less than
// what offers bring.
func (s *Service) loadFits(t *db.Tx, j *Journey, was Burden) error {
	vehicles, err := vehiclesOf(t, j.ID)
	if err != nil {
		return err
	}
	had, err := giftsAboard(t, j.ID)
	if err != nil {
		return err
	}
	if err := keepGifts(j.Goods, had); err != nil {
		return err
	}
	return s.burden(j.Goods).fits(vehicles, was)
}

// Return says how much of each good came back, in all.
func (s *Service) Return(ctx context.Context, by actor.Actor, mid MissionID, units map[string]int) error {
	return s.account(ctx, by, DeedReturn, mid, func(m Manifest) error { return m.bringBack(units) })
}

// Lose says how much of a good was lost, in all, and why: there is no loss
// without a report (M03).
func (s *Service) Lose(ctx context.Context, by actor.Actor, mid MissionID, good string, n int, reason string) error {
	return s.account(ctx, by, DeedLose, mid, func(m Manifest) error { return m.lose(good, n, reason) })
}

func (s *Service) account(ctx context.Context, by actor.Actor, d deed.Deed, mid MissionID, decide func(Manifest) error) error {
	return s.act(ctx, by, d, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		was := slices.Clone(j.Goods)
		if err := decide(j.Goods); err != nil {
			return nil, err
		}
		told := j.told()
		told.Goods = j.Goods
		if err := saveGoods(t.Tx, j.ID, j.Goods); err != nil {
			return nil, err
		}
		return told, s.enter(t, j, was, "account/"+id.New[Line](t.Now()).String())
	})
}
