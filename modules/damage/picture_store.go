package damage

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// FirstTold is since when damage is told of in each commune, of what nobody has
// refuted: what everybody reads at /reports.
func (s *Service) FirstTold(t *db.Tx, since time.Time) (map[string]time.Time, error) {
	all, err := publicClaims(t, since, mostPublic)
	out := map[string]time.Time{}
	for _, x := range all {
		code := x.Path[len(x.Path)-1]
		if k, ok := s.places.Commune(code); !ok || k.Code != code || x.State == Refuted {
			continue
		}
		if was, ok := out[code]; !ok || x.FirstAt.Before(was) {
			out[code] = x.FirstAt
		}
	}
	return out, err
}
