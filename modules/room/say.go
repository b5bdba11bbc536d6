package room

import (
	"slices"
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of views, bulks and notes into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, r deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
		switch f.Name {
		case "share":
			if slices.Contains([]Share{Own, OrgShared, CellShared}, Share(f.Value)) {
				f.Words = c.P.T("room.share." + f.Value)
			}
		case "act":
			if key := "room.act." + f.Value; c.Site.Cat.Has(key) {
				f.Words = c.P.T(key)
			}
		case "cases", "overdue", "taken", "blocked":
			f.Words, f.Silent = c.P.T("room.fact."+f.Name, "n", n), n == 0
		case "team":
			f.Href = "/teams/" + f.Value
			f.Words = c.P.T("room.fact.team", "id", ui.Isolated(f.Value[max(0, len(f.Value)-8):]))
		case "sector":
			if key := "cases.sector." + f.Value; c.Site.Cat.Has(key) {
				f.Words = c.P.T(key)
			}
		case "area":
			if p, ok := s.places.Get(f.Value); ok {
				name, _ := p.Name(c.Lang())
				f.Words = ui.Isolated(name)
			}
		}
	}
	return nil
}
