package field

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestOthersOnTheWayWhileNeighboursWaitIsToldAndBlocksNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		system := actor.Actor{System: "demo"}
		theirs := id.New[Mission](x.clock.Now())
		x.must(x.Plan(x.ctx, system, Plan{ID: theirs, Team: x.team(x.other, "A1-01", "Autres"), Cases: []CaseID{x.ask(x.other, "A1-03"), x.ask(x.other, "A1-01")}}))
		mid := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 1}, x.ask(x.ours, "A1-03-1"))
		x.cases.unserved = []PlaceNeed{{"A1-02", 12}, {"A1-01", 3}}
		x.read(func(t *db.Tx) error {
			j, err := getJourney(t, mid)
			if err != nil {
				return err
			}
			got, err := x.gaps(t, x.ours, j.communes())
			if err == nil && (len(got) != 1 || got[0].Commune != "A1-03" || !slices.Equal(got[0].Others, []actor.OrganisationID{x.other}) || !slices.Equal(got[0].Nearby, []PlaceNeed{{"A1-02", 12}})) {
				err = fmt.Errorf("told %+v", got)
			}
			return err
		})
		x.must(x.Depart(x.ctx, x.leader(), mid))
		x.cases.unserved = nil
		x.read(func(t *db.Tx) error {
			got, err := x.gaps(t, x.ours, []string{"A1-03"})
			if err == nil && len(got) > 0 {
				err = fmt.Errorf("nobody waits nearby, and still: %+v", got)
			}
			return err
		})
	})
}

func TestWhoDoesWhatWhereIsReadFromTheMissionsAsTheyAre(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c, d := x.ask(x.ours, "A1-03-1"), x.ask(x.ours, "B1-01")
		mid := x.planned(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 5}, c, d)
		where := func() (out []string) {
			x.read(func(t *db.Tx) error {
				all, err := x.presences(t)
				for _, p := range all {
					out = append(out, fmt.Sprintf("%s %s %d", p.Commune, p.Mission.State, p.Stops))
				}
				return err
			})
			return out
		}
		if got := where(); !slices.Equal(got, []string{"A1-03 planned 1", "B1-01 planned 1"}) {
			t.Errorf("planned: %v", got)
		}
		x.must(x.DropStop(x.ctx, x.coordinator(), mid, x.stop(mid, d).ID))
		x.must(x.Depart(x.ctx, x.leader(), mid))
		if got := where(); !slices.Equal(got, []string{"A1-03 departed 1"}) {
			t.Errorf("departed: %v", got)
		}
		x.must(x.NotReached(x.ctx, x.leader(), mid, x.stop(mid, c).ID, "unsafe"))
		if got := where(); !slices.Equal(got, []string{"A1-02 departed 0"}) {
			t.Errorf("on the way home: %v", got)
		}
		x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 5}))
		x.must(x.Close(x.ctx, x.leader(), mid))
		if got := where(); len(got) != 0 {
			t.Errorf("closed: %v", got)
		}
	})
}

func TestATeamThatSaysNothingForLongIsFlagged(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 1}, x.ask(x.ours, "A1-03"))
	flagged := func() bool {
		_, body := x.at(x.coordinator()).get("/fr/missions")
		return strings.Contains(body, "Sans nouvelles")
	}
	if flagged() {
		t.Error("flagged at once")
	}
	x.clock.Advance(6*time.Hour + time.Minute)
	if !flagged() {
		t.Error("six hours of silence and no flag")
	}
	x.must(x.Return(x.ctx, x.leader(), mid, map[string]int{"blanket": 0}))
	if flagged() {
		t.Error("heard of, and still flagged")
	}
}

func TestCellsThatBeginAFormulaAreMadeHarmless(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+212": "'+212", "-3": "'-3", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "Asni": "Asni", "": "", "بغال": "بغال"} {
		if got := harmless(cell); got != want {
			t.Errorf("%q became %q", cell, got)
		}
	}
	body, err := sheet([][]string{{"=cmd", `say "hi"`, "a,b"}})
	if err != nil || string(body) != "\ufeff'=cmd,\"say \"\"hi\"\"\",\"a,b\"\r\n" {
		t.Errorf("%q %v", body, err)
	}
}
