package room

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// choosePage is the queue with a box before each line, and what to do with those
// that are ticked.
type choosePage struct {
	ui.Frame
	Filter  string
	Lines   []ChooseLine
	N       int
	More    bool // the filter finds more than can be chosen
	All     bool
	Acts    []ui.Option
	Teams   []ui.Option
	Sectors []ui.Option
	Back    string
}

// ChooseLine is one case that can be ticked.
type ChooseLine struct {
	Line
	On bool
}

// bulkPage is a bulk before it is done, and after.
type bulkPage struct {
	ui.Frame
	ID     string
	Act    string
	State  BulkState
	Can    []Line // before: what will be done
	Not    []Left // what will not be, or was not, and why
	Did    []Line // done, and still so
	Back   []Line // put back
	Kept   []Left // not put back, and why
	Lost   int    // of cases that the reader may not see any more
	Undo   time.Time
	DoneAt time.Time
	Team   string
	Sector template.HTML
}

// Left is a case that was left out, and why.
type Left struct {
	Line
	Why template.HTML
}

func (s *Service) chooseDoor(c *web.Ctx) error {
	return s.choose(c, c.R.URL.Query(), url.Values{}, nil)
}

// queueOf is the address of the queue that a filter shows.
func queueOf(filter url.Values) string { return "/queue?" + filter.Encode() }

// onQueue is the part of an address that the queue understands, a search that was
// sealed for its reader among it.
func (s *Service) onQueue(v url.Values) url.Values {
	out, _ := url.ParseQuery(cleanFilter(v.Encode(), s.Cases.Keys())) // cleanFilter wrote it
	if x := v.Get("found"); x != "" {
		out.Set("found", x)
	}
	return out
}

