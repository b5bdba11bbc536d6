package app

import (
	"strings"
	"testing"
)

func TestEveryCommandTellsWhatItDoesWhenAsked(t *testing.T) {
	t.Parallel()
	for name := range manual {
		said, code := twiza(t, append(strings.Fields(name), "--help")...)
		if code != exitOK || !strings.HasPrefix(said, "twiza "+name+": ") || !strings.Contains(said, "\n  twiza "+strings.Fields(name)[0]) {
			t.Errorf("twiza %s --help: exit %d, %.120q", name, code, said)
		}
	}
	for name := range commands() {
		if said, code := twiza(t, name, "--help"); code != exitOK || said == "" {
			t.Errorf("twiza %s --help: exit %d, %q", name, code, said)
		}
	}
}

func TestAFlagThatIsNotThereGetsOneSentence(t *testing.T) {
	t.Parallel()
	said, code := twiza(t, "check", "--nosuch")
	if code != exitUsage || strings.Count(said, "\n") != 1 || !strings.Contains(said, "twiza check --help") {
		t.Errorf("exit %d, %q", code, said)
	}
}
