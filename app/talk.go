package app

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/modules/talk"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// openTalk joins the channels of missions to those who send and place people,
// and to phones.
func (h *House) openTalk() error {
	rules, err := talk.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Talk = talk.New(h.Deeds, h.Vault, h.Places.Country().Phone.Prefix, talk.Ports{Rules: rules, Missions: talkMissions{h.Field}, Crew: talkCrew{h.Hands}, Phones: h.Reach, Number: h.Reach.TextNumber})
	h.Reach.Hears(h.Talk.HeardText)
	h.Field.UseTalk()
	return nil
}

// talkMissions lets talk ask of the field.
type talkMissions struct{ f *field.Service }

func (x talkMissions) May(t *deed.Tx, mission string) error {
	mid, err := id.Parse[field.Mission](mission)
	if err != nil {
		return fault.New(fault.Missing, "field.mission.missing")
	}
	return x.f.MayServe(t, mid)
}

func (x talkMissions) Mission(t *db.Tx, mission string) (out talk.Mission, err error) {
	mid, err := id.Parse[field.Mission](mission)
	if err != nil {
		return out, fault.New(fault.Missing, "field.mission.missing")
	}
	names, org, open, err := x.f.Under(t, mid)
	return talk.Mission{Team: map[string]string{"ar": names.AR, "fr": names.FR}, Org: org, Open: open}, err
}

// talkCrew lets talk ask who was placed.
type talkCrew struct{ h *hands.Service }

func (x talkCrew) On(t *db.Tx, mission string) (out []talk.Person, err error) {
	all, err := x.h.Crew(t, mission)
	for _, p := range all {
		out = append(out, talk.Person(p))
	}
	return out, err
}

func (x talkCrew) ByPhone(t *db.Tx, phone string) ([]string, error) {
	return x.h.MissionsByPhone(t, phone)
}
