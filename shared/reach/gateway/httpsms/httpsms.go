// Package httpsms sends and hears text messages through any company or program
// that speaks the few lines of JSON below over HTTP, so that a country's SMS
// provider can be connected by whoever writes thirty lines in front of it.
//
// Both ways every call is signed as Standard Webhooks 1.0.0 says
// (standardwebhooks.com; verified against its specification of that version and
// against the example with which its own libraries are tested): the headers
// webhook-id, webhook-timestamp (Unix seconds, at most five minutes off) and
// webhook-signature, a list of "v1," and the base64 of HMAC-SHA256 over
// id.timestamp.body. A key is "whsec_" and the base64 of 24 to 64 bytes. While
// a key is replaced both are in use: we sign with each, and believe either.
//
// Out, POST to the gateway's address, where webhook-id is the message's own ID:
//
//	{"id":"019a…","to":"+212…","text":"…","valid_seconds":3600,"report_to":"https://…"}
//
//	2xx {"ref":"its own name","parts":2}       taken; the same id again is answered the same and is no second message
//	429, Retry-After                           too many at once
//	4xx {"code":"unknown_number"}              refused for good
//	anything else                              not taken, to be tried again
//
// In, POST to the address the house gives (report_to is the same one):
//
//	{"type":"sms.received","timestamp":"2026-11-22T10:00:00Z","data":{"id":"…","from":"+212…","to":"…","text":"…","series":7,"part":1,"parts":2}}
//	{"type":"sms.report","timestamp":"…","data":{"id":"019a…","ref":"…","state":"delivered","code":""}}
//
// where series, part and parts stand only in a message that comes in parts,
// and state is taken, delivered or failed. We answer 2xx when it is on the
// disk; whoever hears anything else says it again later, with the same
// webhook-id and a new timestamp. Types we do not know are thanked and ignored.
package httpsms

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Config is one gateway.
type Config struct {
	URL      string        // where messages are posted
	ReportTo string        // the public address of our hook, told with each message; "" when the gateway knows it
	Keys     []string      // we sign with each of them, "whsec_…"; the new one beside the old while it is replaced
	HookKeys []string      // the gateway signs with one of them
	Timeout  time.Duration // of one posting; 0 is 15 seconds
	Client   *http.Client  // nil: one of our own
}

// Client is the house's side of the gateway. It is safe for use at once.
type Client struct {
	cfg   Config
	out   keys
	in    keys
	http  *http.Client
	clock clock.Clock
	log   *slog.Logger
}

// New checks the configuration; it connects to nothing.
func New(cfg Config, c clock.Clock, log *slog.Logger) (*Client, error) {
	if u, err := url.Parse(cfg.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("httpsms: URL is not an http address")
	}
	out, err := readKeys(cfg.Keys)
	if err != nil {
		return nil, err
	}
	in, err := readKeys(cfg.HookKeys)
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, out: out, in: in, http: wire.Client(cfg.Client, cfg.Timeout, connections), clock: c, log: log}, nil
}

// SendsOnce is what the protocol asks of a gateway: one id, one message.
func (c *Client) SendsOnce() bool { return true }

type outgoing struct {
	ID       string `json:"id"`
	To       string `json:"to"`
	Text     string `json:"text"`
	Valid    int64  `json:"valid_seconds,omitempty"`
	ReportTo string `json:"report_to,omitempty"`
}

type accepted struct {
	Ref   string `json:"ref"`
	Parts int    `json:"parts"`
}

type refusal struct {
	Code string `json:"code"`
}

// Send posts a message.
func (c *Client) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	body, err := json.Marshal(outgoing{
		ID: m.ID, To: m.To, Text: m.Text,
		Valid: int64(m.ValidFor / time.Second), ReportTo: c.cfg.ReportTo,
	})
	if err != nil {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "unwritable")
	}
	header := c.out.sign(m.ID, c.clock.Now(), body)
	a, err := post(ctx, c.http, c.cfg.URL, header, body)
	if err != nil {
		c.log.Debug("httpsms: not sent", "code", channel.CodeOf(err))
		return channel.Sent{}, err
	}
	if a.Status/100 != 2 {
		err := problem(a, c.clock.Now())
		c.log.Debug("httpsms: not sent", "code", channel.CodeOf(err))
		return channel.Sent{}, err
	}
	var ok accepted
	if json.Unmarshal(a.Body, &ok) != nil || len(ok.Ref) > 128 || ok.Parts < 0 || ok.Parts > 255 {
		return channel.Sent{}, channel.Wrong(channel.ErrUnsure, "unreadable_answer")
	}
	return channel.Sent{Ref: ok.Ref, Parts: ok.Parts}, nil
}
