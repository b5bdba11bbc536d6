package field

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// packsAt is the folder of packs.
func packsAt(t testing.TB) string {
	t.Helper()
	for dir := "."; len(dir) < 40; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "packs")
		}
	}
	t.Fatal("no go.mod above")
	return ""
}

func tamurtTeams(t testing.TB) *TeamRules {
	t.Helper()
	r, err := ReadTeamRules(os.DirFS(packsAt(t)), "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// skilled makes a team of these skills.
func (x *house) skilled(org actor.OrganisationID, base, name string, skills ...string) TeamID {
	x.t.Helper()
	m := Team{ID: id.New[Team](x.clock.Now()), Org: org, Names: Names{FR: name}, Skills: skills, Languages: []string{"isl"}, People: 6, Base: base}
	x.must(x.CreateTeam(x.ctx, actor.Actor{System: "demo"}, m))
	return m.ID
}

func (x *house) propose(org actor.OrganisationID, w Want, limit int) (p Proposal) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { p, err = x.Propose(t, org, w, limit); return err })
	return p
}

func (p Proposal) names() (out []string) {
	for _, b := range p.Teams {
		out = append(out, b.Names.FR)
	}
	return out
}

func (b TeamBrief) whys() (out []string) {
	for _, w := range b.Why {
		s := strings.TrimPrefix(w.Key, "field.why.")
		for i := 0; i+1 < len(w.Args); i += 2 {
			s += fmt.Sprintf(" %v=%v", w.Args[i], w.Args[i+1])
		}
		out = append(out, s)
	}
	return out
}

func TestANeedIsOfferedTheNearestFreeTeamWithItsSkillAndTheReasonsInOrder(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.UseTeamRules(tamurtTeams(t))
		x.skilled(x.ours, "A1-02", "Cuisine", "cook")
		x.skilled(x.ours, "B2-03", "Loin", "rescue")
		x.skilled(x.ours, "A1-03", "Sauvetage", "rescue", "mule")
		busy := x.skilled(x.ours, "A1-02", "Prise", "rescue")
		x.planned(busy, map[string]int{"blanket": 1})
		want := Want{Place: "A1-02", Spoken: "isl", Service: "crisis_help", Needs: []string{"rescue", "food"}}
		p := x.propose(x.ours, want, 9)
		if got := p.names(); !slices.Equal(got, []string{"Sauvetage", "Loin", "Cuisine", "Prise"}) {
			t.Errorf("for people under rubble: %v", got)
		}
		if p.Lacks || p.Others || !slices.Equal(p.Asked, []string{"rescue"}) {
			t.Errorf("asked %v, lacks %v, others %v", p.Asked, p.Lacks, p.Others)
		}
		first := p.Teams[0]
		if got, want := first.whys(), []string{"skill skill=field.skill.rescue", fmt.Sprintf("km_base km=%d", int(first.Km+.5)), "language", "road_unknown"}; !slices.Equal(got, want) {
			t.Errorf("why first: %v, not %v", got, want)
		}
		if got := p.Teams[2].whys(); got[0] != "lacks skill=field.skill.rescue" {
			t.Errorf("the cooks: %v", got)
		}
		if got := p.Teams[3].whys(); got[0] != "busy" {
			t.Errorf("the busy ones: %v", got)
		}
		want.Needs = []string{"food"}
		if p := x.propose(x.ours, want, 9); p.names()[0] != "Cuisine" || len(p.Asked) != 0 || p.Lacks {
			t.Errorf("for food any team will do, the nearest first: %v", p.names())
		}
	})
}

