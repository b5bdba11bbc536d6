package hands

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// volunteerFormPage asks somebody who offers hours, on one page that works
// without scripts.
type volunteerFormPage struct {
	ui.Frame
	ID                      string
	Name, Phone, Born       string
	Guardian, GuardianPhone string
	Consent                 bool
	Where                   whereAsked
	Skills, Langs, Limits   ui.Choices
	LimitWords              string
	Papers                  []paperRow
	Week                    []dayRow
	Always                  bool
	Org, Call               string // chosen before the form was opened
	For                     *callView
	Adult, Least            int
	Shared                  bool
}

// paperRow is one certificate of the form.
type paperRow struct {
	N             int
	Kinds         []ui.Option
	Number, Until string
}

// volunteerOrgPage asks under whom, among those who work where somebody is, and
// carries the answers of the page before along.
type volunteerOrgPage struct {
	ui.Frame
	Carried []hidden
	Orgs    ui.Choices
}

// volunteerDonePage is the receipt of a registration.
type volunteerDonePage struct {
	ui.Frame
	Ticket ui.Ticket
	Org    template.HTML // "" is any
	Minor  bool
	Shared bool
}

// registersPerAddress is how many may register from one address in a quarter of
// an hour: a school class behind one mast.
const registersPerAddress = 60

// anyOrg is how the form says that any organisation will do.
const anyOrg = "any"

func (s *Service) volunteerForm(c *web.Ctx) error {
	q := c.R.URL.Query()
	v := url.Values{"id": {id.New[Volunteer](s.h.DB.Now()).String()}, "for_org": {q.Get("org")}, "call": {q.Get("call")}}
	return s.showVolunteerForm(c, v, nil)
}

func (s *Service) showVolunteerForm(c *web.Ctx, v url.Values, wrong error) error {
	p := &volunteerFormPage{ID: v.Get("id"), Name: v.Get("name"), Phone: v.Get("phone"), Born: v.Get("born"), Guardian: v.Get("guardian"), GuardianPhone: v.Get("guardian_phone"),
		Consent: v.Get("consent") != "", LimitWords: v.Get("limit_words"), Org: v.Get("for_org"), Call: v.Get("call"),
		Adult: s.crew.Rules.Age.Adult, Least: s.crew.Rules.Age.Least, Shared: c.Shared(), Week: weekRows(c.P, readWeek(v["hours"])), Always: strings.Join(v["hours"], ",") == "all"}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("hands.volunteer.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	p.Where = s.askWhere(c, v, p.Error("place"))
	p.Where.Legend = c.P.T("hands.volunteer.where")
	p.Skills = ui.Choices{Name: "skills", Legend: c.P.T("hands.volunteer.skills"), Error: p.Error("skills"), Many: true, Options: codeOptions(c.P, "hands.skill.", Skills, v["skills"]...)}
	p.Langs = ui.Choices{Name: "languages", Legend: c.P.T("hands.volunteer.languages"), Error: p.Error("languages"), Many: true, Options: s.spokenOptions(c, v["languages"]...)}
	p.Limits = ui.Choices{Name: "limits", Legend: c.P.T("hands.volunteer.limits"), Hint: c.P.T("hands.volunteer.limits_hint"), Spare: true, Many: true, Options: codeOptions(c.P, "hands.effort.", Efforts, v["limits"]...)}
	for n := range 2 {
		k := string(rune('0' + n))
		p.Papers = append(p.Papers, paperRow{n, codeOptions(c.P, "hands.paper.", PaperKinds, v.Get("paper_kind_"+k)), v.Get("paper_number_" + k), v.Get("paper_until_" + k)})
	}
	if cid, err := id.Parse[Call](p.Call); err == nil {
		err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
			k, err := getCall(t, cid)
			if err != nil {
				return err
			}
			view, err := s.callView(c, t, k)
			p.For = &view
			return err
		})
		if err != nil && fault.KindOf(err) != fault.Missing {
			return err
		}
	}
	return c.RenderStatus(status, "hands_volunteer_form", p)
}

// readVolunteer reads what the form says.
func (s *Service) readVolunteer(c *web.Ctx, f url.Values) (v Volunteer, p Person, all fault.All) {
	v = Volunteer{Place: s.readWhere(f), Born: readWhole(f.Get("born")), Lang: c.Lang(), Languages: f["languages"], Skills: f["skills"], Hours: readWeek(f["hours"])}
	p = Person{Name: forms.Clean(f.Get("name"), false), Guardian: Guardian{Name: forms.Clean(f.Get("guardian"), false)},
		Limits: Limits{Codes: f["limits"], Words: strings.TrimSpace(forms.Clean(f.Get("limit_words"), true))}}
	var wrong *fault.Fault
	if p.Phone, wrong = s.readPhone(f.Get("phone"), "phone"); wrong != nil {
		all = append(all, wrong)
	}
	if text := f.Get("guardian_phone"); strings.TrimSpace(text) != "" {
		if p.Guardian.Phone, wrong = s.readPhone(text, "guardian_phone"); wrong != nil {
			all = append(all, wrong)
		}
	}
	for n := range maxPapers {
		k := string(rune('0' + n))
		kind := known([]string{f.Get("paper_kind_" + k)}, PaperKinds)
		if len(kind) == 1 {
			p.Papers = append(p.Papers, Paper{kind[0], tidy(forms.Clean(f.Get("paper_number_"+k), false)), strings.TrimSpace(arabic.Digits(f.Get("paper_until_" + k)))})
		}
	}
	return v, p, all
}

