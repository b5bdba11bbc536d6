package people

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// organisationsPage is the register: every organisation, by status and name.
type organisationsPage struct {
	ui.Frame
	Rows        []organisationRow
	Status      Status
	Query       string
	Segments    []ui.Link
	MayRegister bool
	Pager       ui.Pager
}

type organisationRow struct {
	ID     actor.OrganisationID
	Name   string
	Kind   Kind
	Status Status
	Places []string
}

// organisationDetail is one organisation with all its names, and what the
// reader may do about it.
type organisationDetail struct {
	ui.Frame
	Org        Organisation
	Name       string
	Aliases    []Alias
	Places     []string
	Holders    []holderRow
	ShowHolder bool
	MayJudge   bool
	MayRename  bool
	Typed      organisationForm
	Recognise  []ui.Option
	Suspend    []ui.Option
	Today      string
	Officers   []Officer
	MayOfficer bool
	Offices    []ui.Option
	NewOfficer string // identifier of the one that the form may keep
}

type holderRow struct {
	Name string
	Role actor.Role
}

// organisationForm is what is typed about an organisation.
type organisationForm struct {
	ID, Kind, NameAR, NameFR, NameZGH, Receipt, Phone, Territory string
	Domains                                                      []string
	Alias, From, To, Office, Officer, Since                      string
}

// newOrganisation is the form that registers one.
type newOrganisation struct {
	ui.Frame
	Typed   organisationForm
	Kinds   []ui.Option
	Domains []ui.Option
}

func missing() error { return fault.New(fault.Missing, "error.missing") }

// frame is the frame of a staff page.
func (s *Service) frame(c *web.Ctx, title, nav string) ui.Frame {
	return ui.Frame{Title: c.P.Text(title), Kind: ui.Staff, Nav: nav}
}

func (s *Service) placeNames(codes []string, lang string) []string {
	var all []string
	for _, code := range codes {
		all = append(all, placeName(s.places, code, lang))
	}
	return all
}

