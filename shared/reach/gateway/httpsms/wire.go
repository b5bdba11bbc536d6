package httpsms

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
	answerLimit = 64 << 10 // of a gateway's answer
	connections = 16
)

// post posts a body and reads the answer.
func post(ctx context.Context, c *http.Client, url string, header http.Header, body []byte) (wire.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return wire.Answer{}, channel.Wrong(channel.ErrAway, "bad_address")
	}
	r.Header = header
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "twiza")
	return wire.Do(c, r, answerLimit)
}

// problem says what an answer that is no thanks means. A refusal has a code of
// the gateway's own; without one, a status such as 401 or 404 tells of our
// settings and not of the message, which then waits until they are mended.
func problem(a wire.Answer, now time.Time) error {
	var said refusal
	if a.Status/100 == 4 && a.Status != http.StatusTooManyRequests && json.Unmarshal(a.Body, &said) == nil && isCode(said.Code) &&
		a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
		return channel.Wrong(channel.ErrRefused, said.Code)
	}
	return a.Problem(now)
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
