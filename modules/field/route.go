package field

import (
	"context"
	"math"
	"slices"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// leg is a stop with how a caravan gets to it.
type leg struct {
	stop  Stop
	road  RoadWord
	reach Reach
	at    geo.Point
	known bool
}

// route is the order in which a caravan best goes to its stops: those that its
// vehicles get to first, of these always the next nearest; then those that
// somebody has to find another way to; closed ones last. Stops that are not on
// the map stand behind the others of their kind. Nothing here knows the real
// roads: it keeps closed ones from being driven to first (F20), no more.
func (s *Service) route(j *Journey, base string, vehicles []Vehicle, known roads) (out []leg) {
	var left []leg
	for _, stop := range j.Stops {
		l := leg{stop: stop, road: known.at(s.path(stop.Place))}
		if len(vehicles) > 0 {
			l.reach = best(vehicles, l.road.State)
		} else if l.road.State == RoadClosed {
			l.reach = GetsNot
		}
		l.at, _, l.known = s.places.Point(stop.Place)
		left = append(left, l)
	}
	here, _, _ := s.places.Point(base)
	for len(left) > 0 {
		next := 0
		for i := range left {
			if nearerLeg(here, left[i], left[next]) {
				next = i
			}
		}
		if left[next].known {
			here = left[next].at
		}
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

func nearerLeg(here geo.Point, a, b leg) bool {
	if a.reach != b.reach {
		return a.reach < b.reach
	}
	km := func(l leg) float64 {
		if !l.known {
			return math.Inf(1)
		}
		return geo.Distance(here, l.at)
	}
	return km(a) < km(b)
}

// Order puts the stops of a mission that has not set out in the order of its
// route.
func (s *Service) Order(ctx context.Context, by actor.Actor, mid MissionID) error {
	return s.act(ctx, by, DeedOrder, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Planned); err != nil {
			return nil, err
		}
		legs, err := s.routeOf(t.Tx, j)
		if err != nil {
			return nil, err
		}
		told, same := j.told(), true
		var order []StopID
		for i, l := range legs {
			order = append(order, l.stop.ID)
			told.Cases = append(told.Cases, l.stop.Case)
			same = same && j.Stops[i].ID == l.stop.ID
		}
		if same {
			return nil, deed.ErrNothingDone
		}
		return told, saveOrder(t.Tx, mid, order)
	})
}

func (s *Service) routeOf(t *db.Tx, j *Journey) ([]leg, error) {
	team, err := getTeam(t, j.Team)
	if err != nil {
		return nil, err
	}
	vehicles, err := vehiclesOf(t, j.ID)
	if err != nil {
		return nil, err
	}
	known, err := roadsNow(t)
	return s.route(j, team.Base, vehicles, known), err
}
