package whatsapp

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

var ours = Config{
	Phone: "106540352242922", Token: "EAAG-a-token", AppSecret: "the secret of the app", Verify: "what we chose",
	Timeout: 20 * time.Second, Languages: map[string]string{"zgh": "ar"},
}

// simulate starts a simulator and a client that it calls.
func simulate(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger, clk clock.Clock) (*Client, *Simulator) {
	t.Helper()
	s, err := NewSimulator(n, ours, "+212520001122", clk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c := ours
	c.API, c.Media = s.URL(), []string{s.MediaURL()}
	w, err := New(c, clk, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Subscribe(conform.Door(t, w, in)); err != nil {
		t.Fatal(err)
	}
	return w, s
}

// lately lets whoever is written to have written lately.
type lately struct {
	*Client
	s *Simulator
}

func TestTheNumberKeepsWhatEveryGatewayPromises(t *testing.T) {
	t.Parallel()
	conform.Run(t, func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) conform.Rig {
		w, s := simulate(t, n, in, log, clock.System{})
		for i := range 100 {
			s.Open("+2126612345" + string(rune('0'+i/10)) + string(rune('0'+i%10)))
		}
		return conform.Rig{Gateway: w, Write: s.Write, Forge: s.Forge, Press: s.Press, Number: "+212661234500", Waits: true}
	})
}

func TestSomebodyBehindANameIsHeardAndAnswered(t *testing.T) {
	t.Parallel()
	in, n := &conform.Inbox{}, channel.NewNetwork()
	w, s := simulate(t, n, in, quiet(), clock.System{})
	const hidden = "MA.1502576394655843"
	s.Write(hidden, "نحتاج الماء")
	eventually(t, func() bool { return len(in.From(hidden)) == 1 }, "they were heard")
	sent, err := w.Send(t.Context(), channel.Outgoing{ID: "one", To: hidden, Text: "مرحبا", Answer: true})
	if err != nil || len(n.On(hidden)) != 1 {
		t.Fatalf("they were not answered: %v", err)
	}
	eventually(t, func() bool {
		return slices.ContainsFunc(in.Reports(), func(r channel.Report) bool {
			return r.State == channel.Delivered && r.ID == "one" && r.Ref == sent.Ref
		})
	}, "it was reported delivered")
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// eventually waits for what must happen soon.
func eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("in ten seconds it did not happen that %s", what)
}

const phone = "+212661234542"

func TestAPlaceAndAVoiceAreHeard(t *testing.T) {
	t.Parallel()
	in := &conform.Inbox{}
	_, s := simulate(t, channel.NewNetwork(), in, quiet(), clock.System{})
	s.Share(phone, 31.0525, -8.1389)
	s.Speak(phone, "audio/ogg; codecs=opus", []byte("OggS la voix de quelqu'un"))
	s.Speak(phone, "audio/ogg", make([]byte, voiceLimit+1))
	eventually(t, func() bool { return len(in.All()) == 3 }, "all of it was heard")
	got := in.All()
	if p := got[0]; !p.HasPoint || p.Lat != 31.0525 || p.Lon != -8.1389 {
		t.Errorf("a shared place is heard as %v, %v (%v)", p.Lat, p.Lon, p.HasPoint)
	}
	if v := got[1]; v.AudioType != "audio/ogg" || string(v.Audio) != "OggS la voix de quelqu'un" {
		t.Errorf("a voice note is heard as %d bytes of %q", len(v.Audio), v.AudioType)
	}
	if v := got[2]; v.AudioType != "audio/ogg" || v.Audio != nil {
		t.Errorf("one that is too long is heard as %d bytes of %q", len(v.Audio), v.AudioType)
	}
}

// transport answers itself.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func says(status int, body string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func with(t *testing.T, f transport) *Client {
	t.Helper()
	c := ours
	c.Client = &http.Client{Transport: f}
	w, err := New(c, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOurTokenGoesToNoOtherHost(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		"https://elsewhere.example/x", "http://lookaside.fbsbx.com/x", "https://lookaside.fbsbx.com.elsewhere.example/x",
		"https://x@lookaside.fbsbx.com/x", "https://lookaside.fbsbx.com:444/x", "/x", "file:///etc/passwd", "",
	} {
		w := with(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "graph.facebook.com" {
				t.Errorf("%q was fetched", place)
			}
			return says(200, `{"url":"`+place+`"}`)(r)
		})
		s := said{in: channel.Incoming{ID: "a", AudioType: "audio/ogg"}, voice: "42"}
		for range voiceTries - 1 {
			if err := w.fetchVoice(t.Context(), &s); err == nil {
				break
			}
		}
		if err := w.fetchVoice(t.Context(), &s); err != nil || s.in.Audio != nil {
			t.Errorf("the message with a recording at %q is not heard without it: %v", place, err)
		}
	}
	// A redirect is another host too.
	asked := 0
	w := with(t, func(r *http.Request) (*http.Response, error) {
		asked++
		a, err := says(302, "")(r)
		a.Header.Set("Location", "https://elsewhere.example/x")
		return a, err
	})
	if _, err := w.Send(t.Context(), channel.Outgoing{To: phone, Text: "x", Answer: true}); channel.CodeOf(err) != "http_302" || asked != 1 {
		t.Errorf("a redirect was followed: %v after %d requests", err, asked)
	}
}

