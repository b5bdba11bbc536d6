package android

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

// call makes a call as a phone with this key would at a time.
func call(by string, at time.Time, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/reach/android", nil)
	ts := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("X-Timestamp", ts)
	r.Header.Set("X-Signature", hex.EncodeToString(signature(by, []byte(body), ts)))
	return r
}

func told(t *testing.T, c *Client, r *http.Request, body string) (*conform.Inbox, error) {
	t.Helper()
	in := &conform.Inbox{}
	_, err := c.Hook(t.Context(), r, []byte(body), in)
	return in, err
}

// Computed by hand with openssl: printf '%s' 'hello1700000000' | openssl dgst -sha256 -hmac 'k3y-of-the-phone'.
func TestASignatureIsTheHMACOfTheBodyAndTheTimestamp(t *testing.T) {
	t.Parallel()
	if got := hex.EncodeToString(signature(key, []byte("hello"), "1700000000")); got != handMade {
		t.Errorf("the signature is %s", got)
	}
}

func TestAMessageIsHeardWithItsTimeAndNumber(t *testing.T) {
	t.Parallel()
	in, err := told(t, client(t, Config{}, &clock.Held{At: noon}, quiet()), call(key, noon, azul), azul)
	if err != nil || len(in.All()) != 1 {
		t.Fatalf("%d heard: %v", len(in.All()), err)
	}
	m := in.All()[0]
	if m.Text != "azul" || m.From != "+212661234542" || !m.At.Equal(noon.Add(-30*time.Second)) || m.To != "" || m.Parts != 0 {
		t.Errorf("heard %+v", m)
	}
}

func TestNumbersAreWrittenWithTheirCountryAndNamesAreLeft(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for raw, want := range map[string]string{
		"0661234542": "+212661234542", "+33612345678": "+33612345678", "00212661234542": "+212661234542", "IAM": "IAM", " 555 ": "555",
	} {
		body := strings.Replace(azul, "+212661234542", raw, 1)
		in, err := told(t, c, call(key, noon, body), body)
		if err != nil || len(in.All()) != 1 || in.All()[0].From != want {
			t.Errorf("%s: %v, %v", raw, in.All(), err)
		}
	}
}

func TestAnOlderAppIsUnderstoodToo(t *testing.T) {
	t.Parallel()
	body := strings.Replace(azul, `"sender"`, `"phoneNumber"`, 1)
	in, err := told(t, client(t, Config{}, &clock.Held{At: noon}, quiet()), call(key, noon, body), body)
	if err != nil || len(in.From("+212661234542")) != 1 {
		t.Errorf("%v, %v", in.All(), err)
	}
}

func TestAPhoneThatTellsTwiceIsHeardOnce(t *testing.T) {
	t.Parallel()
	c, in := client(t, Config{}, &clock.Held{At: noon}, quiet()), &conform.Inbox{}
	again := strings.Replace(azul, "Ey6ECgOkVVFjz3CL48B8C", "another-event-00000000", 1) // as issue 291 of the app
	for _, body := range []string{azul, again, azul} {
		if _, err := c.Hook(t.Context(), call(key, noon, body), []byte(body), in); err != nil {
			t.Fatal(err)
		}
	}
	if k := len(in.From("+212661234542")); k != 1 {
		t.Errorf("one message told three times is %d", k)
	}
	for what, other := range map[string]string{
		"a second later": strings.Replace(azul, "12:59:30", "12:59:31", 1),
		"other words":    strings.Replace(azul, "azul", "AZUL", 1),
		"somebody else":  strings.Replace(azul, "1234542", "1234543", 1),
	} {
		got, err := told(t, c, call(key, noon, other), other)
		if err != nil || got.All()[0].ID == in.All()[0].ID {
			t.Errorf("%s, and it is the same message: %v", what, err)
		}
	}
	if strings.Contains(in.All()[0].ID, "abc123") {
		t.Error("the name holds the app's hash of number and text")
	}
}

