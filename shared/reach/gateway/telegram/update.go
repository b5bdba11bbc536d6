package telegram

import (
	"encoding/json"
	"math"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// heardKinds are the updates that we ask for. An edited message is not among
// them: what was said was said, and is corrected by going back.
var heardKinds = []string{"message", "callback_query", "my_chat_member"}

// update is what we read of an Update of the Bot API.
type update struct {
	ID       *int64    `json:"update_id"`
	Message  *message  `json:"message"`
	Callback *callback `json:"callback_query"`
	Member   *member   `json:"my_chat_member"`
}

type message struct {
	ID       int64    `json:"message_id"`
	From     *user    `json:"from"`
	Chat     chat     `json:"chat"`
	Date     int64    `json:"date"`
	Text     string   `json:"text"`
	Caption  string   `json:"caption"`
	Location *point   `json:"location"`
	Voice    *voice   `json:"voice"`
	Contact  *contact `json:"contact"`

	// Of these it is enough to know that they are there: we cannot look at them,
	// and whoever sent them is to be told so.
	Photo     json.RawMessage `json:"photo"`
	Video     json.RawMessage `json:"video"`
	VideoNote json.RawMessage `json:"video_note"`
	Animation json.RawMessage `json:"animation"`
	Sticker   json.RawMessage `json:"sticker"`
	Document  json.RawMessage `json:"document"`
	Audio     json.RawMessage `json:"audio"`
}

type user struct {
	ID    int64 `json:"id"`
	IsBot bool  `json:"is_bot"`
}

type chat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type point struct {
	Lat float64 `json:"latitude"`
	Lon float64 `json:"longitude"`
}

type voice struct {
	File string `json:"file_id"`
	Type string `json:"mime_type"`
	Size int64  `json:"file_size"`
}

type contact struct {
	Phone string `json:"phone_number"`
	User  int64  `json:"user_id"`
}

type callback struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type member struct {
	Chat chat `json:"chat"`
	New  struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
}

// read reads one update.
func read(data []byte) (update, error) {
	var u update
	if err := json.Unmarshal(data, &u); err != nil {
		return update{}, channel.Wrong(channel.ErrGarbled, "not_an_update")
	}
	if u.ID == nil || *u.ID < 0 {
		return update{}, channel.Wrong(channel.ErrGarbled, "no_update_id")
	}
	return u, nil
}

// meant is what an update comes to: something to hear, with a voice note to be
// fetched first and a button to be released afterwards; or a group to leave; or
// nothing.
type meant struct {
	in    *channel.Incoming
	voice *voice
	press *press
	leave int64
}

// press is a button that was tapped.
type press struct {
	id      string // of the callback
	chat    int64
	message int64 // under which the button is
}

// meaning says what an update is to us. to is the bot's name.
func (u update) meaning(to string) meant {
	id := strconv.FormatInt(*u.ID, 10)
	switch {
	case u.Message != nil:
		return u.Message.meaning(id, to)
	case u.Callback != nil:
		return u.Callback.meaning(id, to)
	case u.Member != nil && u.Member.Chat.Type != "private" && u.Member.Chat.ID != 0:
		switch u.Member.New.Status {
		case "member", "administrator", "restricted":
			return meant{leave: u.Member.Chat.ID}
		}
	}
	return meant{}
}

func (m *message) meaning(id, to string) meant {
	if m.Chat.Type != "private" {
		return meant{leave: m.Chat.ID}
	}
	if m.Chat.ID <= 0 || m.From == nil || m.From.IsBot || m.From.ID != m.Chat.ID {
		return meant{}
	}
	in := &channel.Incoming{ID: id, From: strconv.FormatInt(m.Chat.ID, 10), To: to}
	if m.Date > 0 {
		in.At = time.Unix(m.Date, 0).UTC()
	}
	switch {
	case m.Text != "":
		in.Text = plain(m.Text)
	case m.Location != nil:
		if !m.Location.onEarth() {
			return meant{}
		}
		in.Lat, in.Lon, in.HasPoint = m.Location.Lat, m.Location.Lon, true
	case m.Voice != nil:
		in.Text, in.AudioType = m.Caption, audioType(m.Voice.Type)
		return meant{in: in, voice: m.Voice}
	case m.Contact != nil:
		// Somebody else's number is not theirs to give.
		if m.Contact.User != m.From.ID || m.Contact.Phone == "" {
			return meant{}
		}
		in.Text = "+" + strings.TrimLeft(m.Contact.Phone, "+")
	case m.Caption != "", m.other():
		in.Text = m.Caption
	default: // what Telegram says by itself, such as a pinned message
		return meant{}
	}
	return meant{in: in}
}

// other says whether somebody sent what we cannot read.
func (m *message) other() bool {
	for _, raw := range []json.RawMessage{m.Photo, m.Video, m.VideoNote, m.Animation, m.Sticker, m.Document, m.Audio} {
		if len(raw) > 0 && string(raw) != "null" {
			return true
		}
	}
	return false
}

// meaning of a tap is the digit of the button. The callback names nothing but
// what we put there ourselves; other programs than Telegram's may send anything,
// and it is taken for no more than a text.
func (c *callback) meaning(id, to string) meant {
	if c.Message == nil || c.ID == "" {
		return meant{}
	}
	at := c.Message.Chat
	if at.Type != "" && at.Type != "private" {
		return meant{leave: at.ID}
	}
	if at.ID <= 0 || c.From.IsBot || c.From.ID != at.ID {
		return meant{}
	}
	key, step := channel.Tap(c.Data)
	return meant{
		in:    &channel.Incoming{ID: id, From: strconv.FormatInt(at.ID, 10), To: to, Text: key, Step: step},
		press: &press{id: c.ID, chat: at.ID, message: c.Message.ID},
	}
}

// plain is a text as it was written; "/start" without what a link put behind it
// and without the bot's name.
func plain(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if command, _, _ := strings.Cut(first, "@"); command == "/start" {
		return command
	}
	return text
}

func (p *point) onEarth() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180
}

// audioType is the media type that a voice note says it has, where that is one.
func audioType(said string) string {
	t, _, err := mime.ParseMediaType(said)
	if err != nil || !strings.HasPrefix(t, "audio/") || len(t) > 60 {
		return "audio/ogg"
	}
	return t
}