func TestAVoiceNoteThatCannotBeFetchedKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	w := with(t, says(503, ``))
	in := &conform.Inbox{}
	n := news{heard: []said{
		{in: channel.Incoming{ID: "a", From: phone, AudioType: "audio/ogg"}, voice: "42"},
		{in: channel.Incoming{ID: "b", From: "+212661234543", Text: "moi j'écris"}},
	}, became: []channel.Report{{ID: "c", State: channel.Delivered}}}
	for i := range voiceTries - 1 {
		if err := w.tell(t.Context(), n, in); err == nil {
			t.Fatalf("after %d tries the network is thanked for a voice note that was not fetched", i+1)
		}
	}
	if len(in.From(phone)) != 0 || len(in.From("+212661234543")) != 1 || len(in.Reports()) == 0 {
		t.Error("somebody else waits for the voice note")
	}
	if err := w.tell(t.Context(), n, in); err != nil || len(in.From(phone)) != 1 {
		t.Errorf("the voice note is not heard without its recording: %v", err)
	}
}

func TestWhatMetaAnswersIsTakenForWhatItMeans(t *testing.T) {
	t.Parallel()
	coded := func(status int, code string) transport {
		return says(status, `{"error":{"message":"(#`+code+`) x +212661234542","type":"OAuthException","code":`+code+`,"fbtrace_id":"A"}}`)
	}
	for _, c := range []struct {
		name string
		with transport
		err  error
		code string
		wait time.Duration
	}{
		{"undeliverable", coded(400, "131026"), channel.ErrRefused, "131026", 0},
		{"wrote too long ago", coded(400, "131047"), channel.ErrRefused, "131047", 0},
		{"throughput", coded(429, "130429"), channel.ErrBusy, "130429", time.Second},
		{"too often to one person", coded(400, "131056"), channel.ErrBusy, "131056", 6 * time.Second},
		{"called spam", coded(400, "131048"), channel.ErrBusy, "131048", 15 * time.Minute},
		{"the token ran out", coded(401, "190"), channel.ErrAway, "190", 0},
		{"no permission", coded(403, "200"), channel.ErrAway, "200", 0},
		{"not paid", coded(400, "131042"), channel.ErrAway, "131042", 0},
		{"number not registered", coded(400, "133010"), channel.ErrAway, "133010", 0},
		{"something went wrong", coded(500, "131000"), channel.ErrAway, "131000", 0},
		{"no such template", coded(404, "132001"), channel.ErrRefused, "132001", 0},
		{"a code to come, about the message", coded(400, "131999"), channel.ErrRefused, "131999", 0},
		{"a code to come", coded(400, "777"), channel.ErrAway, "777", 0},
		{"a proxy that has nobody behind it", says(502, `<html>`), channel.ErrAway, "http_502", 0},
		{"a proxy that waited in vain", says(504, `<html>`), channel.ErrUnsure, "http_504", 0},
		{"too many, from a proxy", says(429, `slow down`), channel.ErrBusy, "http_429", time.Second},
		{"nonsense", says(200, `nonsense`), channel.ErrUnsure, "unreadable", 0},
		{"without end", says(200, strings.Repeat(" ", answerLimit+1)), channel.ErrUnsure, "too_long", 0},
		{"nobody", func(*http.Request) (*http.Response, error) { return nil, errors.New(phone) }, channel.ErrAway, "no_connection", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, c.with).Send(t.Context(), channel.Outgoing{To: phone, Text: "bonjour", Answer: true})
			if !errors.Is(err, c.err) || channel.CodeOf(err) != c.code {
				t.Errorf("it means %v, and is taken for %v", c.err, err)
			}
			if p, ok := errors.AsType[*channel.Problem](err); ok && p.Wait != c.wait {
				t.Errorf("it asks to wait %v, and we wait %v", c.wait, p.Wait)
			}
			if strings.Contains(err.Error(), "661234") {
				t.Errorf("the error says too much: %v", err)
			}
		})
	}
}

