package whatsapp

import (
	"encoding/json"
	"math"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// call is what we read of a call of the webhook. A call may hold what several
// people wrote and what became of several messages, of several numbers.
type call struct {
	Object  string `json:"object"`
	Entries []struct {
		Changes []struct {
			Field string          `json:"field"`
			Value json.RawMessage `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

// change is what happened at one number. Each message is read by itself, so that
// one of a form yet unknown costs nobody else theirs.
type change struct {
	Metadata struct {
		Display string `json:"display_phone_number"`
		Phone   string `json:"phone_number_id"`
	} `json:"metadata"`
	Messages []json.RawMessage `json:"messages"`
	Statuses []json.RawMessage `json:"statuses"`
}

// head is what every message has.
type head struct {
	ID    string `json:"id"`
	From  string `json:"from"`         // digits, or nothing when the number is hidden
	User  string `json:"from_user_id"` // business-scoped user ID
	Group string `json:"group_id"`
	Time  string `json:"timestamp"` // seconds since 1970
	Type  string `json:"type"`
}

type message struct {
	head
	Text struct {
		Body string `json:"body"`
	} `json:"text"`
	Interactive struct {
		Button *tapped `json:"button_reply"`
		List   *tapped `json:"list_reply"`
	} `json:"interactive"`
	Button struct { // under a template
		Payload string `json:"payload"`
		Text    string `json:"text"`
	} `json:"button"`
	Location *struct {
		Lat float64 `json:"latitude"`
		Lon float64 `json:"longitude"`
	} `json:"location"`
	Audio    *voice  `json:"audio"`
	Image    caption `json:"image"`
	Video    caption `json:"video"`
	Document caption `json:"document"`
}

type tapped struct {
	ID string `json:"id"`
}

type voice struct {
	ID   string `json:"id"`
	Type string `json:"mime_type"`
}

type caption struct {
	Caption string `json:"caption"`
}

type status struct {
	ID     string `json:"id"`
	Ours   string `json:"biz_opaque_callback_data"`
	Status string `json:"status"`
	Time   string `json:"timestamp"`
	Kind   string `json:"recipient_type"`
	Errors []struct {
		Code int `json:"code"`
	} `json:"errors"`
}

// news is what a call comes to.
type news struct {
	heard  []said
	became []channel.Report
	odd    int // messages and statuses that could not be read
}

// said is something to hear, with a voice note to be fetched first.
type said struct {
	in    channel.Incoming
	voice string // the ID of the recording; "" when there is none
}

// read reads a call that was signed, as far as it is about our number.
func read(body []byte, phone string) (news, error) {
	var c call
	if err := json.Unmarshal(body, &c); err != nil || c.Object == "" {
		return news{}, channel.Wrong(channel.ErrGarbled, "not_a_call")
	}
	var n news
	if c.Object != "whatsapp_business_account" {
		return n, nil
	}
	for _, e := range c.Entries {
		for _, ch := range e.Changes {
			if ch.Field != "messages" {
				continue
			}
			var v change
			if err := json.Unmarshal(ch.Value, &v); err != nil {
				n.odd++
				continue
			}
			if v.Metadata.Phone == phone {
				n.add(v)
			}
		}
	}
	return n, nil
}

func (n *news) add(v change) {
	to := plus(v.Metadata.Display)
	for _, raw := range v.Messages {
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			// Who sent it is enough to answer that we cannot read it.
			n.odd++
			m = message{}
			if err := json.Unmarshal(raw, &m.head); err != nil {
				continue
			}
			m.Type = "unreadable"
		}
		if s, ok := m.meaning(to); ok {
			n.heard = append(n.heard, s)
		}
	}
	for _, raw := range v.Statuses {
		var s status
		if err := json.Unmarshal(raw, &s); err != nil {
			n.odd++
			continue
		}
		if r, ok := s.meaning(); ok {
			n.became = append(n.became, r)
		}
	}
}

// meaning is what a message is to us; false is nothing.
func (m message) meaning(to string) (said, bool) {
	from := m.from()
	if m.ID == "" || len(m.ID) > 512 || from == "" || m.Group != "" {
		return said{}, false
	}
	s := said{in: channel.Incoming{ID: m.ID, From: from, To: to, At: moment(m.Time)}}
	switch m.Type {
	case "text":
		s.in.Text = m.Text.Body
	case "interactive":
		switch {
		case m.Interactive.Button != nil:
			s.in.Text, s.in.Step = channel.Tap(m.Interactive.Button.ID)
		case m.Interactive.List != nil:
			s.in.Text, s.in.Step = channel.Tap(m.Interactive.List.ID)
		}
	case "button":
		if s.in.Text = m.Button.Payload; s.in.Text == "" {
			s.in.Text = m.Button.Text
		}
	case "location":
		if m.Location == nil || math.Abs(m.Location.Lat) > 90 || math.Abs(m.Location.Lon) > 180 {
			return said{}, false
		}
		s.in.Lat, s.in.Lon, s.in.HasPoint = m.Location.Lat, m.Location.Lon, true
	case "audio":
		s.in.AudioType = "audio/ogg"
		if m.Audio != nil {
			s.voice, s.in.AudioType = m.Audio.ID, audioType(m.Audio.Type)
		}
	case "image":
		s.in.Text = m.Image.Caption
	case "video":
		s.in.Text = m.Video.Caption
	case "document":
		s.in.Text = m.Document.Caption
	case "reaction", "system", "":
		// A heart under a message, or a new number: nobody waits for an answer.
		return said{}, false
	default:
		// A sticker, a card, or a kind to come: they wrote, and are to be told that
		// we cannot read it.
	}
	return s, true
}

// from is who wrote: their number, or what WhatsApp shows us in its place.
func (m head) from() string {
	if n := "+" + m.From; numberForm.MatchString(n) {
		return n
	}
	if userForm.MatchString(m.User) {
		return m.User
	}
	return ""
}

// meaning is the report that a status makes. What was read was delivered, and
// the second is not told by itself then; a voice message that was played was
// too.
func (s status) meaning() (channel.Report, bool) {
	r := channel.Report{ID: s.Ours, Ref: s.ID, At: moment(s.Time)}
	if s.ID == "" && s.Ours == "" || len(s.ID) > 512 || len(s.Ours) > 512 || s.Kind == "group" {
		return r, false
	}
	switch s.Status {
	case "sent":
		r.State = channel.Taken
	case "delivered", "read", "played":
		r.State = channel.Delivered
	case "failed":
		r.State = channel.Failed
		if len(s.Errors) > 0 {
			r.Code = strconv.Itoa(s.Errors[0].Code)
		}
	default:
		return r, false
	}
	return r, true
}

// plus is a number as we write it, of however it is shown.
func plus(shown string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, shown)
	if digits == "" {
		return ""
	}
	return "+" + digits
}

// moment reads seconds since 1970; zero when there are none.
func moment(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// audioType is the media type that a voice note says it has, where that is one.
func audioType(said string) string {
	t, _, err := mime.ParseMediaType(said)
	if err != nil || !strings.HasPrefix(t, "audio/") || len(t) > 60 {
		return "audio/ogg"
	}
	return t
}
