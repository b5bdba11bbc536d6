package field

import (
	"cmp"
	"math"
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// About is where a team is thought to be: at its base, or where it goes next.
type About struct {
	Team  TeamID
	Names Names
	Place string // code of a place
	Away  bool   // it has set out
}

// Abouts is where the teams of an organisation are thought to be; of every
// organisation when it is zero. For staff: the public never reads it.
func (s *Service) Abouts(t *db.Tx, org actor.OrganisationID) (out []About, err error) {
	teams, err := listTeams(t, teamFind{org: org, limit: math.MaxInt32})
	if err != nil {
		return nil, err
	}
	journeys, err := listMissions(t, missionFind{open: true, org: org, limit: math.MaxInt32})
	if err != nil {
		return nil, err
	}
	next := map[TeamID]string{}
	for _, j := range journeys {
		if j.State == Departed {
			next[j.Team] = j.nextPlace()
		}
	}
	for _, m := range teams {
		a := About{Team: m.ID, Names: m.Names, Place: m.Base}
		if place, away := next[m.ID]; away {
			a.Place, a.Away = cmp.Or(place, m.Base), true
		}
		out = append(out, a)
	}
	return out, nil
}

// nextPlace is where the first stop is that still waits; "" when none does, or
// nobody knows where.
func (j *Journey) nextPlace() string {
	for _, stop := range j.Stops {
		if stop.State == Waiting {
			return cmp.Or(stop.Place, stop.Commune)
		}
	}
	return ""
}

// RoadsNow is the last word about the way to each place, as long as it holds, by
// the code of the place.
func (s *Service) RoadsNow(t *db.Tx) ([]RoadWord, error) {
	all, err := roadsNow(t)
	out := make([]RoadWord, 0, len(all))
	for _, w := range all {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b RoadWord) int { return cmp.Compare(a.Place, b.Place) })
	return out, err
}
