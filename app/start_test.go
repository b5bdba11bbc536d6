package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/testkit"
)

// said waits until a process has written something.
func (c *child) says(what string) {
	c.t.Helper()
	for range 300 {
		if strings.Contains(c.said.all(), what) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("it never said %q:\n%s", what, c.said.end())
}

func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// knows waits until the next start of a house can do without its store.
func (c *child) knows(folder string) {
	c.t.Helper()
	for range 300 {
		for _, name := range glob(c.t, filepath.Join(folder, "*"+knownSuffix)) {
			if body, err := os.ReadFile(name); err == nil && strings.Contains(string(body), `"numbers"`) {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("nothing is kept for the next start:\n%s", c.said.end())
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAHouseThatStartsWhileItsStoreIsAwayKeepsWhatItIsToldAndJoinsWhenTheStoreReturns(t *testing.T) {
	testkit.Long(t, "it builds the program and starts it four times")
	t.Parallel()
	program := program(t)
	both := func(t *testing.T, dsn string) {
		dir := t.TempDir()
		data := filepath.Join(dir, "data")
		args := []string{"--key", filepath.Join(dir, "master.key"), "--data", data}
		o := &outage{cut: func() {}, mend: func() {}}
		if dsn != "" {
			o = cutOff(t, dsn)
			args = append(args, "--db", o.dsn)
		}
		k := &caller{client: &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}}
		t.Cleanup(k.client.CloseIdleConnections)
		post := func(c *child, p *plea, want int) (out cases.ReceiptOut) {
			t.Helper()
			status, err := k.post(c.address, "/api/v1/requests", p.in, &out)
			if status != want {
				t.Fatalf("answered %d, %v; wanted %d\n%s", status, err, want, c.said.end())
			}
			p.receipt = out.Receipt
			return out
		}
		if o.dsn != "" { // a house that has never seen its store has no keys, and says so
			o.cut()
			said, code := run(t, program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
			if code != exitBroke || !strings.Contains(said, "has never seen it") {
				t.Fatalf("a first start without the store: %d %s", code, said)
			}
			o.mend()
		}
		first := serveChild(t, program, args...)
		early := newPlea(0)
		post(first, early, http.StatusCreated)
		first.knows(filepath.Join(data, "spool"))
		first.kill()
		if o.dsn == "" { // SQLite: another process holds the file
			o = cutOff(t, "file:"+filepath.Join(data, "twiza.db"))
			t.Cleanup(o.mend)
		}
		o.cut()
		second := serveChild(t, program, args...)
		second.says("Requests for help and messages are kept in")
		mid := newPlea(1)
		if out := post(second, mid, http.StatusAccepted); !out.Waits || len(out.Receipt) != 9 || out.Code == "" {
			t.Fatalf("without the store: %+v", out)
		}
		if w, err := k.client.Get(second.address + "/fr/help/crisis_help?all=1"); err != nil || w.StatusCode != 200 {
			t.Errorf("the form: %v %v", w, err)
		}
		var how cases.TrackOut
		if _, err := k.post(second.address, "/api/v1/track", cases.TrackIn{Receipt: mid.receipt, Word: mid.word}, &how); err != nil || how.State != "kept" {
			t.Errorf("the tracker: %+v, %v", how, err)
		}
		second.kill() // killed while it has never seen its store, and again
		third := serveChild(t, program, args...)
		late := newPlea(2)
		if out := post(third, late, http.StatusAccepted); out.Receipt == mid.receipt || out.Receipt == early.receipt {
			t.Fatalf("a number is given twice: %+v", out)
		}
		o.mend()
		third.says("has joined it")
		drained(t, third)
		for _, p := range []*plea{early, mid, late} {
			if p.receipt == "" { // no number was left for a third start: it followed
				continue
			}
			if _, err := k.post(third.address, "/api/v1/track", cases.TrackIn{Receipt: p.receipt, Word: p.word}, &how); err != nil || how.State == "kept" {
				t.Errorf("afterwards %s: %+v, %v", p.receipt, how, err)
			}
		}
		after := newPlea(3)
		if out := post(third, after, http.StatusCreated); out.Waits || out.Receipt == mid.receipt {
			t.Errorf("afterwards: %+v", out)
		}
		third.stop()
		if dsn == "" {
			dsn = o.dsn
		}
		if n := countCases(t, dsn); n != 4 {
			t.Errorf("%d cases of four requests", n)
		}
		if said, code := run(t, program, append([]string{"check"}, args...)...); code != exitOK {
			t.Errorf("the store is not sound: exit %d: %s", code, said)
		}
	}
	t.Run("sqlite", func(t *testing.T) { both(t, "") })
	t.Run("postgres", func(t *testing.T) { both(t, testkit.Postgres(t)) })
}

func TestADraftBegunAtOneProcessIsContinuedAndSentAtTheOther(t *testing.T) {
	t.Parallel()
	a, b := twoHouses(t)
	sides := []http.Handler{a.Handler(), b.Handler()}
	asideAt := func(n int) *aside { return &aside{T: t, h: a, door: turns{sides, &n}} }
	for first := range 2 { // each step at the other process than the one before
		x := asideAt(first)
		page := x.fill("061234567" + string(rune('0'+first)))
		if codeIn.FindStringSubmatch(page) == nil {
			t.Fatalf("there is no receipt:\n%s", page)
		}
	}
	x := &aside{T: t, h: b}
	if n := x.cases(); n != 2 {
		t.Errorf("%d cases of two drafts", n)
	}
}

// turns sends each request to the next process.
type turns struct {
	sides []http.Handler
	n     *int
}

func (s turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	*s.n++
	s.sides[*s.n%len(s.sides)].ServeHTTP(w, r)
}

func TestTheNumbersOfTheNextStartAreGivenOnce(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		folder := filepath.Join(t.TempDir(), "spool")
		one := openHouse(t, dsn, clock.System{}, func(c *Config) { c.Spool = folder })
		for range 6 {
			one.layNumbersBy(t.Context())
		}
		one.keepKnown()
		kept := map[string]bool{}
		one.Close()
		for n := range 2 {
			next := openHouse(t, dsn, clock.System{}, func(c *Config) { c.Spool = folder })
			m, err := next.recall()
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 && len(m.Numbers) == 0 || n == 1 && len(m.Numbers) != 0 {
				t.Fatalf("start %d has %d numbers", n, len(m.Numbers))
			}
			for _, x := range m.Numbers {
				if kept[x.String()] {
					t.Errorf("%s is given twice", x)
				}
				kept[x.String()] = true
			}
			next.Close()
		}
	})
}
