package app

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

// Whoever alters the store by hand is found by the house itself within a day, and it is
// said where those who watch look.
func TestTheHouseChecksItselfEveryDayAndSaysItAloud(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, _ string) {
		dsn := model.SQLite(t)
		if strings.HasSuffix(t.Name(), "postgres") {
			dsn = model.Postgres(t)
		}
		s, _ := newStageOn(t, dsn)
		s.fund()
		s.must(s.statement(s.as(actor.Treasurer), "?"))
		var log bytes.Buffer
		s.h.Log = slog.New(slog.NewTextHandler(&log, nil))
		held := s.h.clock.(*clock.Held)
		auditor := somebody(t, s.h, "auditor", actor.Grant{Role: actor.Auditor})
		page := func(path string) string { // a session does not last for days
			return knock(s.handler, "GET", "/fr"+path, s.session(auditor), nil).Body.String()
		}
		checks := func() int {
			n := 0
			s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				all, err := deed.Trail(tx, aboutSound)
				n = len(all)
				return err
			}))
			return n
		}
		day := func() {
			held.At = held.At.Add(soundEvery)
			s.must(s.h.checkDaily(t.Context()))
		}
		s.must(s.h.checkDaily(t.Context()))
		if checks() != 0 || !strings.Contains(page("/journal/integrity"), "Aucun contrôle") {
			t.Error("it was checked in the moment in which it was opened")
		}
		day()
		held.At = held.At.Add(time.Hour)
		s.must(s.h.checkDaily(t.Context()))
		if checks() != 1 || !strings.Contains(page("/journal/integrity"), "Tout est en ordre") || strings.Contains(page("/books"), "contrôle quotidien") {
			t.Errorf("%d checks in a day, or a sound house is not said to be", checks())
		}
		take := func(n int) {
			s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE ledger_account SET balance = balance + ?1 WHERE code = 'suspense/neige'`, n)
				return err
			}))
		}
		take(-1_00)
		day()
		if w := knock(s.handler, "GET", "/fr/books", s.session(auditor), nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "a trouvé des anomalies") {
			t.Errorf("%d: the books say nothing", w.Code)
		}
		if said := page("/journal/integrity"); !strings.Contains(said, "Gardez une copie") || !strings.Contains(said, "suspense/neige") {
			t.Error("nobody is told what is wrong")
		}
		if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "suspense/neige") {
			t.Errorf("the log does not name it: %s", &log)
		}
		if figures := scrape(t, s.h)["twiza_check_age_seconds"]; !figures["ok"] {
			t.Errorf("no figure: %v", figures)
		}
		take(1_00)
		day()
		if strings.Contains(page("/books"), "anomalies") || checks() != 3 {
			t.Errorf("it is mended, and still told after %d checks", checks())
		}
	})
}
