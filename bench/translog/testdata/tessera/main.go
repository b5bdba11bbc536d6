// Command tessera measures the POSIX driver of transparency-dev/tessera beside the log of
// the house. It is a module of its own, so that what it stands on is no part of the house.
//
//	tessera add FOLDER WRITERS TIME BATCH
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	err := errors.New("tessera add FOLDER WRITERS TIME BATCH")
	if len(os.Args) == 6 && os.Args[1] == "add" {
		err = add(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// add measures the POSIX driver of tessera: so many writers add entries of about the
// size of a leaf, each once the one before has its place, for so long; batches are as old
// as that at most. It prints a line of JSON for `twiza bench translog --peer`.
func add(dir, writers, lasts, age string) error {
	ctx := context.Background()
	n, err := strconv.Atoi(writers)
	if err != nil {
		return err
	}
	burst, err := time.ParseDuration(lasts)
	if err != nil {
		return err
	}
	batch, err := time.ParseDuration(age)
	if err != nil {
		return err
	}
	secret, _, err := note.GenerateKey(nil, "bench.invalid/log")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return err
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().WithCheckpointSigner(signer).WithCheckpointInterval(time.Second).WithBatching(tessera.DefaultBatchMaxSize, batch))
	if err != nil {
		return err
	}
	before := spent()
	all := make([][]time.Duration, n)
	failed := make([]error, n)
	last := make([]uint64, n)
	var hands sync.WaitGroup
	begun := time.Now()
	for w := range n {
		hands.Go(func() {
			for i := 0; time.Since(begun) < burst; i++ {
				at := time.Now()
				is, err := appender.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, `{"commitment":"%064x","day":"2026-11-23","fields":{"amount":"%d","asset":"MAD","fund":"fund/bench","kind":"gift"},"word":"giving.gift.receive"}`, w*1_000_000+i, i)))()
				if err != nil {
					failed[w] = err
					return
				}
				all[w], last[w] = append(all[w], time.Since(at)), is.Index
			}
		})
	}
	hands.Wait()
	took, lasted, cpu := slices.Concat(all...), time.Since(begun), spent()-before
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	behind := time.Now()
	for {
		size, err := reader.IntegratedSize(ctx)
		if err == nil && size > slices.Max(last) {
			break
		}
		if time.Since(behind) > time.Minute {
			return fmt.Errorf("the head has %d entries and not %d: %v", size, slices.Max(last)+1, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	behindMs := ms(time.Since(behind))
	if err := shutdown(ctx); err != nil {
		return err
	}
	slices.Sort(took)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"times": len(took), "per_second": float64(len(took)) / lasted.Seconds(), "p50_ms": ms(took[len(took)/2]), "p99_ms": ms(took[len(took)*99/100]),
		"cpu_ms": ms(cpu) / float64(len(took)), "behind_ms": behindMs})
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
