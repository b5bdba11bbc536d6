// Package android sends and hears text messages through an Android phone with a
// SIM card that lies on a window sill, by the open-source app "SMS Gateway for
// Android" (SMSGate, github.com/capcom6/android-sms-gateway): what a house has
// on the first day of a crisis, before any contract with an operator.
//
// Verified against the app's documentation (docs.sms-gate.app), its changelog
// up to v1.75.0 of September 2026 and its source, and the source of the server
// (github.com/android-sms-gateway/server) of the same months. It was not tried
// with a real phone. What was verified:
//
//   - The phone itself answers on port 8080 ("local server", paths without
//     prefix), or a server stands between, the project's own or one's own
//     ("cloud", "private"; paths behind /3rdparty/v1 and /api/3rdparty/v1), to
//     which the phone connects. Both take POST /messages {id, textMessage:
//     {text}, phoneNumbers, simNumber, ttl, withDeliveryReport, deviceId} (text
//     messages in this form since app v1.40.0) and answer 202; both tell the
//     state of GET /messages/{id}.
//   - An id (36 characters at most) that the phone knows is answered 409 (before
//     app v1.58.0: 202) and not sent again. A server knows it for each phone
//     separately, and picks any phone where deviceId does not name one.
//   - 503 is a queue that is full, 400 a request that is not right.
//   - Basic authentication, or a token of POST /auth/token made with it (the
//     phone itself since v1.55.0).
//   - Each webhook is registered with POST /webhooks {id, url, event}, where the
//     same id replaces. The phone itself calls it, in every mode, and takes only
//     addresses of https, or of its own 127.0.0.1. The call has X-Timestamp, Unix
//     seconds of this very attempt, and X-Signature, the hexadecimal HMAC-SHA256
//     of the body followed by the timestamp, by the key in the phone's settings
//     (since v1.33.0). Anything but 2xx is called again, some 14 times over two
//     days.
//   - Of sms:received neither the event's id nor messageId names the message:
//     the first is new when the phone tells twice (issue 291 of the app), the
//     second is a hash of 32 bits. Sender, time and text together are what the
//     app itself knows a message by, and what we name it by. Long messages come
//     whole. A long message sent has one sms:delivered for each part.
//
// Where the phone refuses our address, or its calls do not come through, Run
// asks for the state of what was sent. What people write cannot be asked for:
// the app lists only the beginnings of texts.
package android

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Config is one phone, or the phones of one account at a server.
type Config struct {
	URL    string // "http://192.168.1.20:8080", "https://api.sms-gate.app/3rdparty/v1", "https://sms.example.org/api/3rdparty/v1"
	Server bool   // a server stands between us and the phone
	Device string // which phone of the server's; "" is any, and then an unsure message may be sent twice

	User, Password string // as the app's first screen shows them
	Tokens         bool   // make a token of them instead of sending them with each call

	SIM     int           // 1 to 3; 0 is the phone's own choice
	Prefix  string        // the country whose numbers come without a country: "212"
	Hook    string        // the public address of our hook, which Run registers at the phone; "" does not
	Keys    []string      // the signing key of each phone, as its settings show it, and the old one while it is replaced
	Poll    time.Duration // how often Run asks; 0 is 30 seconds
	Timeout time.Duration // of one call; 0 is 15 seconds
	Client  *http.Client  // nil: one of our own
}

// Client is the house's side of the phone. It is safe for use at once.
type Client struct {
	cfg   Config
	http  *http.Client
	clock clock.Clock
	log   *slog.Logger

	mu      sync.Mutex
	token   string
	expires time.Time
	watched map[string]*watched
}

// New checks the configuration; it connects to nothing.
func New(cfg Config, c clock.Clock, log *slog.Logger) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("android: URL is not an http address")
	}
	if cfg.User == "" || cfg.Password == "" {
		return nil, errors.New("android: User or Password is missing")
	}
	if cfg.SIM < 0 || cfg.SIM > 3 {
		return nil, errors.New("android: SIM is 1, 2 or 3, or 0")
	}
	for _, k := range cfg.Keys {
		if len(k) < 8 { // the app makes one of eight characters by itself
			return nil, errors.New("android: a signing key has less than 8 characters")
		}
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 30 * time.Second
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	return &Client{cfg: cfg, http: wire.Client(cfg.Client, cfg.Timeout, connections), clock: c, log: log, watched: map[string]*watched{}}, nil
}

// SendsOnce says that one phone knows an id again; of several a server may pick
// another one.
func (c *Client) SendsOnce() bool { return !c.cfg.Server || c.cfg.Device != "" }

type textMessage struct {
	Text string `json:"text"`
}

type outgoing struct {
	ID      string      `json:"id"`
	Text    textMessage `json:"textMessage"`
	Numbers []string    `json:"phoneNumbers"`
	Report  bool        `json:"withDeliveryReport"`
	TTL     int64       `json:"ttl,omitempty"` // seconds, 5 at least
	SIM     int         `json:"simNumber,omitempty"`
	Device  string      `json:"deviceId,omitempty"`
}

// Send puts a message into the phone's queue.
func (c *Client) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	body, err := json.Marshal(outgoing{
		ID: m.ID, Text: textMessage{m.Text}, Numbers: []string{m.To}, Report: true,
		TTL: ttl(m.ValidFor), SIM: c.cfg.SIM, Device: c.cfg.Device,
	})
	if err != nil {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "unwritable")
	}
	a, err := c.do(ctx, http.MethodPost, "/messages", body)
	if err == nil && a.Status/100 != 2 && a.Status != http.StatusConflict {
		err = c.problem(ctx, a)
	}
	switch {
	case errors.Is(err, channel.ErrUnsure):
		c.watch(m.ID, m.ValidFor, true)
		fallthrough
	case err != nil:
		c.log.Debug("android: not sent", "code", channel.CodeOf(err))
		return channel.Sent{}, err
	}
	c.watch(m.ID, m.ValidFor, false)
	return channel.Sent{Ref: m.ID}, nil
}

func ttl(valid time.Duration) int64 {
	if valid <= 0 {
		return 0
	}
	return max(int64(valid/time.Second), 5)
}

// problem says what an answer means that is no thanks. A request that is not
// right may also be a phone that left its server, which is mended while the
// message waits; we ask before we give the message up.
func (c *Client) problem(ctx context.Context, a wire.Answer) error {
	code := wire.Code(a.Status)
	switch {
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return &channel.Problem{Err: channel.ErrBusy, Code: code, Wait: wire.RetryAfter(a.Header, c.clock.Now())}
	case a.Status == http.StatusBadRequest && c.cfg.Server && !c.hasPhone(ctx):
		return channel.Wrong(channel.ErrAway, "no_phone")
	case a.Status == http.StatusBadRequest, a.Status == http.StatusRequestEntityTooLarge, a.Status == http.StatusUnprocessableEntity:
		return channel.Wrong(channel.ErrRefused, code)
	}
	return a.Problem(c.clock.Now()) // a wrong password, a wrong address, a fault of theirs
}

// hasPhone asks a server whether it has our phone; true when it does not say.
func (c *Client) hasPhone(ctx context.Context) bool {
	a, err := c.do(ctx, http.MethodGet, "/devices", nil)
	if err != nil || a.Status != http.StatusOK {
		return true
	}
	var phones []struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(a.Body, &phones) != nil {
		return true
	}
	for _, p := range phones {
		if c.cfg.Device == "" || p.ID == c.cfg.Device {
			return true
		}
	}
	return false
}
