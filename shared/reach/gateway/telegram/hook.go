package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/twiza/twiza/shared/reach/channel"
)

// secretHeader is how Telegram shows that it is Telegram: setWebhook's
// secret_token, in every call. There is no signature and no time in it, so that
// a call that was recorded could be made again; it would be the same update.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// Hook hears one update that Telegram calls us with. An error other than
// ErrForged and ErrGarbled makes it call again.
func (c *Client) Hook(ctx context.Context, r *http.Request, body []byte, in channel.Inbox) (channel.Answer, error) {
	// Hashed first, so that not even the length can be found by trying.
	said, ours := sha256.Sum256([]byte(r.Header.Get(secretHeader))), sha256.Sum256([]byte(c.secret))
	if c.secret == "" || subtle.ConstantTimeCompare(said[:], ours[:]) != 1 {
		return channel.Answer{}, channel.Wrong(channel.ErrForged, "secret")
	}
	if r.Method != http.MethodPost {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "method")
	}
	u, err := read(body)
	if err != nil {
		return channel.Answer{}, err
	}
	return channel.Answer{}, c.hear(ctx, u, in)
}
