package app

import (
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/shared/module"
)

// setStock puts shovels into the depot of the first organisation.
func (s *stage) setStock(d module.Door, c *doorCall) {
	if !strings.HasPrefix(d.Path, "/depot") {
		return
	}
	s.must(s.h.Stock.Receive(s.Context(), s.coordinator(), stock.Lot{ID: id.New[stock.Lot](morning), Org: s.ours, Good: "shovel", Units: 3, Source: stock.Given}, ""))
	c.form = url.Values{"org": {s.ours.String()}, "lot": {freshID()}, "good": {"shovel"}, "units": {"2"}, "source": {"counted"}, "loss": {freshID()}, "lost_good": {"shovel"}, "lost_units": {"1"}, "reason": {"wet"}}
}
