package httpsms

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/shared/reach/channel"
)

// bodyLimit is the longest call that is read: a message of 255 parts has less.
const bodyLimit = 128 << 10

// textLimit is the longest text, in characters: 255 parts of 153.
const textLimit = 39015

const (
	typeReceived = "sms.received"
	typeReport   = "sms.report"
)

type event struct {
	Type string          `json:"type"`
	At   time.Time       `json:"timestamp"`
	Data json.RawMessage `json:"data"`
}

type received struct {
	ID     string `json:"id,omitempty"`
	From   string `json:"from"`
	To     string `json:"to,omitempty"`
	Text   string `json:"text"`
	Series uint16 `json:"series,omitempty"`
	Part   int    `json:"part,omitempty"`
	Parts  int    `json:"parts,omitempty"`
}

type report struct {
	ID    string `json:"id,omitempty"`
	Ref   string `json:"ref,omitempty"`
	State string `json:"state"`
	Code  string `json:"code,omitempty"`
}

// Hook takes a call of the gateway.
func (c *Client) Hook(ctx context.Context, r *http.Request, body []byte, in channel.Inbox) (channel.Answer, error) {
	if len(body) > bodyLimit {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "too_long")
	}
	if err := c.in.verify(r.Header, body, c.clock.Now()); err != nil {
		c.log.Warn("httpsms: a call was not believed", "code", channel.CodeOf(err))
		return channel.Answer{}, err
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		return channel.Answer{}, channel.Wrong(channel.ErrGarbled, "json")
	}
	var err error
	switch e.Type {
	case typeReceived:
		err = e.hear(ctx, r.Header.Get("webhook-id"), in)
	case typeReport:
		err = e.became(ctx, in)
	}
	if err != nil {
		return channel.Answer{}, err
	}
	return channel.Answer{Status: http.StatusNoContent}, nil
}

func (e event) hear(ctx context.Context, id string, in channel.Inbox) error {
	var d received
	if json.Unmarshal(e.Data, &d) != nil {
		return channel.Wrong(channel.ErrGarbled, "data")
	}
	if d.ID != "" {
		id = d.ID
	}
	switch {
	case d.From == "" || len(d.From) > 64 || len(d.To) > 64 || len(id) > 256:
		return channel.Wrong(channel.ErrGarbled, "address")
	case utf8.RuneCountInString(d.Text) > textLimit:
		return channel.Wrong(channel.ErrGarbled, "text")
	case d.Parts < 0 || d.Parts > 255 || d.Parts > 0 && (d.Part < 1 || d.Part > d.Parts):
		return channel.Wrong(channel.ErrGarbled, "parts")
	}
	if d.Parts < 2 { // one of one is whole
		d.Series, d.Part, d.Parts = 0, 0, 0
	}
	return in.Heard(ctx, channel.Incoming{
		ID: id, From: d.From, To: d.To, Text: d.Text, At: e.At,
		Series: d.Series, Part: d.Part, Parts: d.Parts,
	})
}

func (e event) became(ctx context.Context, in channel.Inbox) error {
	var d report
	if json.Unmarshal(e.Data, &d) != nil {
		return channel.Wrong(channel.ErrGarbled, "data")
	}
	state := channel.State(d.State)
	switch {
	case d.ID == "" && d.Ref == "" || len(d.ID) > 128 || len(d.Ref) > 128:
		return channel.Wrong(channel.ErrGarbled, "name")
	case state != channel.Taken && state != channel.Delivered && state != channel.Failed:
		return channel.Wrong(channel.ErrGarbled, "state")
	}
	if !isCode(d.Code) {
		d.Code = ""
	}
	return in.Became(ctx, channel.Report{ID: d.ID, Ref: d.Ref, State: state, Code: d.Code, At: e.At})
}
