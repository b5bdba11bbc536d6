package hands

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// wantFormPage says what is wanted, where, how much and until when.
type wantFormPage struct {
	ui.Frame
	ID     string
	V      url.Values
	Things []ui.Option
	Orgs   []ui.Option
	Where  whereAsked
}

func (s *Service) newWant(c *web.Ctx) error {
	v := url.Values{"id": {id.New[Call](s.h.DB.Now()).String()}, "until": {s.h.DB.Now().In(c.Site.Zone).Add(time.Duration(s.offers.Rules.Prolong.By)).Format(time.DateOnly)}}
	return s.showWantForm(c, v, nil)
}

func (s *Service) showWantForm(c *web.Ctx, v url.Values, wrong error) error {
	p, by := &wantFormPage{ID: v.Get("id"), V: v}, actor.From(c.Context())
	p.Kind, p.Nav, p.Title = ui.Staff, "offers", c.P.Text("hands.want.new")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, x := range s.thingOptions(c, GivesGoods, v.Get("thing")) {
		if x.Value != otherThing {
			p.Things = append(p.Things, x)
		}
	}
	p.Things = append(p.Things, s.thingOptions(c, GivesTransport, v.Get("thing"))...)
	p.Things = append(p.Things, ui.Option{Value: byPlaces, Title: c.P.T("hands.offer.places"), Chosen: v.Get("thing") == byPlaces})
	p.Where = s.askWhere(c, v, p.Error("place"))
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		own := ownOrgs(by, DeedWantMake)
		if by.Holds(forAll...) || len(own) == 0 {
			all, err := s.orgOptions(c, t, s.pathOf(p.Where.Code), v.Get("org"))
			p.Orgs = all[1:]
			return err
		}
		for i, org := range own {
			name, err := s.orgs.Name(t, org, c.Lang())
			if err != nil {
				return err
			}
			p.Orgs = append(p.Orgs, ui.Option{Value: org.String(), Title: template.HTML(template.HTMLEscapeString(name)), Chosen: v.Get("org") == org.String() || i == 0 && v.Get("org") == ""})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_want_form", p)
}

func (s *Service) makeWant(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	if act := v.Get("act"); act == "search" || act == "list" {
		return s.showWantForm(c, v, nil)
	}
	w := Want{Thing: v.Get("thing"), Place: s.readWhere(v), Kind: kindOf(v.Get("thing"))}
	var wrong fault.All
	if w.ID, err = id.Parse[Call](v.Get("id")); err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	if w.Wanted, err = readCount(v.Get("wanted")); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("wanted"))
	}
	w.Until = s.readDay(c, v, "until", true, func(f *fault.Fault, field string) { wrong = append(wrong, f.On(field)) })
	if w.Org, err = id.Parse[actor.Organisation](v.Get("org")); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "hands.match.org_missing").On("org"))
	}
	if len(wrong) > 0 {
		err = merged(wrong, s.wrongWant(&w, s.h.DB.Now()).OrNil())
	} else {
		err = s.CallFor(c.Context(), actor.From(c.Context()), w)
	}
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showWantForm(c, v, err)
		}
		return err
	}
	c.Flash("hands.want.made")
	return c.Seek("/offers")
}

// kindOf is what kind of offer a thing is.
func kindOf(thing string) OfferKind {
	switch {
	case thing == byPlaces:
		return GivesShelter
	case isVehicle(thing):
		return GivesTransport
	}
	return GivesGoods
}

func isVehicle(thing string) bool {
	for _, v := range Vehicles {
		if v == thing {
			return true
		}
	}
	return false
}

func (s *Service) closeWantForm(c *web.Ctx) error {
	cid, err := id.Parse[Call](c.R.PathValue("call"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := s.CloseWant(c.Context(), actor.From(c.Context()), cid); err != nil {
		return err
	}
	c.Flash("hands.want.closed")
	return c.Seek("/offers")
}
