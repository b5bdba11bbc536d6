// Package testkit is what the tests of the house stand on: a fresh database of
// either kind, a real browser, the reference data beside the repository. Only
// _test files import it.
//
// What a machine lacks is a fact about the machine, so a test that needs it is
// skipped there, with a sentence that says what to run. In CI the same lack is a
// failure: nothing may go untested in silence. `make test` brings both databases
// and the browser along, so that there only the reference data may be lacking.
package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Lacking ends a test that cannot run on this machine: a failure in CI, a skip
// with the reason elsewhere.
func Lacking(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Long leaves a test out of the quick loop (go test -short), which says how long
// it takes. CI leaves nothing out.
func Long(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		Lacking(t, "left out of the quick loop: %s; make test runs it", why)
	}
}

// Root is the folder of the repository, from wherever in it a test runs.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above this test: it runs outside the repository")
		}
		dir = up
	}
}

// Shared is the path of a file of the reference data, which lies in a folder
// named shared beside the repository and is never part of it.
func Shared(t testing.TB, path ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{Root(t), "..", "shared"}, path...)...)
	if _, err := os.Stat(file); err != nil {
		Lacking(t, "the reference data is not beside the repository: no ../shared/%s", filepath.Join(path...))
	}
	return file
}

// Size is how much of something a test does: the usual amount, or the long one
// under `make soak`.
func Size(usual, long int) int {
	if os.Getenv("TWIZA_TEST_SOAK") != "" {
		return long
	}
	return usual
}

var reporting sync.Mutex

// Report tells what a long test saw: into the test's log, and under `make soak`
// as a line of the report that is committed. The part is the engine, or
// whatever else tells two runs of one test apart.
func Report(t testing.TB, part, format string, args ...any) {
	t.Helper()
	seen := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", part, seen)
	file := os.Getenv("TWIZA_TEST_REPORT")
	if file == "" {
		return
	}
	reporting.Lock()
	defer reporting.Unlock()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cell := strings.NewReplacer("|", "/", "\n", " ")
	if _, err := fmt.Fprintf(f, "| %s | %s | %s |\n", cell.Replace(t.Name()), cell.Replace(part), cell.Replace(seen)); err != nil {
		t.Fatal(err)
	}
}
