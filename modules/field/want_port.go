package field

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// What follows is what whoever keeps offers asks of the field. app joins the
// two; neither module knows the other.

// Prepared is a mission that is planned and has not set out: for whom it goes,
// and what is loaded so far. Nothing in it names a person.
type Prepared struct {
	Mission MissionID
	Org     actor.OrganisationID
	At      time.Time
	Place   string         // of its first stop; "" when that is on no map
	Loaded  map[string]int // units by good
	Stops   []PreparedStop
}

// PreparedStop is what the people of one stop need.
type PreparedStop struct {
	Place    string
	Level    int
	People   int
	NeedKeys []string // catalogue keys
}

// Preparing lists the missions that are planned, those that leave last first.
func (s *Service) Preparing(t *db.Tx, limit int) (out []Prepared, err error) {
	all, err := listMissions(t, missionFind{open: true, limit: limit})
	if err != nil {
		return nil, err
	}
	for _, j := range all {
		if j.State != Planned {
			continue
		}
		p, err := s.prepared(t, j)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Prepare reads one such mission; ok is false when it set out or ended.
func (s *Service) Prepare(t *db.Tx, mid MissionID) (p Prepared, ok bool, err error) {
	j, err := getJourney(t, mid)
	if err != nil || j.State != Planned {
		return p, false, err
	}
	p, err = s.prepared(t, j)
	return p, err == nil, err
}

func (s *Service) prepared(t *db.Tx, j *Journey) (p Prepared, err error) {
	p = Prepared{Mission: j.ID, Org: j.Org, At: j.PlannedAt, Loaded: j.Goods.loaded()}
	var cases []CaseID
	for _, stop := range j.waiting() {
		cases = append(cases, stop.Case)
	}
	briefs, err := s.briefs(t, cases)
	if err != nil {
		return p, err
	}
	for _, stop := range j.waiting() {
		b := briefs[stop.Case]
		p.Stops = append(p.Stops, PreparedStop{stop.Place, b.Level, b.People, b.NeedKeys})
		if p.Place == "" {
			p.Place = stop.Place
		}
	}
	return p, nil
}

// OrgOf is whose a mission is.
func (s *Service) OrgOf(t *db.Tx, mid MissionID) (actor.OrganisationID, error) {
	j, err := getJourney(t, mid)
	if err != nil {
		return actor.OrganisationID{}, err
	}
	return j.Org, nil
}

// RoadTo is what a vehicle must be able to drive to get to a place, as far as
// somebody told; "" when nobody knows, or nothing gets there.
func (s *Service) RoadTo(t *db.Tx, place string) (string, error) {
	all, err := roadsNow(t)
	if err != nil {
		return "", err
	}
	word := all.at(s.path(place))
	return map[RoadState]string{RoadOpen: "road", RoadRough: "track", RoadFoot: "path"}[word.State], nil
}

// GapAt tells who else goes to a commune already, and where nearby people wait
// and nobody goes (M17); both are empty where there is nothing to warn of.
func (s *Service) GapAt(t *db.Tx, org actor.OrganisationID, commune string) ([]actor.OrganisationID, []PlaceNeed, error) {
	all, err := s.gaps(t, org, []string{commune})
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	return all[0].Others, all[0].Nearby, nil
}
