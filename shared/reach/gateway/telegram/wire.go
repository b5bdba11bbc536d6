package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/go-telegram/bot"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

const (
	connections  = 8
	requestLimit = 1 << 20  // of what we say at once; a text is 4096 characters
	answerLimit  = 16 << 20 // of what Telegram says at once; a hundred updates are far less
)

// outcome is what became of one request, which the library's errors do not tell.
type outcome struct {
	left   func() bool // whether it may have been taken
	status int         // of the answer; 0 when there was none
}

type outcomeKey struct{}

// carrier carries the requests of the library.
type carrier struct{ http *http.Client }

// Do sends the request whole, so that one that was cut off was not taken, and
// bounds what is answered.
func (w *carrier) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, requestLimit+1)); err != nil {
			return nil, errors.New("telegram: the request could not be written")
		}
		if len(body) > requestLimit {
			return nil, errors.New("telegram: the request is too long")
		}
	}
	o, ok := r.Context().Value(outcomeKey{}).(*outcome)
	if !ok {
		o = &outcome{}
	}
	ctx, left := wire.Watch(r.Context())
	o.left = left
	req := r.Clone(ctx)
	req.ContentLength = int64(len(body))
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	a, err := w.http.Do(req)
	if err != nil {
		return nil, err
	}
	o.status = a.StatusCode
	a.Body = http.MaxBytesReader(nil, a.Body, answerLimit)
	return a, nil
}

// call does one thing through the library, for so long at most, and says in the
// words of channel what went wrong.
func (c *Client) call(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	o := &outcome{}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, outcomeKey{}, o), most)
	defer cancel()
	return problem(do(ctx), o)
}

// problem is what an error of the library means. Telegram's own words are left
// out: they may hold anything. "Making requests" of the Bot API says that the
// error_code is that of HTTP; 403 is somebody who blocked the bot, 400 a chat
// that does not exist, 401 and 404 a token that is not one.
func problem(err error, o *outcome) error {
	if err == nil {
		return nil
	}
	if busy, ok := errors.AsType[*bot.TooManyRequestsError](err); ok {
		return tooMany(busy.RetryAfter)
	}
	if _, ok := errors.AsType[*bot.MigrateError](err); ok {
		return channel.Wrong(channel.ErrRefused, "http_400")
	}
	switch {
	case errors.Is(err, bot.ErrorForbidden):
		return channel.Wrong(channel.ErrRefused, "http_403")
	case errors.Is(err, bot.ErrorBadRequest):
		return channel.Wrong(channel.ErrRefused, "http_400")
	case errors.Is(err, bot.ErrorUnauthorized):
		return channel.Wrong(channel.ErrAway, "http_401")
	case errors.Is(err, bot.ErrorNotFound):
		return channel.Wrong(channel.ErrAway, "http_404")
	case errors.Is(err, bot.ErrorConflict):
		return channel.Wrong(channel.ErrAway, "http_409")
	case o.status != 0:
		return answered(o.status)
	case o.left != nil && o.left():
		return channel.Wrong(channel.ErrUnsure, "no_answer")
	}
	return channel.Wrong(channel.ErrAway, "no_connection")
}

// answered is what a bare HTTP status means.
func answered(status int) error {
	code := wire.Code(status)
	switch {
	case status == http.StatusGatewayTimeout:
		// Somebody before Telegram's servers waited in vain: they may have it.
		return channel.Wrong(channel.ErrUnsure, code)
	case status == http.StatusTooManyRequests:
		return tooMany(0)
	case status < 300:
		return channel.Wrong(channel.ErrUnsure, "unreadable")
	}
	return channel.Wrong(channel.ErrAway, code)
}

// tooMany is busy for so many seconds, an hour at most.
func tooMany(seconds int) error {
	return &channel.Problem{
		Err: channel.ErrBusy, Code: "http_429",
		Wait: time.Duration(min(max(seconds, 1), 3600)) * time.Second,
	}
}
