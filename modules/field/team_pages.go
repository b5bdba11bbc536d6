package field

import (
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
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
	"github.com/twiza/twiza/shared/places"
)

// teamsPage lists teams: where they start from, what they can do, whether they
// are free.
type teamsPage struct {
	ui.Frame
	Own       bool // only those of the reader's organisation
	HasOwn    bool
	Rows      []teamRow
	Pager     ui.Pager
	CanCreate bool
}

type teamRow struct {
	ID      string
	Name    template.HTML
	Org     template.HTML
	Base    template.HTML
	Skills  []template.HTML
	Langs   []template.HTML
	People  int
	State   string
	Mission string // the open one; "" when the team is free
	At      atRow
	Silent  bool // on its way, and nothing heard for long
	Heard   time.Time
}

// atRow is where a team is, as far as anybody knows.
type atRow struct {
	Place template.HTML // "" when nothing newer than its base is known
	At    time.Time
	Stop  bool // known by a stop that it answered
	Old   bool // too long ago to count
	Back  time.Time
}

// teamPage is one team, and what it did.
type teamPage struct {
	ui.Frame
	teamRow
	Missions                   []missionRow
	CanEdit, CanPlan, CanClose bool
	CanSay                     bool       // may say where it is
	Typed                      string     // place
	BackAt                     string     // datetime-local
	Bases                      ui.Choices // when several places bear the name
}

// teamFormPage makes a team or changes one.
type teamFormPage struct {
	ui.Frame
	ID      string
	New     bool
	Version int64
	NameAR  string
	NameFR  string
	People  string
	Base    string // as typed
	BaseWas string // what Bases were found for
	Orgs    []ui.Option
	Skills  ui.Choices
	Langs   ui.Choices
	Bases   ui.Choices // when several places bear the name
}

const teamsPerPage = 50

func (s *Service) showTeams(c *web.Ctx) error {
	p, by := &teamsPage{}, actor.From(c.Context())
	p.Kind, p.Title = ui.Staff, c.P.Text("field.teams.title")
	org := ownOrg(by)
	p.HasOwn = !org.IsZero()
	p.Own = p.HasOwn && c.R.URL.Query().Get("all") == ""
	f := teamFind{limit: teamsPerPage + 1}
	if p.Own {
		f.org = org
	}
	f.after, _ = id.Parse[Team](c.R.URL.Query().Get("after"))
	err := s.h.Look(c.Context(), by, DeedTeamList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		teams, err := listTeams(t.Tx, f)
		if err != nil {
			return err
		}
		p.Pager.Step = teamsPerPage
		if len(teams) > teamsPerPage {
			teams = teams[:teamsPerPage]
			p.Pager.More = c.Href("/teams?after=" + teams[teamsPerPage-1].ID.String() + map[bool]string{false: "&all=1"}[p.Own])
		}
		busy, err := bound(t.Tx)
		for _, m := range teams {
			p.Rows = append(p.Rows, w.teamRow(m, busy[m.ID]))
		}
		p.Pager.Shown = len(p.Rows)
		if err == nil {
			err = w.err
		}
		return err
	})
	if err != nil {
		return err
	}
	p.CanCreate = deed.May(by, DeedTeamCreate) == nil
	return c.Render("field_teams", p)
}

// ownOrg is the organisation in whose name somebody acts; zero for the crisis
// cell, dispatchers and others who act for all.
func ownOrg(by actor.Actor) (org actor.OrganisationID) {
	for _, g := range by.Grants {
		if !g.Role.ForOrganisation() {
			return actor.OrganisationID{}
		}
		org = g.Org
	}
	return org
}

func (w *teller) teamRow(m *Team, mission MissionID) teamRow {
	row := teamRow{ID: m.ID.String(), Name: w.teamName(m), Org: w.org(m.Org), Base: w.place(m.Base), Skills: w.keys("field.skill.", m.Skills),
		People: m.People, State: string(m.State), Mission: mission.String()}
	for _, l := range m.Languages {
		row.Langs = append(row.Langs, w.spoken(l))
	}
	at := w.whereOf(m.ID)
	row.Heard, row.Silent = w.heardOf(m.ID)
	if at.Place != "" {
		row.At = atRow{w.place(at.Place), at.At, at.Stop, w.t.Now().Sub(at.At) > w.rules.Position.Long(), at.Back}
	}
	return row
}

func (s *Service) showTeam(c *web.Ctx) error { return s.showTeamWith(c, nil, nil, nil) }

