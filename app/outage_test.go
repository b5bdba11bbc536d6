package app

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
)

// outage stands before a store and can cut it off: PostgreSQL by a line that
// breaks, SQLite by another process that holds the file.
type outage struct {
	dsn  string
	cut  func()
	mend func()
}

func cutOff(t *testing.T, dsn string) *outage {
	t.Helper()
	if strings.HasPrefix(dsn, "postgres") {
		l := newLine(t, dsn)
		return &outage{l.dsn, l.cut, l.mend}
	}
	hold := &holder{t: t, dsn: dsn}
	return &outage{dsn, hold.cut, hold.mend}
}

// holder is another process in the middle of writing.
type holder struct {
	t   *testing.T
	dsn string
	mu  sync.Mutex
	end chan struct{}
	won chan struct{}
}

func (h *holder) cut() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	d, err := db.Open(h.dsn, clock.System{})
	if err != nil {
		h.t.Fatal(err)
	}
	begun := make(chan struct{})
	h.end, h.won = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(h.won)
		defer d.Close()
		d.Write(h.t.Context(), func(*db.Tx) error { close(begun); <-h.end; return nil })
	}()
	<-begun
}

func (h *holder) mend() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.end != nil {
		close(h.end)
		<-h.won
		h.end = nil
	}
}

// line is a way to PostgreSQL that can break, or fall silent.
type line struct {
	dsn, to string
	at      net.Listener
	mu      sync.Mutex
	broken  bool
	silent  bool
	all     map[net.Conn]bool
}

func newLine(t *testing.T, dsn string) *line {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: u.Host, at: at, all: map[net.Conn]bool{}}
	u.Host = at.Addr().String()
	q := u.Query()
	q.Del("options") // how long a house waits for a silent line is part of what is tested
	u.RawQuery = q.Encode()
	l.dsn = u.String()
	t.Cleanup(func() { at.Close(); l.cut() })
	go func() {
		for {
			c, err := at.Accept()
			if err != nil {
				return
			}
			go l.carry(c)
		}
	}()
	return l
}

func (l *line) carry(c net.Conn) {
	defer c.Close()
	l.mu.Lock()
	if l.broken {
		l.mu.Unlock()
		return
	}
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		l.mu.Unlock()
		return
	}
	l.all[c], l.all[far] = true, true
	l.mu.Unlock()
	defer far.Close()
	go func() { l.pour(far, c); far.Close() }()
	l.pour(c, far)
}

// pour copies until the line breaks; on one that fell silent, nothing arrives.
func (l *line) pour(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		l.mu.Lock()
		silent := l.silent
		l.mu.Unlock()
		if n > 0 && !silent {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (l *line) cut()  { l.set(true, false) }
func (l *line) hush() { l.set(false, true) }
func (l *line) mend() { l.set(false, false) }

func (l *line) set(broken, silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if broken || l.silent && !silent { // what was said into the silence is lost
		for c := range l.all {
			c.Close()
		}
		clear(l.all)
	}
	l.broken, l.silent = broken, silent
}

// copyFolder copies the files of a folder, as they lie there at this moment.
func copyFolder(t *testing.T, from string) (to string) {
	t.Helper()
	to = t.TempDir()
	names, err := filepath.Glob(filepath.Join(from, "*"))
	if err != nil || len(names) == 0 {
		t.Fatal("nothing to copy", err)
	}
	for _, name := range names {
		in, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.OpenFile(filepath.Join(to, filepath.Base(name)), os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.Copy(out, in)
			out.Close()
		}
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}
