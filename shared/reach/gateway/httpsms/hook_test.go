package httpsms

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

// The example by which the libraries of Standard Webhooks 1.0.0 test themselves.
func TestASignatureIsThatOfTheSpecificationsOwnExample(t *testing.T) {
	t.Parallel()
	ks, err := readKeys([]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	if err != nil {
		t.Fatal(err)
	}
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	h := ks.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("the signature is %s and not %s", got, want)
	}
	if err := ks.verify(h, body, at); err != nil {
		t.Errorf("our own signature is not believed: %v", err)
	}
}

// call makes a call of the gateway as it would be signed at a time by some keys.
func call(t *testing.T, by []string, at time.Time, body string) *http.Request {
	t.Helper()
	ks, err := readKeys(by)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/reach/sms", nil)
	r.Header = ks.sign("w1", at, []byte(body))
	return r
}

func TestACallIsBelievedForFiveMinutesAndNoLonger(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for _, x := range []struct {
		off time.Duration
		ok  bool
	}{{0, true}, {-5 * time.Minute, true}, {5 * time.Minute, true}, {-301 * time.Second, false}, {301 * time.Second, false}, {-48 * time.Hour, false}} {
		in := &conform.Inbox{}
		_, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon.Add(x.off), hello), []byte(hello), in)
		if x.ok && (err != nil || len(in.All()) != 1) {
			t.Errorf("a call %v off is not believed: %v", x.off, err)
		}
		if !x.ok && (!errors.Is(err, channel.ErrForged) || len(in.All()) != 0) {
			t.Errorf("a call %v off is believed: %v", x.off, err)
		}
	}
}

func TestWhileAKeyIsReplacedBothAreBelievedAndThenTheOldOneNoMore(t *testing.T) {
	t.Parallel()
	during := client(t, Config{HookKeys: []string{newKey, hookKey}}, &clock.Held{At: noon}, quiet())
	after := client(t, Config{HookKeys: []string{newKey}}, &clock.Held{At: noon}, quiet())
	for _, by := range [][]string{{hookKey}, {newKey}, {hookKey, newKey}} {
		if _, err := during.Hook(t.Context(), call(t, by, noon, hello), []byte(hello), &conform.Inbox{}); err != nil {
			t.Errorf("while both are in use, a call is not believed: %v", err)
		}
	}
	if _, err := after.Hook(t.Context(), call(t, []string{hookKey}, noon, hello), []byte(hello), &conform.Inbox{}); !errors.Is(err, channel.ErrForged) {
		t.Errorf("the old key is still believed: %v", err)
	}
	if _, err := after.Hook(t.Context(), call(t, []string{hookKey, newKey}, noon, hello), []byte(hello), &conform.Inbox{}); err != nil {
		t.Errorf("a call signed by both is not believed: %v", err)
	}
}

func TestEveryPartOfACallIsUnderTheSignature(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for what, change := range map[string]func(r *http.Request){
		"id":               func(r *http.Request) { r.Header.Set("webhook-id", "w2") },
		"id with a dot":    func(r *http.Request) { r.Header.Set("webhook-id", "w.1") },
		"no id":            func(r *http.Request) { r.Header.Del("webhook-id") },
		"time":             func(r *http.Request) { r.Header.Set("webhook-timestamp", "1795348801") },
		"time as a word":   func(r *http.Request) { r.Header.Set("webhook-timestamp", "now") },
		"time with a plus": func(r *http.Request) { r.Header.Set("webhook-timestamp", "+1795348800") },
		"no time":          func(r *http.Request) { r.Header.Del("webhook-timestamp") },
		"no signature":     func(r *http.Request) { r.Header.Del("webhook-signature") },
		"no version":       func(r *http.Request) { r.Header.Set("webhook-signature", r.Header.Get("webhook-signature")[3:]) },
		"another version":  func(r *http.Request) { r.Header.Set("webhook-signature", "v2"+r.Header.Get("webhook-signature")[2:]) },
		"seventeen, the last right": func(r *http.Request) {
			r.Header.Set("webhook-signature", strings.Repeat("v1,x ", 16)+r.Header.Get("webhook-signature"))
		},
	} {
		r := call(t, []string{hookKey}, noon, hello)
		change(r)
		in := &conform.Inbox{}
		if _, err := c.Hook(t.Context(), r, []byte(hello), in); !errors.Is(err, channel.ErrForged) || len(in.All()) > 0 {
			t.Errorf("%s changed, and it is believed: %v", what, err)
		}
	}
	other := strings.Replace(hello, "azul", "azuI", 1)
	if _, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, hello), []byte(other), &conform.Inbox{}); !errors.Is(err, channel.ErrForged) {
		t.Errorf("the body changed, and it is believed: %v", err)
	}
}

