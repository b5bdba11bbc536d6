package cases

import (
	"net/http"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// waitsPage is the tracker of a request that waits in the spool.
type waitsPage struct {
	ui.Frame
	Ticket ui.Ticket
	Code   string // nine digits; "" when the number is still to come
	At     time.Time
	Calls  []Emergency
}

// showWaits tells whoever asked that their request is kept, and is on its way in.
func (o *Office) showWaits(c *web.Ctx, x pending) error {
	p := &waitsPage{Ticket: ui.Ticket{Code: x.number.String(), At: x.at}, Code: x.number.String(), At: x.at, Calls: o.emergency(c)}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.spool.title")
	return c.Render("cases_waits", p)
}

// doneWaits is the receipt of a request that waits.
func (o *Office) doneWaits(c *web.Ctx, did DraftID, x pending) error {
	if x.shared && !o.sits(c, did) {
		return fault.New(fault.Missing, "cases.draft.gone")
	}
	out := x.out(o)
	p := &donePage{Due: out.Due, Code: out.Code, Restricted: out.Restricted, Helped: out.Helped, Shared: x.shared, Waits: true, Emergency: o.emergency(c),
		Say: c.P.T("cases.spool.title"), Next: c.P.T("cases.spool.next"), Ticket: ui.Ticket{Code: out.Receipt.String(), At: out.At}}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("cases.spool.title")
	return c.Render("cases_ask_done", p)
}

// recogniseWaiting opens the receipt of a request that waits in this process's
// spool. Another word gets the same answer as everywhere.
func (o *Office) recogniseWaiting(n receipt.Number, typed string) (h Holder, known bool, err error) {
	x, ok := o.waitsUnder(n)
	if !ok {
		return h, false, nil
	}
	if trackKey(typed) == "" || len(x.secret) == 0 || !sameKey(o.vault.Index("track", x.id.String()+"|"+trackKey(typed)), x.secret) {
		return h, true, fault.New(fault.Missing, "cases.track.no_match")
	}
	return Holder{Case: x.id}, true, nil
}

// notIn tells of a number that was promised, by a process of the house whose spool
// has not come in yet: it is not one that nobody knows.
func notIn(t *db.Tx, n receipt.Number) (CaseID, error) {
	cid, known, err := promised(t, n)
	if err == nil && known && cid.IsZero() {
		err = fault.New(fault.Away, "cases.spool.not_in")
	}
	return cid, err
}

// apiWaits is how a request stands that waits.
func (o *Office) apiWaits(c *web.Ctx, x pending) error {
	return c.JSON(http.StatusOK, TrackOut{Receipt: x.number.String(), State: "kept", Phase: "open", MadeAt: x.at})
}
