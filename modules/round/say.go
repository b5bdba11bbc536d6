package round

import (
	"slices"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of devices, records and photos into words.
func (s *Service) Say(c *web.Ctx, t *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		if err := s.say(c, t, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) say(c *web.Ctx, t *db.Tx, f *module.Fact) error {
	switch f.Name {
	case "device", "record", "stop", "photo", "replaced", "conflicts", "mission", "missions":
		name := f.Name
		switch name {
		case "conflicts":
			name, f.Href = "conflict", "/round/conflicts"
		case "missions", "mission":
			name, f.Href = "mission", "/missions/"+f.Value
		case "device":
			f.Href = "/round/devices"
		}
		f.Words = c.P.T("round.fact."+name, "id", plain(f.Value[max(0, len(f.Value)-8):]))
	case "account":
		aid, err := id.Parse[actor.Account](f.Value)
		if err != nil {
			return nil
		}
		name, err := s.People.AccountName(t, aid)
		if err == nil {
			f.Words = plain(name)
		} else if fault.KindOf(err) != fault.Missing {
			return err
		}
	case "taken", "refused", "skewed", "stops", "bytes":
		n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
		f.Words, f.Silent = c.P.T("round.fact."+f.Name, "n", n), n == 0 && f.Name != "stops"
	case "choice":
		if slices.Contains([]string{Mine, Theirs, Both}, f.Value) {
			f.Words = c.P.T("round.settled." + f.Value)
		}
	case "reason":
		if slices.Contains(ReasonsToSettle, f.Value) {
			f.Words = c.P.T("round.reason." + f.Value)
		}
	case "form":
		if key := "round.visit.form." + f.Value; c.Site.Cat.Has(key) {
			f.Words = c.P.T(key)
		}
	case "session":
		f.Words = c.P.T("round.fact.session")
	}
	return nil
}