// showTeamWith shows a team; after where it is was refused, with what was typed.
func (s *Service) showTeamWith(c *web.Ctx, v url.Values, found []string, wrong error) error {
	tid, err := readID[Team](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	p, by := &teamPage{Typed: v.Get("base"), BackAt: v.Get("back")}, actor.From(c.Context())
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedTeamList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		m, err := getTeam(t.Tx, tid)
		if err != nil {
			return err
		}
		mid, err := openMission(t.Tx, tid)
		if err != nil {
			return err
		}
		w, scope := s.teller(c, t.Tx), s.scopeOf(m)
		p.teamRow = w.teamRow(m, mid)
		name, _ := m.Names.In(c.Lang())
		p.Title = c.P.Text("field.team.title", "name", name)
		if _, ok := by.May(DeedMissionSee.Roles, scope); ok {
			for _, open := range []bool{true, false} {
				list, err := listMissions(t.Tx, missionFind{open: open, team: tid, limit: 10})
				if err != nil {
					return err
				}
				p.Missions = append(p.Missions, w.missionRows(list)...)
			}
		}
		_, manages := by.May(manage, scope)
		p.CanEdit = manages && m.State != Disbanded
		p.CanPlan = p.CanEdit && mid.IsZero()
		p.CanClose = p.CanPlan
		_, goes := by.May(DeedTeamAt.Roles, scope)
		p.CanSay = goes && m.State != Disbanded
		p.Bases = w.baseChoices(found, v.Get("base_code"), p.Error("base_code"))
		return w.err
	})
	if err != nil {
		return err
	}
	p.Kind = ui.Staff
	return c.RenderStatus(status, "field_team", p)
}

func (s *Service) newTeam(c *web.Ctx) error {
	v := url.Values{"id": {id.New[Team](s.h.DB.Now()).String()}, "org": {c.R.URL.Query().Get("org")}}
	return s.showTeamForm(c, true, 0, v, nil, nil)
}

func (s *Service) createTeam(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	m, found, err := s.readTeam(v)
	if err == nil {
		m.ID, err = readID[Team](v.Get("id"))
	}
	if err == nil {
		err = s.CreateTeam(c.Context(), actor.From(c.Context()), m)
	}
	if err != nil {
		return s.showTeamForm(c, true, 0, v, found, err)
	}
	c.Flash("field.team.created")
	return c.Seek("/teams/" + m.ID.String())
}

func (s *Service) editTeam(c *web.Ctx) error {
	m, err := s.editable(c)
	if err != nil {
		return err
	}
	base, _ := s.places.Get(m.Base)
	v := url.Values{"id": {m.ID.String()}, "org": {m.Org.String()}, "name_ar": {m.Names.AR}, "name_fr": {m.Names.FR}, "people": {strconv.Itoa(m.People)},
		"skills": m.Skills, "languages": m.Languages, "base_code": {m.Base}}
	if base != nil {
		name, _ := base.Name(c.Lang())
		v.Set("base", name)
		v.Set("base_was", name)
	}
	return s.showTeamForm(c, false, m.Version, v, []string{m.Base}, nil)
}

// editable reads a team for somebody who may change it.
func (s *Service) editable(c *web.Ctx) (m *Team, err error) {
	tid, err := readID[Team](c.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedTeamEdit, func(t *deed.Tx) error {
		if m, err = getTeam(t.Tx, tid); err != nil {
			return err
		}
		return t.Allow(s.scopeOf(m))
	})
	return m, err
}

