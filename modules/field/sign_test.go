package field

import (
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestTheSquareOnTheListTellsNothingAndOpensTheStopToWhoeverIsOnTheMissionAlone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 1}, c)
		stop := x.stop(mid, c)
		var sign string
		x.read(func(t *db.Tx) error {
			all, err := signsOf(t, mid)
			sign = all[stop.ID.String()]
			return err
		})
		b, _ := x.cases.Briefs(nil, []CaseID{c})
		if len(sign) != 24 || strings.Contains(sign, b[0].Receipt) || strings.Contains(sign, stop.ID.String()[:8]) {
			t.Fatalf("the sign is %q", sign)
		}
		_, page := x.at(x.coordinator()).get("/fr/missions/" + mid.String() + "/list")
		if strings.Count(page, `class="qr"`) != 1 {
			t.Error("no square on the list")
		}
		status, _, to := x.at(x.leader()).answer(x.at(x.leader()).http.Get(x.at(x.leader()).base + "/fr/stop/" + sign))
		if status != 303 || to != "/fr/missions/"+mid.String()+"/deliver/"+stop.ID.String() {
			t.Errorf("whoever leads: %d %s", status, to)
		}
		stranger, volunteer := x.somebody(actor.Leader, x.other, ""), x.somebody(actor.Volunteer, x.ours, "")
		for _, by := range []actor.Actor{stranger, volunteer} {
			real, realPage := x.at(by).get("/fr/stop/" + sign)
			none, nonePage := x.at(by).get("/fr/stop/" + newSign())
			if real != 404 || none != 404 || len(realPage) != len(nonePage) {
				t.Errorf("a stranger sees a difference: %d %d", real, none)
			}
		}
		x.UseAssigned(func(*db.Tx, actor.AccountID) ([]MissionID, error) { return []MissionID{mid}, nil })
		if status, _ := x.at(volunteer).get("/fr/stop/" + sign); status != 303 {
			t.Errorf("a volunteer who was placed on it: %d", status)
		}
		for _, garbage := range []string{"x", id.New[Stop](x.clock.Now()).String(), strings.Repeat("a", 4000), "%27%3B--"} {
			if status, _ := x.at(x.leader()).get("/fr/stop/" + garbage); status != 404 {
				t.Errorf("%q: %d", garbage, status)
			}
		}
	})
}
