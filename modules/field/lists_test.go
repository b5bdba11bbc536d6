package field

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

func TestAPersonSeesTheMissionsTheyMaySee(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		mine := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 1}, x.ask(x.ours, "A1-03"))
		x.clock.Advance(1e9)
		theirs := id.New[Mission](x.clock.Now())
		x.must(x.Plan(x.ctx, actor.Actor{System: "demo"}, Plan{ID: theirs, Team: x.team(x.other, "B1-01", "Autres"), Cases: []CaseID{x.ask(x.other, "B1-02-1")}}))
		for _, c := range []struct {
			name        string
			by          actor.Actor
			mine, other bool
		}{
			{"our coordinator", x.coordinator(), true, false},
			{"their leader", x.somebody(actor.Leader, x.other, ""), false, true},
			{"a dispatcher of A1", x.somebody(actor.Dispatcher, x.ours, "A1"), true, false},
			{"the crisis cell", x.somebody(actor.CrisisCell, x.ours, ""), true, true},
			{"an auditor", x.somebody(actor.Auditor, x.ours, ""), true, true},
		} {
			d := x.at(c.by)
			_, list := d.get("/en/missions")
			for mid, may := range map[MissionID]bool{mine: c.mine, theirs: c.other} {
				if strings.Contains(list, mid.String()) != may {
					t.Errorf("%s: listed is not %v", c.name, may)
				}
				if status, _ := d.get("/en/missions/" + mid.String()); (status == 200) != may {
					t.Errorf("%s: opening it is %d", c.name, status)
				}
			}
		}
		if status, _ := x.at(x.somebody(actor.Agent, x.ours, "")).get("/en/missions"); status != 403 {
			t.Errorf("an agent at the missions: %d", status)
		}
		if status, _ := x.at(actor.Actor{}).get("/en/teams"); status != 401 {
			t.Errorf("a passer-by at the teams: %d", status)
		}
	})
}

func TestListsGoOnWhereThePageBeforeEnded(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		d := x.at(x.coordinator())
		var missions []string
		for i := range missionsPerPage + 3 {
			tid := x.team(x.ours, "A1-02", fmt.Sprintf("Mulets %03d", i))
			if i%7 == 0 {
				x.clock.Advance(1e9) // some share a moment
			}
			missions = append(missions, x.planned(tid, nil).String())
		}
		for i := len(missions); i < teamsPerPage+2; i++ {
			x.team(x.ours, "A1-02", fmt.Sprintf("Mulets %03d", i))
		}
		_, first := d.get("/fr/missions")
		_, second := d.get("/fr/missions?" + between(first, `class="btn line" href="/fr/missions?`, `"`))
		for _, mid := range missions {
			if mid = "/missions/" + mid; strings.Contains(first, mid) == strings.Contains(second, mid) {
				t.Errorf("mission %s is on both pages or on none", mid)
			}
		}
		_, first = d.get("/fr/teams")
		_, second = d.get("/fr/teams?" + between(first, `class="btn line" href="/fr/teams?`, `"`))
		for i := range teamsPerPage + 2 {
			name := fmt.Sprintf("Mulets %03d", i)
			if strings.Contains(first, name) == strings.Contains(second, name) {
				t.Errorf("%s is on both pages or on none", name)
			}
		}
	})
}

func TestAMachineTellsADelivery(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 20}, c)
		d := x.at(x.leader())
		var teams TeamsOut
		if status, body := d.get("/api/v1/teams"); status != 200 || json.Unmarshal([]byte(body), &teams) != nil || len(teams.Teams) != 1 || teams.Teams[0].Mission != mid.String() {
			t.Errorf("teams: %d %s", status, body)
		}
		var missions MissionsOut
		if status, body := d.get("/api/v1/missions"); status != 200 || json.Unmarshal([]byte(body), &missions) != nil || len(missions.Missions) != 1 || missions.Missions[0].Manifest[0].Loaded != 20 {
			t.Fatalf("missions: %d %s", status, body)
		}
		path := "/api/v1/missions/" + mid.String() + "/deliveries"
		told := DeliveryIn{ID: id.New[Delivery](x.clock.Now()).String(), Stop: missions.Missions[0].Stops[0].ID, Goods: map[string]int{"blanket": 3}, Proof: "code", Code: "987654"}
		say := func() (int, string) {
			b, err := json.Marshal(told)
			x.must(err)
			return d.send(path, string(b))
		}
		if status, body := say(); status != 422 || strings.Contains(body, "987654") || !strings.Contains(body, "field.delivery.code_wrong") {
			t.Errorf("a wrong code: %d %s", status, body)
		}
		told.Code = x.cases.code(c)
		var got []int
		for range 2 {
			status, body := say()
			got = append(got, status)
			if strings.Contains(body, told.Code) {
				t.Error("the answer holds the code")
			}
		}
		if !slices.Equal(got, []int{201, 200}) {
			t.Errorf("told twice: %v", got)
		}
		told.Goods["blanket"] = 4
		if status, body := say(); status != 409 || !strings.Contains(body, "other_content") {
			t.Errorf("other content under the same identifier: %d %s", status, body)
		}
		if status, body := d.send(path, `{"id":"x","stop":"y","proof":"word"}`); status != 422 || strings.Count(body, `"field"`) != 4 {
			t.Errorf("four things are wrong: %d %s", status, body)
		}
		if status, _ := d.send(path, `{"id":"x","extra":1}`); status != 422 {
			t.Errorf("what does not belong: %d", status)
		}
		if status, body := d.get("/api/v1/missions?state=late"); status != 422 {
			t.Errorf("an unknown state: %d %s", status, body)
		}
	})
}
