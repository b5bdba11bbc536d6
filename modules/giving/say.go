package giving

import (
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// say puts the facts of the lines of funds into words.
func (s *Service) say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		n, err := strconv.ParseInt(f.Value, 10, 64)
		number := err == nil
		switch f.Name {
		case "fund", "code":
			f.Words, f.Href = c.P.T("giving.fact.fund", "code", ui.Isolated(f.Value)), "/treasury/"+f.Value
		case "minor", "announced":
			if number {
				f.Words = c.P.Money(n, string(s.rules.Currency))
			}
		case "fresh", "matched", "looked", "earmark":
			if number {
				f.Words = c.P.T("giving.fact."+f.Name, "n", n)
			}
		case "sum":
			f.Words = c.P.T("giving.fact.sum", "sum", ui.Isolated(f.Value[:min(16, len(f.Value))]))
		case "state", "kind", "back":
			if key := "giving." + f.Name + "." + f.Value; c.Site.Cat.Has(key) {
				f.Words = c.P.T(key)
			}
		}
	}
	return nil
}
