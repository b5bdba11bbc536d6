package whatsapp

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// envelope is a call about our number.
func envelope(value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"+212 520-001122","phone_number_id":"106540352242922"},` + value + `}}]}]}`
}

// messages is what people send, with what it means to us.
var messages = []struct {
	name, body string
	text       string // of what is heard
	silent     bool   // nothing is heard
}{
	{name: "text", body: `{"from":"212661234542","from_user_id":"MA.1","id":"wamid.A","timestamp":"1764201600","type":"text","text":{"body":"ماء"}}`, text: "ماء"},
	{name: "button", body: `{"from":"212661234542","id":"wamid.A","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"2","title":"2 un abri"}}}`, text: "2"},
	{name: "list", body: `{"from":"212661234542","id":"wamid.A","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"9","title":"9 x","description":"x"}}}`, text: "9"},
	{name: "button of a template", body: `{"from":"212661234542","id":"wamid.A","type":"button","button":{"payload":"1","text":"oui"}}`, text: "1"},
	{name: "photo with words", body: `{"from":"212661234542","id":"wamid.A","type":"image","image":{"id":"4","caption":"le pont"}}`, text: "le pont"},
	{name: "sticker", body: `{"from":"212661234542","id":"wamid.A","type":"sticker","sticker":{"id":"4"}}`},
	{name: "unsupported", body: `{"from":"212661234542","id":"wamid.A","type":"unsupported","errors":[{"code":131051}]}`},
	{name: "of a form yet unknown", body: `{"from":"212661234542","id":"wamid.A","type":"text","text":"a form to come"}`},
	{name: "reaction", body: `{"from":"212661234542","id":"wamid.A","type":"reaction","reaction":{"emoji":"🙏"}}`, silent: true},
	{name: "a new number", body: `{"from":"212661234542","id":"wamid.A","type":"system","system":{"type":"user_changed_number"}}`, silent: true},
	{name: "in a group", body: `{"from":"212661234542","group_id":"Y2Fw","id":"wamid.A","type":"text","text":{"body":"x"}}`, silent: true},
	{name: "nobody", body: `{"id":"wamid.A","type":"text","text":{"body":"x"}}`, silent: true},
	{name: "no number", body: `{"from":"x","id":"wamid.A","type":"text","text":{"body":"x"}}`, silent: true},
	{name: "no name", body: `{"from":"212661234542","type":"text","text":{"body":"x"}}`, silent: true},
	{name: "place beyond the earth", body: `{"from":"212661234542","id":"wamid.A","type":"location","location":{"latitude":0,"longitude":181}}`, silent: true},
}

func TestEachMessageIsTakenForWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, c := range messages {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, err := read([]byte(envelope(`"messages":[`+c.body+`]`)), ours.Phone)
			if err != nil {
				t.Fatal(err)
			}
			if c.silent {
				if len(n.heard) != 0 {
					t.Errorf("%q is heard", n.heard[0].in.Text)
				}
				return
			}
			if len(n.heard) != 1 {
				t.Fatalf("%d things are heard", len(n.heard))
			}
			if in := n.heard[0].in; in.Text != c.text || in.From != phone || in.ID != "wamid.A" || in.To != "+212520001122" {
				t.Errorf("heard is %+v", in)
			}
		})
	}
}

func TestEachStatusIsTakenForWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		want channel.Report
	}{
		{`{"id":"wamid.B","status":"sent","timestamp":"1764201600","biz_opaque_callback_data":"one"}`, channel.Report{ID: "one", Ref: "wamid.B", State: channel.Taken}},
		{`{"id":"wamid.B","status":"delivered"}`, channel.Report{Ref: "wamid.B", State: channel.Delivered}},
		{`{"id":"wamid.B","status":"read"}`, channel.Report{Ref: "wamid.B", State: channel.Delivered}},
		{`{"id":"wamid.B","status":"failed","errors":[{"code":131047,"title":"x"}]}`, channel.Report{Ref: "wamid.B", State: channel.Failed, Code: "131047"}},
		{`{"id":"wamid.B","status":"failed"}`, channel.Report{Ref: "wamid.B", State: channel.Failed}},
		{`{"id":"wamid.B","status":"a state to come"}`, channel.Report{}},
		{`{"id":"wamid.B","status":"read","recipient_type":"group"}`, channel.Report{}},
		{`{"status":"read"}`, channel.Report{}},
	} {
		n, err := read([]byte(envelope(`"statuses":[`+c.body+`]`)), ours.Phone)
		if err != nil {
			t.Fatal(err)
		}
		if c.want.State == "" {
			if len(n.became) != 0 {
				t.Errorf("%s is taken for %+v", c.body, n.became)
			}
			continue
		}
		if len(n.became) != 1 {
			t.Errorf("%s makes %d reports", c.body, len(n.became))
			continue
		}
		got := n.became[0]
		got.At = time.Time{}
		if got != c.want {
			t.Errorf("%s is taken for %+v", c.body, got)
		}
	}
}

