package damage

import (
	"slices"
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of layers and of what was told into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, r deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
		switch f.Name {
		case "kind":
			if slices.Contains(Kinds, Kind(f.Value)) {
				f.Words = c.P.T("damage.kind." + f.Value)
			}
		case "mapping":
			if key := "damage.mapping." + f.Value; c.Site.Cat.Has(key) {
				f.Words = c.P.T(key)
			}
		case "features", "places", "sources", "covered":
			f.Words, f.Silent = c.P.T("damage.fact."+f.Name, "n", n), n == 0
		case "what":
			if slices.Contains(Whats, f.Value) {
				f.Words = c.P.T("damage.what." + f.Value)
			}
		case "state":
			if slices.Contains(standings, Standing(f.Value)) {
				f.Words = c.P.T("damage.state_short." + f.Value)
			}
		case "reason":
			if key := "damage.reason." + f.Value; c.Site.Cat.Has(key) {
				f.Words = c.P.T(key)
			}
		case "report", "photo", "digest":
			f.Words = c.P.T("damage.fact."+f.Name, "id", bdi(f.Value[max(0, len(f.Value)-8):]))
		case "place":
			if _, ok := s.places.Get(f.Value); ok {
				f.Words = s.placeSay(c, f.Value)
			}
		}
	}
	return nil
}
