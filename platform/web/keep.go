package web

import (
	"net/http"
	"strings"

	"github.com/twiza/twiza/platform/ui"
)

// A phone in a valley without a network shows copies of a few pages. Its own
// worker keeps them (platform/ui/assets/sw.js), and only those that say so:
//
//	X-Cache-Page: 1    a copy of this page may be kept
//	X-Cache-Also: …    so may these, and they are wanted with it
//	X-Shared: 1        others use this phone: nothing that was typed is kept
//
// A page with anybody's data never says it.
const (
	copyHeader   = "X-Cache-Page"
	alsoHeader   = "X-Cache-Also"
	sharedHeader = "X-Shared"
)

// Keep lets the reader's phone keep a copy of the page that is rendered next,
// which shows when it was made. It is for pages that are the same for everybody.
// To caches on the way, and to the browser's own, they are private and asked
// about each time.
func (c *Ctx) Keep() {
	c.W.Header().Set(copyHeader, "1")
	c.W.Header().Set("Cache-Control", "private, no-cache")
}

// KeepForm is Keep for a form that was opened just now. The copy gets an
// identifier of its own each time it is shown, which only the worker does: for
// all other caches the page stays one not to store. also are pages, without the
// language, that are wanted with it.
func (c *Ctx) KeepForm(also ...string) {
	c.W.Header().Set(copyHeader, "1")
	var all []string
	for _, path := range also {
		all = append(all, c.Href(path))
	}
	c.W.Header().Set(alsoHeader, strings.Join(all, " "))
}

// KeepAlways is Keep for the pages that the worker itself shows where nothing
// else can be shown; phones that others use have them too.
func (c *Ctx) KeepAlways() {
	c.Keep()
	c.always = true
}

// settleCopy takes the permission back from an answer that turned out to hold
// something of its reader, and tells the worker what it cannot see.
func (c *Ctx) settleCopy(f *ui.Frame, status int) {
	h := c.W.Header()
	if f.Shared {
		h.Set(sharedHeader, "1")
	}
	if h.Get(copyHeader) == "" || c.always && status == http.StatusOK {
		return
	}
	if f.Shared || status != http.StatusOK || f.Is(ui.Staff) || f.Flash != "" || len(f.Errors) > 0 {
		h.Del(copyHeader)
		h.Del(alsoHeader)
		h.Set("Cache-Control", "no-store")
		return
	}
	f.Copy = c.Site.Now()
}
