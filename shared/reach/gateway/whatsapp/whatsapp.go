// Package whatsapp lets people write to the house from WhatsApp: they write, tap
// an answer, share where they are or speak, and are answered there.
//
// It speaks the Cloud API of the WhatsApp Business Platform over Graph API
// v26.0 (29 July 2026), verified against Meta's own pages of May and June 2026:
// create a webhook endpoint, messages and status webhook references, reply
// buttons and lists, media, error codes, and business-scoped user IDs.
//
// Who writes within 24 hours is answered in our own words. After that WhatsApp
// lets only a sentence through that it approved beforehand, a template; whoever
// sends says which of the two holds (Outgoing.Answer), since it knows when the
// person wrote. WhatsApp has no templates in Amazigh: Config.Languages says under
// which of its languages the Tifinagh text was handed in.
//
// Since 2026 somebody may hide their telephone number behind a name. They then
// write from a business-scoped user ID ("MA.1502576394655843"), which is all we
// learn, and which stands in Incoming.From and Outgoing.To in place of a number.
//
// What always holds: no number, name, word, recording or token is in a log or an
// error, only codes; a call is believed when its signature fits, and not before;
// nothing is fetched but from the configured hosts; what may have been taken is
// never called failed. Our own name of a message travels with it and comes back
// in its reports, so that an unsure message is settled by the next of them. The
// platform has no time in its signatures and repeats calls for up to seven days:
// a call that was recorded and made again is the same message, by its ID. Those
// IDs ("wamid.…") hold the person's number in base64, and so they too stand in no
// log.
package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Config is what the operator of the number must say.
type Config struct {
	API       string            // "" is https://graph.facebook.com/v26.0; or the simulator
	Phone     string            // the number's ID at Meta ("106540352242922"), not the number
	Token     string            // of a system user, with whatsapp_business_messaging
	AppSecret string            // with which Meta signs what it calls us with
	Verify    string            // what we chose for Meta to say when the webhook is set up
	Media     []string          // where recordings may be fetched; nil is https://lookaside.fbsbx.com
	Languages map[string]string // our language to that of the templates; what is missing is itself
	Timeout   time.Duration     // of one request; 0 is 15 seconds
	Client    *http.Client      // nil: one of our own
}

// Client is a number on WhatsApp. It is a channel.Gateway and a channel.Hook,
// and safe for use at once.
type Client struct {
	http      *http.Client
	log       *slog.Logger
	api       string // without a slash at its end
	phone     string
	token     string
	secret    string
	verify    string
	media     []*url.URL
	languages map[string]string
	timeout   time.Duration

	tries wire.Tries[string] // messages whose voice note could not be fetched yet
}

var (
	idForm     = regexp.MustCompile(`^[0-9]{1,30}$`)
	numberForm = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	// A business-scoped user ID: a country, a point, and up to 128 characters,
	// "ENT." before them for those that several portfolios share.
	userForm = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)
)

// New makes the client. It calls nobody yet. The error says which setting is
// wrong. The clock is taken as every gateway takes one, and not needed: WhatsApp
// names the time of what it tells.
func New(c Config, _ clock.Clock, log *slog.Logger) (*Client, error) {
	w := &Client{
		log: log, api: strings.TrimRight(c.API, "/"),
		phone: c.Phone, token: c.Token, secret: c.AppSecret, verify: c.Verify,
		languages: c.Languages, timeout: c.Timeout,
	}
	if w.api == "" {
		w.api = "https://graph.facebook.com/v26.0"
	}
	if w.timeout <= 0 {
		w.timeout = 15 * time.Second
	}
	w.http = wire.Client(c.Client, w.timeout, connections)
	media := c.Media
	if media == nil {
		media = []string{"https://lookaside.fbsbx.com"}
	}
	for _, m := range append([]string{w.api}, media...) {
		u, ok := host(m)
		if !ok {
			return nil, errors.New("whatsapp: API and Media must be http addresses")
		}
		w.media = append(w.media, u)
	}
	switch {
	case !idForm.MatchString(c.Phone):
		return nil, errors.New("whatsapp: Phone is not the ID of a number")
	case c.Token == "" || strings.ContainsAny(c.Token, " \r\n"):
		return nil, errors.New("whatsapp: Token is not a token")
	}
	return w, nil
}

// host is an address to which nothing but a path is added.
func host(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// Send writes to somebody: in our words where they wrote lately, and otherwise
// by template.
func (c *Client) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	p, err := c.compose(m)
	if err != nil {
		return channel.Sent{}, err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "message")
	}
	a, err := c.ask(ctx, http.MethodPost, c.api+"/"+c.phone+"/messages", bytes.NewReader(body), answerLimit)
	if err != nil {
		return channel.Sent{}, err
	}
	var taken struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(a, &taken); err != nil || len(taken.Messages) != 1 || taken.Messages[0].ID == "" {
		return channel.Sent{}, channel.Wrong(channel.ErrUnsure, "unreadable")
	}
	return channel.Sent{Ref: taken.Messages[0].ID, Parts: 1}, nil
}
