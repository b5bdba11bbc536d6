package field

import (
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Gap is a warning before a mission is planned or sets out: others go to the
// same place already, while people nearby wait and nobody goes (M17, F20). It
// never blocks anybody.
type Gap struct {
	Commune string
	Others  []actor.OrganisationID
	Nearby  []PlaceNeed
}

const maxNearby = 5

// gaps looks for such places among the communes that an organisation means to
// go to.
func (s *Service) gaps(t *db.Tx, org actor.OrganisationID, communes []string) ([]Gap, error) {
	others, err := goingTo(t, org, communes)
	if err != nil {
		return nil, err
	}
	var out []Gap
	for _, commune := range communes {
		if len(others[commune]) == 0 {
			continue
		}
		near, err := s.cases.Unserved(t, commune, maxNearby)
		if err != nil {
			return nil, err
		}
		if near, err = unvisited(t, near); err != nil {
			return nil, err
		}
		if len(near) > 0 {
			out = append(out, Gap{commune, others[commune], near})
		}
	}
	return out, nil
}

// goingTo is which other organisations have a stop waiting in each commune.
func goingTo(t *db.Tx, org actor.OrganisationID, communes []string) (map[string][]actor.OrganisationID, error) {
	if len(communes) == 0 {
		return nil, nil
	}
	args := []any{org}
	for _, c := range communes {
		args = append(args, c)
	}
	type pair struct {
		commune string
		org     actor.OrganisationID
	}
	all, err := db.List(t, func(r db.Row) (p pair, err error) { return p, r.Scan(&p.commune, &p.org) },
		`SELECT DISTINCT s.commune, m.org FROM field_stop s JOIN field_mission m ON m.id = s.mission
		WHERE s.state = 'waiting' AND m.org <> ?1 AND s.commune IN (`+marks(2, len(communes))+`) ORDER BY s.commune, m.org`, args...)
	out := map[string][]actor.OrganisationID{}
	for _, p := range all {
		out[p.commune] = append(out[p.commune], p.org)
	}
	return out, err
}

// unvisited leaves out the places that somebody is on the way to.
func unvisited(t *db.Tx, near []PlaceNeed) ([]PlaceNeed, error) {
	if len(near) == 0 {
		return nil, nil
	}
	var args []any
	for _, n := range near {
		args = append(args, n.Place)
	}
	served, err := db.List(t, db.Text, `SELECT DISTINCT place FROM field_stop WHERE state = 'waiting' AND place IN (`+marks(1, len(args))+`)`, args...)
	return slices.DeleteFunc(near, func(n PlaceNeed) bool { return slices.Contains(served, n.Place) }), err
}

// communes are those of a journey's stops that still wait, each once.
func (j *Journey) communes() (out []string) {
	for _, s := range j.waiting() {
		if s.Commune != "" && !slices.Contains(out, s.Commune) {
			out = append(out, s.Commune)
		}
	}
	return out
}

// communesGoneTo are those where a mission that is planned or on its way stops.
func communesGoneTo(t *db.Tx) ([]string, error) {
	return db.List(t, db.Text, `SELECT DISTINCT commune FROM field_stop WHERE state = 'waiting' AND commune IS NOT NULL`)
}
