package wire

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// What follows is what simulators of networks have in common that call a
// webhook of ours.

// OnLoopback says whether an address is on this machine: a simulator calls
// nobody else.
func OnLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Call calls a webhook once with JSON and one header that proves who calls. Its
// error holds no address.
func Call(ctx context.Context, c *http.Client, hook, header, proof string, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("there is no such webhook")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(header, proof)
	a, err := c.Do(req)
	if err != nil {
		return 0, errors.New("the webhook does not answer")
	}
	defer a.Body.Close()
	return a.StatusCode, nil
}

// Insist calls until somebody thanks, ever more slowly; what the webhook refuses
// for good, which is any answer below 500, is given up.
func Insist(ctx context.Context, call func() (status int, err error)) {
	for d := 20 * time.Millisecond; ; d = min(2*d, 2*time.Second) {
		status, err := call()
		if err == nil && status < 500 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(d):
		}
	}
}

// Believed is what became of a forged call: ErrForged when it was known for what
// it is, nil when it was believed.
func Believed(status int, err error) error {
	switch {
	case err != nil:
		return err
	case status == http.StatusForbidden:
		return channel.ErrForged
	case status >= 300:
		return channel.Wrong(channel.ErrAway, Code(status))
	}
	return nil
}
