package cases

import (
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/service"
)

const (
	spotColumns = `id, lat, lon, level, phase, org, service, region, province, commune, place`
	spotStands  = `merged_into IS NULL AND phase IN ('open', 'owned', 'moving', 'waiting')` // as the index of the queue has it
)

func scanSpot(r db.Row) (s Spot, err error) {
	var phase string
	var lat, lon any
	err = r.Scan(&s.ID, &lat, &lon, &s.Level, &phase, &s.Org, &s.Service, db.Opt(&s.Region), db.Opt(&s.Province), db.Opt(&s.Commune), db.Opt(&s.Place))
	s.Phase = service.Phase(phase)
	if y, ok := lat.(float64); ok {
		x, _ := lon.(float64)
		s.At, s.HasPoint = geo.Point{Lat: y, Lon: x}, true
	}
	return s, err
}

// eachSpot reads all of them without holding all of them.
func eachSpot(t *db.Tx, each func(Spot)) error {
	_, err := db.List(t, func(r db.Row) (none struct{}, err error) {
		s, err := scanSpot(r)
		if err == nil {
			each(s)
		}
		return none, err
	}, `SELECT `+spotColumns+` FROM cases_case WHERE `+spotStands)
	return err
}

func spotsOf(t *db.Tx, ids []any) ([]Spot, error) {
	var a asking
	return db.List(t, scanSpot, `SELECT `+spotColumns+` FROM cases_case WHERE `+a.in("id", ids...)+` AND `+spotStands, a.args...)
}

func countSpots(t *db.Tx) (int, error) {
	n, err := db.One(t, db.Int, `SELECT COUNT(*) FROM cases_case WHERE `+spotStands)
	return int(n), err
}
