package hands

import (
	"html/template"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of hands into words: quantities, things,
// places, organisations. What it has no words for keeps its code.
func (s *Service) Say(c *web.Ctx, t *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		if err := s.say(c, t, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// saidAt is where the words of a fact may stand, the first that has any.
var saidAt = map[string][]string{
	"kind":   {"hands.offer.kind_"},
	"thing":  {"hands.vehicle."},
	"state":  {"hands.state."},
	"reason": {"hands.reveal."},
}

func (s *Service) say(c *web.Ctx, t *db.Tx, f *module.Fact) (err error) {
	switch f.Name {
	case "org":
		return s.sayOrg(c, t, f)
	case "area", "place":
		if _, ok := s.places.Get(f.Value); ok {
			f.Words = s.placeSay(c, f.Value)
		}
		return nil
	case "units", "back", "lost":
		if n, wrong := strconv.Atoi(f.Value); wrong == nil {
			f.Words = c.P.T("hands.fact."+f.Name, "n", n)
		}
		return nil
	case "offer", "match":
		f.Words = c.P.T("hands.fact."+f.Name, "id", saidIn(f.Value[max(0, len(f.Value)-8):], "", ""))
		if f.Name == "offer" {
			f.Href = "/offers/" + f.Value
		}
		return nil
	case "mission":
		f.Words, f.Href = c.P.T("hands.match.need_mission"), "/missions/"+f.Value
		return nil
	case "need":
		kind, href := needKind(f.Value)
		f.Words, f.Href = c.P.T("hands.match.need_"+kind), href
		return nil
	case "case":
		f.Words, f.Href = c.P.T("hands.match.need_case"), "/cases/"+f.Value
		return nil
	case "good", "thing":
		f.Words = s.goodSay(c, f.Value)
	}
	for _, prefix := range saidAt[f.Name] {
		if f.Words == "" && c.Site.Cat.Has(prefix+f.Value) {
			f.Words = c.P.T(prefix + f.Value)
		}
	}
	return nil
}

// goodSay is a good by its name; "" when no service lists it.
func (s *Service) goodSay(c *web.Ctx, code string) template.HTML {
	for _, g := range s.offers.Goods.Goods() {
		if g.Code == code {
			return c.P.T(g.Key)
		}
	}
	switch code {
	case byPlaces:
		return c.P.T("hands.offer.places")
	case otherThing:
		return c.P.T("hands.offer.other")
	}
	return ""
}

func (s *Service) sayOrg(c *web.Ctx, t *db.Tx, f *module.Fact) error {
	org, wrong := id.Parse[actor.Organisation](f.Value)
	if wrong != nil {
		return nil
	}
	name, err := s.orgs.Name(t, org, c.Lang())
	if fault.KindOf(err) == fault.Missing {
		return nil
	}
	f.Words, f.Href = saidIn(name, "", ""), "/organisations/"+f.Value
	return err
}
