package people

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// accountsPage lists who works here.
type accountsPage struct {
	ui.Frame
	Rows  []accountRow
	Query string
	Pager ui.Pager
}

type accountRow struct {
	ID     actor.AccountID
	Login  string
	Name   string
	State  Standing
	Grants []grantRow
}

// grantRow is a role in words.
type grantRow struct {
	Grant
	OrgName   string
	Suspended bool // the organisation may not act now
	Place     string
}

// accountDetail is one account: its roles, and what an administrator may do.
type accountDetail struct {
	ui.Frame
	Account  Account
	Langs    []string
	Grants   []grantRow
	Sessions int
	Oneself  bool
	Guarded  bool // a new link waits for a second person
	Typed    grantForm
	Roles    []ui.Option
	Orgs     []ui.Option
	Services []ui.Option
}

type grantForm struct{ ID, Role, Org, Territory, Service string }

// newAccountPage is the form that invites somebody.
type newAccountPage struct {
	ui.Frame
	ID    string
	Login string
	Name  string
	Langs []ui.Option
}

func (s *Service) grantRows(t *db.Tx, grants []Grant, lang string) ([]grantRow, error) {
	var all []grantRow
	for _, g := range grants {
		row := grantRow{Grant: g}
		if !g.Org.IsZero() {
			o, err := getOrganisation(t, g.Org)
			if err != nil {
				return nil, err
			}
			row.OrgName, row.Suspended = o.Names.In(lang), o.Status != Recognised
		}
		if g.Territory != "" {
			row.Place = placeName(s.places, g.Territory, lang)
		}
		all = append(all, row)
	}
	return all, nil
}

func (s *Service) listAccounts(c *web.Ctx) error {
	q := c.R.URL.Query()
	p := &accountsPage{Frame: s.frame(c, "people.accounts.title", "accounts"), Query: q.Get("q")}
	err := s.h.Look(c.Context(), actor.From(c.Context()), accountRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, more, err := listAccounts(t.Tx, strings.ToLower(tidy(p.Query)), q.Get("after"))
		if err != nil {
			return err
		}
		for _, a := range all {
			grants, err := grantsOf(t.Tx, a.ID)
			if err != nil {
				return err
			}
			rows, err := s.grantRows(t.Tx, grants, c.Lang())
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, accountRow{a.ID, a.Login, a.Name, a.State, rows})
		}
		if more {
			p.Pager.More = c.Href("/accounts?" + url.Values{"after": {all[len(all)-1].Login}, "q": {p.Query}}.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(all), accountPage
		return nil
	})
	if err != nil {
		return err
	}
	return c.Render("people_accounts", p)
}

func (s *Service) accountForm(c *web.Ctx, aid, login, name string, langs []string) *newAccountPage {
	return &newAccountPage{Frame: s.frame(c, "people.account.new", "accounts"), ID: aid, Login: login, Name: name, Langs: s.langOptions(c.Lang(), langs)}
}

func (s *Service) newAccount(c *web.Ctx) error {
	return c.Render("people_account_new", s.accountForm(c, id.New[actor.Account](s.h.DB.Now()).String(), "", "", nil))
}

func (s *Service) invitePost(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	var token string
	aid, err := id.Parse[actor.Account](f.Get("id"))
	a := Account{ID: aid, Login: f.Get("login"), Name: f.Get("name"), Langs: f["langs"]}
	if err != nil {
		err = fault.New(fault.Invalid, "people.form.stale")
	} else {
		token, err = s.Invite(c.Context(), actor.From(c.Context()), a)
	}
	if errs, ok := c.FieldErrors(err); ok {
		p := s.accountForm(c, f.Get("id"), a.Login, a.Name, a.Langs)
		p.Errors = errs
		return c.RenderStatus(http.StatusUnprocessableEntity, "people_account_new", p)
	}
	if err != nil {
		return err
	}
	return s.showLink(c, a, token, "/accounts/"+a.ID.String(), false)
}

func accountID(c *web.Ctx) (actor.AccountID, error) {
	aid, err := id.Parse[actor.Account](c.R.PathValue("id"))
	if err != nil {
		return aid, missing()
	}
	return aid, nil
}

