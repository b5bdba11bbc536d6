package hands

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// volunteersPage lists the volunteers of an organisation. It names nobody:
// initials and a number are enough to choose by.
type volunteersPage struct {
	ui.Frame
	State   string
	States  []ui.Option
	Skills  []ui.Option
	Langs   []ui.Option
	Vetting []ui.Option
	Place   string // as typed
	Rows    []volunteerRow
	Pager   ui.Pager
	Form    string // where a volunteer registers
}

type volunteerRow struct {
	ID       string
	Number   string
	Initials template.HTML
	Org      template.HTML // "" is any
	Place    template.HTML
	Skills   []template.HTML
	Langs    []template.HTML
	State    string
	Vetting  template.HTML
	Minor    bool
	Limited  bool
	Account  bool
	MadeAt   time.Time
}

// volunteerPage is one volunteer, for those who run their organisation. Person
// is filled on the one page that answers a reveal.
type volunteerPage struct {
	ui.Frame
	volunteerRow
	Week      []dayRow
	Reason    template.HTML
	Revealed  bool
	Name      template.HTML
	Phone     string
	Guardian  template.HTML
	GuardianP string
	Limits    []template.HTML
	Words     template.HTML
	Papers    []paperSay
	Hours     int // minutes that leaders confirmed
	Total     string
	Shifts    int
	Invited   string // a link, told once, with the language
	CanDo     bool
	Why       []ui.Option
	Declines  []ui.Option
	Removes   []ui.Option
	Levels    []ui.Option
}

type paperSay struct {
	Kind          template.HTML
	Number, Until string
}

const volunteersPerPage = 50

func (s *Service) showVolunteers(c *web.Ctx) error {
	q, by := c.R.URL.Query(), actor.From(c.Context())
	p := &volunteersPage{State: q.Get("state"), Place: q.Get("place"), Form: c.Href("/volunteer")}
	p.Kind, p.Title = ui.Staff, c.P.Text("hands.volunteers.title")
	f := volunteerFind{state: Standing(p.State), skill: strings.Join(known(q["skill"], Skills), ""), vetting: strings.Join(known(q["vetting"], Vettings), ""),
		spoken: strings.Join(known(q["spoken"], s.languagesSpoken()), ""), limit: volunteersPerPage + 1}
	f.after, _ = id.Parse[Volunteer](q.Get("after"))
	if p.State == "" {
		f.state, p.State = Waiting, string(Waiting)
	}
	area := ""
	if found := s.places.Search(p.Place, "", 1); p.Place != "" && len(found) > 0 {
		area = found[0].Place.Code
	}
	err := s.h.Look(c.Context(), by, DeedVolunteerList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		f.org = coordinated(by, DeedVolunteerList.Roles...)
		all, err := listVolunteers(t.Tx, f)
		if err != nil {
			return err
		}
		p.Pager.Step = volunteersPerPage
		if len(all) > volunteersPerPage {
			all = all[:volunteersPerPage]
			q.Set("after", all[volunteersPerPage-1].ID.String())
			p.Pager.More = c.Href("/volunteers?" + q.Encode())
		}
		for _, v := range all {
			if _, ok := by.May(DeedVolunteerList.Roles, s.volunteerScope(v)); !ok || area != "" && !s.places.Within(v.Commune, area) && v.Commune != area && v.Place != area {
				continue
			}
			row, err := s.volunteerRow(c, t, v)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		p.Pager.Shown = len(p.Rows)
		return nil
	})
	if err != nil {
		return err
	}
	p.States = codeOptions(c.P, "hands.standing.", []string{string(Waiting), string(Accepted), string(Declined), string(Removed)}, p.State)
	p.Skills, p.Langs = codeOptions(c.P, "hands.skill.", Skills, f.skill), s.spokenOptions(c, f.spoken)
	p.Vetting = codeOptions(c.P, "hands.vetting.", Vettings, f.vetting)
	return c.Render("hands_volunteers", p)
}

func (s *Service) volunteerRow(c *web.Ctx, t *deed.Tx, v *Volunteer) (row volunteerRow, err error) {
	person, err := s.open(v)
	if err != nil {
		return row, err
	}
	row = volunteerRow{ID: v.ID.String(), Number: v.Receipt.String(), Initials: saidIn(initials(person.Name), "", ""), Place: s.placeSay(c, v.Commune), Skills: keysSay(c.P, "hands.skill.", v.Skills),
		State: string(v.State), Vetting: c.P.T("hands.vetting." + v.Vetting), Minor: v.Born > 0 && s.crew.Rules.minor(v.Born, t.Now()), Account: !v.Account.IsZero(), MadeAt: v.MadeAt,
		Limited: len(person.Limits.Codes) > 0 || person.Limits.Words != ""}
	for _, l := range v.Languages {
		row.Langs = append(row.Langs, s.spokenSay(c, l))
	}
	if !v.Org.IsZero() {
		name, err := s.orgs.Name(t.Tx, v.Org, c.Lang())
		row.Org = saidIn(name, "", "")
		return row, err
	}
	return row, nil
}

