package app

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/fault"
	logs "github.com/twiza/twiza/bench/translog"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog"
	"github.com/twiza/twiza/shared/translog/verify"
)

// benchTranslog measures what the public log costs.
func benchTranslog(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench translog", "deeds with a leaf of the public log and without, how far its head is behind, proofs, and the verification of all of it, on SQLite and PostgreSQL")
	asked := measuring(f, 100_000, "leaves of which proofs are asked and all are verified; 1000000 is the full size", 5, 3)
	writers := f.Int("writers", 32, "who do deeds at once")
	peer := f.String("peer", "", "program that adds entries to a log of Tessera: go build -C bench/translog/testdata/tessera -o FILE")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *asked.stored < 1 || *asked.rounds < 1 || *asked.rounds > 20 || *asked.seconds < 1 || *asked.seconds > 60 || *writers < 1 || *writers > 256 {
		return usage{"from 1 leaf, 1 to 20 rounds of 1 to 60 seconds, 1 to 256 writers"}
	}
	p := logs.Plan{Stored: *asked.stored, Writers: *writers, Burst: asked.burst(), Rounds: *asked.rounds, Peer: *peer, Say: e.err}
	report := &logs.Report{}
	err := onBothStores(ctx, e, "", LogConfig{Name: "bench.invalid/log"}, func(of string, h *House, database func() (time.Duration, error)) error {
		working, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); h.Proof.Run(working) }()
		defer func() { stop(); <-done }()
		return report.Measure(ctx, p, of, &logHouse{h: h}, database)
	})
	return asked.print(e, report, err)
}

// logHouse is a real house, without its doors.
type logHouse struct {
	h    *House
	next atomic.Int64
}

// benchLeaf is the deed of the bench: the house itself does it.
var benchLeaf = deed.Deed{Name: "bench.translog.do"}

func (l *logHouse) do(ctx context.Context, leaves int) error {
	return l.h.Deeds.Do(ctx, actor.Actor{System: "bench", Channel: "cli"}, benchLeaf, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		for range leaves {
			n := l.next.Add(1)
			x := translog.Leaf{Subject: "bench.thing/" + strconv.FormatInt(n, 10), Word: "giving.gift.receive", Fields: map[string]string{"kind": "gift", "fund": "fund/bench", "asset": "MAD", "amount": strconv.FormatInt(100+n%100_000, 10)}, Body: map[string]string{"receipt": "482719064"}}
			if _, err := l.h.Proof.Append(t, x); err != nil {
				return err
			}
		}
		return t.Tell("bench.thing/0", struct{}{})
	})
}

func (l *logHouse) Do(ctx context.Context, leaf bool) error {
	if leaf {
		return l.do(ctx, 1)
	}
	return l.do(ctx, 0)
}

func (l *logHouse) Fill(ctx context.Context, leaves int) error { return l.do(ctx, leaves) }

func (l *logHouse) Size(ctx context.Context) (int64, error) {
	msg, err := l.h.Proof.Checkpoint(ctx)
	if fault.KindOf(err) == fault.Missing { // the first head is not signed yet
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	text, _, _ := strings.Cut(string(msg), "\n\n")
	c, err := verify.ParseText(text + "\n")
	return c.Size, err
}

func (l *logHouse) Proof(ctx context.Context, index int64) ([]byte, error) {
	return l.h.Proof.Proof(ctx, index)
}

func (l *logHouse) Export(ctx context.Context, dir string) error { return l.h.Proof.Export(ctx, dir) }

func (l *logHouse) Verify(dir string) error {
	keys, err := verify.ReadKeys(l.h.Proof.PublicKeys()[0])
	if err != nil {
		return err
	}
	r, err := verify.Folder(os.DirFS(dir), keys, verify.Options{})
	if err != nil {
		return err
	}
	if len(r.Wrong) > 0 {
		return fmt.Errorf("the log of the bench is not sound: %+v", r)
	}
	return nil
}
