package hands

import (
	"net/url"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// offerDeed does what staff chose on an offer's page.
func (s *Service) offerDeed(c *web.Ctx, said string, do func(url.Values) error) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := do(v); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showOffer(c, nil, v, err)
		}
		return err
	}
	c.Flash(said)
	return c.Seek("/offers/" + c.R.PathValue("id"))
}

func (s *Service) reserveForm(c *web.Ctx) error {
	return s.offerDeed(c, "hands.match.made", func(v url.Values) error {
		choice := Choice{Need: v.Get("need")}
		var err error
		if choice.Offer, err = id.Parse[Offer](c.R.PathValue("id")); err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		if choice.ID, err = id.Parse[Match](v.Get("match")); err != nil || choice.ID.IsZero() {
			return fault.New(fault.Invalid, "error.unreadable")
		}
		if choice.Units, err = readCount(v.Get("units")); err != nil {
			return fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("units")
		}
		if org := v.Get("org"); org != "" {
			if choice.Org, err = id.Parse[actor.Organisation](org); err != nil {
				return fault.New(fault.Invalid, "hands.match.org_missing").On("org")
			}
		}
		return s.Reserve(c.Context(), actor.From(c.Context()), choice)
	})
}

func (s *Service) thankForm(c *web.Ctx) error {
	return s.offerDeed(c, "hands.offer.was_thanked", func(url.Values) error {
		oid, err := id.Parse[Offer](c.R.PathValue("id"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		return s.Thank(c.Context(), actor.From(c.Context()), oid)
	})
}

func (s *Service) releaseForm(c *web.Ctx) error {
	return s.offerDeed(c, "hands.match.was_released", func(url.Values) error {
		mid, err := id.Parse[Match](c.R.PathValue("match"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		return s.Release(c.Context(), actor.From(c.Context()), mid)
	})
}

func (s *Service) useForm(c *web.Ctx) error {
	return s.offerDeed(c, "hands.match.was_used", func(v url.Values) error {
		mid, err := id.Parse[Match](c.R.PathValue("match"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		n, err := readCount(v.Get("used"))
		if err != nil {
			return fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("used")
		}
		return s.Use(c.Context(), actor.From(c.Context()), mid, n)
	})
}

// revealOfferForm shows who gave, for a reason. The name stands on this one page,
// and in no address.
func (s *Service) revealOfferForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	oid, err := id.Parse[Offer](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	p, err := s.RevealOffer(c.Context(), actor.From(c.Context()), oid, v.Get("reason"))
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showOffer(c, nil, v, err)
		}
		return err
	}
	return s.showOffer(c, &p, nil, nil)
}
