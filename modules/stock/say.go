package stock

import (
	"html/template"
	"slices"
	"strconv"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// say puts the facts of the lines of depots into words.
func (s *Service) say(c *web.Ctx, t *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "org":
			name, err := s.orgName(c, t, f.Value)
			if err != nil {
				return err
			}
			f.Words = name
		case "good":
			f.Words = s.goodName(c, f.Value)
		case "units", "minor":
			if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
				f.Words = c.P.Number(n)
			}
		case "customs":
			f.Words = c.P.T("stock.customs.of") + " " + ui.Isolated(f.Value)
		case "source":
			if slices.Contains(Sources, Source(f.Value)) {
				f.Words = c.P.T("stock.source." + f.Value)
			}
		case "reason":
			if slices.Contains(Reasons, f.Value) {
				f.Words = c.P.T("stock.reason." + f.Value)
			}
		}
	}
	return nil
}

func (s *Service) orgName(c *web.Ctx, t *db.Tx, text string) (template.HTML, error) {
	org, err := id.Parse[actor.Organisation](text)
	if err != nil {
		return ui.Isolated(text), nil
	}
	name, err := s.p.Name(t, org, c.Lang())
	return ui.Isolated(name), err
}

func (s *Service) goodName(c *web.Ctx, code string) template.HTML {
	g, known := s.good(code)
	if !known || !c.Site.Cat.Has(g.Key) {
		return ui.Isolated(code)
	}
	return c.P.T(g.Key)
}
