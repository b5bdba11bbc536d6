package source

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// What Telegram Desktop writes as result.json ("Export chat history", machine
// readable): one chat, or a list of them. Its pages are read in telegram_page.go.
type telegramFile struct {
	Messages []telegramMessage `json:"messages"`
	Chats    struct {
		List []struct {
			Messages []telegramMessage `json:"messages"`
		} `json:"list"`
	} `json:"chats"`
}

type telegramMessage struct {
	Type     string          `json:"type"` // message, service
	Date     string          `json:"date"` // local to whoever exported
	Unix     string          `json:"date_unixtime"`
	From     string          `json:"from"`
	Text     json.RawMessage `json:"text"` // a text, or a list of texts and marked pieces
	Photo    string          `json:"photo"`
	File     string          `json:"file"`
	Media    string          `json:"media_type"`
	Location *struct {
		Lat float64 `json:"latitude"`
		Lon float64 `json:"longitude"`
	} `json:"location_information"`
	Contact *struct {
		First string `json:"first_name"`
		Phone string `json:"phone_number"`
	} `json:"contact_information"`
}

func readTelegram(body []byte, zone *time.Location) (out []Item, dropped int, err error) {
	if bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		pages, err := talkPages(body)
		if err != nil {
			return nil, 0, err
		}
		if len(pages) > 0 {
			return readTalkPages(pages, zone)
		}
		if body, err = fromZip(body, isResult); err != nil {
			return nil, 0, err
		}
	}
	if isPage(begun(body)) {
		return readTalkPages([][]byte{body}, zone)
	}
	var f telegramFile
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &f); err != nil {
		return nil, 0, wrong("bad_json")
	}
	all := f.Messages
	for _, c := range f.Chats.List {
		all = append(all, c.Messages...)
	}
	if len(all) > MaxRows {
		return nil, 0, wrong("too_many", "max", MaxRows)
	}
	for _, m := range all {
		it, said := m.item(zone)
		if !said {
			dropped++
			continue
		}
		out = append(out, it)
	}
	if len(out) == 0 {
		return nil, dropped, wrong("no_messages")
	}
	return out, dropped, nil
}

func (m telegramMessage) item(zone *time.Location) (it Item, said bool) {
	if m.Type != "message" {
		return it, false
	}
	it = Item{From: strings.TrimSpace(unmarked(m.From)), Text: clip(strings.TrimSpace(unmarked(m.words())), MaxText), Media: m.Photo != "" || m.File != "" || m.Media != ""}
	if s, err := strconv.ParseInt(m.Unix, 10, 64); err == nil && s > 0 && s < 1<<33 {
		it.At = time.Unix(s, 0).UTC()
	} else if at, err := time.ParseInLocation("2006-01-02T15:04:05", m.Date, zone); err == nil {
		it.At = at.UTC()
	}
	if m.Contact != nil && m.Contact.Phone != "" {
		it.Text = strings.TrimSpace(it.Text + "\n" + clip(m.Contact.First, 100) + " " + clip(m.Contact.Phone, 40))
	}
	it.Point, it.HasPoint = shared(it.Text)
	if l := m.Location; l != nil {
		if p := (geo.Point{Lat: l.Lat, Lon: l.Lon}); p.Valid() {
			it.Point, it.HasPoint = p, true
		}
	}
	return it, !it.At.IsZero() && (it.Text != "" || it.Media || it.HasPoint)
}

// words is the text of a message, whatever it is made of.
func (m telegramMessage) words() string {
	var plain string
	if json.Unmarshal(m.Text, &plain) == nil {
		return strings.ToValidUTF8(plain, "")
	}
	var pieces []json.RawMessage
	if json.Unmarshal(m.Text, &pieces) != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range pieces {
		var marked struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(p, &plain) == nil {
			b.WriteString(plain)
		} else if json.Unmarshal(p, &marked) == nil {
			b.WriteString(marked.Text)
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}
