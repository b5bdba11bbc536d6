package app

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/id"
	moves "github.com/twiza/twiza/bench/ledger"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// benchLedger measures what moving value costs.
func benchLedger(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench ledger", "movements of two postings, each in a deed with its journal line, durable, on SQLite and PostgreSQL, beside a server that only says hello")
	asked := measuring(f, 100_000, "postings stored; 10000 and a tenth of them are measured first; 10000000 is the full size", 5, 3)
	writers := f.Int("writers", 32, "who post at once")
	accounts := f.Int("accounts", 1000, "accounts that value moves between")
	only := f.String("only", "", "sqlite or postgres alone")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *asked.stored < 100 || *asked.rounds < 1 || *asked.rounds > 20 || *asked.seconds < 1 || *asked.seconds > 60 || *writers < 1 || *writers > 256 || *accounts < 2 || *accounts > 100_000 || *only != "" && *only != "sqlite" && *only != "postgres" {
		return usage{"sqlite or postgres, from 100 postings, 1 to 20 rounds of 1 to 60 seconds, 1 to 256 writers, 2 to 100,000 accounts"}
	}
	p := moves.Plan{Sizes: sizesUpTo(*asked.stored), Accounts: *accounts, Writers: *writers, Burst: asked.burst(), Rounds: *asked.rounds, Say: e.err}
	var err error
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	report := &moves.Report{}
	err = onBothStores(ctx, e, *only, LogConfig{}, func(of string, h *House, database func() (time.Duration, error)) error {
		return report.Measure(ctx, p, of, &ledgerHouse{h: h}, database)
	})
	return asked.print(e, report, err)
}

// sizesUpTo are the sizes to measure at: the full one, a tenth of it, and the size of a
// young ledger.
func sizesUpTo(full int) []int {
	const young = 10_000
	if full/10 <= young {
		return []int{full / 10, full}
	}
	return []int{young, full / 10, full}
}

// ledgerHouse is a real house, without its doors.
type ledgerHouse struct {
	h   *House
	all []ledger.AccountID
}

// benchMoves is the deed of the bench: the house itself does it.
var benchMoves = deed.Deed{Name: "bench.ledger.move"}

func (l *ledgerHouse) do(ctx context.Context, what func(*deed.Tx) error) error {
	return l.h.Deeds.Do(ctx, actor.Actor{System: "bench", Channel: "cli"}, benchMoves, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return what(t)
	})
}

const benchAsset = "MAD"

// filled is what each account holds at first: enough for any bench.
const filled = 1_000_000_000

func (l *ledgerHouse) Open(ctx context.Context, accounts int) error {
	for n := range accounts {
		err := l.do(ctx, func(t *deed.Tx) error {
			giver, err := ledger.OpenAccount(t, ledger.Account{ID: id.New[ledger.Account](t.Now()), Code: fmt.Sprintf("giver/%d", n), Kind: ledger.Giver, Asset: benchAsset})
			if err != nil {
				return err
			}
			a, err := ledger.OpenAccount(t, ledger.Account{ID: id.New[ledger.Account](t.Now()), Code: fmt.Sprintf("fund/%d", n), Kind: ledger.Fund, Asset: benchAsset})
			if err != nil {
				return err
			}
			l.all = append(l.all, a.ID)
			return l.post(t, fmt.Sprintf("fill/%d", n), giver.ID, a.ID, filled)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *ledgerHouse) Move(ctx context.Context, ref string, from, to int) error {
	return l.do(ctx, func(t *deed.Tx) error { return l.post(t, ref, l.all[from], l.all[to], 1) })
}

func (l *ledgerHouse) Fill(ctx context.Context, ref string, times int) error {
	return l.do(ctx, func(t *deed.Tx) error {
		for n := range times {
			if err := l.post(t, ref+"/"+strconv.Itoa(n), l.all[n%len(l.all)], l.all[(n+1)%len(l.all)], 1); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *ledgerHouse) post(t *deed.Tx, ref string, from, to ledger.AccountID, amount int64) error {
	_, _, err := ledger.Post(t, ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: ref, About: "bench.ledger/" + ref, ValueOn: ledger.Day(t.Now(), time.UTC),
		Postings: []ledger.Posting{{Account: from, Amount: -amount}, {Account: to, Amount: amount}}})
	return err
}
