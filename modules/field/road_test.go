package field

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestTheLastWordAboutARoadCountsUntilItRunsOutAndAllStayOnRecord(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		by := x.somebody(actor.Dispatcher, actor.OrganisationID{}, "A1")
		now := func(place string) (s RoadState) {
			x.read(func(t *db.Tx) error {
				known, err := roadsNow(t)
				s = known.at(x.path(place)).State
				return err
			})
			return s
		}
		if s := now("A1-03-1"); s != "" {
			t.Fatalf("nobody said anything, and it is %s", s)
		}
		x.say("A1-03", RoadClosed)
		if s := now("A1-03-1"); s != RoadClosed {
			t.Errorf("what holds for the commune holds for its douar: %s", s)
		}
		w := RoadWord{ID: id.New[RoadWord](x.clock.Now()), Place: "A1-03-1", State: RoadFoot, Source: "roads_service", Since: x.clock.Now().Add(time.Minute), Until: x.clock.Now().Add(6 * time.Hour)}
		x.must(x.SayRoad(x.ctx, by, w))
		x.must(x.SayRoad(x.ctx, by, w)) // sent twice
		if s := now("A1-03-1"); s != RoadFoot {
			t.Errorf("the word about the place itself counts before that of its commune: %s", s)
		}
		x.clock.At = x.clock.At.Add(time.Hour)
		x.say("A1-03", RoadOpen)
		if s := now("A1-03-1"); s != RoadFoot {
			t.Errorf("a wider word that is better does not open a path: %s", s)
		}
		x.say("A1-03", RoadClosed)
		if s := now("A1-03-1"); s != RoadClosed {
			t.Errorf("a wider word that is worse and later counts: %s", s)
		}
		x.say("A1-03", RoadOpen)
		x.clock.At = x.clock.At.Add(6 * time.Hour)
		if s := now("A1-03-1"); s != RoadOpen {
			t.Errorf("what ran out counts no more: %s", s)
		}
		x.read(func(t *db.Tx) error {
			all, err := roadHistory(t, "A1-03")
			if err == nil && (len(all) != 4 || all[0].State != RoadOpen || all[3].State != RoadClosed) {
				x.t.Errorf("the history is %+v", all)
			}
			return err
		})
		w.State = RoadOpen
		x.refused(x.SayRoad(x.ctx, by, w), "field.mission.id_taken")
		x.refused(x.SayRoad(x.ctx, by, RoadWord{ID: id.New[RoadWord](x.clock.Now()), Place: "A1-03", State: "icy", Source: "dream", Since: x.clock.Now().Add(time.Hour), Until: x.clock.Now()}),
			"field.road.state_missing", "field.road.source_missing", "field.road.since_wrong", "field.road.until_wrong")
		elsewhere := RoadWord{ID: id.New[RoadWord](x.clock.Now()), Place: "B1-01", State: RoadOpen, Source: "seen"}
		if err := x.SayRoad(x.ctx, by, elsewhere); fault.KindOf(err) != fault.Denied {
			t.Errorf("a dispatcher of A1 spoke of B1: %v", err)
		}
		if err := x.SayRoad(x.ctx, x.somebody(actor.Leader, x.ours, ""), elsewhere); fault.KindOf(err) != fault.Denied {
			t.Errorf("a leader spoke for the roads: %v", err)
		}
	})
}

func TestACaravanThatCannotReachAStopLeavesOnlyForAReasonWhichIsWrittenDown(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"), x.ask(x.ours, "A1-02"))
		x.say("A1-01", RoadFoot)
		x.drive(mid, "4x4", 0, 0)
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.road.cannot_reach")
		x.refused(x.DepartAnyway(x.ctx, x.leader(), mid, "because"), "field.road.cannot_reach")
		x.must(x.DepartAnyway(x.ctx, x.leader(), mid, "carry_on_foot"))
		lines := x.told(missionSubject(mid))
		if last := lines[len(lines)-1]; !strings.Contains(last, `"reason":"carry_on_foot"`) || !strings.Contains(last, `"beyond":1`) {
			t.Errorf("the line of departure is %s", last)
		}
		other := x.planned(x.team(x.ours, "A1-03", "Étoile 5"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"))
		x.drive(other, "4x4", 0, 0)
		x.drive(other, "mule", 0, 0)
		x.must(x.Depart(x.ctx, x.leader(), other)) // the mule gets there
	})
}

