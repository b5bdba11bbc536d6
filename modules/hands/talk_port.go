package hands

import (
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// OnMission is a volunteer on a mission, as whoever lets a team talk needs them:
// the phone is for messages of that mission alone.
type OnMission struct {
	ID, Phone, Lang string
	Account         actor.AccountID
}

// Crew lists the volunteers who were placed on a mission.
func (s *Service) Crew(t *db.Tx, mission string) (out []OnMission, err error) {
	all, err := crewOf(t, mission)
	for _, vid := range all {
		v, err := getVolunteer(t, vid)
		if err != nil {
			return nil, err
		}
		p, err := s.open(v)
		if err != nil {
			return nil, err
		}
		out = append(out, OnMission{v.ID.String(), string(p.Phone), v.Lang, v.Account})
	}
	return out, err
}

// MissionsByPhone lists the missions on which somebody with this phone was placed.
func (s *Service) MissionsByPhone(t *db.Tx, number string) ([]string, error) {
	return missionsByPhone(t, s.vault.Index("hands_phone", string(phone.Number(number))))
}
