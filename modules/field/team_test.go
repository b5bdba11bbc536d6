package field

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func (x *house) teamNow(tid TeamID) (m *Team) {
	x.read(func(t *db.Tx) (err error) { m, err = getTeam(t, tid); return err })
	return m
}

func TestTheNearestFreeTeamThatSpeaksTheLanguageComesFirst(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		near := x.team(x.ours, "A1-02", "Near", "isl")
		same := x.team(x.ours, "A1-02", "Speaks", "tmr")
		far := x.team(x.ours, "B2-03", "Far", "tmr")
		busy := x.team(x.ours, "A1-02", "Busy", "tmr")
		gone := x.team(x.ours, "A1-02", "Gone", "tmr")
		theirs := x.team(x.other, "A1-03", "Theirs", "tmr")
		x.planned(busy, map[string]int{"blanket": 1})
		x.must(x.DisbandTeam(x.ctx, x.coordinator(), gone))
		at, _, _ := x.places.Point("A1-02")
		list := func(org actor.OrganisationID, at geo.Point, has bool) (out []string) {
			x.read(func(t *db.Tx) error {
				all, err := x.Near(t, org, at, has, "tmr", 9)
				for _, b := range all {
					out = append(out, b.Names.FR+" "+strings.TrimPrefix(b.Reason, "field.team."))
				}
				return err
			})
			return out
		}
		if got, want := list(x.ours, at, true), []string{"Speaks why_language", "Near why_near", "Far why_language", "Busy why_busy"}; !slices.Equal(got, want) {
			t.Errorf("ours: %v", got)
		}
		if got := list(actor.OrganisationID{}, at, true); len(got) != 5 || !slices.Contains(got, "Theirs why_language") {
			t.Errorf("all: %v", got)
		}
		if got, want := list(x.ours, geo.Point{}, false), []string{"Far why_language_far", "Speaks why_language_far", "Near why_free", "Busy why_busy"}; !slices.Equal(got, want) {
			t.Errorf("without a point: %v", got)
		}
		x.orgs.suspended[x.other] = true
		if got := list(actor.OrganisationID{}, at, true); slices.Contains(got, "Theirs why_language") {
			t.Error("a suspended organisation's team is proposed")
		}
		x.read(func(t *db.Tx) error {
			name, org, err := x.TeamName(t, theirs, "fr")
			if err == nil && (name != "Theirs" || org != x.other) {
				err = fmt.Errorf("%s of %s", name, org)
			}
			return err
		})
		_, _, _ = near, same, far
	})
}

func TestATeamIsMadeOnceAndChangedByOneAtATime(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		m := Team{ID: id.New[Team](x.clock.Now()), Org: x.ours, Names: Names{AR: "  بغال   إغيل "}, Skills: []string{"mule", "rescue"}, Languages: []string{"isl", "tmr"}, People: 6, Base: "A1-02"}
		x.must(x.CreateTeam(x.ctx, x.coordinator(), m))
		x.must(x.CreateTeam(x.ctx, x.coordinator(), m))
		if got := x.teamNow(m.ID); got.Names.AR != "بغال إغيل" || !slices.Equal(got.Skills, []string{"rescue", "mule"}) || !slices.Equal(got.Languages, []string{"tmr", "isl"}) {
			t.Errorf("kept %+v", got)
		}
		m.People = 7
		x.refused(x.CreateTeam(x.ctx, x.coordinator(), m), "field.team.id_taken")
		x.must(x.EditTeam(x.ctx, x.coordinator(), m.ID, 1, m))
		x.refused(x.EditTeam(x.ctx, x.coordinator(), m.ID, 1, m), "field.team.changed")
		m.Base = "B1-01"
		x.refused(x.EditTeam(x.ctx, x.somebody(actor.Dispatcher, x.ours, "A1"), m.ID, 2, m), "error.denied_here")
		m.Base, m.ID = "nowhere", id.New[Team](x.clock.Now())
		x.refused(x.CreateTeam(x.ctx, x.coordinator(), m), "field.team.base_unknown")
		m.Base, m.Org = "A1-02", id.New[actor.Organisation](x.clock.Now())
		x.refused(x.CreateTeam(x.ctx, x.somebody(actor.CrisisCell, x.ours, ""), m), "field.team.org_missing")
	})
}
