package app

import (
	"context"
	"os"
	"path/filepath"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/sms"
	"github.com/twiza/twiza/platform/db"
)

// benchSMS measures how a house gets on with basic phones.
func benchSMS(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench sms", "messages from and to basic phones, on SQLite and PostgreSQL, with a gateway that fails in every way, beside a server that only says hello")
	asked := measuring(f, 3_000, "conversations stored before the second measuring", 20, 2)
	rate := f.Int("rate", 10_000, "messages an hour; ten times as many are measured too")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	p := sms.Plan{Stored: *asked.stored, Burst: asked.burst(), Rounds: *asked.rounds, Rates: []int{*rate, 10 * *rate}, Say: e.err, Open: openBenchStore}
	if err := p.Check(); err != nil {
		return usage{err.Error()}
	}
	var err error
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	leave := func() {}
	if p.Postgres, p.Postmaster, leave, err = benchPostgres(ctx, e); err != nil {
		return err
	}
	defer leave()
	report, err := sms.Run(ctx, p)
	return asked.print(e, report, err)
}

func openBenchStore(folder, postgres string) (sms.Store, error) {
	dsn := postgres
	if dsn == "" {
		dsn = "file:" + filepath.Join(folder, "twiza.db")
	}
	d, err := db.Open(dsn, clock.System{})
	return benchStore{d}, err
}
