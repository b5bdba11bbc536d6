package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twiza/twiza/testkit"
)

// program builds the real command into a folder that goes with the test.
func program(t *testing.T) string {
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
