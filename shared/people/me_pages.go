package people

import (
	"net/http"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
)

// mePage is one's own: roles, where one is signed in, languages.
type mePage struct {
	ui.Frame
	Name     string
	Login    string
	Grants   []grantRow
	Sessions []sessionRow
	Langs    []ui.Option
	Phones   []Phone
	Passkeys int
}

// sessionRow is one place where somebody is signed in.
type sessionRow struct {
	Session
	Here bool // the one that shows this page
}

func (s *Service) mePage(c *web.Ctx) (*mePage, error) {
	by, err := me(c)
	if err != nil {
		return nil, err
	}
	p := &mePage{Frame: s.frame(c, "people.me.title", "me")}
	err = s.h.Look(c.Context(), by, meRead, func(t *deed.Tx) error {
		if err := t.Own(by.Account); err != nil {
			return err
		}
		a, err := getAccount(t.Tx, by.Account)
		if err != nil {
			return err
		}
		p.Name, p.Login, p.Langs = a.Name, a.Login, s.langOptions(c.Lang(), a.Langs)
		grants, err := grantsOf(t.Tx, a.ID)
		if err != nil {
			return err
		}
		if p.Grants, err = s.grantRows(t.Tx, grants, c.Lang()); err != nil {
			return err
		}
		if s.Phones != nil {
			if p.Phones, err = s.Phones(t.Tx, a.ID); err != nil {
				return err
			}
		}
		keys, err := passkeysOf(t.Tx, a.ID)
		if err != nil {
			return err
		}
		p.Passkeys = len(keys)
		sessions, err := sessionsOf(t.Tx, a.ID)
		if err != nil {
			return err
		}
		here, err := sessionByToken(t.Tx, held(c))
		for _, x := range sessions {
			p.Sessions = append(p.Sessions, sessionRow{x, x.ID == here.ID})
		}
		return err
	})
	return p, err
}

func (s *Service) showMe(c *web.Ctx) error {
	p, err := s.mePage(c)
	if err != nil {
		return err
	}
	return c.Render("people_me", p)
}

func (s *Service) setLangs(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	err = s.SetLangs(c.Context(), by, f["langs"])
	if errs, ok := c.FieldErrors(err); ok {
		p, err := s.mePage(c)
		if err != nil {
			return err
		}
		p.Errors, p.Langs = errs, s.langOptions(c.Lang(), f["langs"])
		return c.RenderStatus(http.StatusUnprocessableEntity, "people_me", p)
	}
	if err != nil {
		return err
	}
	c.Flash("people.me.langs_kept")
	return c.Seek("/me")
}

func (s *Service) closeMine(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	sid, err := id.Parse[Session](c.R.PathValue("session"))
	if err != nil {
		return missing()
	}
	if err := s.CloseSession(c.Context(), by, sid); err != nil {
		return err
	}
	c.Flash("people.me.session_closed")
	return c.Seek("/me")
}