func TestAReasonGetsAroundTheRoadsAndNothingElse(t *testing.T) {
	t.Parallel()
	x, _ := caravans(t, model.SQLite(t))
	mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"))
	x.drive(mid, "drone", 5, 30)
	x.refused(x.DepartAnyway(x.ctx, x.leader(), mid, "life_at_risk"), "field.permit.needed")
}

func TestTheRouteGoesToTheNearestThatIsReachedAndToClosedStopsLast(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		near, far, shut, path := x.ask(x.ours, "A1-02"), x.ask(x.ours, "A2-02"), x.ask(x.ours, "A1-03-1"), x.ask(x.ours, "A1-01")
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, shut, far, path, near)
		x.drive(mid, "4x4", 0, 0)
		x.drive(mid, "mule", 0, 0)
		x.say("A1-03-1", RoadClosed)
		x.must(x.Order(x.ctx, x.leader(), mid))
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		var got []CaseID
		for i, s := range j.Stops {
			if got = append(got, s.Case); s.Seq != i+1 {
				t.Errorf("stop %d has number %d", i+1, s.Seq)
			}
		}
		if want := []CaseID{near, path, far, shut}; !slices.Equal(got, want) {
			t.Errorf("ordered %v, want %v", got, want)
		}
		x.must(x.Order(x.ctx, x.leader(), mid)) // again changes nothing
		if n := len(x.told(missionSubject(mid))); n != 5 {
			t.Errorf("%d lines: ordering again is no deed", n)
		}
	})
}

// TestThePlannerPrefersDroneMuleAndHelicopterWhenTheRoadIsClosed is the check of C12.
func TestThePlannerPrefersDroneMuleAndHelicopterWhenTheRoadIsClosed(t *testing.T) {
	t.Parallel()
	for _, country := range []string{"ma", "tamurt"} {
		m, err := ReadMeans(os.DirFS("../../packs"), country)
		if err != nil {
			t.Fatal(err)
		}
		lorry := Mean{Kind: "lorry", Road: Road, Kg: 10_000, Litres: 40_000, Have: true}
		for _, level := range []int{1, 2, 3, 4} {
			e := Errand{Burden: Burden{Grams: 4000, Millilitres: 9000}, Level: level, Km: 6, HasKm: true, Road: RoadClosed}
			all := m.Rank(e, []Mean{lorry})
			for i, x := range all {
				byRoad := x.Road == Road || x.Road == Track
				if first := all[0].Kind; i == 0 && first != "drone" && first != "helicopter" {
					t.Errorf("%s level %d: %s is proposed to a closed place", country, level, first)
				}
				if byRoad && x.Reach != GetsNot || !byRoad && x.Reach == GetsNot {
					t.Errorf("%s: %s to a closed place: %d", country, x.Kind, x.Reach)
				}
				if i > 0 && all[i-1].Reach > x.Reach && !all[i-1].Far {
					t.Errorf("%s: %s stands before %s, which gets there", country, all[i-1].Kind, x.Kind)
				}
			}
			if last := all[len(all)-1]; last.Road != Road && last.Road != Track {
				t.Errorf("%s level %d: the last is %s", country, level, last.Kind)
			}
			mules := append([]Mean{lorry}, Mean{Kind: "mule", Road: Path, Kg: 80, Litres: 160, Have: true})
			for _, x := range m.Rank(e, mules)[:3] {
				if x.Road != Air && x.Road != Path {
					t.Errorf("%s: %s is among the first three", country, x.Kind)
				}
			}
		}
		open := m.Rank(Errand{Burden: Burden{Grams: 2_000_000, Millilitres: 6_000_000}, Level: 4, Km: 30, HasKm: true, Road: RoadOpen}, []Mean{lorry})
		if open[0].Kind != "lorry" {
			t.Errorf("%s: an open road, two tonnes, no hurry: %s", country, open[0].Kind)
		}
		foot := m.Rank(Errand{Burden: Burden{Grams: 60_000, Millilitres: 100_000}, Level: 3, Km: 8, HasKm: true, Road: RoadFoot}, []Mean{lorry, {Kind: "mule", Road: Path, Kg: 80, Litres: 160, Have: true}})
		if foot[0].Kind != "mule" || len(foot[0].Why) == 0 {
			t.Errorf("%s: a mule track, a mule at hand: %+v", country, foot[0])
		}
	}
}

