package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

func TestTheBenchOfTheLogMeasuresDeedsProofsAndVerification(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "some seconds: a house is opened and gives leaves")
	seen := map[string]int{}
	for line := range strings.Lines(quickly(t, "translog", "--json", "--stored", "300", "--seconds", "1", "--rounds", "1", "--writers", "4")) {
		var f struct {
			Bench, Of, What string
			Writers, Bytes  int
			Stored          int
			Times           int
			CPU             float64 `json:"cpu_ms"`
			P99             float64 `json:"p99_ms"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "translog" || f.Of != "sqlite" {
			t.Fatalf("%v: %s", err, line)
		}
		if f.Times < 1 || f.CPU <= 0 || f.P99 <= 0 || f.What == "proof" && f.Bytes < 300 || f.What == "verify" && f.Stored < 300 {
			t.Errorf("a figure without a measurement: %s", line)
		}
		seen[f.What]++
	}
	if seen["deed"] != 2 || seen["deed+leaf"] != 2 || seen["proof"] != 1 || seen["verify"] != 1 {
		t.Errorf("%v", seen)
	}
	for _, args := range [][]string{{"--stored", "0"}, {"--writers", "0"}, {"--rounds", "0"}} {
		if said, code := twiza(t, append([]string{"bench", "translog"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d: %s", args, code, said)
		}
	}
}
