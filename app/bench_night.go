package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/bench/replay"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

// benchNight replays one night with Twiza and from a spreadsheet.
func benchNight(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench night", "one night after an earthquake worked twice by the same crews and desks: with Twiza, and from a shared spreadsheet, first come, first served")
	seed := f.Uint64("seed", 2, "the night")
	size := f.Int("requests", 10_000, "requests of its first hour")
	crews := f.Int("crews", 400, "crews on the roads, a quarter of them for rescue")
	desks := f.Int("desks", 20, "people at desks")
	hours := f.Int("hours", 36, "how long it is replayed")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *size < 50 || *crews < 4 || *desks < 1 || *hours < 1 || *hours > 200 {
		return usage{"a night has at least 50 requests, 4 crews, somebody at a desk and up to 200 hours"}
	}
	g, err := places.Load(packs.FS, "ma")
	if err != nil {
		return err
	}
	n := replay.New(*seed, *size, *crews, time.Duration(*hours)*time.Hour)
	with, refused, err := nightWithTwiza(ctx, n, *desks)
	if err != nil {
		return err
	}
	without, err := n.Run(ctx, replay.Sheet(n, func(code string) geo.Point { return middleOf(g, code) }), *desks)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%d requests of %d needs, %d crews, %d people at desks, %d hours, night %d\n\n", len(n.Requests), len(n.Sites), *crews, *desks, *hours, *seed)
	replay.Write(e.out, []replay.Figures{with.Figures(*size, n.Horizon), without.Figures(*size, n.Horizon)})
	for _, line := range refused {
		fmt.Fprintln(e.out, "Twiza, not allowed by its rules:", line)
	}
	return nil
}

// nightWithTwiza works a night in a house of its own on SQLite, which is thrown away.
func nightWithTwiza(ctx context.Context, n *replay.Night, desks int) (replay.Result, []string, error) {
	folder, err := os.MkdirTemp("", "twiza-bench-night")
	if err != nil {
		return replay.Result{}, nil, err
	}
	defer os.RemoveAll(folder)
	held := &clock.Held{At: nightone.Begin.Add(-48 * time.Hour)}
	c := Config{Data: filepath.Join(folder, "data"), Key: filepath.Join(folder, "key"), Country: "ma"}
	h, err := Open(ctx, c, held, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return replay.Result{}, nil, err
	}
	defer h.Close()
	a, err := newNightHouse(ctx, h, n, held)
	if err != nil {
		return replay.Result{}, nil, err
	}
	out, err := n.Run(ctx, a, desks)
	if err != nil {
		return out, nil, err
	}
	var wrong strings.Builder
	found, err := h.Checks(ctx, &wrong)
	if err == nil && found > 0 {
		err = fmt.Errorf("after the night %d invariants do not hold: %s", found, wrong.String())
	}
	return out, a.Refused(), err
}

// middleOf is where a place lies, or the commune that it is in.
func middleOf(g *places.Gazetteer, code string) geo.Point {
	if p, ok := g.Get(code); ok && p.HasPoint {
		return p.At
	}
	if p, ok := g.Commune(code); ok {
		return p.At
	}
	return geo.Point{}
}
