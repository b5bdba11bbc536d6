package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/actor"
)

func TestTheMasterKeyTurnsOverWhileRequestsComeIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	handler := h.Handler()
	copied := filepath.Join(t.TempDir(), "before.db")
	first := newPlea(0)
	askFor(t, handler, first)
	if said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied); code != exitOK {
		t.Fatalf("backup: exit %d: %s", code, said)
	}
	old, err := os.ReadFile(h.Config.Key)
	if err != nil {
		t.Fatal(err)
	}

	enough := busy(t, handler)
	time.Sleep(100 * time.Millisecond)
	said, code := twiza(t, "key", "rotate", "--data", h.Config.Data, "--key", h.Config.Key)
	time.Sleep(100 * time.Millisecond)
	all := append(enough(), first)
	if code != exitOK {
		t.Fatalf("key rotate: exit %d: %s", code, said)
	}
	text, err := os.ReadFile(h.Config.Key)
	if err != nil || !bytes.HasSuffix(text, old[len(old)-len(masterKey)-1:]) || len(text) <= len(old) {
		t.Fatalf("the key file does not hold the new key on top of the old one: %v", err)
	}
	if said, code := twiza(t, "check", "--data", h.Config.Data, "--key", h.Config.Key); code != exitOK {
		t.Errorf("after the turn the house is not sound: exit %d: %s", code, said)
	}
	other := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = h.Config.Data, h.Config.Key })
	staff := dispatcher(somebody(t, other, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	for _, p := range all {
		told, err := other.Cases.Reveal(t.Context(), staff, opens(t, other, p), "call")
		if err != nil {
			t.Fatal(err)
		}
		if words := p.in["answers"].(map[string]any)["words"]; told.Answers.Text("words") != words {
			t.Fatalf("%q was sealed as %q", words, told.Answers.Text("words"))
		}
	}

	alone := filepath.Join(t.TempDir(), "old.key")
	if err := os.WriteFile(alone, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, code := twiza(t, "check", "--data", h.Config.Data, "--key", alone); code != exitBroke {
		t.Errorf("the old key alone still opens the house: exit %d: %s", code, said)
	}
	elsewhere := filepath.Join(t.TempDir(), "restored")
	if said, code := twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied); code != exitOK {
		t.Errorf("a copy of before the turn does not open any more: exit %d: %s", code, said)
	}
}
