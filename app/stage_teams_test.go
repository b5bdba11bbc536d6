package app

import (
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/talk"
	"github.com/twiza/twiza/modules/works"
	"github.com/twiza/twiza/shared/module"
)

// setTeams is what stands behind the doors of teams on their way, of rubble and
// of channels.
func (s *stage) setTeams(d module.Door, c *doorCall) {
	switch {
	case d.Path == "/stop/{sign}":
		c.holes["sign"] = freshID() // nobody's: to a stranger no other answer is given
	case strings.Contains(d.Path, "/found"), about(d, "/missions") && strings.Contains(d.Path, "/visits/"):
		mid, _ := s.mission(true)
		f := field.Found{ID: id.New[field.Found](morning), Mission: mid, Safe: 1}
		s.must(s.h.Field.SayFound(s.Context(), s.coordinator(), f))
		c.holes["id"], c.holes["found"], c.holes["visit"] = mid.String(), f.ID.String(), freshID()
		c.form = url.Values{"found": {freshID()}, "safe": {"2"}, "met": {"3"}}
	case d.Path == "/teams/{id}/where":
		c.form = url.Values{"base_code": {s.douars[0]}}
	case d.Path == "/unreached":
		c.form = url.Values{"id": {freshID()}}
	case d.Path == "/works/new":
		c.form = url.Values{"id": {freshID()}, "org": {s.ours.String()}, "place_code": {s.douars[0]}, "volume": {"60"}}
	case about(d, "/works"):
		o := works.Order{ID: id.New[works.Order](morning), Org: s.ours, Place: s.douars[0], Volume: 60}
		s.must(s.h.Works.Plan(s.Context(), System("test"), o, ""))
		c.holes["id"], c.holes["photo"] = o.ID.String(), freshID()
		c.form = url.Values{"reason": {"elsewhere"}, "case": {freshID()}, "moment": {"before"}}
	case about(d, "/talk"):
		mid, _ := s.mission(true)
		tid, err := readTalk(mid)
		s.must(err)
		said := talk.Said{ID: id.New[talk.Message](morning), Mission: tid, Text: "the bridge is gone", Task: strings.HasSuffix(d.Path, "/done")}
		s.must(s.h.Talk.Post(s.Context(), s.coordinator(), said))
		c.holes["mission"], c.holes["message"] = mid.String(), said.ID.String()
		c.form = url.Values{"id": {freshID()}, "text": {"we are there"}, "phone": {"0612345678"}}
	case strings.Contains(d.Path, "/guardians"):
		c.holes["guardian"], c.holes["step"] = freshID(), "link"
		c.form = url.Values{"proposal": {freshID()}, "guardian": {"Fadma"}, "kinship": {"kafil"}, "check": {"identity", "kinship", "child_heard", "authority_told"}}
	}
}

func readTalk(mid field.MissionID) (talk.MissionID, error) {
	var t talk.MissionID
	err := t.UnmarshalText([]byte(mid.String()))
	return t, err
}
