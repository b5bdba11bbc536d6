package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

func TestTheBenchOfTheLedgerMovesInBothWaysAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "some seconds: a house is opened and moved in")
	stored := map[string]int{}
	for line := range strings.Lines(quickly(t, "ledger", "--json", "--stored", "400", "--accounts", "10", "--seconds", "1", "--rounds", "1")) {
		var f struct {
			Bench, Of, Way string
			Stored, Moves  int
			CPU            float64 `json:"cpu_ms"`
			Hello          float64 `json:"times_hello_cpu"`
			P99            float64 `json:"p99_ms"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "ledger" || f.Of != "sqlite" {
			t.Fatalf("%v: %s", err, line)
		}
		if f.Moves < 1 || f.CPU <= 0 || f.P99 <= 0 || f.Hello <= 0 || f.Stored < 20 {
			t.Errorf("a figure without a measurement: %s", line)
		}
		if f.Stored < stored[f.Way] {
			t.Errorf("the second size of %s is smaller than the first: %s", f.Way, line)
		}
		stored[f.Way] = f.Stored
	}
	if len(stored) != 2 || stored["uniform"] < 400 {
		t.Errorf("%v", stored)
	}
	for _, args := range [][]string{{"--stored", "5"}, {"--writers", "0"}, {"--accounts", "1"}} {
		if said, code := twiza(t, append([]string{"bench", "ledger"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d: %s", args, code, said)
		}
	}
}