func TestThePlannerNeverPutsWhatDoesNotGetThereBeforeWhatDoes(t *testing.T) {
	t.Parallel()
	m := tamurtMeans(t)
	rapid.Check(t, func(t *rapid.T) {
		e := Errand{Burden: Burden{Grams: rapid.Int64Range(0, 20_000_000).Draw(t, "g"), Millilitres: rapid.Int64Range(0, 20_000_000).Draw(t, "ml")}, Level: rapid.IntRange(1, 4).Draw(t, "level"),
			Km: rapid.Float64Range(0, 400).Draw(t, "km"), HasKm: rapid.Bool().Draw(t, "known"), Road: rapid.SampledFrom(append([]RoadState{""}, RoadStates...)).Draw(t, "road")}
		all := m.Rank(e, nil)
		if len(all) != len(m.Kinds) {
			t.Fatalf("%d ways of %d", len(all), len(m.Kinds))
		}
		for i, x := range all {
			gets := func(x Mean) bool { return x.Reach != GetsNot && !x.Far }
			if i > 0 && gets(x) && !gets(all[i-1]) {
				t.Fatalf("%s stands before %s", all[i-1].Kind, x.Kind)
			}
			if x.Trips < 1 || x.Takes < 0 || x.Cost < 0 || len(x.Why) < 2 {
				t.Fatalf("%+v", x)
			}
		}
	})
}

func TestAPackWhoseFiguresMakeNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../../packs/tamurt/means.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"an unknown kind":       {"code: lorry", "code: camel"},
		"a kind twice":          {"code: 4x4", "code: lorry"},
		"a lorry on a path":     {"kmh: {open: 30}", "kmh: {open: 30, foot: 4}"},
		"a mule without a pace": {"foot: 4, closed: 2}", "closed: 2}"},
		"a figure of nobody":    {"range_km: 0, source: made up}", "range_km: 0, source: ''}"},
		"a permit of nobody":    {"    source: made up with the country\n  - code: heavy", "  - code: heavy"},
		"a field nobody knows":  {"winding: 2", "wynding: 2"},
		"a report of nonsense":  {"nobody: closed", "nobody: frozen"},
	} {
		bad := strings.Replace(string(body), change[0], change[1], 1)
		if bad == string(body) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := ReadMeans(fstest.MapFS{"x/means.yaml": {Data: []byte(bad)}}, "x"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// fakeReports are what people told of roads.
type fakeReports []RoadReport

func (f fakeReports) RoadReports(*db.Tx, ReportRule, int) ([]RoadReport, error) {
	return slices.Clone(f), nil
}

// fakeGaps are forgotten places; a claim takes one away.
type fakeGaps struct {
	all     []Forgotten
	claimed []string
}

func (f *fakeGaps) Forgotten(*db.Tx, int) ([]Forgotten, error) { return slices.Clone(f.all), nil }

func (f *fakeGaps) Claim(_ context.Context, _ actor.Actor, commune string) (n int, _ error) {
	for i, g := range f.all {
		if g.Commune == commune {
			n, f.claimed, f.all = g.Waiting, append(f.claimed, commune), slices.Delete(f.all, i, i+1)
			return n, nil
		}
	}
	return 0, nil
}

func TestADispatcherTurnsAReportIntoAWordAboutTheRoadInOneStep(t *testing.T) {
	t.Parallel()
	x, _ := caravans(t, model.SQLite(t))
	c := x.ask(actor.OrganisationID{}, "A1-02")
	x.UseRoadReports(fakeReports{{Case: c, Receipt: "482710001", Place: "A1-02", State: RoadFoot, At: morning}, {Case: x.ask(actor.OrganisationID{}, "B1-01"), Receipt: "482710002", Place: "B1-01", At: morning}})
	d := x.at(x.somebody(actor.Dispatcher, actor.OrganisationID{}, "A1"))
	_, body := d.get("/fr/roads")
	if !strings.Contains(body, c.String()) || strings.Contains(body, "482 710 002") {
		t.Fatalf("the reports of the territory, and no others: %s", body)
	}
	fields := []string{"id", between(body, `name="id" value="`, `"`), "report", c.String(), "source", "report", "base_code", "A1-02", "base", "A1-02", "base_was", "A1-02", "state", "foot"}
	if status, body, to := d.post("/fr/roads/new", fields...); status != 303 || to != "/fr/roads" {
		t.Fatalf("%d %s %s", status, to, body)
	}
	if status, _, _ := d.post("/fr/roads/new", fields...); status != 303 {
		t.Errorf("pressed twice: %d", status)
	}
	fields[1] = id.New[RoadWord](morning).String()
	if status, _, _ := d.post("/fr/roads/new", fields...); status != 409 {
		t.Errorf("somebody else's second word of the same report: %d", status)
	}
	_, body = d.get("/fr/roads")
	if strings.Contains(body, c.String()) || !strings.Contains(body, "À pied ou à mulet") {
		t.Errorf("the report is still there, or its word is not: %s", body)
	}
	for _, path := range []string{"/fr/roads/A1-02", "/fr/roads?from=Montvert", "/fr/roads.csv?from=A1-03", "/fr/roads/new?place=A1-02", "/fr/means?base=Trois-Sources&kg=200&level=1", "/fr/means"} {
		if status, body := d.get(path); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := d.get("/fr/roads/nowhere"); status != 404 {
		t.Errorf("a place that is none: %d", status)
	}
	_, csv := d.get("/fr/roads.csv?from=A1-03")
	if !strings.Contains(csv, "A1-02,Trois-Sources,À pied ou à mulet,Signalé par des habitants,") {
		t.Errorf("the table says %q", csv)
	}
	if status, body, _ := d.post("/fr/roads/new", "id", id.New[RoadWord](morning).String(), "base", "Trois-Sources", "state", "open", "source", "seen"); status != 422 || !strings.Contains(body, `name="base_code"`) {
		t.Errorf("a name that two places bear is not guessed: %d", status)
	}
}

func TestAnOrganisationSeesWhereNobodyGoesNearestFirstAndTakesItOn(t *testing.T) {
	t.Parallel()
	x, _ := caravans(t, model.SQLite(t))
	x.team(x.ours, "A1-03", "Étoile 4")
	x.planned(x.team(x.ours, "A1-03", "Étoile 5"), map[string]int{"blanket": 1}, x.ask(x.ours, "A2-01"))
	g := &fakeGaps{all: []Forgotten{{"B1-01", 40, 1, morning}, {"A1-02", 3, 2, morning}, {"A1-01", 12, 3, morning}, {"A2-01", 5, 1, morning}}}
	x.UseGaps(g)
	d := x.at(x.coordinator())
	_, body := d.get("/fr/gaps")
	var at []int
	for _, place := range []string{"/fr/gaps/A1-02/claim", "/fr/gaps/A1-01/claim", "/fr/gaps/B1-01/claim"} {
		at = append(at, strings.Index(body, place))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("the nearest stands first: %v", at)
	}
	if strings.Contains(body, "/gaps/A2-01/") {
		t.Error("somebody is on the way to A2-01 already")
	}
	if status, _, to := d.post("/fr/gaps/A1-02/claim"); status != 303 || to != "/fr/missions/new" || !slices.Equal(g.claimed, []string{"A1-02"}) {
		t.Errorf("taken on: %d %s %v", status, to, g.claimed)
	}
	if status, _, _ := d.post("/fr/gaps/A1-02/claim"); status != 409 {
		t.Errorf("taken a moment ago: %d", status)
	}
	if status, _, _ := x.at(x.somebody(actor.Dispatcher, actor.OrganisationID{}, "")).post("/fr/gaps/A1-01/claim"); status != 403 {
		t.Errorf("nobody claims without an organisation: %d", status)
	}
}
