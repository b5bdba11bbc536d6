package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/sms"
	"github.com/twiza/twiza/platform/db"
)

// benchSMS measures how a house gets on with basic phones.
func benchSMS(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench sms", "messages from and to basic phones, on SQLite and PostgreSQL, with a gateway that fails in every way, beside a server that only says hello")
	asJSON := f.Bool("json", false, "one object per figure instead of a table")
	stored := f.Int("stored", 3_000, "conversations stored before the second measuring")
	rate := f.Int("rate", 10_000, "messages an hour; ten times as many are measured too")
	seconds := f.Int("seconds", 20, "length of one round of one kind")
	rounds := f.Int("rounds", 2, "rounds; medians are shown")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	p := sms.Plan{Stored: *stored, Burst: time.Duration(*seconds) * time.Second, Rounds: *rounds, Rates: []int{*rate, 10 * *rate}, Say: e.err, Open: openBenchStore}
	if err := p.Check(); err != nil {
		return usage{err.Error()}
	}
	var err error
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	if server := e.getenv("TWIZA_TEST_PG"); server != "" {
		var leave func()
		if p.Postgres, p.Postmaster, leave, err = benchSchema(ctx, server, e.err); err != nil {
			return err
		}
		defer leave()
	}
	report, err := sms.Run(ctx, p)
	switch {
	case err != nil:
		return err
	case *asJSON:
		return report.WriteJSON(e.out)
	}
	return report.WriteTable(e.out)
}

func openBenchStore(folder, postgres string) (sms.Store, error) {
	dsn := postgres
	if dsn == "" {
		dsn = "file:" + filepath.Join(folder, "twiza.db")
	}
	d, err := db.Open(dsn, clock.System{})
	return benchStore{d}, err
}
