// Package wire is how gateways call others over HTTP: nowhere but where they
// were told to, never waiting without end, and always knowing whether what
// they said may have been taken, for on that hangs whether a message is sent
// once more.
//
// Errors are those of package channel with a code; the network's own words hold
// addresses and are left out.
package wire

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// Client is one that follows no redirection, since a message goes to the
// configured address or nowhere, and that waits for nothing without end.
// given, if any, lends its transport; conns is how many connections are kept.
func Client(given *http.Client, within time.Duration, conns int) *http.Client {
	if within <= 0 {
		within = 15 * time.Second
	}
	c := &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: within,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   conns,
		ForceAttemptHTTP2:     true,
	}}
	if given != nil {
		copied := *given
		c = &copied
	}
	if c.Timeout == 0 {
		c.Timeout = within
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Watch tells, once a request has failed, whether any of it left the machine:
// then it may have been taken. Headers are enough, for a server can have read
// the whole before we are told that the last byte was written. A request is
// tried on a second connection only when nothing of it left on the first.
func Watch(ctx context.Context) (watched context.Context, left func() bool) {
	var some atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { some.Store(false) },
		WroteHeaders: func() { some.Store(true) },
	}), some.Load
}

// Answer is what the other side said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // one byte more than the limit when it was longer
}

// Do sends a request and reads at most limit bytes of its answer. The error is
// ErrAway when nothing can have been taken, and ErrUnsure otherwise. Of an
// answer that is no thanks, what could be read is given.
func Do(c *http.Client, r *http.Request, limit int64) (Answer, error) {
	ctx, left := Watch(r.Context())
	resp, err := c.Do(r.WithContext(ctx))
	switch {
	case err != nil && left():
		return Answer{}, channel.Wrong(channel.ErrUnsure, "no_answer")
	case err != nil:
		return Answer{}, channel.Wrong(channel.ErrAway, "no_connection")
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil && resp.StatusCode/100 == 2 {
		return Answer{}, channel.Wrong(channel.ErrUnsure, "half_an_answer")
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: b}, nil
}

// Code is an HTTP status as it stands in a log: "http_503".
func Code(status int) string { return "http_" + strconv.Itoa(status) }

// Problem is what a bare status means that is no thanks and no refusal of the
// message: too many at once, or the other side not being there. Of 504, somebody
// before it waited in vain: it may have the message.
func (a Answer) Problem(now time.Time) error {
	switch a.Status {
	case http.StatusTooManyRequests:
		return &channel.Problem{Err: channel.ErrBusy, Code: Code(a.Status), Wait: RetryAfter(a.Header, now)}
	case http.StatusGatewayTimeout:
		return channel.Wrong(channel.ErrUnsure, Code(a.Status))
	}
	return channel.Wrong(channel.ErrAway, Code(a.Status))
}

// RetryAfter reads RFC 9110, section 10.2.3: seconds or a date; at most an hour,
// 0 when nothing is said.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	wait := time.Duration(0)
	if s, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(max(s, 0), 3600)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), time.Hour)
}

// Tries counts vain tries by name. The zero Tries is ready; it is safe for use
// at once, and forgets everything rather than grow without end.
type Tries[K comparable] struct {
	mu  sync.Mutex
	all map[K]int
}

// mostNames is more than fail at once by accident.
const mostNames = 10_000

// Vain counts one more, and says how many there were.
func (t *Tries[K]) Vain(name K) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil || len(t.all) > mostNames {
		t.all = map[K]int{}
	}
	t.all[name]++
	return t.all[name]
}

// Done forgets a name.
func (t *Tries[K]) Done(name K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, name)
}
