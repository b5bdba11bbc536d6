package app

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestANightIsWorkedTwiceAndTheHouseIsWholeAfterwards(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e := &env{out: &out, err: io.Discard}
	if err := bench(t.Context(), e, []string{"night", "--requests", "150", "--crews", "12", "--desks", "2", "--hours", "12"}); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	for _, line := range []string{`(?m)^needs served, of all +[1-9]\d* of \d+ +[1-9]`, `(?m)^help confirmed by its people +[1-9]\d* +0$`, `Twiza, at desks: .*judge a pair.*send a crew`} {
		if !regexp.MustCompile(line).MatchString(said) {
			t.Errorf("%s is not in\n%s", line, said)
		}
	}
	if strings.Contains(said, "error.") {
		t.Errorf("something was denied:\n%s", said)
	}
}

func TestANightThatCannotBeReplayedIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"night", "--requests", "10"}, {"night", "--crews", "1"}, {"night", "--desks", "0"}, {"night", "--hours", "9999"}, {"nights"}} {
		if err := bench(t.Context(), &env{out: io.Discard, err: io.Discard}, args); err == nil {
			t.Errorf("%v is measured", args)
		}
	}
}
