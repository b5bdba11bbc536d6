package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

func TestTheLogOfAHouseIsPublishedAndVerifiedByCommands(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, _ string) {
		dsn := model.SQLite(t)
		if strings.HasSuffix(t.Name(), "postgres") {
			dsn = model.Postgres(t)
		}
		s, _ := newStageOn(t, dsn)
		for _, subject := range []string{"stage.leaf/1", "stage.leaf/2", "stage.leaf/3"} {
			s.leaf(subject)
		}
		house := []string{"--db", dsn, "--key", s.h.Config.Key, "--data", s.h.Config.Data, "--log", s.h.Config.Public.Name}
		does := func(code int, args ...string) string {
			t.Helper()
			said, got := twiza(t, args...)
			if got != code {
				t.Fatalf("twiza %s: exit %d, not %d: %s", strings.Join(args, " "), got, code, said)
			}
			return said
		}
		dir := filepath.Join(t.TempDir(), "public")
		does(exitOK, append([]string{"log", "export", dir}, house...)...)
		key := filepath.Join(t.TempDir(), "log.key")
		put := func(name string, body []byte) {
			t.Helper()
			if err := os.WriteFile(name, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put(key, []byte(does(exitOK, append([]string{"log", "key"}, house...)...)))
		if said := does(exitOK, "verify", "--lang", "en", "--key", key, dir); !strings.Contains(said, "twiza.test/log, 5 leaves") || !strings.Contains(said, "stage.leaf.write: 3 leaves, 300 MAD") || !strings.Contains(said, "people.organisation.recognise recognised: 2 leaves") {
			t.Error(said)
		}
		w := knock(s.handler, "GET", "/log/proof/1", "", nil)
		if w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
		receipt := filepath.Join(t.TempDir(), "1.tlog-proof")
		put(receipt, w.Body.Bytes())
		does(exitOK, "verify", "--key", key, receipt)
		spoilt := filepath.Join(dir, "totals.csv")
		body, err := os.ReadFile(spoilt)
		if err != nil {
			t.Fatal(err)
		}
		put(spoilt, []byte(strings.Replace(string(body), "300", "900", 1)))
		does(exitFound, "verify", "--key", key, dir)
		does(exitUsage, append([]string{"log", "away"}, house...)...)
		does(exitUsage, "verify", dir)
		does(exitBroke, append([]string{"log", "cosign", receipt}, house...)...)
		for _, name := range []string{s.h.Config.Public.Key, filepath.Join(s.h.Config.Public.Shown, "5")} {
			if is, err := os.Stat(name); err != nil || is.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v %v", name, is, err)
			}
		}
	})
}

// What the State decides about organisations and crises is in the log as it happens:
// nobody can say afterwards that it was otherwise.
func TestWhoIsRecognisedAndWhereACrisisReignsStandInTheLog(t *testing.T) {
	t.Parallel()
	s, _ := newStageOn(t, model.SQLite(t))
	h, cell := s.h, System("test")
	k, err := h.Cases.OpenCrisis(t.Context(), cell, h.Service.Crises()[0].Code, []string{homeProvince})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Cases.CloseCrisis(t.Context(), cell, k.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Proof.Integrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := knock(s.handler, "GET", "/log/tile/entries/000.p/4", "", nil)
	for _, want := range []string{`"kind":"recognised","organisation":"`, `"fields":{"kind":"open","place":"` + homeProvince + `"},"v":1,"word":"cases.crisis.open"`, `"fields":{"kind":"closed","place":"` + homeProvince + `"},"v":1,"word":"cases.crisis.close"`} {
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d: the log lacks %s:\n%s", w.Code, want, w.Body)
		}
	}
	for _, secret := range []string{k.ID.String(), "récépissé", "Fanal"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
}
