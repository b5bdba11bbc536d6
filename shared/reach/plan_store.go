package reach

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// said is what somebody said of the network of a place.
type saidOf struct {
	place string
	state Network
	at    time.Time
}

func networks(t *db.Tx) (map[string]saidOf, error) {
	all, err := db.List(t, func(r db.Row) (x saidOf, err error) { return x, r.Scan(&x.place, &x.state, db.Time(&x.at)) }, `SELECT place, state, at FROM reach_network`)
	out := map[string]saidOf{}
	for _, x := range all {
		out[x.place] = x
	}
	return out, err
}

// Lacking is which communes lack what of a network, for maps.
func (s *Service) Lacking(t *db.Tx) (map[string]places.Cover, error) {
	told, err := networks(t)
	out := map[string]places.Cover{}
	for code, x := range told {
		switch x.state {
		case VoiceOnly:
			out[code] = places.CoverVoice
		case NoNetwork:
			out[code] = places.CoverNone
		}
	}
	return out, err
}

func setNetwork(t *db.Tx, place string, n Network, by actor.AccountID) error {
	if n == Unknown {
		_, err := t.Exec(`DELETE FROM reach_network WHERE place = ?1`, place)
		return err
	}
	_, err := t.Exec(`INSERT INTO reach_network (place, state, account, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (place) DO UPDATE SET state = ?2, account = ?3, at = ?4`,
		place, string(n), by, t.Now())
	return err
}
