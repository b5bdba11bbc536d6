package field

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func TestAMissionGoesOutAndComesBackBalanced(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team := x.team(x.ours, "A1-02", "Mulets 1")
		here, there := x.ask(x.ours, "A1-03-1"), x.ask(x.ours, "A1-03")
		mid := x.planned(team, map[string]int{"blanket": 10, "food_basket": 3}, here, there)

		x.clock.Advance(time.Hour)
		x.must(x.Depart(x.ctx, x.leader(), mid))
		x.must(x.Depart(x.ctx, x.leader(), mid)) // a second press of the button
		x.refused(x.Load(x.ctx, x.coordinator(), mid, map[string]int{"tent": 1}), "field.manifest.load_fixed")
		if m := x.teamNow(team); m.State != Away {
			t.Errorf("the team is %s", m.State)
		}

		x.must(x.deliver(x.handover(mid, here, map[string]int{"blanket": 4})))
		x.refused(x.Close(x.ctx, x.leader(), mid), "field.mission.stops_open", "field.manifest.unbalanced", "field.manifest.unbalanced")
		x.must(x.NotReached(x.ctx, x.leader(), mid, x.stop(mid, there).ID, "road_closed"))
		x.must(x.Lose(x.ctx, x.leader(), mid, "blanket", 1, "wet"))
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 5, "food_basket": 2}))
		x.refused(x.Close(x.ctx, x.leader(), mid), "field.manifest.unbalanced")
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"food_basket": 3}))
		x.must(x.Close(x.ctx, x.leader(), mid))

		if got := x.cases.all[here].moves; !slices.Equal(got, []string{"assign", "depart", "deliver"}) {
			t.Errorf("the case that was helped went %v", got)
		}
		if got := x.cases.all[there].moves; !slices.Equal(got, []string{"assign", "depart", "turn_back"}) {
			t.Errorf("the case that was not reached went %v", got)
		}
		if m := x.teamNow(team); m.State != Ready {
			t.Errorf("the team is %s", m.State)
		}
		x.must(x.Close(x.ctx, x.leader(), mid))
		var words []string
		for _, line := range x.told(missionSubject(mid)) {
			words = append(words, strings.Fields(line)[0])
		}
		if want := "field.mission.plan field.mission.load field.mission.depart field.delivery.record field.stop.not_reached field.mission.lose field.mission.return field.mission.return field.mission.close"; strings.Join(words, " ") != want {
			t.Errorf("the journal says %v", words)
		}
	})
}

func TestATeamIsOnOneMissionAndACaseAtOneStop(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team, second := x.team(x.ours, "A1-02", "Mulets 1"), x.team(x.ours, "A1-02", "Mulets 2")
		var wg sync.WaitGroup
		errs := make([]error, 5)
		for i := range errs {
			p := Plan{ID: id.New[Mission](x.clock.Now()), Team: team}
			wg.Go(func() { errs[i] = x.Plan(x.ctx, x.coordinator(), p) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			x.refused(err, "field.team.busy")
		}
		if won != 1 {
			t.Fatalf("%d of 5 missions bound the team", won)
		}
		c := x.ask(x.ours, "A1-03")
		p := Plan{ID: id.New[Mission](x.clock.Now()), Team: second, Cases: []CaseID{c}}
		x.must(x.Plan(x.ctx, x.coordinator(), p))
		x.must(x.Plan(x.ctx, x.coordinator(), p)) // the form was sent twice
		first := x.openOf(team)
		x.refused(x.AddStops(x.ctx, x.coordinator(), first, []CaseID{c}), "field.stop.on_other_mission")
		x.must(x.AddStops(x.ctx, x.coordinator(), p.ID, []CaseID{c}))
		x.refused(x.Depart(x.ctx, x.coordinator(), first), "field.mission.no_stops")
		x.refused(x.DisbandTeam(x.ctx, x.coordinator(), second), "field.team.busy")

		// Cancelled, the case may go with another team, and the team with another mission.
		x.must(x.Cancel(x.ctx, x.coordinator(), p.ID))
		x.must(x.AddStops(x.ctx, x.coordinator(), first, []CaseID{c}))
		x.must(x.Depart(x.ctx, x.coordinator(), first))
		x.refused(x.Cancel(x.ctx, x.coordinator(), first), "field.mission.cancel_late")
		x.refused(x.DropStop(x.ctx, x.coordinator(), first, x.stop(first, c).ID), "field.mission.cannot_now")
		x.must(x.DisbandTeam(x.ctx, x.coordinator(), second))
		p.ID = id.New[Mission](x.clock.Now())
		x.refused(x.Plan(x.ctx, x.coordinator(), p), "field.team.is_disbanded")
	})
}

