package app

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

func TestTheWholeNightKeepsEveryTabOfTheQueueBusyAndNothingOfItIsRefused(t *testing.T) {
	testkit.Long(t, "the whole night takes a quarter of a minute on two cores")
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, func(c *Config) { c.Demo = true })
	var said bytes.Buffer
	if err := h.demo(t.Context(), &env{out: &said}); err != nil {
		t.Fatal(err)
	}
	s := told(t, h, demoRequests)
	silent := 0
	for _, q := range s.Requests {
		if q.Fate == story.Silent {
			silent++
		}
	}
	if strings.Contains(said.String(), "did not happen") {
		t.Errorf("the story does what the rules refuse:\n%s", &said)
	}
	if n := count(t, h, `SELECT COUNT(*) FROM cases_case WHERE phase = 'waiting' AND called_at IS NOT NULL`); n != silent || n == 0 {
		t.Errorf("%d families were called and did not answer, the story has %d", n, silent)
	}
	cell := inAs(t, h, "crise")
	for _, phase := range []service.Phase{service.Open, service.Owned, service.Moving, service.Waiting, service.Final} {
		if n := count(t, h, `SELECT COUNT(*) FROM cases_case WHERE phase = ?1 AND merged_into IS NULL`, string(phase)); n < 20 {
			t.Errorf("only %d cases are %s", n, phase)
		}
	}
	for q, least := range map[string]int{
		`SELECT COUNT(*) FROM field_mission WHERE state = 'departed'`:                               5,
		`SELECT COUNT(*) FROM field_mission WHERE state = 'closed'`:                                 20,
		`SELECT COUNT(*) FROM field_line WHERE lost > 0`:                                            1,
		`SELECT COUNT(*) FROM field_delivery WHERE proof = 'witness'`:                               10,
		`SELECT COUNT(*) FROM cases_case WHERE merged_into IS NOT NULL`:                             20,
		`SELECT COUNT(*) FROM cases_alike WHERE verdict IS NULL`:                                    10,
		`SELECT COUNT(*) FROM cases_case WHERE rank = 0 AND phase = 'open' AND merged_into IS NULL`: 1,
		`SELECT COUNT(*) FROM cases_case WHERE state = 'cannot'`:                                    5,
		`SELECT COUNT(*) FROM cases_case WHERE state = 'redirected'`:                                5,
		`SELECT COUNT(*) FROM cases_case WHERE state = 'reopened'`:                                  10,
		`SELECT COUNT(*) FROM cases_rating`:                                                         30,
		`SELECT COUNT(*) FROM cases_complaint WHERE state = 'open'`:                                 3,
		`SELECT COUNT(*) FROM cases_complaint WHERE state = 'answered'`:                             2,
		`SELECT COUNT(*) FROM cases_concern WHERE state = 'open'`:                                   1,
		`SELECT COUNT(*) FROM cases_concern WHERE about_org IS NOT NULL`:                            1,
	} {
		if n := count(t, h, q); n < least {
			t.Errorf("%d, want at least %d: %s", n, least, q)
		}
	}
	if n := count(t, h, `SELECT COUNT(*) FROM cases_case WHERE phase = 'owned' AND lease_till <= ?1`, h.clock.Now().Add(-time.Minute)); n > 0 {
		t.Errorf("%d claims had run out when the story ended", n)
	}
	for _, path := range []string{"/ar/queue", "/fr/missions", "/fr/who-what-where", "/ar/complaints", "/fr/teams", "/fr/crises", "/fr/journal"} {
		if seen := knock(h.Handler(), "GET", path, cell, nil); seen.Code != http.StatusOK {
			t.Errorf("%s answers %d", path, seen.Code)
		}
	}
}
