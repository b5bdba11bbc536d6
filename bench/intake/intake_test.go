package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestARequestIsAsLongAsTheWorkloadSaysAndNoTwoAreAlike(t *testing.T) {
	t.Parallel()
	places := []string{"01", "02", "03"}
	seen := map[string]bool{}
	phones := map[string]int{}
	for n := range int64(2000) {
		var in struct {
			Service string
			Answers struct {
				Need  []string
				Where struct{ Code string }
				Words string
				Phone string
			}
		}
		text := body(n, places)
		if err := json.Unmarshal(text, &in); err != nil {
			t.Fatal(err)
		}
		if seen[string(text)] {
			t.Fatalf("request %d was asked before", n)
		}
		seen[string(text)] = true
		phones[in.Answers.Phone]++
		if long := utf8.RuneCountInString(in.Answers.Words); long < 180 || long > 260 {
			t.Errorf("request %d has %d characters of own words, not some 200", n, long)
		}
		if in.Service == "" || len(in.Answers.Need) == 0 || in.Answers.Where.Code == "" || len(in.Answers.Phone) != 10 {
			t.Errorf("request %d lacks something: %s", n, text)
		}
	}
	if len(phones) < 1850 || len(phones) > 1950 {
		t.Errorf("%d phones among 2000 callers: one in twenty asks again", len(phones))
	}
}

func TestALoadCountsAnswersAndNothingElse(t *testing.T) {
	t.Parallel()
	house := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprint(w, "hello")
	}))
	defer house.Close()
	address := house.Listener.Addr().String()
	got, err := load{Connections: 3, For: time.Minute, Count: 50, Request: helloRequest, Want: 200}.run(context.Background(), address, 0)
	if err != nil || got.Done != 50 || got.Failed != 0 || len(got.waits) != 50 {
		t.Errorf("%+v %v", got, err)
	}
	wrong := func(to []byte, _ int64) []byte { return append(to, "GET /tea HTTP/1.1\r\nHost: x\r\n\r\n"...) }
	got, err = load{Connections: 2, For: time.Minute, Count: 10, Request: wrong, Want: 200}.run(context.Background(), address, 0)
	if err != nil || got.Done != 0 || got.Failed != 10 || !strings.HasPrefix(got.Sample, "418 ") {
		t.Errorf("%+v %v", got, err)
	}
	begin := time.Now()
	if got, err = (load{Connections: 2, For: 200 * time.Millisecond, Request: helloRequest, Want: 200}).run(context.Background(), address, 0); err != nil || got.Done == 0 {
		t.Errorf("%+v %v", got, err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("a load of 0.2 s took %v", took)
	}
}

func TestALoadStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"192.0.2.7:80", "example.org:80", "[2001:db8::1]:80"} {
		if _, err := (load{Connections: 1, For: time.Second, Request: helloRequest, Want: 200}).run(context.Background(), address, 0); err == nil {
			t.Errorf("%s was loaded", address)
		}
	}
}

func TestAnAnswerThatDoesNotTellItsLengthIsNotGuessedAt(t *testing.T) {
	t.Parallel()
	read := func(text string) (int, []byte, error) {
		return answer(bufio.NewReader(strings.NewReader(text)), nil)
	}
	if status, body, err := read("HTTP/1.1 201 Created\r\ncontent-length: 3\r\nX: y\r\n\r\nabcREST"); err != nil || status != 201 || string(body) != "abc" {
		t.Errorf("%d %q %v", status, body, err)
	}
	for _, text := range []string{"", "SMTP ready\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"} {
		if status, _, err := read(text); err == nil {
			t.Errorf("%q was taken for an answer %d", text, status)
		}
	}
}

