package reach

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/shared/reach/channel"
)

// heardKind names messages among what lies in the spool.
const heardKind = "reach.heard"

// waiting is a message that came in while the store did not answer.
type waiting struct {
	Gateway string           `json:"gateway"`
	Said    channel.Incoming `json:"said"`
}

// UseSpool is called while the house is built, before the spool is opened: a
// message that comes while the store does not answer waits there.
func (s *Service) UseSpool(x *spool.Spool) {
	s.spool = x
	x.Take(heardKind, s.takeIn, nil)
}

// takeIn brings a message from the spool into the store; the same one twice is one.
func (s *Service) takeIn(ctx context.Context, x spool.Item) error {
	var w waiting
	if err := json.Unmarshal(x.Body, &w); err != nil {
		return err
	}
	g, ok := s.gateway(w.Gateway)
	if !ok { // it is no longer configured: the message waits until it is
		return fmt.Errorf("reach: no gateway is called %q", w.Gateway)
	}
	return inbox{s, g}.write(ctx, w.Said)
}
