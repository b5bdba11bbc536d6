package audit

import (
	"slices"
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// say puts the facts of the lines of samples into words.
func (s *Service) say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "kind":
			if slices.Contains(Kinds, f.Value) {
				f.Words = c.P.T("audit.kind." + f.Value)
			}
		case "verdict":
			if slices.Contains(Verdicts, Verdict(f.Value)) {
				f.Words = c.P.T("audit.verdict." + f.Value)
			}
		case "n", "wanted", "population", "items", "wrong":
			if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
				f.Words = c.P.T("audit.fact."+f.Name, "n", n)
			}
		case "seed":
			f.Words = c.P.T("audit.fact.seed", "seed", ui.Isolated(f.Value))
		case "digest", "sum":
			f.Words = c.P.T("audit.fact.sum", "sum", ui.Isolated(f.Value[:min(16, len(f.Value))]))
		}
	}
	return nil
}