func TestARoadThatOnlyMulesPassPutsTheMulesFirstAndSaysSo(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.skilled(x.ours, "A1-02", "Fourgon", "logistics")
		x.skilled(x.ours, "A1-02", "Mulets", "mule")
		want := Want{Place: "A1-02", Service: "crisis_help", Needs: []string{"food"}}
		x.must(x.SayRoad(x.ctx, x.coordinator(), RoadWord{ID: id.New[RoadWord](x.clock.Now()), Place: "A1-02", State: RoadFoot, Source: "seen", Since: x.clock.Now()}))
		p := x.propose(x.ours, want, 9)
		if got := p.names(); !slices.Equal(got, []string{"Mulets", "Fourgon"}) {
			t.Errorf("on a path: %v", got)
		}
		if a, b := p.Teams[0].whys(), p.Teams[1].whys(); !slices.Contains(a, "mule") || !slices.Contains(b, "no_vehicle") || !slices.Contains(b, "road_foot") {
			t.Errorf("said %v and %v", a, b)
		}
	})
}

func TestNobodyFreeWithTheSkillIsSaidAndTheNearestIsProposedAllTheSame(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.UseTeamRules(tamurtTeams(t))
		for _, name := range []string{"Un", "Deux", "Trois"} {
			x.skilled(x.ours, "A1-02", name, "cook")
		}
		away := x.skilled(x.ours, "B2-03", "Absente", "rescue")
		x.planned(away, map[string]int{"blanket": 1})
		x.must(x.SayWhere(x.ctx, x.leader(), away, "A1-03", x.clock.Now().Add(3*time.Hour)))
		want := Want{Place: "A1-02", Service: "crisis_help", Needs: []string{"rescue"}}
		p := x.propose(x.ours, want, 3)
		if !p.Lacks || p.Others || len(p.Teams) != 3 || p.Teams[2].Names.FR != "Absente" {
			t.Errorf("with a team that is away: %v, lacks %v, others %v", p.names(), p.Lacks, p.Others)
		}
		if got := p.Teams[2].whys(); !strings.HasPrefix(got[0], "busy_back at=2026-11-21 11:00") {
			t.Errorf("when it is back: %v", got)
		}
		theirs := x.skilled(x.other, "A1-03", "Autres", "rescue")
		if p := x.propose(x.ours, want, 9); !p.Lacks || !p.Others || slices.Contains(p.names(), "Autres") {
			t.Errorf("another organisation has one: %v, others %v", p.names(), p.Others)
		}
		if p := x.propose(actor.OrganisationID{}, want, 9); p.Lacks || p.Others || p.Teams[0].Team != theirs {
			t.Errorf("whoever acts for all: %v, lacks %v, others %v", p.names(), p.Lacks, p.Others)
		}
		x.orgs.suspended[x.other] = true
		if p := x.propose(x.ours, want, 9); p.Others {
			t.Error("an organisation that may not act could be asked")
		}
		if p := x.propose(x.ours, want, 0); len(p.Teams) != 0 || !p.Lacks {
			t.Errorf("no room at all: %v", p.names())
		}
	})
}

