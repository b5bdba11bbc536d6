package people

import (
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// secondPage is who was given, or is to be given, the role that reads
// restricted concerns, and every new way into an account that holds it.
type secondPage struct {
	ui.Frame
	Rows   []secondRow
	Holder bool // the reader holds the role
	Unread bool
}

type secondRow struct {
	Second
	Name, Login string
	Asked       string // staff name; "" is the house itself
	Decided     string
	Place       string
	CameIn      time.Time
	Waits       bool
	MayApprove  bool
}

func (s *Service) showSeconds(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &secondPage{Frame: s.frame(c, "people.second.title", "accounts"), Holder: by.Holds(actor.Safeguarding)}
	err := s.h.Look(c.Context(), by, secondRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listSeconds(t.Tx)
		if err != nil {
			return err
		}
		for _, x := range all {
			row, err := s.secondRow(t, x, c.Lang())
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		n, err := unread(t.Tx, by.Account)
		p.Unread = p.Holder && n > 0
		return err
	})
	if err != nil {
		return err
	}
	p.Nav = "concerns" // among those who hold the role
	if by := actor.From(c.Context()); by.Holds(actor.Administrator) {
		p.Nav = "accounts"
	}
	return c.Render("people_second", p)
}

func (s *Service) secondRow(t *deed.Tx, x Second, lang string) (row secondRow, err error) {
	row = secondRow{Second: x, Waits: x.State == "waiting", MayApprove: s.mayAgree(t, x) == nil}
	a, err := getAccount(t.Tx, x.Account)
	if err != nil {
		return row, err
	}
	row.Name, row.Login = a.Name, a.Login
	if x.Territory != "" {
		row.Place = placeName(s.places, x.Territory, lang)
	}
	if !x.AskedBy.IsZero() {
		if row.Asked, err = s.AccountName(t.Tx, x.AskedBy); err != nil {
			return row, err
		}
	}
	if !x.DecidedBy.IsZero() {
		if row.Decided, err = s.AccountName(t.Tx, x.DecidedBy); err != nil {
			return row, err
		}
	}
	row.CameIn, err = cameIn(t.Tx, x.Account)
	return row, err
}

func secondID(c *web.Ctx) (id.Of[Second], error) {
	sid, err := id.Parse[Second](c.R.PathValue("second"))
	if err != nil {
		return sid, missing()
	}
	return sid, nil
}

func (s *Service) approvePost(c *web.Ctx) error {
	sid, err := secondID(c)
	if err != nil {
		return err
	}
	token, aid, err := s.Approve(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	if token == "" {
		c.Flash("people.second.approved")
		return c.Seek("/safeguarding")
	}
	name, err := s.nameOf(c, aid)
	if err != nil {
		return err
	}
	return s.showLink(c, Account{ID: aid, Name: name}, token, "/safeguarding", true)
}

func (s *Service) refusePost(c *web.Ctx) error {
	sid, err := secondID(c)
	if err == nil {
		err = s.Refuse(c.Context(), actor.From(c.Context()), sid)
	}
	if err != nil {
		return err
	}
	c.Flash("people.second.refused")
	return c.Seek("/safeguarding")
}

func (s *Service) seenPost(c *web.Ctx) error {
	if err := s.PutAside(c.Context(), actor.From(c.Context())); err != nil {
		return err
	}
	c.Flash("people.second.seen")
	return c.Seek("/safeguarding")
}
