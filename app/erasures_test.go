package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

func TestAnErasureThatACrashCutInTwoIsWholeAfterTheNextStart(t *testing.T) {
	testkit.Long(t, "it starts a real house several times")
	t.Parallel()
	twiza := program(t)
	model.Engines(t, func(t *testing.T, dsn string) {
		dir := t.TempDir()
		key := filepath.Join(dir, "data.key")
		change := func(c *Config) { c.Data, c.Key = filepath.Join(dir, "data"), key }
		if err := os.WriteFile(key, []byte(masterKey+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		h := openHouse(t, dsn, clock.System{}, proxied, change)
		handler := h.Handler()
		staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
		var all []cases.CaseID
		for i := range 4 {
			p := newPlea(i)
			askFor(t, handler, p)
			all = append(all, opens(t, h, p))
			if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, all[i], "out_of_scope", ""); err != nil {
				t.Fatal(err)
			}
		}
		inStore, inFile, torn, nobody := all[0], all[1], all[2], all[3]
		for _, c := range []cases.CaseID{inStore, torn} {
			if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, c); err != nil {
				t.Fatal(err)
			}
		}
		// The house dies: one erasure is in the store alone, one in the file alone,
		// and of one the line was half written.
		half := inFile.String() + " " + clock.System{}.Now().UTC().Format(time.RFC3339Nano) + "\n" + torn.String() + " 2026-1"
		if err := os.WriteFile(h.Config.Journal, []byte(half), 0o600); err != nil {
			t.Fatal(err)
		}
		for turn := range 2 { // again changes nothing
			c := serveChild(t, twiza, "--db", dsn, "--key", key, "--data", h.Config.Data)
			c.stop()
			body, err := os.ReadFile(h.Config.Journal)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []cases.CaseID{inStore, inFile, torn} {
				if strings.Count(string(body), x.String()) != 1 {
					t.Errorf("start %d: the record has %s %d times", turn+1, x, strings.Count(string(body), x.String()))
				}
				if sealedIn(t, h, x) != 0 {
					t.Errorf("start %d: %s is still known", turn+1, x)
				}
			}
			if !strings.HasSuffix(string(body), "\n") || strings.Contains(string(body), nobody.String()) {
				t.Errorf("start %d: the record is %q", turn+1, body)
			}
			if sealedIn(t, h, nobody) == 0 {
				t.Error("somebody was forgotten who did not ask")
			}
		}
	})
}

func TestAHouseWhoseRecordOfErasuresIsSpoiltOpensAndSaysSo(t *testing.T) {
	testkit.Long(t, "it starts a real house several times")
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "data.key")
	for file, body := range map[string]string{key: masterKey + "\n", key + ".erasures": "not a line\n"} {
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := serveChild(t, program(t), "--key", key, "--data", filepath.Join(dir, "data"))
	c.stop()
	if said := c.said.end(); !strings.Contains(said, "could not be settled") {
		t.Errorf("it says: %s", said)
	}
}
