package field

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// contacts is of whom anybody heard, and where it is bad.
type contacts struct{ heard, harm map[string]int }

func (c contacts) Heard(*db.Tx, time.Time) (map[string]int, error) { return c.heard, nil }
func (c contacts) Harm() map[string]int                            { return c.harm }

func (x *house) left() (out []Unreached) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { out, err = x.unreached(t); return err })
	return out
}

func (x *house) outreach(c contacts) {
	x.t.Helper()
	x.UseTeamRules(tamurtTeams(x.t))
	x.UseContacts(c)
}

func TestHouseholdsOfAffectedPlacesThatNobodyHeardOfAreCountedAndPutInOrderByTheRule(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		// Three requests make Montvert affected; the map says that Grande-Dune is, from where nobody called.
		x.outreach(contacts{map[string]int{"A1-03-1": 2, "A1-03": 1, "A1-01": 2}, map[string]int{"B1-01": 4, "B1-03": 2}})
		all := x.left()
		of := map[string]Unreached{}
		sum := 0
		for i, u := range all {
			of[u.Place] = u
			if i > 0 && all[i-1].Points < u.Points {
				t.Errorf("%s stands before %s with fewer points", all[i-1].Place, u.Place)
			}
			if u.Commune == "A1-03" {
				sum += u.left()
			}
		}
		if all[0].Place != "B1-01" || all[0].Points != 80 || all[0].left() != all[0].Households {
			t.Errorf("first: %+v", all[0])
		}
		if montvert, _ := x.places.Get("A1-03"); sum != montvert.Households-3 {
			t.Errorf("of the %d households of Montvert %d are left", montvert.Households, sum)
		}
		if of["A1-01"].Place != "" || of["B1-03"].Place != "" {
			t.Error("two requests, or slight damage, made a place affected")
		}
		if u := of["A1-03-1"]; u.Known != 2 {
			t.Errorf("the douar: %+v", u)
		}
	})
}

func TestARoundToThoseNobodyHeardOfIsMadeInOneStepAndCountedAfterwards(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.outreach(contacts{map[string]int{"A1-03": 3}, nil})
		team := x.team(x.ours, "A1-02", "Social")
		before := x.left()
		p := Plan{ID: id.New[Mission](x.clock.Now()), Team: team}
		x.refused(x.PlanOutreach(x.ctx, x.coordinator(), p, nil), "field.outreach.nowhere")
		x.refused(x.PlanOutreach(x.ctx, x.coordinator(), p, make([]string, 13)), "field.outreach.many")
		x.refused(x.PlanOutreach(x.ctx, x.coordinator(), p, []string{"B1-01"}), "field.outreach.no_longer")
		x.refused(x.PlanOutreach(x.ctx, x.leader(), p, []string{"A1-03"}), "error.denied")
		chosen := []string{before[0].Place, before[1].Place}
		x.must(x.PlanOutreach(x.ctx, x.coordinator(), p, chosen))
		x.must(x.PlanOutreach(x.ctx, x.coordinator(), p, chosen)) // pressed twice
		var wait sync.WaitGroup
		for range 4 { // others at the same time, to the same places
			other, by := x.team(x.ours, "A1-02", "Autre"), x.coordinator()
			wait.Go(func() {
				x.refused(x.PlanOutreach(x.ctx, by, Plan{ID: id.New[Mission](x.clock.Now()), Team: other}, chosen), "field.outreach.going")
			})
		}
		wait.Wait()
		j, err := x.Journey(x.ctx, p.ID)
		x.must(err)
		if len(j.Visits) != 2 || j.Visits[0].Households != before[0].left() {
			t.Fatalf("stops: %+v", j.Visits)
		}
		x.must(x.Depart(x.ctx, x.leader(), p.ID))
		first, second := j.Visits[0], j.Visits[1]
		x.refused(x.Close(x.ctx, x.leader(), p.ID), "field.mission.stops_open")
		x.refused(x.SayVisited(x.ctx, x.leader(), p.ID, first.ID, -1, ""), "field.outreach.met_wrong")
		x.refused(x.SayVisited(x.ctx, x.leader(), p.ID, first.ID, 3, "unsafe"), "field.outreach.met_wrong")
		x.refused(x.SayVisited(x.ctx, x.leader(), p.ID, first.ID, 0, "tired"), "field.outreach.reason_wrong")
		x.refused(x.SayVisited(x.ctx, x.leader(), p.ID, id.New[Visit](x.clock.Now()), 1, ""), "error.missing")
		x.must(x.SayVisited(x.ctx, x.leader(), p.ID, first.ID, 12, ""))
		x.must(x.SayVisited(x.ctx, x.leader(), p.ID, first.ID, 12, ""))
		x.must(x.SayVisited(x.ctx, x.leader(), p.ID, second.ID, 0, "road_closed"))
		x.must(x.Close(x.ctx, x.leader(), p.ID))
		for _, u := range x.left() {
			if i := slices.IndexFunc(before, func(b Unreached) bool { return b.Place == u.Place }); u.Place == first.Place && u.left() != before[i].left()-12 || u.Going {
				t.Errorf("afterwards %+v", u)
			}
		}
		if lines := strings.Join(x.told(missionSubject(p.ID)), "\n"); strings.Count(lines, "field.outreach.visited") != 2 || strings.Count(lines, "field.outreach.plan") != 1 {
			t.Errorf("told %s", lines)
		}
	})
}

func TestThePageOfTheUnreachedShowsNoSmallNumberAndMakesTheRound(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	g, _ := x.places.Get("A1-03-1")
	x.outreach(contacts{map[string]int{"A1-03-1": g.Households - 2}, nil})
	team := x.team(x.ours, "A1-02", "Social")
	desk := x.at(x.coordinator())
	status, page := desk.get("/fr/unreached")
	if status != 200 || !strings.Contains(page, "Quelques foyers") || !strings.Contains(page, "La règle publiée") {
		t.Fatalf("%d", status)
	}
	mid := between(page, `name="id" value="`, `"`)
	if status, page, _ := desk.post("/fr/unreached", "id", mid, "place", "A1-03-1"); status != 422 || !strings.Contains(page, "checked") {
		t.Errorf("no team: %d", status)
	}
	status, _, to := desk.post("/fr/unreached", "id", mid, "team", team.String(), "place", "A1-03-1")
	if status != 303 || to != "/fr/missions/"+mid {
		t.Fatalf("%d %s", status, to)
	}
	if _, page = desk.get(to); !strings.Contains(page, "De porte en porte") {
		t.Error("the mission does not say where to go")
	}
	mission, err := id.Parse[Mission](mid)
	x.must(err)
	x.must(x.Cancel(x.ctx, x.coordinator(), mission))
	for _, u := range x.left() {
		if u.Going {
			t.Errorf("given up, and somebody still goes to %s", u.Place)
		}
	}
	if status, _ := x.at(x.somebody(actor.Agent, actor.OrganisationID{}, "")).get("/fr/unreached"); status != 403 {
		t.Errorf("an agent reads it: %d", status)
	}
}
