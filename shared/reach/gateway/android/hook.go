package android

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/reach/channel"
)

const (
	tolerance = 5 * time.Minute // how far the phone's clock may be off
	bodyLimit = 512 << 10       // a hundred long messages, as sms:batch:received may have
	textLimit = 39015           // 255 parts of 153 characters
)

// The events that say something of a text message.
const (
	eventReceived  = "sms:received"
	eventBatch     = "sms:batch:received"
	eventMMS       = "mms:downloaded" // what some phones make of a text that is long
	eventSent      = "sms:sent"
	eventDelivered = "sms:delivered"
	eventFailed    = "sms:failed"
	eventCancelled = "sms:cancelled"
)

type event struct {
	ID      string          `json:"id"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
}

type received struct {
	MessageID string    `json:"messageId"`
	Sender    string    `json:"sender"`
	Recipient string    `json:"recipient"`   // the number of the SIM, where the phone knows it
	Number    string    `json:"phoneNumber"` // the sender, before app v1.54.0
	Text      string    `json:"message"`
	Body      string    `json:"body"` // of mms:downloaded
	At        time.Time `json:"receivedAt"`
}

type outcome struct {
	MessageID   string    `json:"messageId"`
	Reason      string    `json:"reason"`
	SentAt      time.Time `json:"sentAt"`
	DeliveredAt time.Time `json:"deliveredAt"`
	FailedAt    time.Time `json:"failedAt"`
	CancelledAt time.Time `json:"cancelledAt"`
}

// signature is what the phone makes of a body and a timestamp.
func signature(key string, body []byte, at string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write(body)
	m.Write([]byte(at))
	return m.Sum(nil)
}

// verify says which key signed the call just now. Every key is tried, in
// constant time.
func (c *Client) verify(h http.Header, body []byte) (key string, err error) {
	at := h.Get("X-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != at {
		return "", channel.Wrong(channel.ErrForged, "timestamp")
	}
	if off := c.clock.Now().Unix() - seconds; off > int64(tolerance/time.Second) || off < -int64(tolerance/time.Second) {
		return "", channel.Wrong(channel.ErrForged, "timestamp")
	}
	given, err := hex.DecodeString(h.Get("X-Signature"))
	if err != nil {
		return "", channel.Wrong(channel.ErrForged, "signature")
	}
	right := false
	for _, k := range c.cfg.Keys {
		if hmac.Equal(given, signature(k, body, at)) {
			key, right = k, true
		}
	}
	if !right {
		return "", channel.Wrong(channel.ErrForged, "signature")
	}
	return key, nil
}

// Hook takes a call of the phone.
func (c *Client) Hook(ctx context.Context, r *http.Request, body []byte, in channel.Inbox) (channel.Answer, error) {
	if len(body) > bodyLimit {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "too_long")
	}
	key, err := c.verify(r.Header, body)
	if err != nil {
		c.log.Warn("android: a call was not believed", "code", channel.CodeOf(err))
		return channel.Answer{}, err
	}
	var e event
	if json.Unmarshal(body, &e) != nil {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "json")
	}
	switch e.Event {
	case eventReceived, eventBatch, eventMMS:
		err = c.hear(ctx, e, key, in)
	case eventSent, eventDelivered, eventFailed, eventCancelled:
		err = c.became(ctx, e, in)
	}
	if err != nil {
		return channel.Answer{}, err
	}
	return channel.Answer{Status: http.StatusNoContent}, nil
}

// hear hands on what somebody wrote. A batch of which something could not be
// kept is told whole again; what was kept is known by its name.
func (c *Client) hear(ctx context.Context, e event, key string, in channel.Inbox) error {
	all := struct {
		Messages []received `json:"messages"`
	}{make([]received, 1)}
	var err error
	if e.Event == eventBatch {
		err = json.Unmarshal(e.Payload, &all)
	} else {
		err = json.Unmarshal(e.Payload, &all.Messages[0])
	}
	if err != nil {
		return channel.Wrong(channel.ErrGarbled, "payload")
	}
	for i := range all.Messages {
		if err := all.Messages[i].check(e.Event); err != nil {
			return err
		}
	}
	for _, m := range all.Messages {
		if m.Text == "" && e.Event == eventMMS {
			continue // a picture
		}
		err := in.Heard(ctx, channel.Incoming{
			ID: m.name(key, e.ID), From: c.number(m.Sender), To: c.number(m.Recipient), Text: m.Text, At: m.At,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// check mends what older versions said otherwise, and refuses what is nothing.
func (m *received) check(event string) error {
	if m.Sender == "" {
		m.Sender = m.Number
	}
	if event == eventMMS {
		m.Text = m.Body
	}
	switch {
	case m.Sender == "" || len(m.Sender) > 64 || len(m.Recipient) > 64:
		return channel.Wrong(channel.ErrGarbled, "address")
	case utf8.RuneCountInString(m.Text) > textLimit:
		return channel.Wrong(channel.ErrGarbled, "text")
	}
	return nil
}

// name names a message by who wrote it when, and what, since nothing else that
// the phone says is the same when it tells twice. Keyed, so that nobody learns
// anything from the name.
func (m received) name(key, event string) string {
	when := strconv.FormatInt(m.At.UnixMilli(), 10)
	if m.At.IsZero() {
		when = event
	}
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(when + "\x00" + m.Sender + "\x00" + m.Text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// number writes a number with its country. What is no number, such as the name
// of a bank, stays as it is.
func (c *Client) number(raw string) string {
	if n, err := phone.Parse(raw, c.cfg.Prefix); err == nil {
		return n.String()
	}
	return strings.TrimSpace(raw)
}

// became hands on what became of a message. Each part of a long one is
// delivered by itself; the first counts, as it does in the app.
func (c *Client) became(ctx context.Context, e event, in channel.Inbox) error {
	var o outcome
	if json.Unmarshal(e.Payload, &o) != nil {
		return channel.Wrong(channel.ErrGarbled, "payload")
	}
	if o.MessageID == "" || len(o.MessageID) > 64 {
		return channel.Wrong(channel.ErrGarbled, "name")
	}
	r := channel.Report{ID: o.MessageID, Ref: o.MessageID, State: channel.Taken, At: o.SentAt}
	switch e.Event {
	case eventDelivered:
		r.State, r.At = channel.Delivered, o.DeliveredAt
	case eventFailed:
		r.State, r.At, r.Code = channel.Failed, o.FailedAt, reason(o.Reason)
	case eventCancelled:
		r.State, r.At, r.Code = channel.Failed, o.CancelledAt, "cancelled"
	}
	if err := in.Became(ctx, r); err != nil {
		return err
	}
	c.heardOf(r.ID, r.State)
	return nil
}

// reason makes a code of the phone's sentence: Android's own word where there
// is one ("RESULT_ERROR_NO_SERVICE"), the status of the network's centre
// ("status_65", 3GPP TS 23.040, section 9.2.3.15), or ours.
func reason(s string) string {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }) {
		if strings.HasPrefix(word, "RESULT_") && len(word) <= 64 {
			return word
		}
	}
	if strings.HasPrefix(s, "Delivery result") {
		last := s[strings.LastIndexByte(s, ' ')+1:]
		if n, err := strconv.Atoi(last); err == nil && n >= 0 && n <= 255 {
			return "status_" + strconv.Itoa(n)
		}
	}
	if s == "TTL expired" {
		return "ttl_expired"
	}
	return "failed"
}
