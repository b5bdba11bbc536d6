package spellings

import (
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of spellings into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "place":
			if _, ok := s.places.Get(f.Value); ok {
				f.Words = s.placeSay(c, f.Value)
			}
		case "heeded":
			f.Words = c.P.T("spellings.fact.heeded_" + f.Value)
		case "voices", "rows", "added", "again", "unknown", "refused":
			if n, err := strconv.Atoi(f.Value); err == nil {
				f.Words, f.Silent = c.P.T("spellings.fact."+f.Name, "n", n), n == 0
			}
		case "from":
			if k := "deed." + f.Value; c.Site.Cat.Has(k) {
				f.Words = c.P.T(k)
			}
		}
	}
	return nil
}