func TestEveryNeedOfEveryServiceSaysWhichSkillItAsksForAndWhoSaysSo(t *testing.T) {
	t.Parallel()
	files := os.DirFS(packsAt(t))
	set, err := service.Load(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, country := range []string{"ma", "tamurt"} {
		rules, err := ReadTeamRules(files, country)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, d := range set.All() {
			q := d.Form.Question(d.Bind.Need)
			for _, c := range q.List.Choices {
				n++
				if !slices.ContainsFunc(rules.Needs, func(r NeedRule) bool { return r.Service == d.Code && r.Need == c.Name }) {
					t.Errorf("%s: nobody says which skill %s.%s asks for", country, d.Code, c.Name)
				}
			}
		}
		if n != len(rules.Needs) {
			t.Errorf("%s: %d needs, %d rules", country, n, len(rules.Needs))
		}
	}
}

func TestRulesOfTeamsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*TeamRules){
		"an unknown skill":    func(r *TeamRules) { r.Needs[0].Skills = []string{"magic"} },
		"no source":           func(r *TeamRules) { r.Needs[0].Source = "" },
		"a need twice":        func(r *TeamRules) { r.Needs = append(r.Needs, r.Needs[0]) },
		"no silence":          func(r *TeamRules) { r.Silence.Hours = 0 },
		"a position for ever": func(r *TeamRules) { r.Position.Hours = 100_000 },
		"no outreach":         func(r *TeamRules) { r.Outreach = OutreachRule{} },
	} {
		r := tamurtTeams(t)
		spoil(r)
		if r.wrong() == "" {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestWhereATeamSaysItIsCountsForAsLongAsTheCountrySays(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.UseTeamRules(tamurtTeams(t))
		far := x.skilled(x.ours, "B2-03", "Loin", "rescue")
		x.skilled(x.ours, "A1-01", "Près", "rescue")
		want := Want{Place: "A1-02", Service: "crisis_help", Needs: []string{"rescue"}}
		if got := x.propose(x.ours, want, 9).names(); got[0] != "Près" {
			t.Fatalf("from their bases: %v", got)
		}
		x.refused(x.SayWhere(x.ctx, x.leader(), far, "nowhere", x.clock.Now().Add(-time.Hour)), "field.team.base_unknown", "field.team.back_wrong")
		x.refused(x.SayWhere(x.ctx, x.somebody(actor.Leader, x.other, ""), far, "A1-02", time.Time{}), "error.denied_here")
		x.must(x.SayWhere(x.ctx, x.leader(), far, "A1-02", time.Time{}))
		x.clock.Advance(40 * time.Minute)
		p := x.propose(x.ours, want, 9)
		if got := p.names(); got[0] != "Loin" || !slices.Contains(p.Teams[0].whys(), "km_told km=0 minutes=40") {
			t.Errorf("told 40 minutes ago: %v %v", got, p.Teams[0].whys())
		}
		x.clock.Advance(12 * time.Hour)
		if got := x.propose(x.ours, want, 9).names(); got[0] != "Près" {
			t.Errorf("told yesterday: %v", got)
		}
		if got := x.told(teamSubject(far)); len(got) != 2 || !strings.Contains(got[1], `"place":"A1-02"`) {
			t.Errorf("told %v", got)
		}
		_, page := x.at(x.coordinator()).get("/fr/teams/" + far.String())
		if !strings.Contains(page, "trop ancien pour compter") {
			t.Error("the page does not say that it is old")
		}
	})
}

func TestATeamThatSaysWhereItIsHasBeenHeardOf(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	rules := tamurtTeams(t)
	rules.Silence.Hours = 2
	x.UseTeamRules(rules)
	team := x.team(x.ours, "A1-02", "Mulets")
	x.mission(team, map[string]int{"blanket": 1}, x.ask(x.ours, "A1-03"))
	x.clock.Advance(2*time.Hour + time.Minute)
	flagged := func() bool {
		_, page := x.at(x.coordinator()).get("/fr/teams")
		return strings.Contains(page, "Sans nouvelles")
	}
	if !flagged() {
		t.Error("two hours of silence, as the pack says, and no flag on the list of teams")
	}
	status, page, to := x.at(x.leader()).post("/fr/teams/"+team.String()+"/where", "base", "A1-03", "back", "2026-11-21T18:00")
	if status != 303 || !strings.HasSuffix(to, "/teams/"+team.String()) {
		t.Fatalf("%d %s", status, page)
	}
	if flagged() {
		t.Error("heard of, and still flagged")
	}
	if status, page, _ := x.at(x.leader()).post("/fr/teams/"+team.String()+"/where", "base", "zzz", "back", "soon"); status != 422 || !strings.Contains(page, "zzz") {
		t.Errorf("garbage: %d", status)
	}
}