func TestACallAboutSeveralLosesNobody(t *testing.T) {
	t.Parallel()
	n, err := read([]byte(envelope(`"messages":[`+messages[0].body+`,7,`+messages[1].body+`],"statuses":["x",{"id":"wamid.B","status":"sent"}]`)), ours.Phone)
	if err != nil || len(n.heard) != 2 || len(n.became) != 1 || n.odd != 2 {
		t.Errorf("heard %d of 2, reports %d of 1, unreadable %d of 2: %v", len(n.heard), len(n.became), n.odd, err)
	}
	if at := n.heard[0].in.At; !at.Equal(time.Date(2025, 11, 27, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("it was said at %v", at)
	}
}

func TestWhatIsSaidToAnotherNumberIsNotHeard(t *testing.T) {
	t.Parallel()
	n, err := read([]byte(envelope(`"messages":[`+messages[0].body+`]`)), "1")
	if err != nil || len(n.heard) != 0 {
		t.Errorf("heard %d: %v", len(n.heard), err)
	}
	for _, other := range []string{`{"object":"page","entry":[]}`, strings.Replace(envelope(`"messages":[`+messages[0].body+`]`), `"field":"messages"`, `"field":"calls"`, 1)} {
		if n, err := read([]byte(other), ours.Phone); err != nil || len(n.heard) != 0 {
			t.Errorf("%s: heard %d, %v", other, len(n.heard), err)
		}
	}
	for _, garbled := range []string{``, `[]`, `{}`, `{"object":7}`} {
		if _, err := read([]byte(garbled), ours.Phone); channel.CodeOf(err) != "not_a_call" {
			t.Errorf("%s: %v", garbled, err)
		}
	}
}

// FuzzCall reads what strangers would send to the webhook if they had its secret.
func FuzzCall(f *testing.F) {
	for _, c := range messages {
		f.Add([]byte(envelope(`"messages":[` + c.body + `]`)))
	}
	f.Add([]byte(envelope(`"statuses":[{"id":"wamid.B","status":"failed","timestamp":"1764201600","biz_opaque_callback_data":"one","errors":[{"code":131047}]}]`)))
	f.Add([]byte(envelope(`"messages":[{"from":"212661234542","id":"wamid.A","type":"audio","audio":{"id":"4","mime_type":"audio/ogg; codecs=opus"}}]`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := read(data, ours.Phone)
		if err != nil {
			return
		}
		for _, s := range n.heard {
			if s.in.ID == "" || !numberForm.MatchString(s.in.From) && !userForm.MatchString(s.in.From) {
				t.Errorf("heard without a name or from nobody: %q %q", s.in.ID, s.in.From)
			}
			if s.in.HasPoint && (s.in.Lat < -90 || s.in.Lat > 90 || s.in.Lon < -180 || s.in.Lon > 180) {
				t.Error("the place is not on the earth")
			}
			if s.voice != "" && !strings.HasPrefix(s.in.AudioType, "audio/") {
				t.Errorf("a voice note of type %q", s.in.AudioType)
			}
		}
		for _, r := range n.became {
			if r.ID == "" && r.Ref == "" || r.State != channel.Taken && r.State != channel.Delivered && r.State != channel.Failed {
				t.Errorf("a report about nothing: %+v", r)
			}
		}
	})
}

// FuzzSignature tries to be believed without the secret.
func FuzzSignature(f *testing.F) {
	f.Add("sha256=00", []byte(`{}`))
	f.Add("sha256="+hexOf(sign([]byte(`{}`), ours.AppSecret)), []byte(`{}`))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if signed(header, body, ours.AppSecret) != strings.EqualFold(header[min(7, len(header)):], hexOf(sign(body, ours.AppSecret))) && strings.HasPrefix(header, "sha256=") {
			t.Errorf("%q is wrongly judged", header)
		}
	})
}

// FuzzAnswer reads what a server that is not Meta's may answer.
func FuzzAnswer(f *testing.F) {
	f.Add(400, "", []byte(`{"error":{"code":131026}}`))
	f.Add(429, "7", []byte(`{"error":{"code":130429}}`))
	f.Add(502, "x", []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, header string, body []byte) {
		err := problem(status, header, body)
		if channel.CodeOf(err) == "" {
			t.Errorf("an error without a code: %v", err)
		}
	})
}
