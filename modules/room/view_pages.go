package room

import (
	"net/http"
	"net/url"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// viewsPage lists the views that its reader sees, and keeps a new one.
type viewsPage struct {
	ui.Frame
	Views  []ViewLine
	New    bool // there is a filter to be kept
	Filter string
	Name   string
	Shares []ui.Option
}

// ViewLine is one view in a list.
type ViewLine struct {
	ID      string
	Name    string
	Share   Share
	Mine    bool
	Changes bool   // the reader may rename and delete it
	Typed   string // the name that somebody tried to give it
}

// Bar is what stands above the queue: views, and what can be done with the filter
// that is on.
type Bar struct {
	Views  []BarView
	Filter string
	Shares []ui.Option
	Bulk   bool
}

// BarView is one view above the queue.
type BarView struct {
	Path    string
	Name    string
	Current bool
}

// barHolds is how many views stand above the queue; the rest is on their page.
const barHolds = 8

// Bar is filled within the reading of the queue.
func (s *Service) Bar(c *web.Ctx, t *deed.Tx, filter url.Values) (b Bar, err error) {
	b.Filter = cleanFilter(filter.Encode(), s.Cases.Keys())
	all, err := s.viewsOf(t.Tx, t.By)
	for _, v := range all[:min(len(all), barHolds)] {
		b.Views = append(b.Views, BarView{Path: "/queue/views/" + v.ID.String(), Name: v.Name, Current: v.Filter == b.Filter})
	}
	b.Shares, b.Bulk = shares(c, t.By, Own), len(s.Cases.Acts(t.By)) > 0 && deed.May(t.By, DeedBulkPrepare) == nil
	return b, err
}

func shares(c *web.Ctx, by actor.Actor, now Share) (out []ui.Option) {
	for _, x := range sharable(by) {
		out = append(out, ui.Option{Value: string(x), Title: c.P.T("room.share." + string(x)), Chosen: x == now})
	}
	return out
}

func (s *Service) showViews(c *web.Ctx) error {
	return s.viewsAgain(c, &viewsPage{Filter: cleanFilter(c.R.URL.Query().Encode(), s.Cases.Keys())}, Own, nil)
}

// viewsAgain shows the list; wrong is what was wrong with a form, if anything.
func (s *Service) viewsAgain(c *web.Ctx, p *viewsPage, share Share, wrong error) error {
	by, status := actor.From(c.Context()), http.StatusOK
	staff(c, &p.Frame, "queue", "room.views.title")
	if wrong != nil {
		errs, fields := c.FieldErrors(wrong)
		if !fields {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	p.Shares, p.New = shares(c, by, share), p.Filter != ""
	err := s.h.Look(c.Context(), by, DeedViewSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.viewsOf(t.Tx, by)
		for _, v := range all {
			p.Views = append(p.Views, ViewLine{ID: v.ID.String(), Name: v.Name, Share: v.Share, Mine: v.Account == by.Account, Changes: v.changedBy(by)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "room_views", p)
}

func (s *Service) saveForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	share := Share(v.Get("share"))
	if share == "" {
		share = Own
	}
	vid, err := s.SaveView(c.Context(), actor.From(c.Context()), v.Get("name"), v.Get("filter"), share)
	if err != nil {
		return s.viewsAgain(c, &viewsPage{Filter: cleanFilter(v.Get("filter"), s.Cases.Keys()), Name: v.Get("name")}, share, err)
	}
	c.Flash("room.view.saved")
	return c.Seek("/queue/views/" + vid.String())
}

// openView leads to the queue as the view filters it. What the view names and is
// no longer there is left out, and its reader is told.
func (s *Service) openView(c *web.Ctx) error {
	vid, err := named[viewKind](c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	var view *View
	err = s.h.Look(c.Context(), by, DeedViewSee, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err != nil {
			return err
		}
		if view, err = s.getView(t.Tx, vid); err == nil && !view.seenBy(by) {
			err = fault.New(fault.Missing, "error.missing")
		}
		return err
	})
	if err != nil {
		return err
	}
	filter, _ := url.ParseQuery(view.Filter) // cleanFilter wrote it
	if gone := s.Cases.Stale(by, filter); len(gone) > 0 {
		for _, k := range gone {
			filter.Del(k)
		}
		c.Flash("room.view.partly_gone")
	}
	return c.Seek("/queue?" + filter.Encode())
}

func (s *Service) renameForm(c *web.Ctx) error {
	vid, err := named[viewKind](c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := s.RenameView(c.Context(), actor.From(c.Context()), vid, v.Get("name")); err != nil {
		return s.viewsAgain(c, &viewsPage{}, Own, about(err, "name-"+vid.String()))
	}
	c.Flash("room.view.renamed")
	return c.Seek("/queue/views")
}

// about ties what was wrong with a form to one of several alike on a page.
func about(err error, field string) error {
	if f := asFault(err); f != nil && f.Field != "" {
		g := *f
		return fault.All{g.On(field)}
	}
	return err
}

func (s *Service) dropForm(c *web.Ctx) error {
	vid, err := named[viewKind](c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	if err := s.DropView(c.Context(), actor.From(c.Context()), vid); err != nil && fault.KindOf(err) != fault.Missing {
		return err
	}
	c.Flash("room.view.dropped")
	return c.Seek("/queue/views")
}
