package field

import (
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/actor"
)

func TestAMissionIsWorkedThroughOnThePages(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		w := &walk{house: x, t: t, desk: x.at(x.coordinator()), road: x.at(x.leader())}
		w.makeTeam()
		w.planMission()
		w.loadIt()
		w.handOver()
		w.comeHome()
	})
}

// walk is one mission from page to page: the coordinator at the desk, the
// leader on the road.
type walk struct {
	*house
	t          *testing.T
	desk, road *door
	team, mid  string
	at         string // the page of the mission
	m          MissionID
	c, d       CaseID
}

// makeTeam is refused with everything that is wrong, then asked which of two
// places of one name is meant.
func (w *walk) makeTeam() {
	_, body := w.desk.get("/fr/teams/new")
	w.team = between(body, `name="id" value="`, `"`)
	status, body, _ := w.desk.post("/fr/teams/new", "id", w.team, "org", w.ours.String(), "name_fr", `<script>"Mulets"</script>`, "base", "Nulle-Part", "people", "0", "skills", "mule")
	if status != 422 || strings.Contains(body, "<script>\"M") || !strings.Contains(body, `&lt;script&gt;`) {
		w.t.Fatalf("refused with %d", status)
	}
	for _, field := range []string{"base", "people", "languages"} {
		if !strings.Contains(body, `href="#f-`+field+`"`) {
			w.t.Errorf("%s is not named", field)
		}
	}
	form := []string{"id", w.team, "org", w.ours.String(), "name_fr", "Mulets 1", "people", "٦", "skills", "mule", "languages", "tmr"}
	status, body, _ = w.desk.post("/fr/teams/new", append(form, "base", "Trois-Sources")...)
	if status != 422 || strings.Count(body, `name="base_code"`) < 2 {
		w.t.Fatalf("two places of one name were not asked about: %d", status)
	}
	status, _, to := w.desk.post("/fr/teams/new", append(form, "base", "Trois-Sources", "base_was", "Trois-Sources", "base_code", "A1-02")...)
	if status != 303 || to != "/fr/teams/"+w.team {
		w.t.Fatalf("made, and then %d %s", status, to)
	}
	if _, body := w.desk.get("/ar/teams/" + w.team); !strings.Contains(body, "Mulets 1") || !strings.Contains(body, "العيون الثلاث") {
		w.t.Error("the team does not show")
	}
	_, body = w.desk.get("/fr/teams/" + w.team + "/edit")
	form = append(form, "base", "Trois-Sources", "base_was", "Trois-Sources", "base_code", "A1-02", "skills", "rescue", "version", between(body, `name="version" value="`, `"`))
	if status, _, to := w.desk.post("/fr/teams/"+w.team+"/edit", form...); status != 303 || to != "/fr/teams/"+w.team {
		w.t.Errorf("changed, and then %d %s", status, to)
	}
	if status, _, _ := w.desk.post("/fr/teams/"+w.team+"/edit", form...); status != 409 {
		w.t.Errorf("changed from a page that is out of date: %d", status)
	}
}

// planMission takes two of the three who wait.
func (w *walk) planMission() {
	w.c, w.d = w.ask(w.ours, "A1-03-1"), w.ask(w.ours, "A1-01")
	w.ask(w.ours, "A1-01")
	if _, body := w.desk.get("/fr/missions/new"); !strings.Contains(body, "/missions/new?team="+w.team) {
		w.t.Error("the free team is not offered")
	}
	_, body := w.desk.get("/fr/missions/new?team=" + w.team)
	w.mid = between(body, `name="id" value="`, `"`)
	w.at = "/fr/missions/" + w.mid
	if n := strings.Count(body, `name="case"`); n != 3 {
		w.t.Errorf("%d wait", n)
	}
	status, body, _ := w.desk.post("/fr/missions/new", "id", w.mid, "team", w.team, "leave", "demain", "case", w.c.String())
	if status != 422 || !strings.Contains(body, `value="`+w.c.String()+`" checked`) {
		w.t.Errorf("a moment nobody can read, and what was ticked: %d", status)
	}
	for range 2 {
		status, _, to := w.desk.post("/fr/missions/new", "id", w.mid, "team", w.team, "leave", "2026-11-21T09:00", "case", w.c.String(), "case", w.d.String())
		if status != 303 || to != w.at {
			w.t.Fatalf("planned, and then %d %s", status, to)
		}
	}
	var err error
	w.m, err = readID[Mission](w.mid)
	w.must(err)
}

