package ari

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

const (
	patience      = 5 * time.Second // for one request
	tries         = 3
	longestAnswer = 4 << 20
	longestNote   = 16 << 20 // five minutes of wav, twice over
)

// rest calls the resources of the exchange.
type rest struct {
	base           string // "http://127.0.0.1:8088/ari"
	user, password string
	http           *http.Client
}

// once makes one request and returns its status and body. An error is a code:
// whether it was done nobody knows.
func (r *rest) once(ctx context.Context, method, path string, query url.Values, limit int64) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address := r.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	q, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, nil, channel.Wrong(channel.ErrAway, "address")
	}
	q.SetBasicAuth(r.user, r.password)
	a, err := r.http.Do(q)
	if err != nil {
		return 0, nil, channel.Wrong(channel.ErrUnsure, "no_answer")
	}
	defer a.Body.Close()
	b, err := io.ReadAll(io.LimitReader(a.Body, limit+1))
	switch {
	case err != nil:
		return 0, nil, channel.Wrong(channel.ErrUnsure, "no_body")
	case int64(len(b)) > limit:
		return 0, nil, channel.Wrong(channel.ErrGarbled, "too_long")
	}
	return a.StatusCode, b, nil
}

// do makes a request that may be made again, until somebody answers it. The
// error is nil for 2xx, errGone where the exchange knows no such thing any more,
// and carries the code of anything else.
func (r *rest) do(ctx context.Context, method, path string, query url.Values, limit int64) (b []byte, err error) {
	for try := range tries {
		if try > 0 && !sleep(ctx, time.Duration(try)*100*time.Millisecond) {
			return nil, ctx.Err()
		}
		var status int
		status, b, err = r.once(ctx, method, path, query, limit)
		if err == nil {
			err = verdict(status)
		}
		if !again(err) {
			return b, err
		}
	}
	return b, err
}

// errGone says that the call, the playback or the recording is over.
var errGone = errors.New("ari: it is over")

// errThere says that there is one of that name already.
var errThere = errors.New("ari: it is there already")

func verdict(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound:
		return errGone
	case status == http.StatusConflict:
		return errThere
	case status >= 500:
		return channel.Wrong(channel.ErrAway, fmt.Sprintf("http_%d", status))
	}
	return channel.Wrong(channel.ErrRefused, fmt.Sprintf("http_%d", status))
}

// again is whether to try again: it was not done, or nobody knows.
func again(err error) bool {
	return errors.Is(err, channel.ErrAway) || errors.Is(err, channel.ErrUnsure)
}

// of names a thing in a path.
func of(kind, name string, more ...string) string {
	return "/" + kind + "/" + url.PathEscape(name) + strings.Join(more, "")
}

// sleep waits, and says whether nobody ended it.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