// choose shows the lines; posted is a form to show again.
func (s *Service) choose(c *web.Ctx, filter, posted url.Values, wrong error) error {
	by, status := actor.From(c.Context()), http.StatusOK
	filter = s.onQueue(filter)
	p := &choosePage{Filter: filter.Encode(), All: posted.Get("all") != "", Back: queueOf(filter)}
	staff(c, &p.Frame, "queue", "room.bulk.title")
	if wrong != nil {
		errs, fields := c.FieldErrors(wrong)
		if !fields {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	err := s.h.Look(c.Context(), by, DeedBulkPrepare, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, more, err := s.Cases.Lines(c, t, filter, MostAtOnce)
		if err != nil {
			return err
		}
		p.N, p.More = len(all), more
		for _, l := range all {
			p.Lines = append(p.Lines, ChooseLine{l, slices.Contains(posted["case"], l.ID)})
		}
		p.Teams, err = s.Field.Teams(t.Tx, by, c.Lang())
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range s.Cases.Acts(by) {
		p.Acts = append(p.Acts, ui.Option{Value: a, Title: c.P.T("room.act." + a), Chosen: posted.Get("act") == a})
	}
	for i := range p.Teams {
		p.Teams[i].Chosen = p.Teams[i].Value == posted.Get("team")
	}
	for _, x := range s.Cases.Sectors() {
		p.Sectors = append(p.Sectors, ui.Option{Value: x, Title: c.P.T("cases.sector." + x), Chosen: x == posted.Get("sector")})
	}
	return c.RenderStatus(status, "room_choose", p)
}

func (s *Service) prepareForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	filter, _ := url.ParseQuery(v.Get("filter")) // what cannot be read filters nothing
	cases := v["case"]
	if v.Get("all") != "" {
		if cases, err = s.allOf(c, by, filter); err != nil {
			return err
		}
	}
	w := What{Act: v.Get("act")}
	switch w.Act { // a list that was chosen for another act says nothing
	case "assign":
		w.Team = v.Get("team")
	case "visit":
		w.Sector = v.Get("sector")
	}
	bid, err := s.Prepare(c.Context(), by, w, cases)
	if err != nil {
		return s.choose(c, filter, v, err)
	}
	return c.Seek("/queue/bulk/" + bid.String())
}

// allOf are all that a filter finds, as many as one bulk holds.
func (s *Service) allOf(c *web.Ctx, by actor.Actor, filter url.Values) (out []string, err error) {
	err = s.h.Look(c.Context(), by, DeedBulkPrepare, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, _, err := s.Cases.Lines(c, t, s.onQueue(filter), MostAtOnce)
		for _, l := range all {
			out = append(out, l.ID)
		}
		return err
	})
	return out, err
}

// showBulk shows a bulk to whoever chose it: what would be done, or what was.
func (s *Service) showBulk(c *web.Ctx) error {
	bid, err := named[bulkKind](c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	p := &bulkPage{ID: bid.String()}
	staff(c, &p.Frame, "queue", "room.bulk.title")
	var b *Bulk
	var all []item
	lines := map[string]Line{}
	err = s.h.Look(c.Context(), by, DeedBulkPrepare, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err != nil {
			return err
		}
		if b, err = own(t.Tx, by, bid); err != nil {
			return err
		}
		if all, err = itemsOf(t.Tx, bid); err != nil {
			return err
		}
		var ids []string
		for _, x := range all {
			ids = append(ids, x.Case)
		}
		found, err := s.Cases.LinesOf(c, t, ids)
		for _, l := range found {
			lines[l.ID] = l
		}
		return err
	})
	if err != nil {
		return err
	}
	if p.Act, p.State, p.DoneAt = b.Act, b.State, b.DoneAt; b.undoable(s.h.DB.Now()) {
		p.Undo = b.DoneAt.Add(undoFor)
	}
	if b.Sector != "" {
		p.Sector = c.P.T("cases.sector." + b.Sector)
	}
	if err := s.hindered(c, by, b, all); err != nil {
		return err
	}
	p.sort(c, all, lines)
	return c.Render("room_bulk", p)
}

// hindered finds, before a bulk is done, what hinders each of its cases now.
func (s *Service) hindered(c *web.Ctx, by actor.Actor, b *Bulk, all []item) error {
	if b.State != Draft {
		return nil
	}
	items := make([]Item, len(all))
	for i, x := range all {
		items[i] = x.Item
	}
	found, err := s.Cases.Hinder(c.Context(), by, b.what(), items)
	for i, e := range found {
		all[i].Reason = asFault(e)
	}
	return err
}

// sort puts each case of a bulk where it belongs on the page.
func (p *bulkPage) sort(c *web.Ctx, all []item, lines map[string]Line) {
	for _, x := range all {
		l, ok := lines[x.Case]
		why := template.HTML("")
		if x.Reason != nil {
			why = c.P.T(x.Reason.Key, web.Pairs(x.Reason.Args)...)
		}
		switch {
		case !ok:
			p.Lost++
		case p.State == Draft && x.Reason == nil:
			p.Can = append(p.Can, l)
		case p.State == Draft, x.State == left:
			p.Not = append(p.Not, Left{l, why})
		case x.State == chosen:
			p.Not = append(p.Not, Left{l, c.P.T("room.bulk.not_reached")})
		case x.State == undone:
			p.Back = append(p.Back, l)
		case x.State == kept:
			p.Kept = append(p.Kept, Left{l, why})
		default:
			p.Did = append(p.Did, l)
		}
	}
}

func (s *Service) doForm(c *web.Ctx) error   { return s.step(c, s.Do, "room.bulk.done_now") }
func (s *Service) undoForm(c *web.Ctx) error { return s.step(c, s.Undo, "room.bulk.undone_now") }

func (s *Service) step(c *web.Ctx, do func(context.Context, actor.Actor, BulkID) error, said string) error {
	bid, err := named[bulkKind](c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	err = do(c.Context(), actor.From(c.Context()), bid)
	if f := asFault(err); f != nil && f.Kind == fault.Conflict && len(f.Args) == 0 {
		said, err = f.Key, nil // told on the page itself
	}
	if err != nil {
		return err
	}
	c.Flash(said)
	return c.Seek("/queue/bulk/" + bid.String())
}