func TestProcessorTimeIsReadPastANameWithParentheses(t *testing.T) {
	t.Parallel()
	line := []byte("812 (pg (idle) 5)) S 799 812 812 0 -1 4194560 0 0 0 0 150 25 7 3 20 0 1 0 55 1000 200 0")
	p, err := readStat(line)
	if err != nil || p.parent != 799 || p.own != 1750*time.Millisecond || p.children != 100*time.Millisecond {
		t.Errorf("%+v %v", p, err)
	}
	for _, bad := range []string{"", "812 (x) S 1", "812 (x) S 1 2 3 4 5 6 7 8 9 10 11 many 13 14 15 16"} {
		if _, err := readStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestThisProcessHasAParentAndTakesTime(t *testing.T) {
	t.Parallel()
	if parent, err := ParentOf(os.Getpid()); err != nil || parent != os.Getppid() {
		t.Errorf("parent %d, want %d: %v", parent, os.Getppid(), err)
	}
	if got := resident(os.Getpid()); got < 1<<20 {
		t.Errorf("a Go process of %d bytes", got)
	}
	if pids, _, err := familyOf(os.Getpid()); err != nil || len(pids) == 0 || pids[0] != os.Getpid() {
		t.Errorf("%v %v", pids, err)
	}
	if _, err := statOf(1 << 30); err == nil {
		t.Error("a process that is not there has a time")
	}
}

func rounds(rates ...int) (all []burst) {
	for i, r := range rates {
		b := burst{from: 100 * i, to: 100 * (i + 1), server: time.Duration(r) * 200 * time.Microsecond, database: time.Duration(r) * 100 * time.Microsecond, load: float64(i)}
		b.tally.Done, b.tally.Took = r, time.Second
		for w := range r {
			b.tally.waits = append(b.tally.waits, time.Duration(w+1)*time.Millisecond)
		}
		all = append(all, b)
	}
	return all
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestAFigureIsTheMedianOfItsRounds(t *testing.T) {
	t.Parallel()
	f := Figure{Of: "sqlite", Connections: 32}.of(rounds(100, 300, 200))
	switch {
	case f.Rounds != 3 || f.Requests != 600 || f.StoredFrom != 0 || f.StoredTo != 300:
		t.Errorf("%+v", f)
	case !near(f.PerSecond, 200) || !near(f.Best, 300):
		t.Errorf("rate %v, best %v", f.PerSecond, f.Best)
	case !near(f.P50, 101) || !near(f.P99, 199):
		t.Errorf("p50 %v, p99 %v", f.P50, f.P99)
	case !near(f.CPU, .3) || !near(f.ServerCPU, .2) || !near(f.DatabaseCPU, .1):
		t.Errorf("cpu %v = %v + %v", f.CPU, f.ServerCPU, f.DatabaseCPU)
	case f.Load != 2:
		t.Errorf("load %v: the busiest round tells", f.Load)
	}
	for _, c := range []struct {
		all  []float64
		want float64
	}{{nil, 0}, {[]float64{4}, 4}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}} {
		if got := Median(c.all); got != c.want {
			t.Errorf("the median of %v is %v", c.all, got)
		}
	}
}

func TestAFigureStandsBesideHelloOfTheSameConnections(t *testing.T) {
	t.Parallel()
	all := beside([]Figure{
		{Of: "sqlite", Connections: 32, PerSecond: 2000, CPU: .3},
		{Of: hello, Connections: 256, PerSecond: 1, CPU: 1},
		{Of: hello, Connections: 32, PerSecond: 40_000, CPU: .02},
	})
	if !near(all[0].HelloCPU, 15) || !near(all[0].HelloRate, 20) {
		t.Errorf("%+v", all[0])
	}
	if first := sorted(all); first[0].Of != hello || first[0].Connections != 32 || first[2].Of != "sqlite" {
		t.Errorf("%+v", first)
	}
}

func report() *Report {
	return &Report{Sizes[Figure]{
		Tenth: []Figure{{Bench: "intake", Of: "sqlite", Connections: 32, StoredFrom: 3000, CPU: .25, P99: 20, PerSecond: 2000}},
		Full: []Figure{{Bench: "intake", Of: hello, Connections: 32, CPU: .02, PerSecond: 40_000, HelloCPU: 1, HelloRate: 1},
			{Bench: "intake", Of: "sqlite", Connections: 32, StoredFrom: 30_000, CPU: .3, P99: 30, PerSecond: 2180, HelloCPU: 15, HelloRate: 18}},
	}}
}

func TestGrowthComparesTheSameHouseAtTwoSizes(t *testing.T) {
	t.Parallel()
	g := report().Growth()
	if len(g) != 1 || g[0].From != 3000 || g[0].To != 30_000 || !near(g[0].CPU, 1.2) || !near(g[0].P99, 1.5) {
		t.Errorf("%+v", g)
	}
}

func TestTheTableSaysWhichFiguresWereNotMeasuredHere(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report().WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"were not measured here", "ODK Central", "PocketBase", "sqlite here: 20.0 × the rate; 0.021 of the CPU, 0.042 in × hello", "1.20 × the processor time", "× hello CPU"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, &b)
		}
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3+1+len(peers) {
		t.Fatalf("%d lines:\n%s", len(lines), &b)
	}
	for i, line := range lines {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil || one["bench"] != "intake" {
			t.Errorf("line %d: %v: %s", i+1, err, line)
		}
		if quoted := one["quoted"] == true; quoted != (i >= 4) {
			t.Errorf("line %d: quoted is %v", i+1, quoted)
		}
	}
}

func TestAPlanOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	good := Plan{Places: []string{"01"}, Stored: 30_000, Burst: 10 * time.Second, Rounds: 3}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Plan){
		func(p *Plan) { p.Stored = 5 }, func(p *Plan) { p.Stored = MaxStored + 1 }, func(p *Plan) { p.Burst = time.Millisecond },
		func(p *Plan) { p.Burst = time.Hour }, func(p *Plan) { p.Rounds = 0 }, func(p *Plan) { p.Rounds = MaxRounds + 1 }, func(p *Plan) { p.Places = nil },
	} {
		p := good
		change(&p)
		if p.Check() == nil {
			t.Errorf("%+v was let through", p)
		}
	}
}

func TestTheEndOfALogIsKeptAndNoMore(t *testing.T) {
	t.Parallel()
	k := &tail{}
	for i := range 5000 {
		fmt.Fprintf(k, "line %d\n", i)
	}
	if got := k.String(); got != "line 4997\nline 4998\nline 4999" {
		t.Errorf("%q", got)
	}
	if k.Write(bytes.Repeat([]byte("x"), 3*tailSize)); len(k.text) > 2*tailSize {
		t.Errorf("%d bytes are kept", len(k.text))
	}
}

func TestTheHouseUnderTestDoesNotInheritHowThisOneIsSetUp(t *testing.T) {
	t.Parallel()
	got := quietly([]string{"PATH=/bin", "TWIZA_DB=postgres://elsewhere", "TWIZA_MASTER_KEY=secret", "HOME=/"})
	if strings.Join(got, " ") != "PATH=/bin HOME=/" {
		t.Errorf("%v", got)
	}
}

func TestALoadOnAHouseThatGoesAwayEndsWithAnError(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
		l.Close()
	}()
	if _, err := (load{Connections: 1, For: 10 * time.Second, Request: helloRequest, Want: 200}).run(context.Background(), l.Addr().String(), 0); err == nil {
		t.Error("nobody answered, and nothing was said")
	}
}
