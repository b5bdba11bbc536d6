package works

import (
	"context"
	"encoding/base64"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

const ordersShown = 200

func (s *Service) showOrders(c *web.Ctx) error {
	by, p := actor.From(c.Context()), &ordersPage{Ended: c.R.URL.Query().Get("ended") != ""}
	p.Kind, p.Nav, p.Title = ui.Staff, "works", c.P.Text("works.orders.title")
	err := s.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listOrders(t.Tx, !p.Ended, actor.OrganisationID{}, ordersShown)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		for _, o := range all {
			if _, ok := by.May(DeedSee.Roles, s.scope(o)); ok {
				p.Rows = append(p.Rows, w.row(o))
			}
		}
		return w.err
	})
	if err != nil {
		return err
	}
	p.CanPlan = deed.May(by, DeedPlan) == nil
	return c.Render("works_orders", p)
}

func (s *Service) newOrder(c *web.Ctx) error {
	return s.showForm(c, url.Values{"id": {id.New[Order](s.h.DB.Now()).String()}}, nil, nil)
}

func (s *Service) showForm(c *web.Ctx, v url.Values, found []string, wrong error) error {
	by := actor.From(c.Context())
	p := &formPage{ID: v.Get("id"), Place: v.Get("place"), PlaceWas: v.Get("place"), Lat: v.Get("lat"), Lon: v.Get("lon"), Volume: v.Get("volume"), Phone: v.Get("phone")}
	p.Kind, p.Nav, p.Title = ui.Staff, "works", c.P.Text("works.order.new")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	p.Dangers = ui.Choices{Name: "danger", Legend: c.P.T("works.order.dangers"), Many: true, Error: p.Error("danger")}
	for _, d := range Dangers {
		p.Dangers.Options = append(p.Dangers.Options, ui.Option{Value: d, Title: c.P.T("works.danger." + d), Chosen: slices.Contains(v["danger"], d)})
	}
	err = s.h.Look(c.Context(), by, DeedPlan, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		orgs, err := s.orgChoices(t, by)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			p.Orgs = append(p.Orgs, ui.Option{Value: o.String(), Title: w.org(o), Chosen: len(orgs) == 1 || v.Get("org") == o.String()})
		}
		if len(found) > 0 {
			p.Found = ui.Choices{Name: "place_code", Legend: c.P.T("works.order.which_place"), Error: p.Error("place_code")}
			for _, code := range found {
				p.Found.Options = append(p.Found.Options, ui.Option{Value: code, Title: w.place(code), Chosen: len(found) == 1 || code == v.Get("place_code")})
			}
		}
		return w.err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "works_form", p)
}

// orgChoices are the organisations to which somebody may give the work: their
// own; for those who act for all, every recognised one.
func (s *Service) orgChoices(t *deed.Tx, by actor.Actor) (out []actor.OrganisationID, err error) {
	if by.Holds(clears...) {
		var everywhere []string
		for _, g := range by.Grants {
			everywhere = append(everywhere, s.path(g.Territory)...)
		}
		return s.Orgs.Helping(t.Tx, everywhere)
	}
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator && g.Recognised && !slices.Contains(out, g.Org) {
			out = append(out, g.Org)
		}
	}
	return out, nil
}

func (s *Service) planForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	o, found, err := s.readOrder(v)
	o.Lang = c.Lang()
	if err == nil {
		err = s.Plan(c.Context(), actor.From(c.Context()), o, strings.TrimSpace(v.Get("phone")))
	}
	if err != nil {
		return s.showForm(c, v, found, err)
	}
	c.Flash("works.order.planned_now")
	return c.Seek("/works/" + o.ID.String())
}

func (s *Service) readOrder(v url.Values) (o Order, found []string, err error) {
	if o.ID, err = readID[Order](v.Get("id")); err != nil {
		return o, nil, err
	}
	o.Org, _ = id.Parse[actor.Organisation](v.Get("org"))
	o.Volume, _ = strconv.Atoi(arabic.Digits(strings.TrimSpace(v.Get("volume"))))
	o.Dangers = v["danger"]
	var all fault.All
	if o.Place, found = s.readPlace(v); o.Place == "" {
		key, field := "works.order.place_unknown", "place"
		if len(found) > 1 {
			key, field = "works.order.place_several", "place_code"
		}
		all = append(all, fault.New(fault.Invalid, key).On(field))
	}
	if v.Get("lat") != "" || v.Get("lon") != "" {
		lat, e1 := strconv.ParseFloat(arabic.Digits(strings.TrimSpace(v.Get("lat"))), 64)
		lon, e2 := strconv.ParseFloat(arabic.Digits(strings.TrimSpace(v.Get("lon"))), 64)
		o.At, o.HasPoint = geo.Point{Lat: lat, Lon: lon}, true
		if e1 != nil || e2 != nil || !o.At.Valid() {
			all = append(all, fault.New(fault.Invalid, "works.order.point_wrong").On("lat"))
		}
	}
	if len(all) > 0 { // everything wrong at once
		all = append(all, o.wrong()...)
	}
	return o, found, all.OrNil()
}