func (w *walk) loadIt() {
	status, body, _ := w.desk.post(w.at+"/load", "load_blanket", "douze", "load_tent", "-1")
	if status != 422 || !strings.Contains(body, `value="douze"`) || !strings.Contains(body, `href="#f-load_tent"`) {
		w.t.Errorf("two numbers nobody can read: %d", status)
	}
	late := w.ask(w.ours, "A1-01")
	w.done(w.desk, "/load", "load_blanket", "12", "load_food_basket", "")
	w.done(w.desk, "/stops", "case", late.String())
	if status, body, _ := w.desk.post(w.at + "/stops"); status != 422 || !strings.Contains(body, `href="#f-case"`) {
		w.t.Errorf("nobody chosen: %d", status)
	}
	w.done(w.desk, "/stops/"+w.stop(w.m, late).ID.String()+"/drop")
	for _, sheet := range []string{"/waybill", "/list"} {
		if status, body := w.desk.get(w.at + sheet); status != 200 || !strings.Contains(body, "Clos-du-Merle") || !strings.Contains(body, `class="sheet"`) {
			w.t.Errorf("%s: %d", sheet, status)
		}
	}
	w.done(w.road, "/depart")
}

// done is a step that is taken and leads back to the mission.
func (w *walk) done(by *door, step string, pairs ...string) {
	w.t.Helper()
	if status, body, to := by.post(w.at+step, pairs...); status != 303 || to != w.at {
		w.t.Fatalf("%s: %d %s %s", step, status, to, between(body, `class="errs"`, `</div>`))
	}
}

// handOver types a wrong code, which never comes back, then the right one.
func (w *walk) handOver() {
	stop := "/deliver/" + w.stop(w.m, w.c).ID.String()
	_, body := w.road.get(w.at + stop)
	did := between(body, `name="id" value="`, `"`)
	given := []string{"id", did, "good_blanket", "5", "proof", "code"}
	status, body, _ := w.road.post(w.at+stop, append(given, "code", "987654")...)
	if status != 422 || strings.Contains(body, "987654") || !strings.Contains(body, `value="5"`) || !strings.Contains(body, did) {
		w.t.Errorf("a wrong code: %d", status)
	}
	if status, body, _ := w.road.post(w.at+stop, append(given, "code", "", "witness", "x")...); status != 422 || !strings.Contains(body, `href="#f-code"`) {
		w.t.Errorf("no code: %d", status)
	}
	for range 2 {
		w.done(w.road, stop, append(given, "code", w.cases.code(w.c))...)
	}
	if _, body := w.road.get(w.at); strings.Contains(body, w.cases.code(w.c)) || strings.Contains(body, w.cases.code(w.d)) {
		w.t.Error("a page shows a code")
	}
	if status, body, _ := w.road.post(w.at + "/close"); status != 409 || !strings.Contains(body, `href="#f-back_blanket"`) {
		w.t.Errorf("closing with seven blankets aboard: %d", status)
	}
	other := "/deliver/" + w.stop(w.m, w.d).ID.String() + "/not-reached"
	if status, body, _ := w.road.post(w.at + other); status != 422 || !strings.Contains(body, `href="#f-reason"`) {
		w.t.Errorf("not reached, without a reason: %d", status)
	}
	w.done(w.road, other, "reason", "road_closed")
}

func (w *walk) comeHome() {
	if status, body, _ := w.road.post(w.at+"/lose", "lost_good", "blanket", "lost", "2"); status != 422 || !strings.Contains(body, `href="#f-lost_reason"`) {
		w.t.Errorf("lost, without a reason: %d", status)
	}
	w.done(w.road, "/lose", "lost_good", "blanket", "lost", "2", "lost_reason", "wet")
	w.done(w.road, "/return", "back_blanket", "5")
	if status, body := w.house.at(w.somebody(actor.Administrator, w.ours, "")).get("/fr/who-what-where"); status != 200 || !strings.Contains(body, "L’Étoile") || !strings.Contains(body, "Mulets 1") {
		w.t.Errorf("who does what where: %d", status)
	}
	if status, body := w.road.get("/fr/who-what-where.csv"); status != 200 || !strings.Contains(body, ",L’Étoile,Mulets 1,En route,") {
		w.t.Errorf("as a table: %d %s", status, body)
	}
	w.done(w.road, "/close")
	if _, body := w.desk.get("/fr/missions?ended=1"); !strings.Contains(body, w.mid) {
		w.t.Error("the ended mission is not listed")
	}
}