func TestTheySayHowLongToWaitAndWeWaitAnHourAtMost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{"17": 17 * time.Second, "999999999": time.Hour, "-1": time.Second, "Sun, 22 Nov 2026": time.Second} {
		err := problem(429, header, []byte(`{"error":{"code":130429}}`))
		if p, ok := errors.AsType[*channel.Problem](err); !ok || p.Wait != want {
			t.Errorf("Retry-After: %s makes us wait %v", header, p.Wait)
		}
	}
}

func TestOnlyWhoCanBeThereIsWrittenTo(t *testing.T) {
	t.Parallel()
	w := with(t, func(*http.Request) (*http.Response, error) { t.Error("it was sent"); return nil, io.EOF })
	for _, to := range []string{"", "0661234542", "+0661234542", "+212 661 234 542", "MA", "ma.123", "MA.1/2", "Y2FwaV9ncm91cDox"} {
		if _, err := w.Send(t.Context(), channel.Outgoing{To: to, Text: "x", Answer: true}); channel.CodeOf(err) != "not_an_address" {
			t.Errorf("Send to %q says %v", to, err)
		}
	}
	for _, text := range []string{"", strings.Repeat("💧", 2049)} {
		if _, err := w.Send(t.Context(), channel.Outgoing{To: phone, Text: text, Answer: true}); !errors.Is(err, channel.ErrRefused) {
			t.Errorf("Send of %d units says %v", units(text), err)
		}
	}
}

func TestAWrongSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"Phone": {Phone: "+212520001122", Token: "a"},
		"Token": {Phone: "1", Token: "a b"},
		"API":   {Phone: "1", Token: "a", API: "graph.facebook.com"},
		"Media": {Phone: "1", Token: "a", Media: []string{"lookaside.fbsbx.com"}},
	} {
		if _, err := New(c, clock.System{}, quiet()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a wrong %s says %v", name, err)
		}
	}
}

func TestTheWebhookIsSetUpOnlyByWhoKnowsOurWord(t *testing.T) {
	t.Parallel()
	w := with(t, says(200, ""))
	for _, c := range []struct {
		query string
		err   error
	}{
		{"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=what+we+chose", nil},
		{"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=what+we+chos", channel.ErrForged},
		{"hub.mode=subscribe&hub.challenge=1158201444", channel.ErrForged},
		{"hub.mode=other&hub.challenge=1158201444&hub.verify_token=what+we+chose", channel.ErrGarbled},
		{"hub.mode=subscribe&hub.verify_token=what+we+chose", channel.ErrGarbled},
	} {
		a, err := w.Hook(t.Context(), httptest.NewRequest(http.MethodGet, "/?"+c.query, nil), nil, &conform.Inbox{})
		if !errors.Is(err, c.err) || c.err == nil && (string(a.Body) != "1158201444" || !strings.HasPrefix(a.Type, "text/plain")) {
			t.Errorf("%s is answered with %q and %v", c.query, a.Body, err)
		}
	}
	c := ours
	c.Verify, c.AppSecret = "", ""
	open, err := New(c, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open.Hook(t.Context(), httptest.NewRequest(http.MethodGet, "/?hub.mode=subscribe&hub.challenge=1&hub.verify_token=", nil), nil, &conform.Inbox{}); !errors.Is(err, channel.ErrForged) {
		t.Errorf("without a word of ours anybody sets it up: %v", err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set(signatureHeader, "sha256="+hexOf(sign([]byte(`{}`), "")))
	if _, err := open.Hook(t.Context(), r, []byte(`{}`), &conform.Inbox{}); !errors.Is(err, channel.ErrForged) {
		t.Errorf("without a secret anybody is believed: %v", err)
	}
}

func TestASignatureIsOverEveryByteOfTheBody(t *testing.T) {
	t.Parallel()
	// printf '%s' '{"object":"é"}' | openssl dgst -sha256 -hmac 'the secret of the app'
	body := []byte(`{"object":"é"}`)
	good := "sha256=73b8871be4be4b191b470439b7aec42496e896c51fe6533b230cd1ac4f846894"
	if !signed(good, body, ours.AppSecret) {
		t.Fatal("the right signature is refused")
	}
	for _, bad := range []string{"", "sha256=", good[:len(good)-2], good[7:], "sha1=" + good[7:], good + "00", strings.Replace(good, good[7:9], "zz", 1)} {
		if signed(bad, body, ours.AppSecret) {
			t.Errorf("%q is believed", bad)
		}
	}
	if signed(good, append(bytes.Clone(body), '\n'), ours.AppSecret) || signed(good, body, "another") {
		t.Error("another body or secret is believed")
	}
}
