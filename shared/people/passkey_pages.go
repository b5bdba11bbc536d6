package people

import (
	"encoding/json"
	"net/http"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// passkeysPage is one's own passkeys, and a new one.
type passkeysPage struct {
	ui.Frame
	Rows    []Passkey
	Recent  bool   // they showed who they are just now, and may change this
	Here    bool   // browsers make passkeys at the address where this is read
	Address string // else: where they do; "" is nowhere
	Name    string // as it was typed
}

// askedOut is what the page's script hands to the browser.
type askedOut struct {
	Options json.RawMessage `json:"options"`
}

// passkeysHere tells whether the reader stands at the address that passkeys of
// this house are bound to.
func (s *Service) passkeysHere(c *web.Ctx) bool {
	return s.passkeys != nil && s.passkeys.Host() == c.R.Host
}

func (s *Service) passkeysPage(c *web.Ctx) (*passkeysPage, error) {
	by, err := me(c)
	if err != nil {
		return nil, err
	}
	p := &passkeysPage{Frame: s.frame(c, "people.passkey.title", "me"), Here: s.passkeysHere(c)}
	if s.passkeys != nil {
		p.Address = s.passkeys.Host()
	}
	err = s.h.Look(c.Context(), by, meRead, func(t *deed.Tx) (err error) {
		if err := t.Own(by.Account); err != nil {
			return err
		}
		switch err := s.recent(t.Tx, held(c)); fault.KindOf(err) {
		case fault.Denied:
		default:
			if err != nil {
				return err
			}
			p.Recent = true
		}
		if p.Rows, err = passkeysOf(t.Tx, by.Account); err != nil {
			return err
		}
		for i := range p.Rows {
			if p.Rows[i].Name, err = s.vault.OpenText(passkeyNameAt(p.Rows[i].ID), p.Rows[i].name); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

func (s *Service) showPasskeys(c *web.Ctx) error {
	p, err := s.passkeysPage(c)
	if err != nil {
		return err
	}
	return c.Render("people_passkeys", p)
}

// again shows the page with what is wrong, or gives the error back.
func (s *Service) again(c *web.Ctx, err error, name string) error {
	errs, ok := c.FieldErrors(err)
	if !ok {
		return err
	}
	p, err := s.passkeysPage(c)
	if err != nil {
		return err
	}
	p.Errors, p.Name = errs, name
	return c.RenderStatus(http.StatusUnprocessableEntity, "people_passkeys", p)
}

func (s *Service) askPasskeyNew(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	options, err := s.askNew(c.Context(), by, held(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, askedOut{options})
}

func (s *Service) addPasskeyPost(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := s.AddPasskey(c.Context(), by, held(c), f.Get("name"), []byte(f.Get("answer"))); err != nil {
		return s.again(c, err, f.Get("name"))
	}
	c.Flash("people.passkey.kept")
	return c.Seek("/me/passkeys")
}

func (s *Service) removePasskeyPost(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	pid, err := id.Parse[Passkey](c.R.PathValue("passkey"))
	if err != nil {
		return missing()
	}
	if err := s.RemovePasskey(c.Context(), by, held(c), pid); err != nil {
		return err
	}
	c.Flash("people.passkey.removed")
	return c.Seek("/me/passkeys")
}

func (s *Service) confirmPost(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := s.ConfirmSession(c.Context(), c.Site.Limit, by, c.From(), held(c), f.Get("password")); err != nil {
		return s.again(c, err, "")
	}
	return c.Seek("/me/passkeys")
}

// askPasskey is asked by the page of the door, by whoever stands there.
func (s *Service) askPasskey(c *web.Ctx) error {
	purpose := askAlone
	if c.R.URL.Query().Get("second") != "" {
		purpose = askSecond
	}
	options, err := s.askAny(c.Context(), c.Site.Limit, c.From(), purpose)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, askedOut{options})
}

func (s *Service) passkeyPost(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	token, till, err := s.SignInByPasskey(c.Context(), c.Site.Limit, Try{Passkey: []byte(f.Get("answer")), From: c.From(),
		Device: device(c.R.UserAgent()), Channel: actor.From(c.Context()).Channel, Old: held(c)})
	return s.cameIn(c, f, token, till, err)
}