func TestAReplayedCallIsTheSameMessage(t *testing.T) {
	t.Parallel()
	held := &clock.Held{At: noon}
	c, in := client(t, Config{}, held, quiet()), &conform.Inbox{}
	for range 3 {
		if _, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, hello), []byte(hello), in); err != nil {
			t.Fatal(err)
		}
		held.Advance(time.Minute)
	}
	if got := in.From("+212661234542"); len(got) != 1 || got[0].ID != "m1" {
		t.Errorf("one call, replayed, is %d messages", len(got))
	}
	held.Advance(5 * time.Minute)
	if _, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, hello), []byte(hello), in); !errors.Is(err, channel.ErrForged) {
		t.Errorf("replayed after five minutes it is believed: %v", err)
	}
}

func TestACallWithoutANameOfItsOwnHasThatOfTheWebhook(t *testing.T) {
	t.Parallel()
	c, in := client(t, Config{}, &clock.Held{At: noon}, quiet()), &conform.Inbox{}
	body := strings.Replace(hello, `"id":"m1",`, "", 1)
	if _, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, body), []byte(body), in); err != nil {
		t.Fatal(err)
	}
	if got := in.All(); len(got) != 1 || got[0].ID != "w1" || !got[0].At.Equal(noon.Add(-time.Minute)) || got[0].To != "+212530123456" {
		t.Errorf("heard %+v", got)
	}
}

func TestGarbageIsToldFromForgeryAndHeardByNobody(t *testing.T) {
	t.Parallel()
	c := client(t, Config{}, &clock.Held{At: noon}, quiet())
	for _, body := range []string{
		"", "x", "[]", `"x"`, `{"type":"sms.received"}`, `{"type":"sms.received","data":[]}`,
		`{"type":"sms.received","timestamp":"yesterday","data":{"from":"+212661234542"}}`,
		`{"type":"sms.received","data":{"from":"","text":"x"}}`,
		`{"type":"sms.received","data":{"from":"` + strings.Repeat("9", 65) + `","text":"x"}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":2,"part":3,"series":1}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":2,"part":0,"series":1}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":256,"part":1,"series":1}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":-1}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":2,"part":1,"series":65536}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"` + strings.Repeat("x", textLimit+1) + `"}}`,
		`{"type":"sms.report","data":{"state":"delivered"}}`,
		`{"type":"sms.report","data":{"id":"a","state":"lost"}}`,
		`{"type":"sms.report","data":{"id":"` + strings.Repeat("a", 129) + `","state":"failed"}}`,
		strings.Repeat("x", bodyLimit+1),
	} {
		in := &conform.Inbox{}
		_, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, body), []byte(body), in)
		if !errors.Is(err, channel.ErrGarbled) || len(in.All()) > 0 || len(in.Reports()) > 0 {
			t.Errorf("%.60q: %v", body, err)
		}
	}
}

func TestWhatWeDoNotKnowYetIsThankedAndIgnored(t *testing.T) {
	t.Parallel()
	c, in := client(t, Config{}, &clock.Held{At: noon}, quiet()), &conform.Inbox{}
	body := `{"type":"account.balance","timestamp":"2026-11-22T11:59:00Z","data":{"left":3}}`
	if a, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, body), []byte(body), in); err != nil || a.Status != http.StatusNoContent || len(in.All()) > 0 {
		t.Errorf("answered %d: %v", a.Status, err)
	}
}

func TestOnePartOfOneIsAWholeMessage(t *testing.T) {
	t.Parallel()
	c, in := client(t, Config{}, &clock.Held{At: noon}, quiet()), &conform.Inbox{}
	body := strings.Replace(hello, `"text"`, `"series":9,"part":1,"parts":1,"text"`, 1)
	if _, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, body), []byte(body), in); err != nil {
		t.Fatal(err)
	}
	if got := in.All(); len(got) != 1 || got[0].Parts != 0 {
		t.Errorf("heard %+v", got)
	}
}

func TestAnInboxThatCannotKeepItIsNotThanked(t *testing.T) {
	t.Parallel()
	c, in := client(t, Config{}, &clock.Held{At: noon}, quiet()), &conform.Inbox{}
	in.Refuse(1)
	_, err := c.Hook(t.Context(), call(t, []string{hookKey}, noon, hello), []byte(hello), in)
	if err == nil || errors.Is(err, channel.ErrForged) || errors.Is(err, channel.ErrGarbled) {
		t.Errorf("the door would not answer 503: %v", err)
	}
}
