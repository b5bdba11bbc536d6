package atlas

import (
	"context"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// others is what the map shows beside requests. It is small, and read anew when
// it is older than a second or two.
type others struct {
	mu    sync.Mutex
	teams map[actor.OrganisationID]kept[[]Team]
	roads kept[[]Road]
	harm  kept[map[string]int]
}

type kept[T any] struct {
	is   T
	till time.Time
}

const (
	othersFor = 2 * time.Second
	mostTeams = 64 // organisations whose teams are kept
)

// teams are those that a reader may see: of their own organisation when they
// work for one alone, else all.
func (s *Service) teams(ctx context.Context, org actor.OrganisationID) ([]Team, error) {
	now := s.h.DB.Now()
	s.others.mu.Lock()
	k := s.others.teams[org]
	s.others.mu.Unlock()
	if now.Before(k.till) {
		return k.is, nil
	}
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { k.is, err = s.ports.Field.Teams(t, org); return err })
	if err != nil {
		return nil, err
	}
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	if s.others.teams == nil || len(s.others.teams) >= mostTeams {
		s.others.teams = map[actor.OrganisationID]kept[[]Team]{}
	}
	s.others.teams[org] = kept[[]Team]{k.is, now.Add(othersFor)}
	return k.is, nil
}

func (s *Service) roads(ctx context.Context) ([]Road, error) {
	now := s.h.DB.Now()
	s.others.mu.Lock()
	k := s.others.roads
	s.others.mu.Unlock()
	if now.Before(k.till) {
		return k.is, nil
	}
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { k.is, err = s.ports.Field.Roads(t); return err })
	if err != nil {
		return nil, err
	}
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	s.others.roads = kept[[]Road]{k.is, now.Add(othersFor)}
	return k.is, nil
}

func (s *Service) harm(ctx context.Context) (map[string]int, error) {
	now := s.h.DB.Now()
	s.others.mu.Lock()
	k := s.others.harm
	s.others.mu.Unlock()
	if now.Before(k.till) {
		return k.is, nil
	}
	is, err := s.ports.Harm(ctx)
	if err != nil {
		return nil, err
	}
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	s.others.harm = kept[map[string]int]{is, now.Add(othersFor)}
	return is, nil
}