func (x *house) openOf(tid TeamID) (mid MissionID) {
	x.read(func(t *db.Tx) (err error) { mid, err = openMission(t, tid); return err })
	return mid
}

func TestNobodyActsForAnotherOrganisationOrTerritory(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team, c := x.team(x.ours, "A1-02", "Mulets"), x.ask(x.ours, "A1-03")
		mid := x.planned(team, map[string]int{"blanket": 3}, c)
		stranger, elsewhere := x.somebody(actor.Leader, x.other, ""), x.somebody(actor.Dispatcher, x.ours, "B1")
		boss := x.somebody(actor.Coordinator, x.other, "")
		for _, by := range []actor.Actor{stranger, elsewhere} {
			x.refused(x.Depart(x.ctx, by, mid), "error.denied_here")
			x.refused(x.Close(x.ctx, by, mid), "error.denied_here")
			x.refused(x.Return(x.ctx, by, mid, map[string]int{"blanket": 1}), "error.denied_here")
			x.refused(x.Lose(x.ctx, by, mid, "blanket", 1, "wet"), "error.denied_here")
			x.refused(x.NotReached(x.ctx, by, mid, x.stop(mid, c).ID, "unsafe"), "error.denied_here")
			x.refused(x.deliver2(by, x.handover(mid, c, map[string]int{"blanket": 1})), "error.denied_here")
		}
		for _, by := range []actor.Actor{boss, elsewhere} {
			x.refused(x.Load(x.ctx, by, mid, map[string]int{"blanket": 1}), "error.denied_here")
			x.refused(x.Cancel(x.ctx, by, mid), "error.denied_here")
			x.refused(x.AddStops(x.ctx, by, mid, []CaseID{c}), "error.denied_here")
			x.refused(x.EditTeam(x.ctx, by, team, 0, *x.teamNow(team)), "error.denied_here")
			x.refused(x.DisbandTeam(x.ctx, by, team), "error.denied_here")
			x.refused(x.Plan(x.ctx, by, Plan{ID: id.New[Mission](x.clock.Now()), Team: team}), "error.denied_here")
		}
		x.refused(x.Load(x.ctx, x.leader(), mid, map[string]int{"blanket": 1}), "error.denied")
		x.refused(x.Depart(x.ctx, actor.Actor{}, mid), "error.sign_in")

		// A case that somebody else has taken on is theirs, and the refusal says whose.
		theirs := x.ask(x.other, "A1-03")
		for _, by := range []actor.Actor{x.coordinator(), x.somebody(actor.CrisisCell, x.ours, "")} {
			err := x.AddStops(x.ctx, by, mid, []CaseID{theirs})
			x.refused(err, "field.stop.taken")
			if f, _ := errors.AsType[*fault.Fault](err); f.Args["who"] != "Les Quatre Mulets" {
				t.Errorf("taken by %v", f.Args["who"])
			}
		}
		far := x.ask(x.ours, "B1-01")
		x.refused(x.AddStops(x.ctx, x.somebody(actor.Dispatcher, x.ours, "A1"), mid, []CaseID{far}), "error.denied_here")
		x.must(x.Depart(x.ctx, x.somebody(actor.Dispatcher, x.ours, "A1"), mid))
	})
}

