package hands

import (
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// ofCrew begins the subjects of volunteers, calls for them and what they did.
var ofCrew = []string{"hands.volunteer/", "hands.call/", "hands.placing/", "hands.attestation/"}

// sayFirst puts the facts of those lines into words, and leaves the others to
// whoever knows them.
func (s *Service) sayFirst(others module.Say) module.Say {
	return func(c *web.Ctx, t *db.Tx, r deed.Record, all []module.Fact) error {
		for _, prefix := range ofCrew {
			if !strings.HasPrefix(r.Subject, prefix) {
				continue
			}
			for i := range all {
				if err := s.sayCrew(c, t, prefix, &all[i]); err != nil {
					return err
				}
			}
			return nil
		}
		if others == nil {
			return nil
		}
		return others(c, t, r, all)
	}
}

// crewSaidAt is where the words of a fact may stand, the first that has any.
var crewSaidAt = map[string][]string{
	"reason":  {"hands.reason.", "hands.corrected.", "hands.peek."},
	"vetting": {"hands.vetting."}, "skills": {"hands.skill."}, "skill": {"hands.skill."},
}

// statesAt is where the words of a state stand, by what it is the state of.
var statesAt = map[string]string{"hands.volunteer/": "hands.standing.", "hands.call/": "hands.call.state.", "hands.placing/": "hands.placing.state."}

func (s *Service) sayCrew(c *web.Ctx, t *db.Tx, prefix string, f *module.Fact) error {
	n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
	switch f.Name {
	case "org":
		return s.sayOrg(c, t, f)
	case "place", "commune":
		if _, ok := s.places.Get(f.Value); ok {
			f.Words = s.placeSay(c, f.Value)
		}
	case "volunteer":
		f.Words, f.Href = c.P.T("hands.told.volunteer", "id", saidIn(f.Value[max(0, len(f.Value)-8):], "", "")), "/volunteers/"+f.Value
	case "call":
		f.Words, f.Href = c.P.T("hands.call.one"), "/calls-for-volunteers/"+f.Value
	case "mission":
		f.Words, f.Href = c.P.T("hands.call.mission"), "/missions/"+f.Value
	case "placing":
		f.Silent = true // the call and what was said tell all of it
	case "account":
		f.Words = c.P.T("hands.volunteers.account")
	case "minor", "children":
		f.Words = c.P.T("hands.told." + f.Name)
	case "wanted", "placed", "people", "shifts":
		f.Words = c.P.T("hands.told."+f.Name, "n", n)
	case "minutes", "counted":
		f.Words = c.P.T("hands.told."+f.Name, "hours", hourText(n))
	case "spoken":
		f.Words = s.spokenSay(c, f.Value)
	case "from", "to":
		if at, err := time.Parse(time.RFC3339, f.Value); err == nil {
			f.Words = c.P.T("hands.told."+f.Name, "at", at)
		}
	case "state":
		if key := statesAt[prefix] + f.Value; c.Site.Cat.Has(key) {
			f.Words = c.P.T(key)
		}
	}
	for _, at := range crewSaidAt[f.Name] {
		if f.Words == "" && c.Site.Cat.Has(at+f.Value) {
			f.Words = c.P.T(at + f.Value)
		}
	}
	return nil
}
