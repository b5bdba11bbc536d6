package android

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

const (
	answerLimit = 64 << 10 // of an answer
	connections = 4        // it is a telephone
)

// do calls the phone or its server. A token that is refused is made anew once.
func (c *Client) do(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	auth, err := c.authorization(ctx)
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := c.once(ctx, method, path, body, auth)
	if err == nil && a.Status == http.StatusUnauthorized && c.cfg.Tokens {
		c.mu.Lock()
		c.token = ""
		c.mu.Unlock()
		if auth, err = c.authorization(ctx); err != nil {
			return wire.Answer{}, err
		}
		a, err = c.once(ctx, method, path, body, auth)
	}
	return a, err
}

// once calls once.
func (c *Client) once(ctx context.Context, method, path string, body []byte, auth func(*http.Request)) (wire.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return wire.Answer{}, channel.Wrong(channel.ErrAway, "bad_address")
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", "twiza")
	auth(r)
	return wire.Do(c.http, r, answerLimit)
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
		if a.Status/100 != 2 || json.Unmarshal(a.Body, &made) != nil || made.Token == "" {
			return nil, channel.Wrong(channel.ErrAway, "token_"+wire.Code(a.Status))
		}
		token = made.Token
		c.mu.Lock()
		c.token, c.expires = made.Token, made.Expires
		c.mu.Unlock()
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, nil
}
