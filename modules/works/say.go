package works

import (
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of orders into words.
func (s *Service) Say(c *web.Ctx, t *db.Tx, r deed.Record, all []module.Fact) error {
	w := s.teller(c, t)
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "order":
			f.Words, f.Href = c.P.T("works.fact.order", "id", bdi(f.Value[max(0, len(f.Value)-8):], "", "")), "/works/"+f.Value
		case "photo":
			f.Words = c.P.T("works.fact.photo", "id", bdi(f.Value[max(0, len(f.Value)-8):], "", ""))
		case "place":
			if _, ok := s.places.Get(f.Value); ok {
				f.Words = w.place(f.Value)
			}
		case "volume":
			n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
			f.Words = c.P.T("works.order.cubic", "n", n)
		case "case":
			receipt, err := s.Cases.Receipt(t, f.Value)
			if err != nil && fault.KindOf(err) != fault.Missing {
				return err
			}
			if receipt != "" {
				f.Words, f.Href = c.P.T("works.fact.case", "receipt", c.P.Code(receipt)), "/cases/"+f.Value
			}
		case "org":
			if o, err := id.Parse[actor.Organisation](f.Value); err == nil {
				f.Words, f.Href = w.org(o), "/organisations/"+f.Value
			}
		case "state", "reason", "moment":
			prefix := map[string]string{"state": "works.state.", "reason": "works.apart.", "moment": "works.photo."}[f.Name]
			if c.Site.Cat.Has(prefix + f.Value) {
				f.Words = c.P.T(prefix + f.Value)
			}
		}
	}
	return w.err
}