// readPlace finds the place that somebody typed. A name that several bear is
// not guessed.
func (s *Service) readPlace(v url.Values) (code string, found []string) {
	if code = v.Get("place_code"); code != "" && v.Get("place") == v.Get("place_was") {
		return code, []string{code}
	}
	all := s.places.Search(v.Get("place"), "", 8)
	for _, x := range all {
		found = append(found, x.Place.Code)
	}
	if len(all) == 1 || len(all) > 1 && (all[0].Score > all[1].Score && all[0].Reason == places.ByName || all[0].Reason == places.ByCode) {
		return found[0], found[:1]
	}
	return "", found
}

func (s *Service) seeOrder(c *web.Ctx) error { return s.showOrder(c, nil) }

func (s *Service) showOrder(c *web.Ctx, wrong error) error {
	p := &orderPage{}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	if err := s.fill(c, p); err != nil {
		return err
	}
	p.Kind, p.Nav, p.Title = ui.Staff, "works", c.P.Text("works.order.title")
	return c.RenderStatus(status, "works_order", p)
}

func (s *Service) paper(c *web.Ctx) error {
	p := &orderPage{At: s.h.DB.Now()}
	if err := s.fill(c, p); err != nil {
		return err
	}
	p.Kind, p.Title = ui.Print, c.P.Text("works.paper.title")
	return c.Render("works_paper", p)
}

// fill reads an order for somebody who may see it.
func (s *Service) fill(c *web.Ctx, p *orderPage) error {
	oid, err := readID[Order](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	return s.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		o, err := getOrder(t.Tx, oid)
		if err != nil {
			return err
		}
		scope := s.scope(o)
		if err := t.Allow(scope); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		p.Row = w.row(o)
		for _, d := range o.Dangers {
			p.Dangers = append(p.Dangers, c.P.T("works.danger."+d))
		}
		p.HasPhone = o.Phone != nil
		p.Blocks, p.Apart = w.blocks(o)
		p.Before, p.After = w.photos(o)
		if o.StoppedFor != "" && w.err == nil {
			p.StoppedFor, w.err = s.Cases.Receipt(t.Tx, o.StoppedFor)
		}
		p.can(by, scope, o)
		for _, r := range ReasonsApart {
			p.Reasons = append(p.Reasons, ui.Option{Value: r, Title: c.P.T("works.apart." + r)})
		}
		return w.err
	})
}

func (p *orderPage) can(by actor.Actor, scope actor.Scope, o *Order) {
	may := func(d deed.Deed) bool { _, ok := by.May(d.Roles, scope); return ok }
	p.CanBegin = may(DeedBegin) && (o.State == Planned || o.State == Stopped)
	p.CanStop = may(DeedStop) && o.State == Working
	p.CanFinish = may(DeedFinish) && o.State == Working
	p.CanCancel = may(DeedCancel) && (o.State == Planned || o.State == Stopped)
	p.CanApart = may(DeedSetApart)
	p.CanBefore = may(DeedPhotoAdd) && o.BegunAt.IsZero() && o.State == Planned && len(p.Before) < mostPhotos
	p.CanAfter = may(DeedPhotoAdd) && !o.BegunAt.IsZero() && (o.State == Working || o.State == Stopped) && len(p.After) < mostPhotos
	p.CanLook = may(DeedPhotoLook)
}

// step makes a handler of something that is done to an order by one button.
// When it is refused, the order shows again and says why.
func (s *Service) step(said string, do func(context.Context, actor.Actor, OrderID) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		oid, err := readID[Order](c.R.PathValue("id"))
		if err != nil {
			return err
		}
		if _, err := c.Form(); err != nil {
			return err
		}
		if err := do(c.Context(), actor.From(c.Context()), oid); err != nil {
			return s.showOrder(c, err)
		}
		c.Flash(said)
		return c.Seek("/works/" + oid.String())
	}
}

func (s *Service) apartForm(c *web.Ctx) error {
	return s.step("works.order.set_apart_now", func(ctx context.Context, by actor.Actor, oid OrderID) error {
		v := c.R.PostForm
		return s.SetApart(ctx, by, oid, v.Get("case"), v.Get("reason"))
	})(c)
}

func (s *Service) photoForm(c *web.Ctx) error {
	return s.step("works.photo.kept", func(ctx context.Context, by actor.Actor, oid OrderID) error {
		f, _, err := c.R.FormFile("photo")
		if err != nil {
			return fault.All{fault.New(fault.Invalid, "works.photo.choose").On("photo")}
		}
		defer f.Close()
		raw, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		return s.AddPhoto(ctx, by, oid, c.R.FormValue("moment"), raw)
	})(c)
}

// lookForm answers a POST with a picture inside the page, for nobody's cache.
func (s *Service) lookForm(c *web.Ctx) error {
	oid, err := readID[Order](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	pid, err := readID[Photo](c.R.PathValue("photo"))
	if err != nil {
		return err
	}
	picture, err := s.LookPhoto(c.Context(), actor.From(c.Context()), oid, pid)
	if err != nil {
		return err
	}
	p := &photoPage{Order: oid.String(), Picture: template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(picture))}
	p.Kind, p.Nav, p.Title = ui.Staff, "works", c.P.Text("works.photo.title")
	return c.Render("works_photo", p)
}
