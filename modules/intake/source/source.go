// Package source reads what people gathered elsewhere: a chat that somebody
// exported from their phone, a sheet of an association, the answers of a survey.
//
// Every reader takes bytes of strangers, is bounded in size and in rows, and
// gives messages or rows as they were written, or one sentence that says what is
// wrong with the file. It judges nothing.
package source

import (
	"bytes"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
)

// Bounds of a file. A longer one is cut by its owner, not by us.
const (
	MaxFile  = 20 << 20 // bytes as they come
	MaxOpen  = 64 << 20 // bytes of what is packed in them, all together
	MaxRows  = 200_000
	MaxHeads = 600
	MaxField = 20_000 // bytes of one cell
	MaxText  = 8_000  // bytes of one message that are kept
)

// Kind is what a file is.
type Kind string

const (
	WhatsApp  Kind = "whatsapp"
	Telegram  Kind = "telegram"
	CSV       Kind = "csv"
	XLSX      Kind = "xlsx"
	Kobo      Kind = "kobo"
	JSONLines Kind = "json"
	GeoJSON   Kind = "geojson"

	page Kind = "page" // for browsers: not read
)

// Chat is whether the kind holds messages, and not rows.
func (k Kind) Chat() bool { return k == WhatsApp || k == Telegram }

// Item is one message of a chat.
type Item struct {
	At    time.Time // UTC; WhatsApp often knows no more than the minute
	From  string    // who sent it, as the phone that exported it calls them: a name or a number
	Text  string    // "" when there was a picture or a voice alone
	Media bool      // something went along that the text does not hold

	Point    geo.Point // of a position that was shared
	HasPoint bool
}

// Content is what a file holds: Items of a chat, or a Table.
type Content struct {
	Kind    Kind
	Items   []Item
	Dropped int // lines of the chat's own: "Aicha joined", "messages are encrypted"
	Table   Table
}

// Read finds out what a file is and reads it. Moments without a zone are of zone.
func Read(r io.Reader, zone *time.Location) (c Content, err error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return c, err
	}
	if len(body) > MaxFile {
		return c, wrong("too_big", "mb", MaxFile>>20)
	}
	switch c.Kind = sniff(body); c.Kind {
	case WhatsApp:
		c.Items, c.Dropped, err = readWhatsApp(body, zone)
	case Telegram:
		c.Items, c.Dropped, err = readTelegram(body, zone)
	case XLSX:
		c.Table, err = readXLSX(body)
	case GeoJSON:
		c.Table, err = readGeoJSON(body)
	case page:
		err = wrong("html")
	case JSONLines:
		c.Table, err = readJSONLines(body)
	default:
		c.Kind = CSV
		c.Table, err = ReadTable(body)
	}
	if err == nil && !c.Kind.Chat() {
		if err = c.Table.whole(); err == nil && isKobo(c.Table.Heads) {
			c.Kind, c.Table = Kobo, ungroup(c.Table)
		}
	}
	return c, err
}

// sniff tells what a file is by its first bytes; what it is called proves nothing.
func sniff(body []byte) Kind {
	if bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		return sniffZip(body)
	}
	head := begun(body)
	switch {
	case isPage(head) && isTalk(head):
		return Telegram
	case isPage(head):
		return page
	case looksLikeChat(head):
		return WhatsApp
	case bytes.HasPrefix(head, []byte("{")):
		switch start := head[:min(len(head), 4096)]; {
		case bytes.Contains(start, []byte(`"messages"`)), bytes.Contains(start, []byte(`"chats"`)) && bytes.Contains(start, []byte(`"list"`)):
			return Telegram
		case bytes.Contains(start, []byte(`"FeatureCollection"`)):
			return GeoJSON
		}
		return JSONLines
	case bytes.HasPrefix(head, []byte("[")):
		return JSONLines
	}
	return CSV
}

// begun is a text from its first letter on.
func begun(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}

// wrong is a mistake in a file, as people read it.
func wrong(key string, args ...any) error {
	return fault.All{fault.New(fault.Invalid, "intake.import."+key, args...).On("file")}
}

// Wrong tells whether an error is about the file, and not ours.
func Wrong(err error) bool {
	_, ok := errors.AsType[fault.All](err)
	return ok
}

// clip cuts a text at whole letters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
		s = s[:len(s)-1]
	}
	return s
}
