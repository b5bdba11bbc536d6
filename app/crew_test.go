package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
)

func TestAVolunteerWhoWasForgottenIsForgottenAgainAfterARestore(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s := &stage{T: t, h: openHouse(t, dsn, &clock.Held{At: morning})}
		s.h.Config.Journal = filepath.Join(t.TempDir(), "erasures")
		s.settle()
		gone := s.volunteer(true)
		s.volunteer(true) // stays
		if err := s.h.Hands.Forget(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(s.h.Config.Journal)
		if err != nil || !strings.Contains(string(body), forgottenMark+gone.String()) {
			t.Fatalf("the file says %q, %v", body, err)
		}
		// An older backup: there they were known still.
		s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE hands_volunteer SET forgotten_at = NULL, state = 'accepted', born = 1990 WHERE id = ?1`, gone)
			return err
		}))
		for turn, want := range []int{1, 0} {
			if n, err := s.h.replay(t.Context()); err != nil || n != want {
				t.Errorf("turn %d: %d were forgotten again, %v", turn, n, err)
			}
		}
		all, err := s.h.Hands.Forgotten(t.Context())
		if _, ok := all[gone]; err != nil || !ok || len(all) != 1 {
			t.Errorf("forgotten: %v, %v", all, err)
		}
	})
}

// settle gives a bare stage an organisation and places.
func (s *stage) settle() {
	s.Helper()
	for _, commune := range s.h.Places.Children(homeProvince) {
		for _, d := range s.h.Places.Children(commune.Code) {
			s.douars = append(s.douars, d.Code)
		}
	}
	s.ours = s.organisation("Agadir", people.Recognised)
	somebody(s.T, s.h, "admin", actor.Grant{Role: actor.Administrator})
	s.target = somebody(s.T, s.h, "target", actor.Grant{Role: actor.Coordinator, Org: s.ours})
}

func TestAVolunteerGetsAnAccountOfTheirOrganisationAndLosesItWithTheirPlace(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s := &stage{T: t, h: openHouse(t, dsn, &clock.Held{At: morning})}
		s.settle()
		vid := s.volunteer(true)
		link, err := s.h.Hands.Invite(t.Context(), s.coordinator(), vid)
		if err != nil || !strings.HasPrefix(link, "/welcome/") {
			t.Fatalf("%q, %v", link, err)
		}
		held := func() (roles []string) {
			s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
				roles, err = db.List(tx, db.Text, `SELECT g.role || ' ' || a.state FROM people_grant g JOIN people_account a ON a.id = g.account WHERE g.org = ?1 AND g.role = 'volunteer' AND g.ended_at IS NULL`, s.ours)
				return err
			}))
			return roles
		}
		if got := held(); len(got) != 1 || got[0] != "volunteer invited" {
			t.Errorf("the account holds %v", got)
		}
		s.must(s.h.Hands.Remove(t.Context(), s.coordinator(), vid, "moved_away"))
		if got := held(); len(got) != 0 {
			t.Errorf("after they were removed it holds %v", got)
		}
	})
}
