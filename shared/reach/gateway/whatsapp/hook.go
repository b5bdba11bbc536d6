package whatsapp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiza/twiza/shared/reach/channel"
)

// signatureHeader holds "sha256=" and the HMAC of the body, with the secret of
// the app, in hexadecimal ("Create a webhook endpoint", 21 May 2026).
const signatureHeader = "X-Hub-Signature-256"

// voiceTries is how often a recording is asked for in vain before the message is
// heard without it.
const voiceTries = 5

// Hook hears what WhatsApp calls us with, and answers when the webhook is set up
// (GET). An error other than ErrForged and ErrGarbled makes it call again.
func (c *Client) Hook(ctx context.Context, r *http.Request, body []byte, in channel.Inbox) (channel.Answer, error) {
	switch r.Method {
	case http.MethodGet:
		return c.challenge(r.URL.Query())
	case http.MethodPost:
	default:
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "method")
	}
	if c.secret == "" || !signed(r.Header.Get(signatureHeader), body, c.secret) {
		return channel.Answer{}, channel.Wrong(channel.ErrForged, "signature")
	}
	n, err := read(body, c.phone)
	if err != nil {
		return channel.Answer{}, err
	}
	if n.odd > 0 {
		c.log.LogAttrs(ctx, slog.LevelWarn, "whatsapp: part of a call cannot be read", slog.Int("parts", n.odd))
	}
	return channel.Answer{}, c.tell(ctx, n, in)
}

// challenge answers the one GET with which Meta makes sure that the webhook is
// ours.
func (c *Client) challenge(q url.Values) (channel.Answer, error) {
	said, ours := sha256.Sum256([]byte(q.Get("hub.verify_token"))), sha256.Sum256([]byte(c.verify))
	if c.verify == "" || subtle.ConstantTimeCompare(said[:], ours[:]) != 1 {
		return channel.Answer{}, channel.Wrong(channel.ErrForged, "verify_token")
	}
	word := q.Get("hub.challenge")
	if q.Get("hub.mode") != "subscribe" || word == "" || len(word) > 200 {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "challenge")
	}
	return channel.Answer{Type: "text/plain; charset=utf-8", Body: []byte(word)}, nil
}

func signed(header string, body []byte, secret string) bool {
	said, ok := strings.CutPrefix(header, "sha256=")
	if !ok {
		return false
	}
	mac, err := hex.DecodeString(said)
	return err == nil && hmac.Equal(mac, sign(body, secret))
}

func sign(body []byte, secret string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return m.Sum(nil)
}

// tell hands on what a call brought. A voice note that cannot be fetched yet
// keeps nothing else of the call waiting; the call comes again, and what was
// heard already is known by its ID.
func (c *Client) tell(ctx context.Context, n news, in channel.Inbox) error {
	var later error
	for _, s := range n.heard {
		if s.voice != "" {
			if err := c.fetchVoice(ctx, &s); err != nil {
				later = err
				continue
			}
		}
		if err := in.Heard(ctx, s.in); err != nil {
			return err
		}
	}
	for _, r := range n.became {
		if err := in.Became(ctx, r); err != nil {
			return err
		}
	}
	return later
}

// fetchVoice puts the recording into what is to be heard. What is longer than
// 1 MiB, or gone, or could not be fetched five times over, is heard without it:
// AudioType without Audio is a voice note of which we know only that it was
// made, and whoever made it can be told so.
func (c *Client) fetchVoice(ctx context.Context, s *said) error {
	data, err := c.download(ctx, s.voice)
	if err != nil && (gone(err) || ctx.Err() == nil && c.tries.Vain(s.in.ID) >= voiceTries) {
		err = nil
	}
	if err != nil {
		return err
	}
	c.tries.Done(s.in.ID)
	s.in.Audio = data
	return nil
}

// errElsewhere is a recording at a place that was not configured.
var errElsewhere = channel.Wrong(channel.ErrRefused, "elsewhere")

// download fetches a recording: the API says where it is for the next five
// minutes. Our token goes there too, and so to no host that was not named.
func (c *Client) download(ctx context.Context, id string) ([]byte, error) {
	if !idForm.MatchString(id) {
		return nil, channel.Wrong(channel.ErrRefused, "media")
	}
	a, err := c.ask(ctx, http.MethodGet, c.api+"/"+id+"?phone_number_id="+c.phone, nil, answerLimit)
	if err != nil {
		return nil, err
	}
	var m struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(a, &m); err != nil || m.URL == "" {
		return nil, channel.Wrong(channel.ErrAway, "unreadable")
	}
	u, err := url.Parse(m.URL)
	if err != nil || !c.ours(u) {
		c.log.LogAttrs(ctx, slog.LevelWarn, "whatsapp: a recording is at a place that was not configured")
		return nil, errElsewhere
	}
	return c.ask(ctx, http.MethodGet, u.String(), nil, voiceLimit)
}

// ours says whether something may be fetched from there.
func (c *Client) ours(u *url.URL) bool {
	for _, m := range c.media {
		if u.Scheme == m.Scheme && strings.EqualFold(u.Host, m.Host) && u.User == nil {
			return true
		}
	}
	return false
}
