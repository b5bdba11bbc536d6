package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// benched is what a bench of a house says that was asked for little, and left
// nothing behind.
func benched(t *testing.T, workload string) string {
	t.Helper()
	return quickly(t, workload, "--json", "--stored", "100", "--seconds", "1", "--rounds", "1")
}

func TestABenchMeasuresARealHouseAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "half a minute on any machine, most of it waiting for the house to come to rest")
	kinds := map[string]int{}
	for line := range strings.Lines(benched(t, "intake")) {
		var f struct {
			Bench, Of string
			Growth    string `json:"growth_of"`
			Quoted    bool
			Requests  int
			CPU       float64 `json:"cpu_ms"`
			Hello     float64 `json:"times_hello_cpu"`
			P99       float64 `json:"p99_ms"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "intake" {
			t.Fatalf("%v: %s", err, line)
		}
		switch {
		case f.Quoted:
			kinds["quoted"]++
		case f.Growth != "":
			kinds["growth of "+f.Growth]++
		default:
			kinds[f.Of]++
			if f.Requests < 10 || f.CPU <= 0 || f.P99 <= 0 || f.Hello < 1 && f.Of != "hello" {
				t.Errorf("a figure without a measurement: %s", line)
			}
		}
	}
	if kinds["hello"] != 3 || kinds["sqlite"] != 3 || kinds["growth of sqlite"] != 1 || kinds["quoted"] != 2 {
		t.Errorf("%v", kinds)
	}
}

func TestABenchThatIsNotUnderstoodMeasuresNothing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"bench"}, {"bench", "nothing"}, {"bench", "intake", "--stored", "5"}, {"bench", "intake", "--rounds", "many"}, {"bench", "intake", "--seconds", "100000"},
		{"bench", "sms", "--rate", "5"}, {"bench", "sms", "--stored", "1"}, {"bench", "sms", "--rounds", "0"}} {
		if said, code := twiza(t, args...); code != exitUsage {
			t.Errorf("%v: exit %d: %s", args, code, said)
		}
	}
	if said, code := twiza(t, "bench", "intake", "--help"); code != exitOK || !strings.Contains(said, "stored") {
		t.Errorf("exit %d: %s", code, said)
	}
}

func TestTheBenchOfMessagesLosesNoneAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "two minutes on any machine, most of it waiting for the house to come to rest")
	kinds := map[string]int{}
	for line := range strings.Lines(benched(t, "sms")) {
		var f struct {
			Bench, Of, What string
			Growth          string `json:"growth_of"`
			Messages        int
			Rate            int     `json:"messages_per_hour"`
			CPU             float64 `json:"cpu_ms"`
			Ack             float64 `json:"answered_p99_ms"`
			Hook            float64 `json:"thanked_p99_ms"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Bench != "sms" {
			t.Fatalf("%v: %s", err, line)
		}
		if f.Growth != "" {
			kinds["growth"]++
			continue
		}
		kinds[f.What]++
		if f.CPU <= 0 && f.What != "idle" || f.What != "hello" && f.Messages == 0 || f.What == "in" && f.Hook <= 0 || f.What == "steady" && (f.Ack < f.Hook/10 || f.Rate == 0) {
			t.Errorf("a figure without a measurement: %s", line)
		}
	}
	if kinds["hello"] != 1 || kinds["idle"] != 1 || kinds["in"] != 2 || kinds["out"] != 2 || kinds["steady"] != 2 || kinds["failing"] != 1 || kinds["as fast as it goes"] != 1 || kinds["growth"] != 2 {
		t.Errorf("%v", kinds)
	}
}
