package smpp

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

const longestPause = time.Minute

// Run keeps the connection until ctx ends. note is told "up", or why not:
// "dial", "bind_" with the centre's reason, "lost", "silent", "unbound",
// "garbled", "unanswered".
func (c *Client) Run(ctx context.Context, in channel.Inbox, note func(state string)) error {
	pause := c.cfg.Pause
	for ctx.Err() == nil {
		code, useful := c.session(ctx, in, note)
		if ctx.Err() != nil {
			break
		}
		note(code)
		c.log.Warn("smpp: not connected", "code", code)
		if useful {
			pause = c.cfg.Pause
		}
		wait(ctx, pause/2+rand.N(pause/2+1)) // so that many do not come back in the same moment
		pause = min(2*pause, longestPause)
	}
	return nil
}

// session is one connection from its beginning to its end: why it ended, and
// whether it was of use, which a connection that ends right after its bind is not.
func (c *Client) session(ctx context.Context, in channel.Inbox, note func(string)) (code string, useful bool) {
	conn, err := c.dial(ctx)
	if err != nil {
		return "dial", false
	}
	l := newLink(conn, c.cfg.Answer)
	l.most = 16 * c.cfg.Window
	ears := newEars(ctx, c, l, in)
	ears.all.Go(func() { l.read(ears.take) })
	defer func() {
		l.close("stopped")
		ears.stop()
	}()
	if err := c.bind(ctx, l); err != nil {
		return "bind_" + channel.CodeOf(err), false
	}
	c.use(l)
	note("up")
	c.log.Info("smpp: connected")
	ears.all.Go(func() { l.watch(c.cfg.Enquire) })
	select {
	case <-ctx.Done():
		c.use(nil)
		c.leave(l)
	case <-l.over:
		c.use(nil)
		if l.why != "unbound" { // whoever says goodbye has heard our thanks
			c.once.lost(l, c.now.Now())
		}
	}
	return l.why, l.answered.Load() > 1
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Answer)
	defer cancel()
	plain := &net.Dialer{}
	if c.cfg.TLS == nil {
		return plain.DialContext(ctx, "tcp", c.cfg.Address)
	}
	return (&tls.Dialer{NetDialer: plain, Config: c.cfg.TLS}).DialContext(ctx, "tcp", c.cfg.Address)
}

// bind says who we are, §4.1.5.
func (c *Client) bind(ctx context.Context, l *link) error {
	p, err := l.ask(ctx, bindTransceiver, bind{
		systemID: c.cfg.SystemID, password: c.cfg.Password, systemType: c.cfg.SystemType, version: version34,
	}.bytes(), nil)
	switch {
	case err != nil:
		return err
	case p.status != statusOK:
		return wrong(p.status)
	}
	return nil
}

// leave lets what was asked be answered, for a moment, and says goodbye, §4.2.
func (c *Client) leave(l *link) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, q := range l.waiting(submitSM) {
		select {
		case <-q.settled:
		case <-ctx.Done():
		case <-l.over:
		}
	}
	bye, enough := context.WithTimeout(context.Background(), time.Second)
	defer enough()
	_, _ = l.ask(bye, unbind, nil, nil)
	l.close("stopped")
}
