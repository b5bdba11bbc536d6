package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

const (
	connections = 16
	answerLimit = 1 << 20 // of what the API says
	voiceLimit  = 1 << 20 // of a recording
)

// ask makes one request with our token and returns what is answered to it, or
// what went wrong in the words of channel. Errors of the network hold addresses
// and are replaced by codes.
func (c *Client) ask(ctx context.Context, method, address string, body io.Reader, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, channel.Wrong(channel.ErrRefused, "address")
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	a, err := wire.Do(c.http, req, most)
	switch {
	case err != nil:
		return nil, err
	case a.Status/100 != 2:
		return nil, problem(a.Status, a.Header.Get("Retry-After"), a.Body)
	case int64(len(a.Body)) > most:
		return nil, errTooLong
	}
	return a.Body, nil
}

// errTooLong is an answer that is longer than it may be.
var errTooLong = channel.Wrong(channel.ErrUnsure, "too_long")

// problem is what an answer other than 2xx means. Meta asks to go by the code in
// it rather than by the status or the words.
func problem(status int, retryAfter string, body []byte) error {
	var e struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &e); err == nil && e.Error.Code != 0 {
		return coded(e.Error.Code, status, retryAfter)
	}
	code := wire.Code(status)
	switch {
	case status == http.StatusTooManyRequests:
		return busy(code, retryAfter, time.Second)
	case status == http.StatusGatewayTimeout:
		// Somebody before Meta's servers waited in vain: they may have it.
		return channel.Wrong(channel.ErrUnsure, code)
	}
	return channel.Wrong(channel.ErrAway, code)
}

// coded is what an error code of the Cloud API means ("Error codes", 15 May
// 2026). What only the operator can mend, such as a token that ran out, is away
// and not refused: the message is still good when it is mended.
func coded(code, status int, retryAfter string) error {
	name := strconv.Itoa(code)
	switch code {
	case 130429, 4, 80007: // throughput; calls of the app; calls of the account
		return busy(name, retryAfter, time.Second)
	case 131056: // one message to one person every six seconds
		return busy(name, retryAfter, 6*time.Second)
	case 131048: // too many of our messages were blocked or called spam
		return busy(name, retryAfter, 15*time.Minute)
	case 1, 2, 3, 10, 33, 190, 368, // the service, the token, permissions, the number
		131000, 131005, 131016, 131031, 131037, 131042, 131045, 131057: // the service, the account, its payment and its name
		return channel.Wrong(channel.ErrAway, name)
	}
	switch {
	case code >= 200 && code <= 299, code >= 133000 && code <= 133999: // permissions; the registration of the number
		return channel.Wrong(channel.ErrAway, name)
	case code >= 130000 && code <= 139999, code == 100:
		// The rest is about this message or this person: 131026 cannot be reached
		// there, 131047 wrote more than a day ago, 131030 is not on the list of a
		// number for trying out, 132001 and its neighbours have no such template.
		return channel.Wrong(channel.ErrRefused, name)
	case status == http.StatusTooManyRequests:
		return busy(name, retryAfter, time.Second)
	}
	return channel.Wrong(channel.ErrAway, name)
}

// busy is to wait for as long as they say, or else so long; an hour at most.
func busy(code, retryAfter string, wait time.Duration) error {
	if n, err := strconv.Atoi(retryAfter); err == nil && n > 0 {
		wait = time.Duration(min(n, 3600)) * time.Second
	}
	return &channel.Problem{Err: channel.ErrBusy, Code: code, Wait: wait}
}

// gone says whether asking for something once more would bring nothing.
func gone(err error) bool {
	return errors.Is(err, channel.ErrRefused) || errors.Is(err, errTooLong) ||
		channel.CodeOf(err) == "http_404" || channel.CodeOf(err) == "http_410"
}