func TestTwoDispatchersCannotSendOneTeamTwice(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team := x.team(x.ours, "A1-02", "Une seule")
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			by := x.somebody(actor.Dispatcher, actor.OrganisationID{}, "")
			wait.Go(func() { errs[i] = x.Plan(x.ctx, by, Plan{ID: id.New[Mission](x.clock.Now()), Team: team}) })
		}
		wait.Wait()
		sent := 0
		for _, err := range errs {
			switch {
			case err == nil:
				sent++
			case fault.KindOf(err) != fault.Conflict:
				t.Errorf("not refused but broken: %v", err)
			}
		}
		if sent != 1 {
			t.Errorf("%d missions for one team", sent)
		}
	})
}

func TestAMissionTellsHowManyItFoundAndNeverWho(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team := x.team(x.ours, "A1-02", "Sauvetage")
		c := x.ask(x.ours, "A1-03")
		mid := x.planned(team, map[string]int{"blanket": 1}, c)
		report := Found{ID: id.New[Found](x.clock.Now()), Mission: mid, Safe: 3, Hurt: 1}
		x.refused(x.SayFound(x.ctx, x.leader(), report), "field.mission.cannot_now")
		x.must(x.Depart(x.ctx, x.leader(), mid))
		x.must(x.SayFound(x.ctx, x.leader(), report))
		x.must(x.SayFound(x.ctx, x.leader(), report)) // the network came and went
		other := report
		other.Safe = 4
		x.refused(x.SayFound(x.ctx, x.leader(), other), "field.found.id_taken")
		x.refused(x.SayFound(x.ctx, x.leader(), Found{ID: id.New[Found](x.clock.Now()), Mission: mid}), "field.found.nobody")
		x.refused(x.SayFound(x.ctx, x.leader(), Found{ID: id.New[Found](x.clock.Now()), Mission: mid, Safe: -1, Dead: 20001}), "field.found.number_wrong", "field.found.number_wrong")
		x.refused(x.SayFound(x.ctx, x.somebody(actor.Leader, x.other, ""), Found{ID: id.New[Found](x.clock.Now()), Mission: mid, Safe: 1}), "error.denied_here")
		wrong := Found{ID: id.New[Found](x.clock.Now()), Mission: mid, Stop: x.stop(mid, c).ID, Dead: 2}
		x.must(x.SayFound(x.ctx, x.leader(), wrong))
		x.must(x.UndoFound(x.ctx, x.leader(), mid, wrong.ID))
		x.must(x.UndoFound(x.ctx, x.leader(), mid, wrong.ID))
		x.read(func(t *db.Tx) error {
			all, err := foundBy(t, mid)
			if s := sum(all); err == nil && (len(all) != 2 || s.Safe != 3 || s.Hurt != 1 || s.Dead != 0) {
				err = fmt.Errorf("%d reports, %+v", len(all), s)
			}
			return err
		})
		lines := strings.Join(x.told(missionSubject(mid)), "\n")
		if !strings.Contains(lines, `"safe":3,"hurt":1,"dead":0`) || strings.Count(lines, "field.mission.found ") != 2 {
			t.Errorf("told %s", lines)
		}
		_, page := x.at(x.leader()).get("/fr/missions/" + mid.String())
		if !strings.Contains(page, "personnes sauves") || !strings.Contains(page, "retiré") {
			t.Error("the page does not say what was found")
		}
		status, page, _ := x.at(x.leader()).post("/fr/missions/"+mid.String()+"/found", "found", id.New[Found](x.clock.Now()).String(), "safe", "٣", "hurt", "many")
		if status != 422 || !strings.Contains(page, "٣") {
			t.Errorf("garbage: %d", status)
		}
		x.must(x.NotReached(x.ctx, x.leader(), mid, x.stop(mid, c).ID, "unsafe"))
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 1}))
		x.must(x.Close(x.ctx, x.leader(), mid))
		if x.teamNow(team).State != Ready {
			t.Error("the team is not free again")
		}
		x.refused(x.SayFound(x.ctx, x.leader(), Found{ID: id.New[Found](x.clock.Now()), Mission: mid, Safe: 1}), "field.mission.cannot_now")
	})
}
