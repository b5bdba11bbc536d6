package giving

import (
	"net/url"
	"strings"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

func (s *Service) spendForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	raw, err := fileOf(c, "document")
	if err != nil {
		return err
	}
	x := Spending{Kind: SpendingKind(v.Get("kind")), Purpose: strings.TrimSpace(v.Get("purpose")), About: v.Get("about")}
	if x.ID, err = readID[Spending](v.Get("id")); err != nil {
		return err
	}
	if e := v.Get("envelope"); e != "" {
		if x.Envelope, err = readID[Envelope](e); err != nil {
			return err
		}
	}
	if x.Earmark, err = earmarkIn(v, "earmark"); err != nil {
		return err
	}
	x.Paper = raw
	x.Minor, _ = s.amount(v.Get("amount")) // 0 is told with all the rest that is wrong
	if err := s.Write(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), x, strings.TrimSpace(v.Get("name")), strings.TrimSpace(v.Get("payee"))); err != nil {
		return s.desk(c, &deskPage{}, v, err)
	}
	c.Flash("giving.spending.written")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// earmarkForm lets people give for one purpose.
func (s *Service) earmarkForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	e := Earmark{Names: map[string]string{"ar": v.Get("name_ar"), "fr": v.Get("name_fr")}}
	if e.ID, err = readID[Earmark](v.Get("id")); err != nil {
		return err
	}
	if err := s.OpenEarmark(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), e); err != nil {
		return s.desk(c, &deskPage{}, v, err)
	}
	c.Flash("giving.earmark.opened")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// unmarkForm hands out no more numbers for a purpose.
func (s *Service) unmarkForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	eid, err := readID[Earmark](v.Get("id"))
	if err != nil {
		return err
	}
	if err := s.CloseEarmark(c.Context(), actor.From(c.Context()), eid); err != nil {
		return err
	}
	c.Flash("giving.earmark.closed_now")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// spendingChosen is the spending that a button is of.
func spendingChosen(c *web.Ctx) (SpendingID, error) {
	v, err := c.Form()
	if err != nil {
		return SpendingID{}, err
	}
	return readID[Spending](v.Get("id"))
}

// payeeForm shows to whom one spending is paid, before somebody agrees to it.
func (s *Service) payeeForm(c *web.Ctx) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	payee, err := s.Payee(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	return s.desk(c, &deskPage{Shown: sid.String(), Payee: payee}, url.Values{}, nil)
}

// paperForm hands out the paper of one spending.
func (s *Service) paperForm(c *web.Ctx) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	body, kind, err := s.Paper(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	return c.Download("paper-"+sumOf(body)[:16]+"."+kind, map[string]string{"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}[kind], body)
}

func (s *Service) agreeForm(c *web.Ctx) error { return s.decided(c, "giving.spending.agreed", s.Agree) }

func (s *Service) dropForm(c *web.Ctx) error { return s.decided(c, "giving.spending.dropped", s.Drop) }

func (s *Service) decided(c *web.Ctx, told string, do decision) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	if err := do(c.Context(), actor.From(c.Context()), sid); err != nil {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.desk(c, &deskPage{}, url.Values{}, err)
	}
	c.Flash(told)
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}