func (s *Service) accountDetail(c *web.Ctx, typed grantForm) (*accountDetail, error) {
	aid, err := accountID(c)
	if err != nil {
		return nil, err
	}
	by := actor.From(c.Context())
	p := &accountDetail{Frame: s.frame(c, "people.account.title", "accounts"), Oneself: by.Account == aid, Typed: typed}
	err = s.h.Look(c.Context(), by, accountRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if p.Account, err = getAccount(t.Tx, aid); err != nil {
			return err
		}
		grants, err := grantsOf(t.Tx, aid)
		if err != nil {
			return err
		}
		if p.Grants, err = s.grantRows(t.Tx, grants, c.Lang()); err != nil {
			return err
		}
		if p.Guarded, err = guarded(t.Tx, aid); err != nil {
			return err
		}
		sessions, err := sessionsOf(t.Tx, aid)
		if err != nil {
			return err
		}
		p.Sessions = len(sessions)
		p.Orgs, err = s.orgOptions(t.Tx, c.Lang(), typed.Org)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Title, p.Roles = p.Account.Name, options(c, "role.", roleCodes(), typed.Role)
	for _, l := range p.Account.Langs {
		p.Langs = append(p.Langs, s.langName(l, c.Lang()))
	}
	if s.Services != nil {
		for _, x := range s.Services(c.Lang()) {
			x.Chosen = x.Value == typed.Service
			p.Services = append(p.Services, x)
		}
	}
	return p, nil
}

func (s *Service) showAccount(c *web.Ctx) error {
	p, err := s.accountDetail(c, grantForm{ID: id.New[Grant](s.h.DB.Now()).String()})
	if err != nil {
		return err
	}
	return c.Render("people_account", p)
}

// changeAccount does one of the deeds of an account's page that need no more
// than a button.
func (s *Service) changeAccount(flash string, do func(*web.Ctx, actor.AccountID) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		aid, err := accountID(c)
		if err != nil {
			return err
		}
		err = do(c, aid)
		if errs, ok := c.FieldErrors(err); ok {
			return s.accountAgain(c, grantForm{ID: id.New[Grant](s.h.DB.Now()).String()}, errs)
		}
		if err != nil {
			return err
		}
		c.Flash(flash)
		return c.Seek("/accounts/" + aid.String())
	}
}

func (s *Service) accountAgain(c *web.Ctx, typed grantForm, errs []ui.FieldError) error {
	p, err := s.accountDetail(c, typed)
	if err != nil {
		return err
	}
	p.Errors = errs
	return c.RenderStatus(http.StatusUnprocessableEntity, "people_account", p)
}

func (s *Service) givePost(c *web.Ctx) error {
	aid, err := accountID(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	typed := grantForm{f.Get("id"), f.Get("role"), f.Get("org"), f.Get("territory"), f.Get("service")}
	g, wrong := s.readGrant(typed, aid, c.Lang())
	waits := false
	if err = wrong.OrNil(); err == nil {
		waits, err = s.give(c.Context(), actor.From(c.Context()), g)
	}
	if errs, ok := c.FieldErrors(err); ok {
		return s.accountAgain(c, typed, errs)
	}
	if err != nil {
		return err
	}
	said := "people.grant.given"
	if waits {
		said = "people.second.asked"
	}
	c.Flash(said)
	return c.Seek("/accounts/" + aid.String())
}

// readGrant makes a role of what was typed, or says everything that is wrong
// with it at once. A role reaches one place: more are more roles.
func (s *Service) readGrant(typed grantForm, aid actor.AccountID, lang string) (g Grant, wrong fault.All) {
	gid, err := id.Parse[Grant](typed.ID)
	if err != nil {
		return g, fault.All{fault.New(fault.Invalid, "people.form.stale")}
	}
	g = Grant{ID: gid, Account: aid, Role: actor.Role(typed.Role), Service: strings.TrimSpace(typed.Service)}
	if typed.Org != "" {
		if g.Org, err = id.Parse[actor.Organisation](typed.Org); err != nil {
			return g, fault.All{fault.New(fault.Invalid, "people.form.stale")}
		}
	}
	codes, lost := readTerritory(s.places, typed.Territory, lang, "territory")
	switch {
	case len(codes) > 1:
		lost = append(lost, fault.New(fault.Invalid, "people.grant.one_place").On("territory"))
	case len(codes) == 1:
		g.Territory = codes[0]
	}
	return g, append(g.wrong(), lost...)
}

func (s *Service) endPost(c *web.Ctx) error {
	aid, err := accountID(c)
	if err != nil {
		return err
	}
	gid, err := id.Parse[Grant](c.R.PathValue("grant"))
	if err != nil {
		return missing()
	}
	waits, err := s.end(c.Context(), actor.From(c.Context()), aid, gid)
	if errs, ok := c.FieldErrors(err); ok {
		return s.accountAgain(c, grantForm{ID: id.New[Grant](s.h.DB.Now()).String()}, errs)
	}
	if err != nil {
		return err
	}
	said := "people.grant.ended_now"
	if waits {
		said = "people.second.asked_end"
	}
	c.Flash(said)
	return c.Seek("/accounts/" + aid.String())
}

func (s *Service) resetPost(c *web.Ctx) error {
	aid, err := accountID(c)
	if err != nil {
		return err
	}
	token, err := s.Reset(c.Context(), actor.From(c.Context()), aid)
	if errs, ok := c.FieldErrors(err); ok {
		return s.accountAgain(c, grantForm{ID: id.New[Grant](s.h.DB.Now()).String()}, errs)
	}
	if err != nil {
		return err
	}
	if token == "" {
		c.Flash("people.second.asked")
		return c.Seek("/accounts/" + aid.String())
	}
	name, err := s.nameOf(c, aid)
	if err != nil {
		return err
	}
	return s.showLink(c, Account{ID: aid, Name: name}, token, "/accounts/"+aid.String(), true)
}

// nameOf is the staff name that a link is shown with.
func (s *Service) nameOf(c *web.Ctx, aid actor.AccountID) (name string, err error) {
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		name, err = s.AccountName(t, aid)
		return err
	})
	return name, err
}
