package field

import (
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

const missionsPerPage = 30

func (s *Service) showMissions(c *web.Ctx) error {
	p, by, q := &missionsPage{}, actor.From(c.Context()), c.R.URL.Query()
	p.Kind, p.Title, p.Ended = ui.Staff, c.P.Text("field.missions.title"), q.Get("ended") != ""
	err := s.h.Look(c.Context(), by, DeedMissionSee, func(t *deed.Tx) error {
		page, next, err := s.visible(t, by, missionFind{open: !p.Ended, org: ownOrg(by), after: readMark(q.Get("after")), limit: missionsPerPage})
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		p.Rows = w.missionRows(page)
		p.Pager = ui.Pager{Shown: len(page), Step: missionsPerPage}
		if next != "" {
			p.Pager.More = c.Href("/missions?after=" + next + map[bool]string{true: "&ended=1"}[p.Ended])
		}
		return w.err
	})
	if err != nil {
		return err
	}
	p.CanPlan = deed.May(by, DeedPlan) == nil
	return c.Render("field_missions", p)
}

// visible is a page of the missions that somebody may see, and where the next
// one begins. Those elsewhere are passed over, so a page is full unless it is
// the last.
func (s *Service) visible(t *deed.Tx, by actor.Actor, f missionFind) (page []*Journey, next string, err error) {
	if err := t.AllowAny(); err != nil {
		return nil, "", err
	}
	want := f.limit
	f.limit = 2 * want
	for {
		all, err := listMissions(t.Tx, f)
		if err != nil {
			return nil, "", err
		}
		for _, j := range all {
			scope, err := s.scope(t.Tx, j)
			if err != nil {
				return nil, "", err
			}
			if _, ok := by.May(DeedMissionSee.Roles, scope); !ok && by.System == "" {
				continue
			}
			if len(page) == want {
				return page, writeMark(page[want-1]), nil
			}
			page = append(page, j)
		}
		if len(all) < f.limit {
			return page, "", nil
		}
		last := all[len(all)-1]
		f.after = mark{last.PlannedAt, last.ID}
	}
}

// A mark in an address is the identifier and the moment, so that a mission
// that was moved in between does not lose the reader's place.
func writeMark(j *Journey) string {
	return j.PlannedAt.UTC().Format("20060102T150405.000000") + "_" + j.ID.String()
}

func readMark(text string) (m mark) {
	at, mid, _ := strings.Cut(text, "_")
	when, err := time.Parse("20060102T150405.000000", at)
	if err != nil {
		return mark{}
	}
	m.at = when
	m.id, _ = id.Parse[Mission](mid)
	return m
}

const localTime = "2006-01-02T15:04" // as <input type=datetime-local> has it

func (s *Service) newMission(c *web.Ctx) error {
	q := c.R.URL.Query()
	v := url.Values{"id": {id.New[Mission](s.h.DB.Now()).String()}, "team": {q.Get("team")}, "case": q["case"],
		"leave": {s.h.DB.Now().In(c.Site.Zone).Format(localTime)}}
	return s.showPlan(c, v, nil)
}

func (s *Service) showPlan(c *web.Ctx, v url.Values, wrong error) error {
	p, by := &missionNewPage{ID: v.Get("id"), TeamID: v.Get("team"), Leave: v.Get("leave")}, actor.From(c.Context())
	p.Kind, p.Title = ui.Staff, c.P.Text("field.mission.new")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedPlan, func(t *deed.Tx) error {
		w := s.teller(c, t.Tx)
		if p.TeamID == "" {
			if err := t.AllowAny(); err != nil {
				return err
			}
			p.Teams, err = w.freeTeams(by)
			if err != nil {
				return err
			}
			return w.err
		}
		tid, err := readID[Team](p.TeamID)
		if err != nil {
			return err
		}
		m, err := getTeam(t.Tx, tid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scopeOf(m)); err != nil {
			return err
		}
		mid, err := openMission(t.Tx, tid)
		if err != nil {
			return err
		}
		p.Team = w.teamRow(m, mid)
		var communes []string
		p.Waiting, communes = w.waiting(m.Org, tid, v["case"])
		p.Gaps = w.gapRows(m.Org, communes)
		return w.err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_mission_new", p)
}

// freeTeams are those that somebody may send.
func (w *teller) freeTeams(by actor.Actor) (out []teamRow, err error) {
	const most = 400
	all, err := listTeams(w.t, teamFind{org: ownOrg(by), limit: most})
	if err != nil {
		return nil, err
	}
	busy, err := bound(w.t)
	for _, m := range all {
		if _, ok := by.May(DeedPlan.Roles, w.scopeOf(m)); ok && busy[m.ID].IsZero() {
			out = append(out, w.teamRow(m, MissionID{}))
		}
	}
	return out, err
}

func (s *Service) planMission(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	p, err := readPlan(v, c.Site.Zone)
	if err == nil {
		err = s.Plan(c.Context(), actor.From(c.Context()), p)
	}
	if err != nil {
		return s.showPlan(c, v, err)
	}
	c.Flash("field.mission.planned_now")
	return c.Seek("/missions/" + p.ID.String())
}

func readPlan(v url.Values, zone *time.Location) (p Plan, err error) {
	if p.ID, err = readID[Mission](v.Get("id")); err != nil {
		return p, err
	}
	if p.Team, err = id.Parse[Team](v.Get("team")); err != nil {
		return p, fault.New(fault.Invalid, "field.mission.team_missing").On("team")
	}
	if text := v.Get("leave"); text != "" {
		if p.At, err = time.ParseInLocation(localTime, text, zone); err != nil {
			return p, fault.New(fault.Invalid, "field.mission.leave_wrong").On("leave")
		}
	}
	p.Cases, err = readCases(v)
	return p, err
}

func readCases(v url.Values) (out []CaseID, err error) {
	for _, text := range v["case"] {
		c, err := readID[caseKind](text)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *Service) seeMission(c *web.Ctx) error { return s.showMission(c, nil, nil) }

// showMission shows a mission; after a form that was refused, with what was
// typed and what is wrong with it.
func (s *Service) showMission(c *web.Ctx, v url.Values, wrong error) error {
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	p, by := &missionPage{ID: mid.String()}, actor.From(c.Context())
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedMissionSee, func(t *deed.Tx) error {
		j, scope, err := s.seen(t, mid)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		p.Can = s.allowed(by, scope, j)
		p.fill(w, j, v)
		if w.err == nil && p.Can.Depart {
			if ok, err := s.orgs.Recognised(t.Tx, j.Org); err != nil {
				return err
			} else if !ok {
				p.Hinders = append(p.Hinders, c.P.T("field.mission.not_recognised"))
			}
		}
		return w.err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_mission", p)
}

// seen reads a mission for somebody who may see it.
func (s *Service) seen(t *deed.Tx, mid MissionID) (*Journey, actor.Scope, error) {
	j, err := getJourney(t.Tx, mid)
	if err != nil {
		return nil, actor.Scope{}, err
	}
	scope, err := s.scope(t.Tx, j)
	if err == nil {
		err = s.mayServe(t, j)
	}
	return j, scope, err
}

func (p *missionPage) fill(w *teller, j *Journey, v url.Values) {
	team := w.team(j.Team)
	name, _ := team.Names.In(w.lang())
	p.Kind, p.Title = ui.Staff, w.p.Text("field.mission.title", "team", name)
	p.Team, p.TeamID, p.Org, p.State, p.Planned = w.teamName(team), j.Team.String(), w.org(j.Org), string(j.State), j.PlannedAt
	p.Row = w.missionRows([]*Journey{j})[0]
	p.Stops = w.stops(j, p.Can.Reveal)
	p.Lines = w.lines(j.Goods)
	if p.Can.Add {
		p.Waiting, _ = w.waiting(j.Org, j.Team, v["case"])
	}
	if p.Can.Add || p.Can.Depart {
		p.Gaps = w.gapRows(j.Org, j.communes())
	}
	p.Caravan = w.caravan(j, v)
	p.Talk = w.talk
	p.Found = w.found(j, p.Can.Visit, v)
	if p.Can.Load {
		for _, code := range w.loadable(j) {
			n := 0
			if l := j.Goods.line(code); l != nil {
				n = l.Loaded
			}
			p.Loads = append(p.Loads, unitField{Name: "load_" + code, Label: w.good(code), Value: typed(v, "load_"+code, n)})
		}
	}
	if p.Can.Account {
		p.account(w, j, v)
	}
	p.Visits = w.visits(j)
	if p.Can.Depart && len(j.Stops)+len(j.Visits) == 0 {
		p.Hinders = append(p.Hinders, w.p.T("field.mission.no_stops"))
	}
	if p.Can.Depart {
		p.Hinders = append(p.Hinders, p.Caravan.Hinders...)
	}
}

// account fills in the forms for what came back and what was lost, and says
// what keeps the mission from being closed.
func (p *missionPage) account(w *teller, j *Journey, v url.Values) {
	for _, l := range j.Goods {
		hint := w.p.T("field.manifest.can_return", "n", l.Aboard()+l.Returned)
		p.Backs = append(p.Backs, unitField{"back_" + l.Good, w.good(l.Good), hint, typed(v, "back_"+l.Good, l.Returned)})
		p.LostGood = append(p.LostGood, ui.Option{Value: l.Good, Title: w.good(l.Good), Chosen: v.Get("lost_good") == l.Good})
	}
	p.Lost, p.LostWhy = v.Get("lost"), options(w.p, "field.lost.", ReasonsLost, v.Get("lost_reason"))
	if n := len(j.waiting()) + j.toVisit(); n > 0 {
		p.Hinders = append(p.Hinders, w.p.T("field.mission.stops_open", "n", n))
	}
	for _, f := range j.Goods.unbalanced() {
		f.Args["name"] = w.goodName(f.Args["good"].(string))
		p.Hinders = append(p.Hinders, w.p.T(f.Key, web.Pairs(f.Args)...))
	}
}

// inMission looks at a mission as somebody who may do d to it.
func (s *Service) inMission(c *web.Ctx, d deed.Deed, fn func(t *db.Tx, w *teller, j *Journey) error) error {
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return s.h.Look(c.Context(), actor.From(c.Context()), d, func(t *deed.Tx) error {
		j, _, err := s.seen(t, mid)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		if err := fn(t.Tx, w, j); err != nil {
			return err
		}
		return w.err
	})
}
