package people

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// signInPage asks for login, password and code at once.
type signInPage struct {
	ui.Frame
	Login string
	Next  string // where somebody wanted to go, without the language
	Keys  bool   // passkeys open this house, at the address where the reader stands
}

// cookie is the name of the session cookie. A browser takes one that begins
// with __Host- by TLS only, for the whole of this host and no other (RFC
// 6265bis §4.1.3.2); without TLS, on one's own machine, the plain name serves.
func cookie(c *web.Ctx) string {
	if c.Secure() {
		return "__Host-session"
	}
	return "session"
}

// held is the token that a request shows: in the cookie, or, to the API, as
// "Authorization: Bearer" (RFC 6750 §2.1).
func held(c *web.Ctx) string {
	if c.Door.API {
		if kind, token, ok := strings.Cut(c.R.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
			return strings.TrimSpace(token)
		}
	}
	if k, err := c.R.Cookie(cookie(c)); err == nil {
		return k.Value
	}
	return ""
}

// Keep puts a session into the reader's browser.
func (s *Service) Keep(c *web.Ctx, token string, till time.Time) {
	http.SetCookie(c.W, &http.Cookie{Name: cookie(c), Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.Secure(), MaxAge: int(till.Sub(s.h.DB.Now()).Seconds())})
}

func drop(c *web.Ctx) {
	http.SetCookie(c.W, &http.Cookie{Name: cookie(c), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure(), MaxAge: -1})
}

// Enter finds out who is there, for web.Site.Enter. Somebody whose session is
// over is a passer-by, and so is everybody when the store does not answer.
func (s *Service) Enter(c *web.Ctx) context.Context {
	ctx, by := c.Context(), actor.Actor{Channel: "web"}
	if c.Door.API {
		by.Channel = "api"
	}
	if token := held(c); token != "" {
		v, err := s.visit(ctx, token, c.Lang())
		switch {
		case err == nil:
			v.who.Channel = by.Channel
			by = v.who
		case fault.KindOf(err) != fault.Unknown:
			c.Site.Log.Error("session not read", "problem", err.Error())
			by.Unread = true
		}
	}
	return actor.Into(ctx, by)
}

func (s *Service) visit(ctx context.Context, token, lang string) (v visit, err error) {
	var now time.Time
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		now = t.Now()
		v, err = loadVisit(t, token, lang)
		return err
	})
	if err == nil && now.Sub(v.session.SeenAt) >= seenEvery {
		// Nobody is kept out because this cannot be noted.
		if err := s.h.DB.Write(ctx, func(t *db.Tx) error { return seen(t, v.session.ID) }); err != nil {
			s.h.Log.Error("last use of a session not noted", "problem", err.Error())
		}
	}
	return v, err
}

// me is who is signed in; nobody is asked to sign in first.
func me(c *web.Ctx) (actor.Actor, error) {
	by := actor.From(c.Context())
	if by.Account.IsZero() {
		return by, fault.New(fault.Unknown, "error.sign_in")
	}
	return by, nil
}

func (s *Service) signInForm(c *web.Ctx) error {
	if by := actor.From(c.Context()); !by.Account.IsZero() {
		return c.Seek(s.home(by, c.R.URL.Query().Get("next")))
	}
	return c.Render("people_sign_in", s.signInPage(c, "", c.R.URL.Query().Get("next")))
}

func (s *Service) signInPage(c *web.Ctx, login, next string) *signInPage {
	return &signInPage{Frame: s.door(c, "people.session.title"), Login: login, Next: onward(next), Keys: s.passkeysHere(c)}
}

// door is the frame of a page that asks one thing.
func (s *Service) door(c *web.Ctx, title string) ui.Frame {
	return ui.Frame{Title: c.P.Text(title), Kind: ui.Form}
}

// onward is where to go next, if it is a page of this house.
func onward(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") || len(next) > 500 {
		return ""
	}
	return next
}

func (s *Service) home(by actor.Actor, next string) string {
	if next = onward(next); next != "" {
		return next
	}
	if s.Home != nil {
		return s.Home(by)
	}
	return "/me"
}

func (s *Service) signInPost(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	token, till, err := s.SignIn(c.Context(), c.Site.Limit, Try{Login: f.Get("login"), Password: f.Get("password"), Code: f.Get("code"),
		From: c.From(), Device: device(c.R.UserAgent()), Channel: "web", Old: held(c), Passkey: []byte(f.Get("passkey"))})
	return s.cameIn(c, f, token, till, err)
}

// cameIn answers whoever tried to come in: with the page again, or with where
// they go.
func (s *Service) cameIn(c *web.Ctx, f url.Values, token string, till time.Time, err error) error {
	if fault.KindOf(err) == fault.Unknown {
		p := s.signInPage(c, f.Get("login"), f.Get("next"))
		p.Errors = []ui.FieldError{{Field: "login", Text: c.Sentence(err)}}
		return c.RenderStatus(http.StatusUnprocessableEntity, "people_sign_in", p)
	}
	if err != nil {
		return err
	}
	s.Keep(c, token, till)
	v, err := s.visit(c.Context(), token, c.Lang())
	if err != nil {
		return err
	}
	return c.Seek(s.home(v.who, f.Get("next")))
}

func (s *Service) signOut(c *web.Ctx) error {
	if err := s.SignOut(c.Context(), actor.From(c.Context()), held(c)); err != nil {
		return err
	}
	drop(c)
	c.Flash("people.session.bye")
	return c.Seek("/sign-in")
}