func (x *house) deliver2(by actor.Actor, d Handover) error {
	_, err := x.Deliver(x.ctx, by, d)
	return err
}

func TestASuspendedOrganisationDoesNotDepart(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, d := x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-03")
		mid := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 3}, c)
		x.orgs.suspended[x.ours] = true
		x.refused(x.Depart(x.ctx, x.leader(), mid), "error.organisation_not_recognised")
		x.refused(x.Depart(x.ctx, x.somebody(actor.CrisisCell, x.ours, ""), mid), "field.mission.not_recognised")
		x.refused(x.AddStops(x.ctx, x.somebody(actor.CrisisCell, x.ours, ""), mid, []CaseID{d}), "field.mission.not_recognised")
		if x.cases.all[c].Phase != "owned" {
			t.Error("its case is on the way")
		}
		delete(x.orgs.suspended, x.ours)
		x.must(x.Depart(x.ctx, x.leader(), mid))
	})
}

func TestAFailedMoveOfACaseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, d := x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-03")
		mid := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 8}, c, d)
		x.cases.fail = map[string]error{"depart": fault.New(fault.Conflict, "cases.case.cannot_now")}
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.stop.case_moved")
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		if j.State != Planned || x.cases.all[c].Phase != "owned" {
			t.Errorf("half departed: %s, %s", j.State, x.cases.all[c].Phase)
		}
		x.cases.fail = nil
		x.must(x.Depart(x.ctx, x.leader(), mid))
		x.cases.fail = map[string]error{"deliver": errors.New("the disk is full")}
		h := x.handover(mid, c, map[string]int{"blanket": 8})
		if err := x.deliver(h); fault.KindOf(err) != fault.Internal {
			t.Fatalf("got %v", err)
		}
		if j, err = x.Journey(x.ctx, mid); err != nil || j.Goods.line("blanket").Delivered != 0 || len(j.waiting()) != 2 {
			t.Errorf("half delivered: %+v %v", j, err)
		}
		x.cases.fail = nil
		x.must(x.deliver(h))
	})
}

func TestACallOnTheWayJoinsAMissionThatHasDeparted(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, d := x.ask(x.ours, "A1-03"), x.ask(x.ours, "A1-03-2")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 8}, c)
		x.must(x.AddStops(x.ctx, x.coordinator(), mid, []CaseID{d}))
		x.must(x.AddStops(x.ctx, x.coordinator(), mid, []CaseID{d, c}))
		if got := x.cases.all[d].moves; !slices.Equal(got, []string{"assign", "depart"}) || x.stop(mid, d).Seq != 2 {
			t.Errorf("it went %v", got)
		}
		// Located anew, the stop follows it.
		x.must(x.relocated(x.ctx, deed.Record{Subject: "cases.case/" + d.String(), Told: []byte(`{"from":"A1-03-2","to":"B1-02-1"}`)}))
		if s := x.stop(mid, d); s.Place != "B1-02-1" || s.Commune != "B1-02" {
			t.Errorf("the stop is at %s in %s", s.Place, s.Commune)
		}
	})
}

func TestAMissionEndsThoughItsCaseWasGivenBackOnTheWay(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		team, c := x.team(x.ours, "A1-02", "Mulets"), x.ask(x.ours, "A1-03")
		mid := x.mission(team, map[string]int{"blanket": 3}, c)
		given := x.cases.all[c] // by a dispatcher, while the team was on its way
		given.Org, given.Team, given.Phase = actor.OrganisationID{}, TeamID{}, "open"
		x.refused(x.deliver(x.handover(mid, c, map[string]int{"blanket": 1})), "field.stop.case_moved")
		x.must(x.NotReached(x.ctx, x.leader(), mid, x.stop(mid, c).ID, "unsafe"))
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 3}))
		x.must(x.Close(x.ctx, x.leader(), mid))
		if given.Phase != "open" || !given.Org.IsZero() {
			t.Error("the case that others may take by now was given back once more")
		}
	})
}
