package app

import (
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
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

// setBooks puts goods into the ledger, and takes a day that is over.
func (s *stage) setBooks(d module.Door, c *doorCall) {
	if !strings.HasPrefix(d.Path, "/books/") {
		return
	}
	s.must(s.h.Stock.Receive(s.Context(), s.coordinator(), stock.Lot{ID: id.New[stock.Lot](morning), Org: s.ours, Good: "shovel", Units: 3, Source: stock.Given}, ""))
	switch d.Path {
	case "/books/close":
		c.form = url.Values{"till": {morning.AddDate(0, 0, -9).Format(time.DateOnly)}}
	case "/books/account":
		var code string
		s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) error {
			all, err := ledger.Accounts(t, "")
			code = all[0].Code
			return err
		}))
		c.path = d.Path + "?code=" + url.QueryEscape(code)
	}
}
