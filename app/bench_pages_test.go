package app

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// quickly runs a bench of pages or of starting that was asked for little.
func quickly(t *testing.T, args ...string) string {
	t.Helper()
	place := t.TempDir()
	cmd := exec.Command(program(t), append([]string{"bench"}, args...)...)
	cmd.Env = append(plainly(), "TMPDIR="+place, "TWIZA_BENCH_REST=300ms")
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &complained)
	}
	if left, err := os.ReadDir(place); err != nil || len(left) != 0 {
		t.Errorf("it left %v %v", left, err)
	}
	return said.String()
}

func TestTheBenchOfPagesWeighsWhatIsHandedOutAndWhatIsMade(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "half a minute, most of it waiting for the house to come to rest")
	ways := map[string]int{}
	for line := range strings.Lines(quickly(t, "pages", "--json", "--ms", "100", "--rounds", "1", "--only", "/,/track")) {
		var f struct {
			Bench, Page, Way string
			Requests         int
			HTML             int `json:"html_bytes"`
			First            int `json:"first_visit_bytes"`
			May              int `json:"html_budget"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "pages" || f.Requests == 0 || f.HTML == 0 || f.First <= f.HTML || f.May == 0 {
			t.Errorf("%v: %s", err, line)
		}
		ways[f.Way+" "+f.Page]++
	}
	if len(ways) != 4 || ways["handed out /"] != 1 || ways["made /track"] != 1 {
		t.Errorf("%v", ways)
	}
}

func TestTheBenchOfStartingTellsEachWayAndWhatIsHeld(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "half a minute, most of it waiting for the house to come to rest")
	seen := map[string]bool{}
	for line := range strings.Lines(quickly(t, "start", "--json", "--rounds", "1", "--seconds", "1")) {
		var f struct {
			Bench, Of string
			First     float64 `json:"first_page_ms"`
			Memory    float64 `json:"memory_mb"`
			Binary    float64 `json:"binary_mb"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "start" || f.First <= 0 && f.Memory <= 0 {
			t.Errorf("%v: %s", err, line)
		}
		seen[f.Of] = true
	}
	if len(seen) != 8 {
		t.Errorf("%v", seen)
	}
}
