package damage

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
)

// Said is what one live layer says of a place, with the layer.
type Said struct {
	Seen
	Layer *Layer // without its features
	Of    string // the wider place that it is said of, when nobody knows where the smaller is; else the place
}

// ground is what all live layers say, in memory: every request that comes in
// asks. It is read again when what is live has changed, and another process may
// have changed it, so somebody looks every few seconds.
type ground struct {
	mu      sync.RWMutex
	edition string
	till    time.Time
	layers  []Layer
	of      map[string][]Said
}

const groundFor = 5 * time.Second

// Fresh makes sure that what At says is no older than a few seconds.
func (s *Service) Fresh(ctx context.Context) error {
	now := s.h.DB.Now()
	s.ground.mu.RLock()
	good := now.Before(s.ground.till) && s.ground.till.Sub(now) <= groundFor
	s.ground.mu.RUnlock()
	if good {
		return nil
	}
	return s.h.DB.Read(ctx, func(t *db.Tx) error { return s.refresh(t) })
}

func (s *Service) refresh(t *db.Tx) error {
	now, err := edition(t)
	if err != nil {
		return err
	}
	s.ground.mu.RLock()
	same := s.ground.of != nil && now == s.ground.edition
	s.ground.mu.RUnlock()
	var layers []Layer
	of := map[string][]Said{}
	if !same {
		if layers, err = liveLayers(t); err != nil {
			return err
		}
		for i := range layers {
			all, err := seenOf(t, layers[i].ID)
			if err != nil {
				return err
			}
			for _, x := range all {
				of[x.Place] = append(of[x.Place], Said{Seen: x, Layer: &layers[i], Of: x.Place})
			}
		}
	}
	s.ground.mu.Lock()
	defer s.ground.mu.Unlock()
	s.ground.till = t.Now().Add(groundFor)
	if !same {
		s.ground.edition, s.ground.layers, s.ground.of = now, layers, of
	}
	return nil
}

// forget has the next one who asks read anew.
func (s *Service) forget() {
	s.ground.mu.Lock()
	s.ground.till, s.ground.edition = time.Time{}, ""
	s.ground.mu.Unlock()
}

// At is what live layers say of a place, the worst first. Of a place that nobody
// knows the point of it is what they say of the commune that it lies in.
func (s *Service) At(place string) []Said {
	s.ground.mu.RLock()
	defer s.ground.mu.RUnlock()
	out := slices.Clone(s.ground.of[place])
	if p, ok := s.places.Get(place); ok && !p.HasPoint && p.Kind != places.Commune {
		if k, ok := s.places.Commune(place); ok {
			for _, x := range s.ground.of[k.Code] {
				if !slices.ContainsFunc(out, func(y Said) bool { return y.Layer.ID == x.Layer.ID }) {
					out = append(out, x)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Said) int { return b.Level - a.Level })
	return out
}

// Levels are the two figures that rules lean on: how bad what was seen is, and
// how strong it shook; 0 to 4, 0 where nobody says anything.
func (s *Service) Levels(place string) (seen, shaken int) {
	for _, x := range s.At(place) {
		if x.Layer.Kind == Shaking {
			shaken = max(shaken, x.Level)
		} else {
			seen = max(seen, x.Level)
		}
	}
	return seen, shaken
}

// known are the places that some live layer speaks of, and since which day.
func (s *Service) known() (codes []string, since string) {
	s.ground.mu.RLock()
	defer s.ground.mu.RUnlock()
	for code := range s.ground.of {
		codes = append(codes, code)
	}
	for _, l := range s.ground.layers {
		if since == "" || l.Dated < since {
			since = l.Dated
		}
	}
	slices.Sort(codes)
	return codes, since
}

// Harm is the level of each commune that some live layer speaks of: the worst of
// the commune and of what lies in it.
func (s *Service) Harm() map[string]int {
	s.ground.mu.RLock()
	defer s.ground.mu.RUnlock()
	out := map[string]int{}
	for code, all := range s.ground.of {
		k, ok := s.places.Commune(code)
		if !ok {
			continue
		}
		for _, x := range all {
			out[k.Code] = max(out[k.Code], x.Level)
		}
	}
	return out
}
