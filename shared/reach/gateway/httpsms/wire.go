package httpsms

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// answerLimit is what is read of a gateway's answer at most.
const answerLimit = 64 << 10

// polite is an HTTP client that follows no redirection, since a message goes to
// the configured address or nowhere, and that waits for nothing without end.
func polite(given *http.Client, within time.Duration) *http.Client {
	if within <= 0 {
		within = 15 * time.Second
	}
	c := &http.Client{Transport: &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: within,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   16,
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

type answer struct {
	status int
	header http.Header
	body   []byte
}

// post posts a body and reads the answer. An error says whether the gateway may
// have it: it may once the last byte was written.
func post(ctx context.Context, c *http.Client, url string, header http.Header, body []byte) (answer, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, channel.Wrong(channel.ErrAway, "bad_address")
	}
	r.Header = header
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "twiza")
	resp, err := c.Do(r)
	switch {
	case err != nil && written.Load():
		return answer{}, channel.Wrong(channel.ErrUnsure, "no_answer")
	case err != nil:
		return answer{}, channel.Wrong(channel.ErrAway, "no_connection")
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil && resp.StatusCode/100 == 2 {
		return answer{}, channel.Wrong(channel.ErrUnsure, "half_an_answer")
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: b}, nil
}

// problem says what an answer that is no thanks means. A refusal has a code of
// the gateway's own; without one, a status such as 401 or 404 tells of our
// settings and not of the message, which then waits until they are mended.
func (a answer) problem(now time.Time) error {
	code := "http_" + strconv.Itoa(a.status)
	if a.status == http.StatusTooManyRequests {
		return &channel.Problem{Err: channel.ErrBusy, Code: code, Wait: retryAfter(a.header, now)}
	}
	var said refusal
	if a.status/100 == 4 && json.Unmarshal(a.body, &said) == nil && isCode(said.Code) &&
		a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
		return channel.Wrong(channel.ErrRefused, said.Code)
	}
	return channel.Wrong(channel.ErrAway, code)
}

// isCode says whether s can stand in a log: a short word, too short of digits
// to be anybody's number.
func isCode(s string) bool {
	digits := 0
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
			digits++
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch == '_', ch == '-', ch == '.':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 40 && digits <= 6
}

// retryAfter reads RFC 9110, section 10.2.3: seconds or a date; at most an hour.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	wait := time.Duration(0)
	if s, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(max(s, 0), 3600)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), time.Hour)
}
