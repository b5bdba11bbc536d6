package app

import (
	"regexp"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach"
)

var campaignTexts = map[string]string{"ar": "الطريق مفتوحة حتى الرابعة.", "fr": "La route est ouverte jusqu’à 16 h.", "zgh": "ⵉⵕⵥⵎ ⵓⴱⵔⵉⴷ.", "en": "The road is open until four."}

var peopleSeen = regexp.MustCompile(`name="people" value="(\d+)"`)

// setCampaign puts a campaign that somebody else wrote, for the commune of a
// request that is new.
func (s *stage) setCampaign(d module.Door, c *doorCall, v *visitor) {
	s.Helper()
	s.gateway()
	cid := s.ask(nil)
	var k *cases.Case
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) { k, err = s.h.Cases.Get(t, cid); return err }))
	commune, ok := s.h.Places.Commune(k.Place)
	if !ok {
		s.Fatal("the request lies in no commune")
	}
	if d.Path == "/channels/campaigns" {
		c.form.Set("id", id.New[reach.Campaign](s.h.DB.Now()).String())
		c.form.Set("province", homeProvince)
		c.form.Set("commune", commune.Code)
		for l, text := range campaignTexts {
			c.form.Set("text_"+l, text)
		}
		return
	}
	c.holes["id"] = s.campaign(commune.Code).String()
	c.form.Set("people", "1")
	if strings.HasSuffix(d.Path, "/send") && v.token != "" {
		page := knock(s.handler, "GET", "/fr/channels/campaigns/"+c.holes["id"], v.token, nil).Body.String()
		if n := peopleSeen.FindStringSubmatch(page); n != nil {
			c.form.Set("people", n[1])
		}
	}
}

func (s *stage) campaign(commune string) reach.CampaignID {
	s.Helper()
	k := reach.Campaign{ID: id.New[reach.Campaign](s.h.DB.Now()), Province: homeProvince, Communes: []string{commune}, Texts: map[string]string{}}
	for l, text := range campaignTexts {
		k.Texts[l] = text
	}
	author := actor.Actor{Account: s.target, Channel: "web", Grants: []actor.Grant{{Role: actor.CrisisCell}}}
	s.must(s.h.Reach.WriteCampaign(s.Context(), author, k))
	return k.ID
}
