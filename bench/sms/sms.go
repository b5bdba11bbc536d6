// Package sms measures how a house gets on with people who have nothing but a
// basic phone: how many messages it reads and sends, how long somebody waits
// for the answer to theirs, what a message costs the machine, and whether one
// is lost or answered twice while the gateway fails in every way it can.
//
// It talks to a real house, in a process of its own, as a gateway does: signed
// calls in and out over loopback, through the simulator of shared/reach/gateway/
// httpsms, which runs here and so is not counted.
//
// What always holds: a message that was lost or answered twice ends the
// measuring, for figures with failures in them say nothing; processor time holds
// the server and its database, what they do afterwards included; a "hello"
// over the same loopback runs in every round.
package sms

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/intake"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/gateway/httpsms"
)

// Plan is what to measure, on what.
type Plan struct {
	Program    string        // the binary under test
	Stored     int           // conversations there before the second measuring
	Burst      time.Duration // how long one round of one kind lasts
	Rounds     int
	Rates      []int     // messages an hour, whether the house keeps up or not
	Postgres   string    // address of an empty schema; "" leaves PostgreSQL out
	Postmaster int       // its process, on this machine
	Say        io.Writer // progress, for whoever waits
	// Open opens the records of a house from outside, to count what it keeps.
	// folder is that of a house without PostgreSQL.
	Open func(folder, postgres string) (Store, error)
}

// Store counts what a house keeps of its messages, and does what staff would
// have done in the meantime.
type Store interface {
	Count(ctx context.Context) (Count, error)
	// Waiting is how many messages are not read yet, and how many answers are not
	// with the gateway yet. It is asked often, and must cost the database little.
	Waiting(ctx context.Context) (unread, unsent int, err error)
	// Pause puts the gateway aside, or takes it up again.
	Pause(ctx context.Context, gateway string, aside bool) error
	// Deliver says that help was brought for these receipts.
	Deliver(ctx context.Context, receipts []string) error
	Close() error
}

// Count is what a house keeps.
type Count struct {
	Conversations int
	Heard         int // messages that came in
	Unread        int // of them, not read yet or not readable
	Answers       int
	Unsent        int // of the answers, not with the gateway yet
	Requests      int
}

// Bounds of a plan: a bench is run beside other people's work.
const (
	MaxStored = 300_000
	MaxBurst  = 5 * time.Minute
	MaxRounds = 20
	MaxRate   = 3_600_000
)

// Check refuses a plan that is out of bounds.
func (p Plan) Check() error {
	for _, r := range p.Rates {
		if r < 600 || r > MaxRate {
			return fmt.Errorf("a rate is from 600 to %d messages an hour", MaxRate)
		}
	}
	switch {
	case p.Stored < 100 || p.Stored > MaxStored:
		return fmt.Errorf("stored conversations are from 100 to %d", MaxStored)
	case p.Burst < time.Second || p.Burst > MaxBurst:
		return fmt.Errorf("a round lasts from 1 to %d seconds", MaxBurst/time.Second)
	case p.Rounds < 1 || p.Rounds > MaxRounds:
		return fmt.Errorf("rounds are from 1 to %d", MaxRounds)
	}
	return nil
}

// house is one house under test with its gateway and all its people.
type house struct {
	name  string
	p     *intake.Process
	store Store
	net   *channel.Network
	sim   *httpsms.Simulator
	crowd
}

const gateway = "sms"

// run is one measuring under way.
type run struct {
	Plan
	hello  *intake.Process
	houses []*house
	seen   map[string][]burst
	order  []Figure
}

// Run measures, and gives back every figure.
func Run(ctx context.Context, p Plan) (*Report, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "twiza-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	r := &run{Plan: p, seen: map[string][]burst{}}
	defer r.stop()
	if r.hello, err = intake.Start(ctx, "hello", 0, p.Program, "bench", "hello"); err != nil {
		return nil, err
	}
	if err := r.open(ctx, folder, "sqlite", ""); err != nil {
		return nil, err
	}
	if p.Postgres != "" {
		if err := r.open(ctx, folder, "postgres", p.Postgres); err != nil {
			return nil, err
		}
	}
	return r.measure(ctx)
}

// open starts a house: the real program, the real command, with a gateway that
// this process plays.
func (r *run) open(ctx context.Context, folder, name, postgres string) error {
	h := &house{name: name, net: channel.NewNetwork()}
	h.crowd = newCrowd(h.write)
	r.houses = append(r.houses, h)
	out, in, err := keys(folder, name)
	if err != nil {
		return err
	}
	if h.sim, err = httpsms.NewSimulator(h.net, clock.System{}, []string{out}, []string{in}); err != nil {
		return err
	}
	h.sim.Called = h.called
	file := filepath.Join(folder, name+".yaml")
	text := fmt.Sprintf("gateways:\n  - {name: %s, kind: http, url: %q, keys: [%q], hook_keys: [%q]}\n", gateway, h.sim.URL,
		"file:"+filepath.Join(folder, name+".out"), "file:"+filepath.Join(folder, name+".in"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	data, postmaster := filepath.Join(folder, name), 0
	args := []string{"serve", "--listen", "127.0.0.1:0", "--proxied", "--data", data, "--gateways", file}
	if postgres != "" {
		args, postmaster = append(args, "--db", postgres), r.Postmaster
	}
	if h.p, err = intake.Start(ctx, name, postmaster, r.Program, args...); err != nil {
		return err
	}
	h.sim.Connect("http://" + h.p.Address() + "/reach/" + gateway)
	h.store, err = r.Open(data, postgres)
	return err
}

// keys makes the two keys of a gateway, ours and the house's, and keeps them
// where the house finds them.
func keys(folder, name string) (out, in string, err error) {
	for _, k := range []struct {
		file string
		to   *string
	}{{name + ".out", &out}, {name + ".in", &in}} {
		b := make([]byte, 32)
		if _, err := rand.Read(b); err != nil {
			return "", "", err
		}
		*k.to = "whsec_" + base64.StdEncoding.EncodeToString(b)
		if err := os.WriteFile(filepath.Join(folder, k.file), []byte(*k.to), 0o600); err != nil {
			return "", "", err
		}
	}
	return out, in, nil
}

func (h *house) write(phone, words string) { h.sim.Write(phone, words) }

func (r *run) stop() {
	for _, h := range r.houses {
		if h.p != nil {
			h.p.Stop()
		}
		if h.store != nil {
			h.store.Close()
		}
		if h.sim != nil {
			h.sim.Close()
		}
	}
	if r.hello != nil {
		r.hello.Stop()
	}
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.Say, format+"\n", args...) }