func TestABatchIsHeardWholeAndAPictureIsNot(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	batch := `{"event":"sms:batch:received","id":"e","payload":{"messages":[
		{"sender":"+212661234542","message":"un","receivedAt":"2026-11-22T12:00:00Z"},
		{"sender":"+212661234543","message":"deux","receivedAt":"2026-11-22T12:00:00Z"}]}}`
	if in, err := told(t, c, call(key, noon, batch), batch); err != nil || len(in.All()) != 2 {
		t.Errorf("%v, %v", in.All(), err)
	}
	mms := `{"event":"mms:downloaded","id":"e","payload":{"sender":"+212661234542","body":"un long texte","receivedAt":"2026-11-22T12:00:00Z"}}`
	if in, err := told(t, c, call(key, noon, mms), mms); err != nil || len(in.All()) != 1 || in.All()[0].Text != "un long texte" {
		t.Errorf("%v, %v", in.All(), err)
	}
	picture := `{"event":"mms:downloaded","id":"e","payload":{"sender":"+212661234542","body":null,"receivedAt":"2026-11-22T12:00:00Z"}}`
	if in, err := told(t, c, call(key, noon, picture), picture); err != nil || len(in.All()) != 0 {
		t.Errorf("%v, %v", in.All(), err)
	}
}

func TestAPhonesClockMayBeFiveMinutesOff(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for off, ok := range map[time.Duration]bool{
		0: true, -5 * time.Minute: true, 5 * time.Minute: true, -301 * time.Second: false, 301 * time.Second: false, -time.Hour: false,
	} {
		in, err := told(t, c, call(key, noon.Add(off), azul), azul)
		if ok != (err == nil && len(in.All()) == 1) || !ok && !errors.Is(err, channel.ErrForged) {
			t.Errorf("%v off: %v", off, err)
		}
	}
}

func TestAReplayedCallIsTheSameMessageAndThenRefused(t *testing.T) {
	t.Parallel()
	held := &clock.Held{At: noon}
	c, in := client(t, Config{}, held, quiet()), &conform.Inbox{}
	r := call(key, noon, azul)
	for range 3 {
		if _, err := c.Hook(t.Context(), r, []byte(azul), in); err != nil {
			t.Fatal(err)
		}
		held.Advance(100 * time.Second)
	}
	if k := len(in.From("+212661234542")); k != 1 {
		t.Errorf("one call, replayed, is %d messages", k)
	}
	held.Advance(time.Second)
	if _, err := c.Hook(t.Context(), r, []byte(azul), in); !errors.Is(err, channel.ErrForged) {
		t.Errorf("after five minutes it is believed: %v", err)
	}
}

func TestWhileTheKeyIsReplacedBothAreBelieved(t *testing.T) {
	t.Parallel()
	during := client(t, Config{Keys: []string{newKey, key}}, &clock.Held{At: noon}, quiet())
	for _, by := range []string{key, newKey} {
		if _, err := told(t, during, call(by, noon, azul), azul); err != nil {
			t.Errorf("%v", err)
		}
	}
	after := client(t, Config{Keys: []string{newKey}}, &clock.Held{At: noon}, quiet())
	if in, err := told(t, after, call(key, noon, azul), azul); !errors.Is(err, channel.ErrForged) || len(in.All()) > 0 {
		t.Errorf("the old key is still believed: %v", err)
	}
	none := client(t, Config{Keys: []string{}}, &clock.Held{At: noon}, quiet())
	if _, err := told(t, none, call("", noon, azul), azul); !errors.Is(err, channel.ErrForged) {
		t.Errorf("without a key everything is believed: %v", err)
	}
}

func TestEveryPartOfACallIsUnderTheSignature(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for what, change := range map[string]func(http.Header){
		"another time":           func(h http.Header) { h.Set("X-Timestamp", strconv.FormatInt(noon.Unix()+1, 10)) },
		"no time":                func(h http.Header) { h.Del("X-Timestamp") },
		"time with a plus":       func(h http.Header) { h.Set("X-Timestamp", "+"+h.Get("X-Timestamp")) },
		"time with a space":      func(h http.Header) { h.Set("X-Timestamp", " "+h.Get("X-Timestamp")) },
		"no signature":           func(h http.Header) { h.Del("X-Signature") },
		"half a signature":       func(h http.Header) { h.Set("X-Signature", h.Get("X-Signature")[:32]) },
		"an unhexed signature":   func(h http.Header) { h.Set("X-Signature", strings.Repeat("z", 64)) },
		"a signature and a tail": func(h http.Header) { h.Set("X-Signature", h.Get("X-Signature")+"00") },
	} {
		r := call(key, noon, azul)
		change(r.Header)
		if in, err := told(t, c, r, azul); !errors.Is(err, channel.ErrForged) || len(in.All()) > 0 {
			t.Errorf("%s, and it is believed: %v", what, err)
		}
	}
	if _, err := told(t, c, call(key, noon, azul), strings.Replace(azul, "azul", "azuI", 1)); !errors.Is(err, channel.ErrForged) {
		t.Errorf("the text changed, and it is believed: %v", err)
	}
	// What ends the body and what begins the time are signed as one string.
	at := strconv.FormatInt(noon.Unix(), 10)
	r := call(key, noon, azul)
	r.Header.Set("X-Timestamp", at[1:])
	if _, err := told(t, c, r, azul+at[:1]); !errors.Is(err, channel.ErrForged) {
		t.Errorf("a digit moved from the time to the body, and it is believed: %v", err)
	}
}

