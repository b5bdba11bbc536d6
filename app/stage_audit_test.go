package app

import (
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// setAudit draws a sample of the lots that arrived.
func (s *stage) setAudit(d module.Door, c *doorCall) {
	if about(d, "/corrections") {
		k := audit.Correction{ID: id.New[audit.Correction](morning), Wrong: map[string]string{"ar": "خطأ", "fr": "Faux"}, Right: map[string]string{"ar": "صواب", "fr": "Juste"}}
		s.must(s.h.Audit.Correct(s.Context(), s.as(actor.CrisisCell), k))
		c.holes = map[string]string{"id": k.ID.String()}
		c.form = url.Values{"id": {freshID()}, "wrong_ar": {"خطأ"}, "wrong_fr": {"Faux"}, "right_ar": {"صواب"}, "right_fr": {"Juste"}}
		return
	}
	if !strings.HasPrefix(d.Path, "/audit") {
		return
	}
	s.must(s.h.Stock.Receive(s.Context(), s.coordinator(), stock.Lot{ID: id.New[stock.Lot](morning), Org: s.ours, Good: "shovel", Units: 3, Source: stock.Given}, ""))
	x := audit.Sample{ID: id.New[audit.Sample](morning), Kind: "lot", Seed: "7-12-31", Wanted: 5}
	s.must(s.h.Audit.DrawSample(s.Context(), s.as(actor.Auditor), x))
	c.holes = map[string]string{"id": x.ID.String(), "n": "1"}
	c.form = url.Values{"id": {freshID()}, "kind": {"lot"}, "seed": {"7-12"}, "wanted": {"2"}, "finding": {freshID()}, "verdict": {"question"}, "words": {"…"}}
}
