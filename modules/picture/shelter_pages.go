package picture

import (
	"net/url"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// sheltersPage is where people can go, for those who open and close it.
type sheltersPage struct {
	ui.Frame
	Rows      []shelterRow
	Fresh     string // identifier of the one that is being opened
	Name      string
	Place     string
	Capacity  string
	Fit       bool
	Protected bool
	Found     []ui.Option // places that what was typed may mean
	MayOpen   bool
}

func (s *Service) showShelters(c *web.Ctx) error { return s.shelters(c, nil, nil) }

func (s *Service) shelters(c *web.Ctx, v url.Values, wrong error) error {
	p, by, status := &sheltersPage{}, actor.From(c.Context()), 200
	p.Kind, p.Nav, p.Title = ui.Staff, "shelters", c.P.Text("picture.shelter.title")
	if wrong != nil {
		all, ok := c.FieldErrors(wrong)
		if !ok {
			return wrong
		}
		p.Errors, status = all, 422
	}
	p.Fresh, p.Name, p.Place, p.Capacity = v.Get("id"), v.Get("name"), v.Get("place"), v.Get("capacity")
	p.Fit, p.Protected = v.Get("fit") == "1", v.Get("protected") == "1"
	if p.Place != "" && p.Error("place") != "" {
		for _, x := range s.places.Search(p.Place, "", 6) {
			p.Found = append(p.Found, ui.Option{Value: x.Place.Code, Title: s.placeSay(c, x.Place.Code)})
		}
	}
	err := s.h.Look(c.Context(), by, DeedShelters, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if p.Fresh == "" {
			p.Fresh = id.New[Shelter](t.Now()).String()
		}
		p.MayOpen = deed.May(by, DeedShelter) == nil
		all, err := allShelters(t.Tx)
		for _, x := range all {
			if _, ok := by.May(DeedShelters.Roles, s.scope(x.Place)); !ok {
				continue
			}
			p.Rows = append(p.Rows, shelterRow{ID: x.ID.String(), Name: x.Name, Place: s.placeSay(c, x.Place), Capacity: x.Capacity, Fit: x.Fit, Hidden: x.Protected, Since: x.OpenedAt})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "picture_shelters", p)
}

func (s *Service) openPost(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	x := Shelter{Name: v.Get("name"), Place: v.Get("place"), Fit: v.Get("fit") == "1", Protected: v.Get("protected") == "1"}
	x.ID, _ = id.Parse[Shelter](v.Get("id")) // none is a new one
	x.Capacity, _ = strconv.Atoi(v.Get("capacity"))
	if _, ok := s.places.Get(x.Place); !ok { // a name that means one place, and no other nearly as well
		all := s.places.Search(x.Place, "", 2)
		x.Place = ""
		if len(all) == 1 {
			x.Place = all[0].Place.Code
		}
	}
	if _, err = s.OpenShelter(c.Context(), actor.From(c.Context()), x); err != nil {
		return s.shelters(c, v, err)
	}
	c.Flash("picture.shelter.opened")
	return c.Seek("/shelters")
}

func (s *Service) closePost(c *web.Ctx) error {
	sid, err := id.Parse[Shelter](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := s.CloseShelter(c.Context(), actor.From(c.Context()), sid); err != nil {
		return err
	}
	c.Flash("picture.shelter.closed")
	return c.Seek("/shelters")
}