func TestGarbageIsToldFromForgeryAndHeardByNobody(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for _, body := range []string{
		"", "x", "[]", `{"event":5}`, `{"event":"sms:received"}`, `{"event":"sms:received","payload":[]}`,
		`{"event":"sms:received","payload":{"message":"x"}}`,
		`{"event":"sms:received","payload":{"sender":"` + strings.Repeat("9", 65) + `","message":"x"}}`,
		`{"event":"sms:received","payload":{"sender":"+212661234542","message":"x","receivedAt":"hier"}}`,
		`{"event":"sms:received","payload":{"sender":"+212661234542","message":"` + strings.Repeat("x", textLimit+1) + `"}}`,
		`{"event":"sms:batch:received","payload":{"messages":[{"sender":"+212661234542","message":"x"},{"message":"y"}]}}`,
		`{"event":"sms:delivered","payload":{}}`,
		`{"event":"sms:failed","payload":{"messageId":"` + strings.Repeat("a", 65) + `"}}`,
		strings.Repeat(" ", bodyLimit+1),
	} {
		if in, err := told(t, c, call(key, noon, body), body); !errors.Is(err, channel.ErrGarbled) || len(in.All())+len(in.Reports()) > 0 {
			t.Errorf("%.60q: %v", body, err)
		}
	}
	for _, other := range []string{`{"event":"system:ping","payload":{}}`, `{"event":"app:started"}`, `{"event":"sms:data-received","payload":{"data":"AA=="}}`} {
		if in, err := told(t, c, call(key, noon, other), other); err != nil || len(in.All()) > 0 {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func TestWhatBecameOfAMessageIsACodeAndNeverASentence(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for _, x := range []struct {
		event, more string
		state       channel.State
		code        string
	}{
		{"sms:sent", `"partsCount":2,"sentAt":"2026-11-22T12:00:00Z"`, channel.Taken, ""},
		{"sms:delivered", `"deliveredAt":"2026-11-22T12:00:00Z"`, channel.Delivered, ""},
		{"sms:cancelled", `"cancelledAt":"2026-11-22T12:00:00Z"`, channel.Failed, "cancelled"},
		{"sms:failed", `"reason":"Send result: RESULT_ERROR_NO_SERVICE (Failed because service is currently unavailable)"`, channel.Failed, "RESULT_ERROR_NO_SERVICE"},
		{"sms:failed", `"reason":"Delivery result from SC +212661000000: 65"`, channel.Failed, "status_65"},
		{"sms:failed", `"reason":"Delivery result from SC +212661000000: 661234542"`, channel.Failed, "failed"},
		{"sms:failed", `"reason":"TTL expired"`, channel.Failed, "ttl_expired"},
		{"sms:failed", `"reason":"sendSMS: Invalid phone number +212661234542"`, channel.Failed, "failed"},
		{"sms:failed", `"reason":null`, channel.Failed, "failed"},
	} {
		body := `{"event":"` + x.event + `","id":"e","payload":{"messageId":"019a","recipient":"+212661234542",` + x.more + `}}`
		in, err := told(t, c, call(key, noon, body), body)
		if err != nil || len(in.Reports()) != 1 {
			t.Fatalf("%s: %v", body, err)
		}
		if r := in.Reports()[0]; r.ID != "019a" || r.State != x.state || r.Code != x.code {
			t.Errorf("%s: %+v", x.more, r)
		}
	}
}
