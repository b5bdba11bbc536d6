package app

import (
	"net/http"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// favicon is the mark of the house, for browsers that ask for it without
// reading the page, which names it by its address that never changes.
func favicon(c *web.Ctx) error {
	r := c.R.Clone(c.Context())
	r.URL.Path = ui.Asset("icon.svg")
	ui.Handler().ServeHTTP(dayLong{c.W}, r)
	return nil
}

// worker is the script that keeps the house open on a phone without a network.
func worker(c *web.Ctx) error {
	ui.Worker().ServeHTTP(c.W, c.R)
	return nil
}

// dayLong lets an answer be kept for a day only: its address does not change
// when the file does.
type dayLong struct{ http.ResponseWriter }

func (w dayLong) Write(b []byte) (int, error) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return w.ResponseWriter.Write(b)
}
