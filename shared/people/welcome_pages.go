package people

import (
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// welcomePage is the first page behind a link: choose a password, and, for the
// first administrator, who one is.
type welcomePage struct {
	ui.Frame
	Token string
	First bool
	Reset bool
	Login string
	Name  string
	Least int
}

// codePage is the second: put the secret into an authenticator app and show a code.
type codePage struct {
	ui.Frame
	Token  string
	QR     template.HTML
	Secret string
}

// Groups is the secret in fours, to be typed by hand.
func (p *codePage) Groups() []string {
	var all []string
	for part := range slices.Chunk([]byte(p.Secret), 4) {
		all = append(all, string(part))
	}
	return all
}

// linkPage shows an administrator the link of somebody else, once.
type linkPage struct {
	ui.Frame
	Name  string
	Link  string
	Reset bool
	Till  time.Time
	Back  string // without the language
}

func (s *Service) welcomeForm(c *web.Ctx) error {
	i, a, err := s.openedLink(c)
	if err != nil {
		return err
	}
	if a.password != "" {
		return s.showCode(c, a, nil)
	}
	return c.Render("people_welcome", s.welcomePage(c, i, a))
}

func (s *Service) openedLink(c *web.Ctx) (i invite, a Account, err error) {
	err = s.h.Look(c.Context(), actor.From(c.Context()), welcomeRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		i, a, err = openedInvite(t.Tx, c.R.PathValue("token"))
		return err
	})
	if err == nil {
		// By link, not by address: a room full of people may be invited at once.
		err = c.Site.Limit.Take("welcome "+i.id.String(), triesPerLink, triesWithin)
	}
	return i, a, err
}

func (s *Service) welcomePage(c *web.Ctx, i invite, a Account) *welcomePage {
	p := &welcomePage{Frame: s.door(c, "people.welcome.title"), Token: c.R.PathValue("token"), First: a.ID.IsZero(), Reset: i.kind == kindReset,
		Login: a.Login, Name: a.Name, Least: LeastPassword}
	return p
}

func (s *Service) welcomePost(c *web.Ctx) error {
	i, a, err := s.openedLink(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	by := actor.Actor{Channel: "web"}
	err = s.setPassword(c.Context(), by, c.R.PathValue("token"), chosen{login: f.Get("login"), name: f.Get("name")}, f.Get("password"), f.Get("again"))
	if errs, ok := c.FieldErrors(err); ok {
		p := s.welcomePage(c, i, a)
		if p.First {
			p.Login, p.Name = f.Get("login"), f.Get("name")
		}
		p.Errors = errs
		return c.RenderStatus(http.StatusUnprocessableEntity, "people_welcome", p)
	}
	if err != nil {
		return err
	}
	return c.Seek(welcomePath(c.R.PathValue("token")))
}

func (s *Service) showCode(c *web.Ctx, a Account, errs []ui.FieldError) error {
	secret, err := s.pendingSecret(a)
	if err != nil {
		return err
	}
	qr, err := crypt.QR(totpURL(a.Login, secret))
	if err != nil {
		return err
	}
	p := &codePage{Frame: s.door(c, "people.welcome.code_title"), Token: c.R.PathValue("token"), QR: qr, Secret: secret}
	status := http.StatusOK
	if p.Errors = errs; len(errs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return c.RenderStatus(status, "people_welcome_code", p)
}

func (s *Service) welcomeCode(c *web.Ctx) error {
	_, a, err := s.openedLink(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	token, open, err := s.enrol(c.Context(), actor.Actor{Channel: "web"}, c.R.PathValue("token"), f.Get("code"), device(c.R.UserAgent()), held(c))
	if errs, ok := c.FieldErrors(err); ok {
		return s.showCode(c, a, errs)
	}
	if err != nil {
		return err
	}
	s.Keep(c, token, open.Till)
	c.Flash("people.welcome.done")
	return c.Seek("/me")
}

// showLink answers a POST with a page, not with a redirect as all others do:
// the link is told this once, and must stand in no address and no cookie.
func (s *Service) showLink(c *web.Ctx, a Account, token, back string, reset bool) error {
	scheme := "http://"
	if c.Secure() {
		scheme = "https://"
	}
	p := &linkPage{Frame: s.frame(c, "people.link.title", "accounts"), Name: a.Name, Link: scheme + c.R.Host + c.Href(welcomePath(token)), Reset: reset,
		Till: s.h.DB.Now().Add(linkLife), Back: back}
	if a.ID.IsZero() {
		return fault.New(fault.Missing, "error.missing")
	}
	return c.Render("people_link", p)
}