func (s *Service) listOrganisations(c *web.Ctx) error {
	by, q := actor.From(c.Context()), c.R.URL.Query()
	p := &organisationsPage{Frame: s.frame(c, "people.organisations.title", "organisations"), Status: Status(q.Get("status")), Query: q.Get("q"),
		MayRegister: deed.May(by, organisationRegister) == nil}
	if !slices.Contains(Statuses, p.Status) {
		p.Status = ""
	}
	p.Segments = segments(c, p.Status, p.Query)
	err := s.h.Look(c.Context(), by, organisationRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, more, err := findOrganisations(t.Tx, find{p.Status, p.Query, c.Lang(), q.Get("after")})
		for _, o := range all {
			p.Rows = append(p.Rows, organisationRow{o.ID, o.Names.In(c.Lang()), o.Kind, o.Status, s.placeNames(o.Territory, c.Lang())})
		}
		if more {
			next := url.Values{"after": {all[len(all)-1].ID.String()}, "status": {string(p.Status)}, "q": {p.Query}}
			p.Pager.More = c.Href("/organisations?" + next.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(all), organisationPage
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("people_organisations", p)
}

// segments are the links that keep to one status.
func segments(c *web.Ctx, now Status, query string) []ui.Link {
	link := func(key string, st Status) ui.Link {
		href := c.Href("/organisations?" + url.Values{"status": {string(st)}, "q": {query}}.Encode())
		return ui.Link{Href: href, Key: key, Current: st == now}
	}
	all := []ui.Link{link("people.status.all", "")}
	for _, st := range Statuses {
		all = append(all, link("people.status."+string(st), st))
	}
	return all
}

func (s *Service) organisationForm(c *web.Ctx, typed organisationForm) *newOrganisation {
	var kinds []string
	for _, k := range Kinds {
		kinds = append(kinds, string(k))
	}
	return &newOrganisation{Frame: s.frame(c, "people.organisation.new", "organisations"), Typed: typed,
		Kinds:   options(c, "people.kind.", kinds, typed.Kind),
		Domains: options(c, "people.domain.", Domains, typed.Domains...)}
}

func (s *Service) newOrganisation(c *web.Ctx) error {
	return c.Render("people_organisation_new", s.organisationForm(c, organisationForm{ID: id.New[actor.Organisation](s.h.DB.Now()).String()}))
}

func (s *Service) register(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	typed := organisationForm{ID: f.Get("id"), Kind: f.Get("kind"), NameAR: f.Get("name_ar"), NameFR: f.Get("name_fr"), NameZGH: f.Get("name_zgh"),
		Receipt: f.Get("receipt"), Phone: f.Get("phone"), Territory: f.Get("territory"), Domains: f["domains"]}
	o, wrong := s.readOrganisation(typed, c.Lang())
	if err = wrong.OrNil(); err == nil {
		err = s.Register(c.Context(), actor.From(c.Context()), o)
	}
	if errs, ok := c.FieldErrors(err); ok {
		p := s.organisationForm(c, typed)
		p.Errors = errs
		return c.RenderStatus(http.StatusUnprocessableEntity, "people_organisation_new", p)
	}
	if err != nil {
		return err
	}
	c.Flash("people.organisation.registered")
	return c.Seek("/organisations/" + o.ID.String())
}

// readOrganisation makes an organisation of what was typed, or says everything
// that is wrong with it at once.
func (s *Service) readOrganisation(typed organisationForm, lang string) (o Organisation, wrong fault.All) {
	oid, err := id.Parse[actor.Organisation](typed.ID)
	if err != nil {
		return o, fault.All{fault.New(fault.Invalid, "people.form.stale")}
	}
	o = Organisation{ID: oid, Kind: Kind(typed.Kind), Names: tidyNames(Names{typed.NameAR, typed.NameFR, typed.NameZGH}), Receipt: tidy(typed.Receipt), Domains: typed.Domains}
	wrong = o.wrong()
	if typed.Phone != "" {
		var f *fault.Fault
		if o.Phone, f = s.readPhone(typed.Phone); f != nil {
			wrong = append(wrong, f.On("phone"))
		}
	}
	codes, lost := readTerritory(s.places, typed.Territory, lang, "territory")
	o.Territory = codes
	return o, append(wrong, lost...)
}

func (s *Service) readPhone(raw string) (phone.Number, *fault.Fault) {
	n, err := phone.Parse(raw, s.places.Country().Phone.Prefix)
	if err == nil {
		return n, nil
	}
	if f, ok := err.(*fault.Fault); ok {
		return "", f
	}
	return "", fault.New(fault.Invalid, "phone.empty")
}

func organisationID(c *web.Ctx) (actor.OrganisationID, error) {
	oid, err := id.Parse[actor.Organisation](c.R.PathValue("id"))
	if err != nil {
		return oid, missing()
	}
	return oid, nil
}

func (s *Service) organisationDetail(c *web.Ctx) (*organisationDetail, error) {
	oid, err := organisationID(c)
	if err != nil {
		return nil, err
	}
	by := actor.From(c.Context())
	p := &organisationDetail{Frame: s.frame(c, "people.organisation.title", "organisations"),
		MayJudge: deed.May(by, organisationRecognise) == nil, MayRename: deed.May(by, organisationRename) == nil,
		ShowHolder: by.Holds(actor.Administrator, actor.CrisisCell) || by.Org == oid, Today: s.h.DB.Now().In(c.Site.Zone).Format(time.DateOnly)}
	err = s.h.Look(c.Context(), by, organisationRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if p.Org, err = getOrganisation(t.Tx, oid); err != nil {
			return err
		}
		if p.Officers, err = s.officers(t, oid); err != nil {
			return err
		}
		if p.Aliases, err = aliases(t.Tx, oid); err != nil || !p.ShowHolder {
			return err
		}
		p.Holders, err = s.holders(t, oid)
		return err
	})
	p.Name = p.Org.Names.In(c.Lang())
	p.Title = p.Name
	p.Places = s.placeNames(p.Org.Territory, c.Lang())
	p.Typed = organisationForm{NameAR: p.Org.Names.AR, NameFR: p.Org.Names.FR, NameZGH: p.Org.Names.ZGH}
	p.Recognise = options(c, "people.reason.", ReasonsToRecognise)
	p.Suspend = options(c, "people.reason.", ReasonsToSuspend)
	p.MayOfficer, p.Offices = s.mayKeepOfficers(by, p.Org), options(c, "people.office.", Offices)
	p.NewOfficer = id.New[Officer](s.h.DB.Now()).String()
	return p, err
}

// holders is who acts in an organisation's name.
func (s *Service) holders(t *deed.Tx, oid actor.OrganisationID) (all []holderRow, err error) {
	grants, err := grantsIn(t.Tx, oid)
	for _, g := range grants {
		name, err := s.AccountName(t.Tx, g.Account)
		if err != nil {
			return nil, err
		}
		// One role in six provinces is six grants, and one line here.
		if row := (holderRow{name, g.Role}); !slices.Contains(all, row) {
			all = append(all, row)
		}
	}
	return all, err
}

func (s *Service) showOrganisation(c *web.Ctx) error {
	p, err := s.organisationDetail(c)
	if err != nil {
		return err
	}
	return c.Render("people_organisation", p)
}

// changeOrganisation does one of the deeds of an organisation's page, and
// shows the page again, with what was typed, when it cannot be done.
func (s *Service) changeOrganisation(flash string, do func(*web.Ctx, actor.OrganisationID, int64, url.Values) error, typed func(url.Values, *organisationDetail)) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		oid, err := organisationID(c)
		if err != nil {
			return err
		}
		f, err := c.Form()
		if err != nil {
			return err
		}
		version, _ := strconv.ParseInt(f.Get("version"), 10, 64) // 0 does not mind
		err = do(c, oid, version, f)
		if errs, ok := c.FieldErrors(err); ok {
			p, err := s.organisationDetail(c)
			if err != nil {
				return err
			}
			p.Errors = errs
			typed(f, p)
			return c.RenderStatus(http.StatusUnprocessableEntity, "people_organisation", p)
		}
		if err != nil {
			return err
		}
		c.Flash(flash)
		return c.Seek("/organisations/" + oid.String())
	}
}