func (s *Service) showVolunteer(c *web.Ctx) error { return s.volunteerPage(c, &volunteerPage{}, nil) }

// volunteerPage shows one volunteer; p may bring what a deed just opened.
func (s *Service) volunteerPage(c *web.Ctx, p *volunteerPage, wrong error) error {
	vid, err := pathID[Volunteer](c, "id")
	if err != nil {
		return err
	}
	p.Kind, p.Nav = ui.Staff, "volunteers"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	err = s.h.Look(c.Context(), by, DeedVolunteerList, func(t *deed.Tx) error {
		v, err := getVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		if p.volunteerRow, err = s.volunteerRow(c, t, v); err != nil {
			return err
		}
		p.Week = weekRows(c.P, v.Hours)
		if v.Reason != "" {
			p.Reason = c.P.T("hands.reason." + v.Reason)
		}
		p.Levels = codeOptions(c.P, "hands.vetting.", Vettings, v.Vetting)
		_, p.CanDo = by.May(runs, s.volunteerScope(v))
		p.CanDo = p.CanDo && v.ForgottenAt.IsZero()
		p.Hours, p.Shifts, _, _, err = hoursOf(t.Tx, vid)
		p.Total = hourText(p.Hours)
		return err
	})
	if err != nil {
		return err
	}
	p.Title = c.P.Text("hands.volunteer.one")
	p.Why, p.Declines, p.Removes = codeOptions(c.P, "hands.peek.", ReasonsToReveal), codeOptions(c.P, "hands.reason.", ReasonsDeclined), codeOptions(c.P, "hands.reason.", ReasonsRemoved)
	return c.RenderStatus(status, "hands_volunteer", p)
}

// onVolunteer does one of the deeds of a volunteer's page.
func (s *Service) onVolunteer(said string, do func(*web.Ctx, VolunteerID, url.Values) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		vid, err := pathID[Volunteer](c, "id")
		if err != nil {
			return err
		}
		v, err := c.Form()
		if err != nil {
			return err
		}
		if err := do(c, vid, v); err != nil {
			if _, fields := c.FieldErrors(err); fields {
				return s.volunteerPage(c, &volunteerPage{}, err)
			}
			return err
		}
		c.Flash(said)
		return c.Seek("/volunteers/" + vid.String())
	}
}

func (s *Service) acceptForm(c *web.Ctx, vid VolunteerID, _ url.Values) error {
	return s.Accept(c.Context(), actor.From(c.Context()), vid)
}

func (s *Service) declineForm(c *web.Ctx, vid VolunteerID, v url.Values) error {
	return s.Decline(c.Context(), actor.From(c.Context()), vid, v.Get("reason"))
}

func (s *Service) vetForm(c *web.Ctx, vid VolunteerID, v url.Values) error {
	return s.Vet(c.Context(), actor.From(c.Context()), vid, v.Get("vetting"))
}

func (s *Service) removeForm(c *web.Ctx, vid VolunteerID, v url.Values) error {
	return s.Remove(c.Context(), actor.From(c.Context()), vid, v.Get("reason"))
}

// openPersonForm opens what names somebody, on this one answer and on no other.
func (s *Service) openPersonForm(c *web.Ctx) error {
	vid, err := pathID[Volunteer](c, "id")
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	person, err := s.Reveal(c.Context(), actor.From(c.Context()), vid, v.Get("why"))
	if _, fields := c.FieldErrors(err); err != nil && fields {
		return s.volunteerPage(c, &volunteerPage{}, err)
	}
	if err != nil {
		return err
	}
	p := &volunteerPage{Revealed: true, Name: saidIn(person.Name, "", ""), Phone: string(person.Phone), Guardian: saidIn(person.Guardian.Name, "", ""), GuardianP: string(person.Guardian.Phone),
		Limits: keysSay(c.P, "hands.effort.", person.Limits.Codes), Words: wordsOf(person.Limits.Words)}
	for _, x := range person.Papers {
		p.Papers = append(p.Papers, paperSay{c.P.T("hands.paper." + x.Kind), x.Number, x.Until})
	}
	return s.volunteerPage(c, p, nil)
}

// inviteForm gives somebody an account, and shows its link once.
func (s *Service) inviteForm(c *web.Ctx) error {
	vid, err := pathID[Volunteer](c, "id")
	if err != nil {
		return err
	}
	link, err := s.Invite(c.Context(), actor.From(c.Context()), vid)
	if _, fields := c.FieldErrors(err); err != nil && fields {
		return s.volunteerPage(c, &volunteerPage{}, err)
	}
	if err != nil {
		return err
	}
	return s.volunteerPage(c, &volunteerPage{Invited: s.houseAddress(c) + c.Href(link)}, nil)
}

// wordsOf are somebody's own words, marked so that they keep their direction; ""
// when there are none.
func wordsOf(text string) template.HTML {
	if text == "" {
		return ""
	}
	return saidIn(text, "", "")
}
