package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twiza/twiza/testkit"
)

// TestMain lets the tests be the command as well: under the name of it they are
// the whole house in one binary, which then need not be built for each test.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "twiza" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(Main(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// program is the command in a folder that goes with the test: these tests under
// another name, linked and not a symlink, which would lead back to the tests.
func program(t *testing.T) string {
	t.Helper()
	here, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "twiza")
	if os.Link(here, file) == nil {
		return file
	}
	code, err := os.ReadFile(here) // the folder lies on another disk
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, code, 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// built is the command as an operator builds it, in a folder that goes with the
// test: for the tests that are worth the minute of it.
func built(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "twiza")
	build := exec.Command("go", "build", "-o", file, "./cmd/twiza")
	build.Dir = testkit.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return file
}

// child is a house in a process of its own, as an operator runs it.
type child struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	said    *lines
}

// lines is what a process wrote, read while it may still write.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// end is the last of what was written.
func (l *lines) end() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Split(strings.TrimSpace(l.text.String()), "\n")
	return strings.Join(all[max(0, len(all)-20):], "\n")
}

// plainly is the environment without what would change a house.
func plainly() (out []string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TWIZA_") {
			out = append(out, v)
		}
	}
	return out
}

var openAt = regexp.MustCompile(`^Twiza is open at (http://127\.0\.0\.1:\d+)/$`)

// serveChild starts `twiza serve` and waits until its door is open.
func serveChild(t *testing.T, program string, args ...string) *child {
	t.Helper()
	c := &child{t: t, said: &lines{}}
	c.cmd = exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--proxied"}, args...)...)
	c.cmd.Env, c.cmd.Stderr = plainly(), c.said
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for s := bufio.NewScanner(out); s.Scan(); {
			if m := openAt.FindStringSubmatch(s.Text()); m != nil {
				found <- m[1]
				break
			}
		}
		io.Copy(io.Discard, out)
	}()
	select {
	case c.address = <-found:
	case <-time.After(time.Minute):
	}
	if c.address == "" {
		t.Fatalf("the house did not open:\n%s", c.said.end())
	}
	return c
}

// kill ends the process as a power cut would: no goodbye, nothing finished.
func (c *child) kill() {
	if c.cmd.ProcessState == nil {
		c.cmd.Process.Kill()
		c.cmd.Wait()
	}
}

// stop ends it as an operator would, and waits.
func (c *child) stop() {
	c.t.Helper()
	if c.cmd.ProcessState != nil {
		return
	}
	c.cmd.Process.Signal(syscall.SIGTERM)
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("the house did not stop well: %v\n%s", err, c.said.end())
	}
}

// run is one command of the program, with all that it said.
func run(t *testing.T, program string, args ...string) (said string, code int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = plainly()
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// caller sends JSON as one of many who stand behind a proxy.
type caller struct {
	client *http.Client
	n      int
}

// post gives the status and the body; an error is a house that went away.
func (k *caller) post(address, path string, in any, out any) (int, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest("POST", address+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	k.n++
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", k.n>>16&255, k.n>>8&255, k.n&255))
	w, err := k.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		return 0, err
	}
	if w.StatusCode < 300 {
		return w.StatusCode, json.Unmarshal(text, out)
	}
	return w.StatusCode, fmt.Errorf("%d %s", w.StatusCode, text)
}