// registerForm takes the form in: first the answers, then under whom.
func (s *Service) registerForm(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	vid, err := id.Parse[Volunteer](f.Get("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if act := f.Get("act"); act == "search" || act == "list" {
		return s.showVolunteerForm(c, f, nil)
	}
	if err := c.Site.Limit.Take("volunteer:"+c.From(), registersPerAddress, 15*time.Minute); err != nil {
		return s.showVolunteerForm(c, f, err)
	}
	v, p, all := s.readVolunteer(c, f)
	consent := f.Get("consent") != ""
	if err := joined(all, s.checkVolunteer(&v, &p, consent)); err != nil {
		return s.showVolunteerForm(c, f, err)
	}
	if !f.Has("org") {
		return s.showVolunteerOrg(c, f, v, nil)
	}
	if f.Get("org") != anyOrg {
		if v.Org, err = id.Parse[actor.Organisation](f.Get("org")); err != nil {
			return s.showVolunteerOrg(c, f, v, fault.New(fault.Invalid, "hands.form.choose").On("org"))
		}
	}
	v.ID = vid
	_, err = s.Register(c.Context(), actor.From(c.Context()), v, p, consent)
	if fault.KindOf(err) == fault.Invalid {
		return s.showVolunteerOrg(c, f, v, err)
	}
	if _, fields := c.FieldErrors(err); err != nil && fields {
		return s.showVolunteerForm(c, f, err)
	}
	if err != nil {
		return err
	}
	return c.Seek("/volunteer/" + vid.String() + "/done")
}

// joined is every fault of both, where the second does not say again what the
// first said of a field.
func joined(first fault.All, second error) error {
	more, _ := second.(fault.All)
	for _, f := range more {
		said := false
		for _, x := range first {
			said = said || x.Field == f.Field
		}
		if !said {
			first = append(first, f)
		}
	}
	return first.OrNil()
}

func (s *Service) showVolunteerOrg(c *web.Ctx, f url.Values, v Volunteer, wrong error) error {
	p := &volunteerOrgPage{Carried: carried(f, "org", "act")}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("hands.volunteer.under_whom")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	chosen := f.Get("org")
	if chosen == "" {
		chosen = f.Get("for_org")
	}
	p.Orgs = ui.Choices{Name: "org", Legend: c.P.T("hands.volunteer.under_whom"), Hint: c.P.T("hands.volunteer.under_whom_hint"), Error: p.Error("org"), Large: true}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, err := s.crew.Helpers.Helping(t, s.path(v.Commune))
		if err != nil {
			return err
		}
		for _, org := range all {
			name, err := s.orgs.Name(t, org, c.Lang())
			if err != nil {
				return err
			}
			p.Orgs.Options = append(p.Orgs.Options, ui.Option{Value: org.String(), Title: saidIn(name, "", ""), Chosen: org.String() == chosen})
		}
		p.Orgs.Options = append(p.Orgs.Options, ui.Option{Value: anyOrg, Title: c.P.T("hands.volunteer.any"), Example: c.P.T("hands.volunteer.any_what"), Chosen: chosen == anyOrg})
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_volunteer_org", p)
}

// doneFor is how long the form's own address shows the receipt.
const doneFor = 30 * time.Minute

// volunteerDone shows the receipt to the browser that sent the form, for a while.
func (s *Service) volunteerDone(c *web.Ctx) error {
	vid, err := pathID[Volunteer](c, "id")
	if err != nil {
		return err
	}
	p := &volunteerDonePage{Shared: c.Shared()}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedVolunteerMine, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		v, err := getVolunteer(t.Tx, vid)
		if err == nil && (t.Now().Sub(v.MadeAt) > doneFor || !v.ForgottenAt.IsZero()) {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return err
		}
		p.Ticket = ui.Ticket{Code: v.Receipt.String(), At: v.MadeAt, Label: c.P.T("hands.own.number")}
		p.Minor = s.crew.Rules.minor(v.Born, t.Now())
		if !v.Org.IsZero() {
			name, err := s.orgs.Name(t.Tx, v.Org, c.Lang())
			p.Org = saidIn(name, "", "")
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("hands.volunteer.done_title")
	return c.Render("hands_volunteer_done", p)
}
