package telegram

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
)

// updates is what Telegram sends, with what it means to us.
var updates = []struct {
	name, body string
	text       string // of what is heard
	silent     bool   // nothing is heard
	leaves     bool
}{
	{name: "text", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7,"is_bot":false,"first_name":"A","language_code":"ar"},"chat":{"id":7,"type":"private","first_name":"A"},"date":1764201600,"text":"ماء"}}`, text: "ماء"},
	{name: "text beside a field of a kind yet unknown", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"date":1,"text":"eau","forward_origin":{"type":"a kind to come"},"reply_markup":7}}`, text: "eau"},
	{name: "start with the bot's name", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"/start@twiza_bot x"}}`, text: "/start"},
	{name: "another word", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"/starting now"}}`, text: "/starting now"},
	{name: "photo with words", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"photo":[{"file_id":"x"}],"caption":"le pont est tombé"}}`, text: "le pont est tombé"},
	{name: "sticker", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"sticker":{"file_id":"x"}}}`},
	{name: "tap", body: `{"update_id":11,"callback_query":{"id":"4","from":{"id":7},"message":{"message_id":3,"date":0,"chat":{"id":7,"type":"private"}},"data":"4"}}`, text: "4"},
	{name: "tap in a group", body: `{"update_id":11,"callback_query":{"id":"4","from":{"id":7},"message":{"message_id":3,"chat":{"id":-7,"type":"group"}},"data":"4"}}`, silent: true, leaves: true},
	{name: "tap under nothing", body: `{"update_id":11,"callback_query":{"id":"4","from":{"id":7},"inline_message_id":"x","data":"4"}}`, silent: true},
	{name: "somebody else's tap", body: `{"update_id":11,"callback_query":{"id":"4","from":{"id":8},"message":{"message_id":3,"chat":{"id":7,"type":"private"}},"data":"4"}}`, silent: true},
	{name: "another bot", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7,"is_bot":true},"chat":{"id":7,"type":"private"},"text":"x"}}`, silent: true},
	{name: "nobody", body: `{"update_id":10,"message":{"message_id":1,"chat":{"id":7,"type":"private"},"text":"x"}}`, silent: true},
	{name: "pinned message", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"pinned_message":{}}}`, silent: true},
	{name: "place beyond the earth", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"location":{"latitude":91,"longitude":0}}}`, silent: true},
	{name: "number of nobody on Telegram", body: `{"update_id":10,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"contact":{"phone_number":"+212661234542"}}}`, silent: true},
	{name: "brought into a group", body: `{"update_id":12,"my_chat_member":{"chat":{"id":-7,"type":"supergroup"},"new_chat_member":{"status":"member"}}}`, silent: true, leaves: true},
	{name: "thrown out of a group", body: `{"update_id":12,"my_chat_member":{"chat":{"id":-7,"type":"supergroup"},"new_chat_member":{"status":"kicked"}}}`, silent: true},
	{name: "blocked", body: `{"update_id":12,"my_chat_member":{"chat":{"id":7,"type":"private"},"new_chat_member":{"status":"kicked"}}}`, silent: true},
	{name: "of a kind we did not ask for", body: `{"update_id":13,"edited_message":{"message_id":1}}`, silent: true},
}

func TestEachUpdateIsTakenForWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, c := range updates {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := read([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			m := u.meaning("twiza_bot")
			switch {
			case c.leaves != (m.leave != 0):
				t.Errorf("leave %d", m.leave)
			case c.silent && m.in != nil:
				t.Errorf("%q is heard", m.in.Text)
			case !c.silent && (m.in == nil || m.in.Text != c.text || m.in.From != "7" || m.in.ID == ""):
				t.Errorf("heard is %+v", m.in)
			}
		})
	}
}

func TestTheTimeIsThatOfTheMessage(t *testing.T) {
	t.Parallel()
	u, err := read([]byte(updates[0].body))
	if err != nil {
		t.Fatal(err)
	}
	if at := u.meaning("").in.At; !at.Equal(time.Date(2025, 11, 27, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("it was said at %v", at)
	}
}

func TestAnUpdateThatCannotBeReadIsPassedOverAndTheOthersHeard(t *testing.T) {
	t.Parallel()
	c := client(t)
	us, err := c.readUpdates(t.Context(), http.StatusOK, []byte(`{"ok":true,"result":[`+updates[0].body+`,{"update_id":11,"message":"?"},`+updates[6].body+`]}`))
	if err != nil || len(us) != 3 {
		t.Fatalf("of three updates %d were read: %v", len(us), err)
	}
	if *us[1].ID != 11 || us[1].meaning("").in != nil {
		t.Error("what cannot be read is not passed over")
	}
	if _, err := c.readUpdates(t.Context(), http.StatusOK, []byte(`{"ok":true,"result":[{}]}`)); err == nil {
		t.Error("updates without numbers would be asked for again at once and for ever")
	}
}

func TestAFileLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"voice/file_4.oga":    "voice/file_4.oga",
		"voice/a b?c#d.oga":   "voice/a%20b%3Fc%23d.oga",
		"../getUpdates":       "",
		"voice/../../x":       "",
		"/var/lib/voice.oga":  "",
		"//elsewhere.example": "",
		`voice\..\x`:          "",
		"":                    "",
		"voice//x":            "",
		"http://127.0.0.1/x":  "",
	} {
		if got, ok := below(path); got != want || ok != (want != "") {
			t.Errorf("below(%q) = %q, %v", path, got, ok)
		}
	}
}

func client(t testing.TB) *Client {
	c, err := New(Config{Token: token, Name: "twiza_bot"}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzUpdate reads what strangers may send to the webhook, or would if they had
// its secret.
func FuzzUpdate(f *testing.F) {
	for _, c := range updates {
		f.Add([]byte(c.body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := read(data)
		if err != nil {
			return
		}
		m := u.meaning("twiza_bot")
		if m.in == nil {
			if m.voice != nil || m.press != nil {
				t.Error("there is something to fetch or to release, and nothing to hear")
			}
			return
		}
		if m.leave != 0 {
			t.Error("it is heard, and the bot leaves")
		}
		if m.in.ID == "" || m.in.From == "" || strings.HasPrefix(m.in.From, "-") || m.in.From == "0" {
			t.Errorf("heard without a name or from no private chat: %q %q", m.in.ID, m.in.From)
		}
		if m.in.HasPoint && !(&point{m.in.Lat, m.in.Lon}).onEarth() {
			t.Error("the place is not on the earth")
		}
		if (m.voice != nil) != strings.HasPrefix(m.in.AudioType, "audio/") {
			t.Errorf("a voice note of type %q", m.in.AudioType)
		}
	})
}

// FuzzUpdates reads what a server that is not Telegram's may answer.
func FuzzUpdates(f *testing.F) {
	f.Add(200, []byte(`{"ok":true,"result":[`+updates[0].body+`]}`))
	f.Add(429, []byte(`{"ok":false,"error_code":429,"parameters":{"retry_after":3}}`))
	f.Add(502, []byte(`<html>`))
	c := client(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		us, err := c.readUpdates(t.Context(), status, body)
		if err != nil && us != nil {
			t.Error("updates and an error")
		}
		for _, u := range us {
			if u.ID == nil || *u.ID < 0 {
				t.Error("an update without a number")
			}
		}
	})
}

// FuzzFilePath reads the path of a file, which is put into an address.
func FuzzFilePath(f *testing.F) {
	f.Add("voice/file_4.oga")
	f.Add("../../x")
	f.Fuzz(func(t *testing.T, path string) {
		p, ok := below(path)
		if !ok {
			return
		}
		r, err := http.NewRequest(http.MethodGet, "http://api.example/file/bot1:x/"+p, nil)
		if err != nil {
			t.Fatalf("an address that is none: %v", err)
		}
		if r.URL.Host != "api.example" || !strings.HasPrefix(filepath.Clean(r.URL.Path), "/file/bot1:x/") || r.URL.RawQuery != "" || r.URL.Fragment != "" {
			t.Errorf("%q leads to %s%c%s", path, r.URL.Host, os.PathSeparator, r.URL.Path)
		}
	})
}
