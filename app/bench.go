package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/intake"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
)

// benches are the workloads by name.
var benches = map[string]func(ctx context.Context, e *env, args []string) error{
	"board":    benchBoard,
	"hello":    func(ctx context.Context, e *env, _ []string) error { return sayHello(ctx, e) },
	"intake":   benchIntake,
	"ledger":   benchLedger,
	"merge":    benchMerge,
	"surge":    benchSurge,
	"night":    benchNight,
	"pages":    benchPages,
	"places":   func(_ context.Context, e *env, args []string) error { return benchPlaces(e, args) },
	"sms":      benchSMS,
	"start":    benchStart,
	"sync":     benchSync,
	"tiles":    benchTiles,
	"translog": benchTranslog,
	"triage":   func(_ context.Context, e *env, args []string) error { return benchTriage(e, args) },
}

// bench measures a workload against real houses that it starts for it, and
// that leave nothing behind.
func bench(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 && askedForHelp(args[:1]) {
		args = []string{"intake", "--help"}
	}
	if len(args) > 0 {
		if run, ok := benches[args[0]]; ok {
			return run(ctx, e, args[1:])
		}
	}
	return usage{"bench knows " + strings.Join(slices.Sorted(maps.Keys(benches)), ", ")}
}

// benchIntake measures requests sent by many at once.
func benchIntake(ctx context.Context, e *env, args []string) error {
	about := "requests sent by many at once, on SQLite and PostgreSQL, beside a server that only says hello"
	f := flagSet(e, "bench intake", about)
	asked := measuring(f, 30_000, "requests stored before the measuring; 300000 is the full size", 10, 3)
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	g, err := places.Load(packs.FS, fallback(e, "TWIZA_COUNTRY", "ma"))
	if err != nil {
		return err
	}
	p := intake.Plan{Stored: *asked.stored, Burst: asked.burst(), Rounds: *asked.rounds, Connections: []int{32, 256}, Say: e.err}
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	for _, kind := range []string{places.Commune, places.Douar} {
		for _, x := range g.All(kind) {
			p.Places = append(p.Places, x.Code)
		}
	}
	if err := p.Check(); err != nil {
		return usage{err.Error()}
	}
	leave := func() {}
	if p.Postgres, p.Postmaster, leave, err = benchPostgres(ctx, e); err != nil {
		return err
	}
	defer leave()
	report, err := intake.Run(ctx, p)
	return asked.print(e, report, err)
}

// measure is what every bench of a house is asked.
type measure struct {
	asJSON                  *bool
	stored, seconds, rounds *int
}

func measuring(f *flag.FlagSet, stored int, what string, seconds, rounds int) measure {
	return measure{f.Bool("json", false, "one object per figure instead of a table"), f.Int("stored", stored, what),
		f.Int("seconds", seconds, "length of one round of one kind"), f.Int("rounds", rounds, "rounds; medians are shown")}
}

func (m measure) burst() time.Duration { return time.Duration(*m.seconds) * time.Second }

// print tells what was measured, unless measuring failed.
func (m measure) print(e *env, report interface {
	WriteJSON(io.Writer) error
	WriteTable(io.Writer) error
}, err error) error {
	switch {
	case err != nil:
		return err
	case *m.asJSON:
		return report.WriteJSON(e.out)
	}
	return report.WriteTable(e.out)
}

// onBothStores measures a house without doors over a fresh SQLite file, and over a fresh
// schema of the PostgreSQL that TWIZA_TEST_PG names, if it names one. database is what the
// database spent so far, beside this process.
// only, where it is not empty, is the one of them that is asked for.
func onBothStores(ctx context.Context, e *env, only string, public LogConfig, measure func(of string, h *House, database func() (time.Duration, error)) error) error {
	dsn, postmaster, leave, err := benchPostgres(ctx, e)
	if err != nil {
		return err
	}
	defer leave()
	for _, of := range []string{"sqlite", "postgres"} {
		if of == "postgres" && dsn == "" || only != "" && of != only {
			continue
		}
		if err := onOneStore(ctx, e, public, of, dsn, postmaster, measure); err != nil {
			return err
		}
	}
	return nil
}

func onOneStore(ctx context.Context, e *env, public LogConfig, of, dsn string, postmaster int, measure func(of string, h *House, database func() (time.Duration, error)) error) error {
	folder, err := os.MkdirTemp("", "twiza-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	c := Config{Data: filepath.Join(folder, "data"), Key: filepath.Join(folder, "key"), Country: fallback(e, "TWIZA_COUNTRY", "ma"), Public: public}
	c.settleLog()
	database := func() (time.Duration, error) { return 0, nil }
	if of == "postgres" {
		c.DB = dsn
		database = func() (time.Duration, error) { return intake.FamilySpent(postmaster) }
	}
	h, err := Open(ctx, c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	defer h.Close()
	return measure(of, h, database)
}

// benchPostgres is the PostgreSQL that TWIZA_TEST_PG names. Where it names none
// there is nothing to measure, and nothing to leave.
func benchPostgres(ctx context.Context, e *env) (dsn string, postmaster int, leave func(), err error) {
	server := e.getenv("TWIZA_TEST_PG")
	if server == "" {
		return "", 0, func() {}, nil
	}
	return benchSchema(ctx, server, e.err)
}

// benchSchema makes a schema of its own in the PostgreSQL that was named, so
// that nothing that is there is touched, and finds the server's first process.
func benchSchema(ctx context.Context, server string, say io.Writer) (dsn string, postmaster int, leave func(), err error) {
	at, err := url.Parse(server)
	if err != nil {
		return "", 0, nil, fmt.Errorf("TWIZA_TEST_PG: %w", err)
	}
	d, err := db.Open(server, clock.System{})
	if err != nil {
		return "", 0, nil, err
	}
	name := "twiza_bench_" + strconv.Itoa(os.Getpid())
	err = d.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(`CREATE SCHEMA ` + name); err != nil {
			return err
		}
		session, err := db.One(t, db.Int, `SELECT pg_backend_pid()`)
		if err != nil {
			return err
		}
		postmaster, err = intake.ParentOf(int(session))
		return err
	})
	if err != nil {
		d.Close()
		return "", 0, nil, err
	}
	q := at.Query()
	q.Set("search_path", name)
	at.RawQuery = q.Encode()
	return at.String(), postmaster, func() {
		err := d.Write(context.WithoutCancel(ctx), func(t *db.Tx) error {
			_, err := t.Exec(`DROP SCHEMA ` + name + ` CASCADE`)
			return err
		})
		if err != nil {
			fmt.Fprintln(say, "the schema", name, "is still there:", err)
		}
		d.Close()
	}, nil
}

// sayHello is what a house is measured beside: the same net/http, answering two
// words and doing nothing. It ends with the bench that started it.
func sayHello(ctx context.Context, e *env) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		io.Copy(io.Discard, e.in)
		stop()
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.Copy(w, strings.NewReader("hello, neighbour\n"))
	})}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Fprintf(e.out, "hello is open at http://%s/\n", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