func (s *Service) renamePost(c *web.Ctx, oid actor.OrganisationID, version int64, f url.Values) error {
	return s.Rename(c.Context(), actor.From(c.Context()), oid, version, Names{f.Get("name_ar"), f.Get("name_fr"), f.Get("name_zgh")})
}

func (s *Service) aliasPost(c *web.Ctx, oid actor.OrganisationID, _ int64, f url.Values) error {
	a := Alias{Name: f.Get("alias")}
	var wrong fault.All
	for _, d := range []struct {
		field string
		to    *time.Time
	}{{"from", &a.From}, {"to", &a.To}} {
		if f.Get(d.field) == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, f.Get(d.field), c.Site.Zone)
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "people.organisation.date_unread").On(d.field))
		}
		*d.to = at
	}
	if len(wrong) > 0 {
		return wrong
	}
	return s.AddAlias(c.Context(), actor.From(c.Context()), oid, a)
}

func (s *Service) recognisePost(c *web.Ctx, oid actor.OrganisationID, version int64, f url.Values) error {
	return onField(s.Recognise(c.Context(), actor.From(c.Context()), oid, version, f.Get("recognise")), "reason", "recognise")
}

func (s *Service) suspendPost(c *web.Ctx, oid actor.OrganisationID, version int64, f url.Values) error {
	return onField(s.Suspend(c.Context(), actor.From(c.Context()), oid, version, f.Get("suspend")), "reason", "suspend")
}

// onField points a fault to where its field stands on this page.
func onField(err error, was, is string) error {
	if f, ok := err.(*fault.Fault); ok && f.Field == was {
		f.Field = is
	}
	return err
}
