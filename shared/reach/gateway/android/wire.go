package android

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

// answerLimit is what is read of an answer at most.
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
		MaxIdleConnsPerHost:   4, // it is a telephone
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

// do calls the phone or its server. A token that is refused is made anew once.
func (c *Client) do(ctx context.Context, method, path string, body []byte) (answer, error) {
	auth, err := c.authorization(ctx)
	if err != nil {
		return answer{}, err
	}
	a, err := c.once(ctx, method, path, body, auth)
	if err == nil && a.status == http.StatusUnauthorized && c.cfg.Tokens {
		c.mu.Lock()
		c.token = ""
		c.mu.Unlock()
		if auth, err = c.authorization(ctx); err != nil {
			return answer{}, err
		}
		a, err = c.once(ctx, method, path, body, auth)
	}
	return a, err
}

// once calls once. An error says whether the other side may have what was sent:
// it may once the last byte was written.
func (c *Client) once(ctx context.Context, method, path string, body []byte, auth func(*http.Request)) (answer, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	})
	r, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, channel.Wrong(channel.ErrAway, "bad_address")
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", "twiza")
	auth(r)
	resp, err := c.http.Do(r)
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

// scopes are what a token may do: no more than we do.
var scopes = []string{"messages:send", "messages:read", "devices:list", "webhooks:list", "webhooks:write"}

// authorization is how we say who we are; with Tokens it makes a token when
// there is none, or when the one there is ends within a minute.
func (c *Client) authorization(ctx context.Context) (func(*http.Request), error) {
	basic := func(r *http.Request) { r.SetBasicAuth(c.cfg.User, c.cfg.Password) }
	if !c.cfg.Tokens {
		return basic, nil
	}
	c.mu.Lock()
	token, expires := c.token, c.expires
	c.mu.Unlock()
	if token == "" || c.clock.Now().After(expires.Add(-time.Minute)) {
		body, _ := json.Marshal(map[string]any{"ttl": 3600, "scopes": scopes})
		a, err := c.once(ctx, http.MethodPost, "/auth/token", body, basic)
		if err != nil {
			return nil, channel.Wrong(channel.ErrAway, "no_token")
		}
		var made struct {
			Token   string    `json:"access_token"`
			Expires time.Time `json:"expires_at"`
		}
		if a.status/100 != 2 || json.Unmarshal(a.body, &made) != nil || made.Token == "" {
			return nil, channel.Wrong(channel.ErrAway, "token_"+codeOf(a.status))
		}
		token = made.Token
		c.mu.Lock()
		c.token, c.expires = made.Token, made.Expires
		c.mu.Unlock()
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, nil
}

func codeOf(status int) string { return "http_" + strconv.Itoa(status) }

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
