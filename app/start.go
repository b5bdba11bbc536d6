package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/platform/telemetry"
)

// A house that serves listens before anything else. Who asks for help is kept in
// the spool as soon as the keys, the services and the places are known; everybody
// else waits a moment on their connection until the house stands. Where the store
// does not answer, the house opens all the same, with the spool alone, and joins
// the store when it answers.

// storePatience is how long those who wait at the door wait for the store, before
// the house opens without it.
const storePatience = 5 * time.Second

// collectWhileOpening is by how many percent memory may grow while the house is
// opened: all that is read then stays, so that looking for what may go is in vain.
const collectWhileOpening = 800

// entering is a house on its way to its store.
type entering struct {
	h      *House
	e      *env
	built  chan struct{} // closed once the modules stand and have their words
	first  chan error    // how the first try went
	joined chan error    // closed when the house has its store; an error ends it
}

// openBehind opens a house behind its door. It returns when the house can serve,
// with or without its store. door is called once whoever asks for help can be kept.
func openBehind(ctx context.Context, e *env, c Config, now clock.Clock, f *front, door func()) (h *House, x *entering, err error) {
	level := telemetry.Logger(e.err, logLevel(c))
	h = &House{Config: c, Log: level, Meter: telemetry.NewMeter(), clock: now, opened: now.Now()}
	ring, err := h.ring()
	if err != nil {
		return nil, nil, err
	}
	dsn, err := c.dsn()
	if err == nil {
		h.DB, err = db.Later(dsn, now)
	}
	if err != nil {
		return nil, nil, err
	}
	h.Vault = crypt.LaterVault(h.DB, ring)
	h.Spool = spool.Open(c.Spool, spoolMost, h.Vault, now, h.Log)
	h.jobs()
	x = &entering{h: h, e: e, built: make(chan struct{}), first: make(chan error, 1), joined: make(chan error, 1)}
	memory, err := h.fromLastTime()
	if err != nil {
		h.Log.Warn("spool", "problem", err.Error()) // a disk that fails: the house opens, and says so when it must keep something
	}
	seen := h.Vault.Ready() // a house that never saw its store waits for it
	go x.enter(ctx)
	if err := h.packs(); err != nil {
		return h, nil, err
	}
	if seen {
		h.porch = cases.NewPorch(h.Deeds, h.Vault, h.Places, h.Service, h.Spool, memory)
		f.porch = h.porch
		door()
	}
	go alikeOf(c.Country) // only now: who asks for help does not wait for it
	go senseOf(c.Country)
	if err := h.join(); err != nil {
		return h, nil, err
	}
	if err := h.site(); err != nil {
		return h, nil, err
	}
	h.spoken()
	if err := h.openCopies(e); err != nil {
		return h, nil, err
	}
	close(x.built) // what is told of a deed needs the words
	patience := time.After(storePatience)
	if !seen {
		patience = nil
	}
	select {
	case err = <-x.first:
	case <-patience:
		h.Log.Error("the store takes long; the house opens without it")
	}
	switch {
	case err == nil, db.IsAway(err) && seen:
	case db.IsAway(err):
		return h, nil, fmt.Errorf("the store does not answer, and this process has never seen it: %w", err)
	default:
		return h, nil, err
	}
	return h, x, nil
}

// fromLastTime finds what this process left beside its store.
func (h *House) fromLastTime() (cases.Memory, error) {
	if err := h.Spool.Begin(); err != nil {
		return cases.Memory{}, err
	}
	return h.recall()
}

// enter goes into the store, and tries each second while it does not answer.
func (x *entering) enter(ctx context.Context) {
	ctx = db.Preparing(ctx)
	for n := 0; ; n++ {
		err := x.try(ctx)
		if err == nil {
			x.h.DB.Opened()
		}
		if n == 0 {
			x.first <- err
		}
		switch {
		case err == nil:
			if n > 0 {
				x.h.Log.Info("the store answers; the house has joined it")
			}
			close(x.joined)
			return
		case errors.Is(err, crypt.ErrOtherKeys):
			x.h.forgetKnown()
			fallthrough
		case !db.IsAway(err):
			x.joined <- err
			return
		case n == 0:
			x.h.Log.Error("the store does not answer", "problem", err.Error())
		}
		select {
		case <-ctx.Done():
			x.joined <- nil
			return
		case <-time.After(time.Second):
		}
	}
}

func (x *entering) try(ctx context.Context) error {
	if err := x.h.DB.Enter(); err != nil {
		return err
	}
	if err := x.h.Vault.Begin(ctx); err != nil {
		return err
	}
	select {
	case <-x.built:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := x.h.settle(ctx); err != nil {
		return err
	}
	x.h.settleErasures(ctx, x.e) // before anybody may read of them
	return nil
}

// serveBehind is serve for a house that opens behind its door.
func serveBehind(ctx context.Context, e *env, c Config, now clock.Clock, l net.Listener) error {
	f := newFront()
	server := newServer(f, telemetry.Logger(e.err, logLevel(c)))
	failed := make(chan error, 1)
	// Until then the system keeps who comes: to let them in would take from the
	// opening what it needs.
	door := sync.OnceFunc(func() { go func() { failed <- server.Serve(l) }() })
	inner, stop := context.WithCancel(ctx)
	defer stop()
	h, x, err := openBehind(inner, e, c, now, f, door)
	if h != nil && h.DB != nil {
		defer h.Close()
	}
	if err != nil {
		stop()
		return errors.Join(err, server.Close(), l.Close())
	}
	url := "http://" + l.Addr().String() + "/"
	if h.Note != "" {
		fmt.Fprintf(e.err, "\n%s\n\n", h.Note)
	}
	h.settleSite(e, l.Addr())
	go h.Spool.Recall()
	arrived := func(ctx context.Context) error { return h.welcome(ctx, e, url) }
	if _, away := h.DB.Away(); !away {
		switch err := arrived(ctx); {
		case err == nil:
			arrived = nothing
		case !db.IsAway(err):
			return errors.Join(err, server.Close(), l.Close())
		}
	}
	if _, away := h.DB.Away(); away {
		fmt.Fprintf(e.err, "\nThe store does not answer. Requests for help and messages are kept in %s and go in when it does; nothing else changes until then.\n\n", c.Spool)
	}
	f.open(h.Handler())
	door()
	if e.getenv("GOGC") == "" && e.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectAt)
	}
	go debug.FreeOSMemory() // what opening took and nobody needs any more: a small machine has other uses for it
	fmt.Fprintf(e.out, "Twiza is open at %s\n", url)
	return h.work(ctx, server, failed, x.wait, func(ctx context.Context) error { return patiently(ctx, arrived) })
}

// wait until the house has its store.
func (x *entering) wait(ctx context.Context) error {
	select {
	case err := <-x.joined:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patiently does what the store must take, again while it is away or full.
func patiently(ctx context.Context, do func(context.Context) error) error {
	for {
		err := do(ctx)
		if !db.IsAway(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
}
