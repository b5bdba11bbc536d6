package reach

import (
	"context"
	"errors"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	DeedChannelSee = deed.Deed{Name: "reach.channel.see", Roles: []actor.Role{actor.Administrator, actor.CrisisCell, actor.Dispatcher, actor.Auditor}}
	DeedPause      = deed.Deed{Name: "reach.gateway.pause", Roles: []actor.Role{actor.Administrator, actor.CrisisCell}}
	DeedResume     = deed.Deed{Name: "reach.gateway.resume", Roles: []actor.Role{actor.Administrator, actor.CrisisCell}}
	DeedHeardAgain = deed.Deed{Name: "reach.heard.again", Roles: []actor.Role{actor.Administrator, actor.CrisisCell, actor.Dispatcher}}
)

type gatewayTold struct {
	Channel string `json:"channel"`
}

type heardTold struct {
	Aside    string `json:"aside"` // why they had been put aside: flood or broken
	Messages int64  `json:"messages"`
}

// Pause puts a gateway aside: nothing goes out through it until Resume. What
// waits goes on waiting, and what people write is read all the same.
func (s *Service) Pause(ctx context.Context, by actor.Actor, gateway string) error {
	return s.setAside(ctx, by, DeedPause, gateway, true)
}

// Resume lets a gateway send again.
func (s *Service) Resume(ctx context.Context, by actor.Actor, gateway string) error {
	return s.setAside(ctx, by, DeedResume, gateway, false)
}

func (s *Service) setAside(ctx context.Context, by actor.Actor, d deed.Deed, gateway string, paused bool) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		g, ok := s.gateway(gateway)
		if !ok || g.Out == nil { // a session that waits cannot be put aside: nobody would be there
			return fault.New(fault.Missing, "error.missing")
		}
		changed, err := setAside(t.Tx, gateway, paused)
		if err != nil {
			return err
		}
		if !changed {
			return deed.ErrNothingDone
		}
		t.After(s.wake(gateway))
		return t.Tell("reach.gateway/"+gateway, gatewayTold{string(g.Kind)})
	}))
}

// HeardAgain reads again what was put aside, "flood" or "broken", the oldest
// first and a bounded number at a time.
func (s *Service) HeardAgain(ctx context.Context, by actor.Actor, aside string) error {
	if aside != "flood" && aside != "broken" {
		return fault.New(fault.Invalid, "reach.heard.which")
	}
	return welcome(s.h.Do(ctx, by, DeedHeardAgain, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := readAgain(t.Tx, aside)
		if err != nil {
			return err
		}
		if n == 0 {
			return deed.ErrNothingDone
		}
		t.After(s.wake("in"))
		return t.Tell("reach.heard/"+aside, heardTold{aside, n})
	}))
}

// welcome takes a retry for a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}
