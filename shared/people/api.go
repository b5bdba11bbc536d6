package people

import (
	"net/http"
	"time"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// SessionRequest is what a program shows to sign in.
type SessionRequest struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code"` // six digits of the authenticator app, each good once
}

// SessionAnswer is the token to send as "Authorization: Bearer". It also ends
// after twelve hours without use.
type SessionAnswer struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
}

// OrganisationEntry is one recognised organisation, for anybody.
type OrganisationEntry struct {
	ID        actor.OrganisationID `json:"id"`
	Kind      Kind                 `json:"kind"`
	Names     Names                `json:"names"`
	Territory []string             `json:"territory"` // place codes; none is the whole country
}

// OrganisationList is a page of the register. Next is the "after" of the next
// page; there is none at the end.
type OrganisationList struct {
	Organisations []OrganisationEntry `json:"organisations"`
	Next          string              `json:"next,omitempty"`
}

func (s *Service) api() []module.Door {
	return []module.Door{
		{API: true, Method: "POST", Path: "/api/v1/session", Deed: sessionOpen, In: SessionRequest{}, Out: SessionAnswer{}, Handle: s.apiSignIn},
		{API: true, Method: "DELETE", Path: "/api/v1/session", Deed: sessionClose, Handle: s.apiSignOut},
		{API: true, Method: "GET", Path: "/api/v1/organisations", Deed: organisationPublish, Out: OrganisationList{}, Handle: s.apiOrganisations},
	}
}

func (s *Service) apiSignIn(c *web.Ctx) error {
	var in SessionRequest
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	token, till, err := s.SignIn(c.Context(), c.Site.Limit, Try{Login: in.Login, Password: in.Password, Code: in.Code,
		From: c.From(), Device: "program", Channel: "api"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, SessionAnswer{token, till})
}

func (s *Service) apiSignOut(c *web.Ctx) error {
	by, err := me(c)
	if err != nil {
		return err
	}
	if err := s.SignOut(c.Context(), by, held(c)); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) apiOrganisations(c *web.Ctx) error {
	out := OrganisationList{Organisations: []OrganisationEntry{}}
	err := s.h.Look(c.Context(), actor.From(c.Context()), organisationPublish, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, more, err := findOrganisations(t.Tx, find{status: Recognised, query: c.R.URL.Query().Get("q"), lang: "fr", after: c.R.URL.Query().Get("after")})
		for _, o := range all {
			entry := OrganisationEntry{o.ID, o.Kind, o.Names, o.Territory}
			if entry.Territory == nil {
				entry.Territory = []string{}
			}
			out.Organisations = append(out.Organisations, entry)
		}
		if more {
			out.Next = all[len(all)-1].ID.String()
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}
