package cases

import (
	"net/url"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
)

// Desk is what the operations room puts above the queue: views that were kept, and
// what can be done with the filter that is on. The queue knows nothing more of it.
type Desk struct {
	Views  []DeskView
	Filter string // to be kept as a view
	Shares []ui.Option
	Bulk   string // where to choose several; "" when the reader may not
	Print  string
}

// DeskView is one view above the queue.
type DeskView struct {
	Href    string
	Name    string
	Current bool
}

type deskFn func(c *web.Ctx, t *deed.Tx, filter url.Values) (*Desk, error)

// UseDesk is called while the house is built; without, nothing stands there.
func (o *Office) UseDesk(fn deskFn) { o.desk = fn }

// deskOf is what stands above the queue, for the filter of this page; nil without.
func (o *Office) deskOf(c *web.Ctx, t *deed.Tx, phase string) (*Desk, error) {
	if o.desk == nil {
		return nil, nil
	}
	filter := onlyKeys(c.R.URL.Query())
	filter.Set("phase", phase)
	if x := c.R.URL.Query().Get("found"); x != "" {
		filter.Set("found", x)
	}
	return o.desk(c, t, filter)
}