func (s *Service) saveTeam(c *web.Ctx) error {
	m, err := s.editable(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(v.Get("version"), 10, 64) // 0 does not mind
	to, found, err := s.readTeam(v)
	if err == nil {
		err = s.EditTeam(c.Context(), actor.From(c.Context()), m.ID, version, to)
	}
	if err != nil {
		return s.showTeamForm(c, false, m.Version, v, found, err)
	}
	c.Flash("field.team.saved")
	return c.Seek("/teams/" + m.ID.String())
}

func (s *Service) disbandTeam(c *web.Ctx) error {
	tid, err := readID[Team](c.R.PathValue("id"))
	if err == nil {
		err = s.DisbandTeam(c.Context(), actor.From(c.Context()), tid)
	}
	if err != nil {
		return err
	}
	c.Flash("field.team.disbanded")
	return c.Seek("/teams/" + tid.String())
}

// readTeam reads what the form says. found are the places that the typed name
// may mean, when it is not clear which. A form that is wrong is still checked
// to its end, so that everything is said at once.
func (s *Service) readTeam(v url.Values) (m Team, found []string, err error) {
	m = Team{Names: Names{v.Get("name_ar"), v.Get("name_fr")}, Skills: v["skills"], Languages: v["languages"]}
	m.Org, _ = id.Parse[actor.Organisation](v.Get("org"))
	m.People, _ = strconv.Atoi(arabic.Digits(strings.TrimSpace(v.Get("people"))))
	var wrong *fault.Fault
	m.Base, found, wrong = s.readBase(v)
	if wrong == nil {
		return m, found, nil
	}
	_, err = s.check(m)
	all, _ := errors.AsType[fault.All](err)
	all = slices.DeleteFunc(all, func(f *fault.Fault) bool { return f.Field == "base" })
	return m, found, append(all, wrong)
}

// readBase finds the place that somebody typed. A name that several bear is not
// guessed.
func (s *Service) readBase(v url.Values) (code string, found []string, wrong *fault.Fault) {
	text := v.Get("base")
	if code = v.Get("base_code"); code != "" && text == v.Get("base_was") {
		return code, []string{code}, nil
	}
	all := s.places.Search(text, "", 8)
	for _, c := range all {
		found = append(found, c.Place.Code)
	}
	switch {
	case len(all) == 0:
		return "", nil, fault.New(fault.Invalid, "field.team.base_unknown").On("base")
	case len(all) == 1 || all[0].Score > all[1].Score && all[0].Reason == places.ByName || all[0].Reason == places.ByCode:
		return all[0].Place.Code, found[:1], nil
	}
	return "", found, fault.New(fault.Invalid, "field.team.base_several").On("base_code")
}

func (s *Service) showTeamForm(c *web.Ctx, fresh bool, version int64, v url.Values, found []string, wrong error) error {
	p := &teamFormPage{New: fresh, ID: v.Get("id"), Version: version, NameAR: v.Get("name_ar"), NameFR: v.Get("name_fr"), People: v.Get("people"),
		Base: v.Get("base"), BaseWas: v.Get("base")}
	p.Kind, p.Title = ui.Staff, c.P.Text(map[bool]string{true: "field.team.new", false: "field.team.edit_title"}[fresh])
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	return s.read(c, func(t *db.Tx) error {
		w := s.teller(c, t)
		orgs, err := orgChoices(t, by, v.Get("org"))
		if err != nil {
			return err
		}
		for _, org := range orgs {
			p.Orgs = append(p.Orgs, ui.Option{Value: org.String(), Title: w.org(org), Chosen: len(orgs) == 1 || org.String() == v.Get("org")})
		}
		p.Skills = ui.Choices{Name: "skills", Legend: c.P.T("field.team.skills"), Error: p.Error("skills"), Many: true, Options: options(c.P, "field.skill.", Skills, v["skills"]...)}
		p.Langs = ui.Choices{Name: "languages", Legend: c.P.T("field.team.languages"), Error: p.Error("languages"), Many: true}
		for _, l := range s.Languages() {
			p.Langs.Options = append(p.Langs.Options, ui.Option{Value: l, Title: w.spoken(l), Chosen: slices.Contains(v["languages"], l)})
		}
		p.Bases = w.baseChoices(found, v.Get("base_code"), p.Error("base_code"))
		if w.err != nil {
			return w.err
		}
		return c.RenderStatus(status, "field_team_form", p)
	})
}

func (s *Service) read(c *web.Ctx, fn func(*db.Tx) error) error { return s.h.DB.Read(c.Context(), fn) }

// orgChoices are the organisations for which somebody can make a team: their
// own; for those who act for all, the one asked for and every one that has
// teams already.
func orgChoices(t *db.Tx, by actor.Actor, asked string) (out []actor.OrganisationID, err error) {
	add := func(org actor.OrganisationID) {
		if !org.IsZero() && !slices.Contains(out, org) {
			out = append(out, org)
		}
	}
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator {
			add(g.Org)
		}
	}
	if !by.Holds(actor.Dispatcher, actor.CrisisCell) {
		return out, nil
	}
	if org, err := id.Parse[actor.Organisation](asked); err == nil {
		add(org)
	}
	all, err := db.List(t, func(r db.Row) (org actor.OrganisationID, err error) { return org, r.Scan(&org) }, `SELECT DISTINCT org FROM field_team ORDER BY org`)
	for _, org := range all {
		add(org)
	}
	return out, err
}
