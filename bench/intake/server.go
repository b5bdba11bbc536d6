package intake

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is a process under test.
type server struct {
	name       string
	cmd        *exec.Cmd
	stdin      io.Closer
	address    string
	postmaster int // the database's first process; 0 when the server is its own
	stored     int
	asked      int64
	complaints *tail
}

var opened = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/$`)

// patience is how long a server may take to open or to close.
const patience = 30 * time.Second

// start runs the program and waits until it says where it is open.
func start(ctx context.Context, name, program string, args ...string) (*server, error) {
	s := &server{name: name, cmd: exec.CommandContext(ctx, program, args...), complaints: &tail{}}
	s.cmd.Env = quietly(os.Environ())
	s.cmd.Stderr = s.complaints
	s.cmd.WaitDelay = patience
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := opened.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
	}()
	select {
	case s.address = <-found:
	case <-time.After(patience):
	}
	if s.address == "" {
		s.stop()
		return nil, fmt.Errorf("%s did not open: %s", name, s.complaints)
	}
	return s, nil
}

// quietly leaves out what would change the house under test.
func quietly(env []string) (out []string) {
	for _, v := range env {
		if !strings.HasPrefix(v, "TWIZA_") {
			out = append(out, v)
		}
	}
	return out
}

// stop asks the server to finish, and makes it when it does not.
func (s *server) stop() {
	s.stdin.Close()
	s.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(patience, func() { s.cmd.Process.Kill() })
	defer timer.Stop()
	s.cmd.Wait()
}

// ask puts a load on the server; an answer that was not the wanted one ends
// the measuring, for figures with failures in them say nothing.
func (s *server) ask(ctx context.Context, l load) (tally, error) {
	t, err := l.run(ctx, s.address, s.asked)
	s.asked += int64(t.Done + t.Failed)
	s.stored += t.Done
	switch {
	case err != nil:
		return t, fmt.Errorf("%s: %w: %s", s.name, err, s.complaints)
	case t.Failed > 0:
		return t, fmt.Errorf("%s: %d of %d were not answered with %d: %s", s.name, t.Failed, t.Done+t.Failed, l.Want, t.Sample)
	case ctx.Err() != nil:
		return t, ctx.Err()
	}
	return t, nil
}

// spending is processor time, of the server and of its database.
type spending struct{ server, database time.Duration }

func (s *server) spent() (out spending, err error) {
	p, err := statOf(s.cmd.Process.Pid)
	if err != nil {
		return out, err
	}
	out.server = p.own
	if s.postmaster != 0 {
		_, out.database, err = familyOf(s.postmaster)
	}
	return out, err
}

// memory is what the server holds, and its database, in bytes.
func (s *server) memory() (own, database int64) {
	own = resident(s.cmd.Process.Pid)
	if s.postmaster != 0 {
		pids, _, err := familyOf(s.postmaster)
		for _, pid := range pids {
			database += proportional(pid)
		}
		if err != nil {
			return own, 0
		}
	}
	return own, database
}

// The journal is sealed every five seconds: whoever counts the cost of a
// request must wait for that, and then until the server is at rest.
const (
	glance   = 500 * time.Millisecond
	restless = 20 * time.Millisecond // of processor in one glance
)

// deferred is shorter where TWIZA_BENCH_REST says so, as tests of the benches do:
// what is measured then is of no use to anybody.
var deferred = func() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("TWIZA_BENCH_REST")); err == nil && d > 0 {
		return d
	}
	return 6 * time.Second
}()

func (s *server) settle(ctx context.Context) error {
	end := time.Now().Add(deferred + patience)
	time.Sleep(deferred)
	for time.Now().Before(end) && ctx.Err() == nil {
		a, err := s.spent()
		if err != nil {
			return err
		}
		time.Sleep(glance)
		b, err := s.spent()
		if err != nil {
			return err
		}
		if b.server+b.database-a.server-a.database <= restless {
			return nil
		}
	}
	return ctx.Err()
}

// tail keeps the end of what a server says about itself: its log is read when
// something went wrong, and must cost nothing when nothing did.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 4096

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(b) >= tailSize {
		t.text = append(t.text[:0], b[len(b)-tailSize:]...)
		return len(b), nil
	}
	if len(t.text)+len(b) > 2*tailSize {
		t.text = append(t.text[:0], t.text[len(t.text)-tailSize:]...)
	}
	t.text = append(t.text, b...)
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-3):], []byte("\n")))
}
