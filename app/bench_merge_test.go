package app

import (
	"bytes"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

func TestTheBenchOfMergingMeasuresARealHouseAndSaysItAll(t *testing.T) {
	t.Parallel()
	testkit.Long(t, "some seconds: a small night, and a house that is filled with a hundred requests")
	place := t.TempDir()
	var said, complained bytes.Buffer
	e := &env{out: &said, err: &complained, getenv: func(name string) string {
		return map[string]string{"TMPDIR": place}[name]
	}}
	if err := benchMerge(t.Context(), e, []string{"--requests", "150", "--stored", "100", "--asked", "20", "--data", "nowhere"}); err != nil {
		t.Fatalf("%v\n%s", err, &complained)
	}
	for _, what := range []string{"very likely", "the same phone", "ary Arab", "sqlite         100     20", "wrong in 1000"} {
		if !strings.Contains(said.String(), what) {
			t.Errorf("it does not say %q:\n%s", what, &said)
		}
	}
	if strings.Contains(said.String(), "NaN") {
		t.Error(said.String())
	}
	said.Reset()
	if err := benchMerge(t.Context(), e, []string{"--requests", "150", "--estimate"}); err != nil || !strings.Contains(said.String(), "m by EM") {
		t.Errorf("%v\n%s", err, &said)
	}
}
