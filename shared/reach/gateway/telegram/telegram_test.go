package telegram

import (
	"bytes"
	"context"
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

const (
	token  = "4200042:a-token_that-nobody-may-read"
	secret = "a_secret-of-the-webhook"
)

// simulate starts a simulator and a bot that listens to it in one of two ways.
func simulate(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger, hooked bool) (*Client, *Simulator) {
	t.Helper()
	s, err := NewSimulator(n, token, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c := Config{Token: token, Name: "twiza_bot", API: s.URL(), Secret: secret, Poll: 2 * time.Second, Timeout: 20 * time.Second}
	d := &late{}
	if hooked {
		c.Webhook = conform.Door(t, d, in)
	}
	b, err := New(c, clock.System{}, log)
	if err != nil {
		t.Fatal(err)
	}
	d.Client = b
	conform.Keep(t, b, in)
	return b, s
}

// late is a bot whose door is open before it is there: each needs the other's
// address.
type late struct{ *Client }

func TestTheBotKeepsWhatEveryGatewayPromises(t *testing.T) {
	t.Parallel()
	for name, hooked := range map[string]bool{"asking for updates": false, "called by webhook": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conform.Run(t, func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) conform.Rig {
				b, s := simulate(t, n, in, log, hooked)
				rig := conform.Rig{Gateway: b, Write: s.Write, Press: s.Press, Number: "6127345500", Waits: true, NoReports: true}
				if hooked {
					rig.Forge = s.Forge
				}
				return rig
			})
		})
	}
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

func TestATapIsHeardAsItsDigitAndTheButtonsGoAway(t *testing.T) {
	t.Parallel()
	for _, hooked := range []bool{false, true} {
		in := &conform.Inbox{}
		b, s := simulate(t, channel.NewNetwork(), in, quiet(), hooked)
		s.Write("777", "/start")
		_, err := b.Send(t.Context(), channel.Outgoing{To: "777", Text: "De quoi avez-vous besoin ?",
			Replies: []channel.Reply{{Key: "1", Text: "de l'eau"}, {Key: "2", Text: "un abri"}}})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.Keys("777"), []channel.Reply{{Key: "1", Text: "1 de l'eau"}, {Key: "2", Text: "2 un abri"}}; !slices.Equal(got, want) {
			t.Fatalf("the buttons are %v and not %v", got, want)
		}
		if !s.Press("777", "2") {
			t.Fatal("there is no button 2")
		}
		eventually(t, func() bool { return len(in.All()) == 2 }, "the tap was heard")
		if tap := in.All()[1]; tap.Text != "2" || tap.From != "777" || tap.To != "twiza_bot" || tap.ID == "" {
			t.Errorf("a tap on 2 is heard as %q from %q", tap.Text, tap.From)
		}
		eventually(t, func() bool { return s.Turning() == 0 && s.Keys("777") == nil }, "the button was released and taken away")
		if s.Press("777", "1") {
			t.Error("a question that was answered can be answered again")
		}
	}
}

func TestAPlaceAVoiceAndAnOwnNumberAreHeard(t *testing.T) {
	t.Parallel()
	in := &conform.Inbox{}
	_, s := simulate(t, channel.NewNetwork(), in, quiet(), false)
	s.Share("777", 31.0525, -8.1389)
	s.Speak("777", "audio/ogg", []byte("OggS la voix de quelqu'un"))
	s.Contact("777", "212661234542", true)
	s.Contact("777", "212661999999", false)
	s.Write("777", "/start ref_42")
	eventually(t, func() bool { return len(in.All()) == 4 && s.Waiting() == 0 }, "all of it was heard")
	got := in.All()
	if p := got[0]; !p.HasPoint || p.Lat != 31.0525 || p.Lon != -8.1389 {
		t.Errorf("a shared place is heard as %v, %v (%v)", p.Lat, p.Lon, p.HasPoint)
	}
	if v := got[1]; v.AudioType != "audio/ogg" || string(v.Audio) != "OggS la voix de quelqu'un" {
		t.Errorf("a voice note is heard as %d bytes of %q", len(v.Audio), v.AudioType)
	}
	if got[2].Text != "+212661234542" {
		t.Error("somebody's own number is not heard as a number")
	}
	if got[3].Text != "/start" {
		t.Errorf("a start through a link is heard as %q", got[3].Text)
	}
}

func TestAVoiceNoteThatIsTooLongIsHeardAsOneThatWasMade(t *testing.T) {
	t.Parallel()
	in := &conform.Inbox{}
	_, s := simulate(t, channel.NewNetwork(), in, quiet(), false)
	s.Speak("777", "audio/ogg", make([]byte, voiceLimit+1))
	s.Speak("777", "audio/ogg", make([]byte, voiceLimit))
	eventually(t, func() bool { return len(in.All()) == 2 }, "both were heard")
	if v := in.All()[0]; v.AudioType == "" || v.Audio != nil {
		t.Errorf("what is too long is heard as %d bytes of %q", len(v.Audio), v.AudioType)
	}
	if v := in.All()[1]; len(v.Audio) != voiceLimit {
		t.Errorf("what is just not too long is heard as %d bytes", len(v.Audio))
	}
}

func TestInAGroupTheBotSaysNothingAndLeaves(t *testing.T) {
	t.Parallel()
	in, n := &conform.Inbox{}, channel.NewNetwork()
	_, s := simulate(t, n, in, quiet(), false)
	s.WriteInGroup("-100200300", "777", "écoute le groupe")
	s.Write("777", "bonjour")
	eventually(t, func() bool { return len(in.All()) == 1 }, "what was said in private was heard")
	if in.All()[0].Text != "bonjour" {
		t.Error("what was said in a group was heard")
	}
	if !s.Left("-100200300") {
		t.Error("the bot stays in the group")
	}
	if len(n.All()) != 0 {
		t.Error("the bot said something")
	}
}

func TestNothingIsConfirmedThatWasNotKept(t *testing.T) {
	t.Parallel()
	in := &conform.Inbox{}
	in.Refuse(3)
	_, s := simulate(t, channel.NewNetwork(), in, quiet(), false)
	s.Write("777", "un")
	eventually(t, func() bool { return in.Refused() > 0 }, "the inbox was asked")
	if s.Waiting() != 1 {
		t.Fatal("an update was confirmed that the inbox had refused")
	}
	s.Write("778", "deux")
	eventually(t, func() bool { return s.Waiting() == 0 }, "everything was confirmed")
	if len(in.From("777")) != 1 || len(in.From("778")) != 1 {
		t.Errorf("heard %d and %d messages of two people who wrote one each", len(in.From("777")), len(in.From("778")))
	}
}

// broken answers a method with something else while it is told to.
type broken struct {
	next http.RoundTripper
	path string
	with func(*http.Request) (*http.Response, error)
}

func (b *broken) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, b.path) {
		return b.with(r)
	}
	return b.next.RoundTrip(r)
}

func says(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func TestAVoiceNoteThatCannotBeFetchedKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	in := &conform.Inbox{}
	s, err := NewSimulator(channel.NewNetwork(), token, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b, err := New(Config{Token: token, API: s.URL(), Poll: time.Second, Timeout: time.Second,
		Client: &http.Client{Transport: &broken{http.DefaultTransport, "/file/", says(502, "bad gateway")}}}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	conform.Keep(t, b, in)
	s.Speak("777", "audio/ogg", []byte("OggS"))
	s.Write("778", "moi j'écris")
	eventually(t, func() bool { return len(in.From("778")) == 1 }, "the second person was heard")
	if len(in.From("777")) != 0 || s.Waiting() == 0 {
		t.Error("the voice note was given up at once")
	}
	eventually(t, func() bool { return len(in.From("777")) == 1 && s.Waiting() == 0 }, "the voice note was heard without its recording")
	if v := in.From("777")[0]; v.Audio != nil || v.AudioType != "audio/ogg" {
		t.Errorf("it is heard as %d bytes of %q", len(v.Audio), v.AudioType)
	}
	if k := len(in.All()); k != 2 {
		t.Errorf("two things were said, and %d were heard", k)
	}
}

func TestWhatTelegramAnswersIsTakenForWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		with func(*http.Request) (*http.Response, error)
		err  error
		code string
		wait time.Duration
	}{
		{"blocked", says(403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`), channel.ErrRefused, "http_403", 0},
		{"no such chat", says(400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`), channel.ErrRefused, "http_400", 0},
		{"a group that moved", says(400, `{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}`), channel.ErrRefused, "http_400", 0},
		{"the token is wrong", says(401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`), channel.ErrAway, "http_401", 0},
		{"too many", says(429, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":17}}`), channel.ErrBusy, "http_429", 17 * time.Second},
		{"too many for ever", says(429, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":999999999}}`), channel.ErrBusy, "http_429", time.Hour},
		{"too many, from a proxy", says(429, `slow down`), channel.ErrBusy, "http_429", time.Second},
		{"an error of theirs", says(500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`), channel.ErrAway, "http_500", 0},
		{"a proxy that has nobody behind it", says(502, `<html>`), channel.ErrAway, "http_502", 0},
		{"a proxy that waited in vain", says(504, `<html>`), channel.ErrUnsure, "http_504", 0},
		{"another house", says(302, ``), channel.ErrAway, "http_302", 0},
		{"nonsense", says(200, `nonsense`), channel.ErrUnsure, "unreadable", 0},
		{"without end", says(200, `{"ok":true,"result":{"text":"`+strings.Repeat("a", answerLimit)+`"}}`), channel.ErrUnsure, "unreadable", 0},
		{"nobody", func(*http.Request) (*http.Response, error) { return nil, errors.New("4200042 0661234542") }, channel.ErrAway, "no_connection", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := New(Config{Token: token, API: "http://127.0.0.1:1",
				Client: &http.Client{Transport: &broken{http.DefaultTransport, "/sendMessage", c.with}}}, clock.System{}, quiet())
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.Send(t.Context(), channel.Outgoing{To: "777", Text: "bonjour"})
			if !errors.Is(err, c.err) || channel.CodeOf(err) != c.code {
				t.Errorf("it means %v, and is taken for %v", c.err, err)
			}
			if p, ok := errors.AsType[*channel.Problem](err); ok && p.Wait != c.wait {
				t.Errorf("it asks to wait %v, and we wait %v", c.wait, p.Wait)
			}
			if strings.Contains(err.Error(), "4200042") || strings.Contains(err.Error(), "0661") {
				t.Errorf("the error says too much: %v", err)
			}
		})
	}
}

func TestAConnectionThatBreaksBeforeAnythingLeftIsNotUnsure(t *testing.T) {
	t.Parallel()
	b, err := New(Config{Token: token, API: "http://127.0.0.1:1"}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Send(t.Context(), channel.Outgoing{To: "777", Text: "bonjour"}); !errors.Is(err, channel.ErrAway) {
		t.Errorf("nobody listens there, and Send says %v", err)
	}
}

func TestOnlyAPrivateChatIsWrittenTo(t *testing.T) {
	t.Parallel()
	b, err := New(Config{Token: token, API: "http://127.0.0.1:1"}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"", "0", "-100200300", "@somebody", "+212661234542 ", "9999999999999999999999"} {
		if _, err := b.Send(t.Context(), channel.Outgoing{To: to, Text: "bonjour"}); !errors.Is(err, channel.ErrRefused) {
			t.Errorf("Send to %q says %v", to, err)
		}
	}
	if _, err := b.Send(t.Context(), channel.Outgoing{To: "777", Text: strings.Repeat("💧", 2049)}); channel.CodeOf(err) != "too_long" {
		t.Errorf("Send of 4098 units says %v", err)
	}
}

func TestAWrongSettingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"token":   {Token: "what BotFather did not give"},
		"API":     {Token: token, API: "telegram.org"},
		"webhook": {Token: token, Webhook: "/hook", Secret: secret},
		"secret":  {Token: token, Secret: "é"},
		"needs":   {Token: token, Webhook: "https://twiza.example/hook"},
	} {
		if _, err := New(c, clock.System{}, quiet()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a wrong %s says %v", name, err)
		}
	}
}

func TestAHookWithoutSecretBelievesNobody(t *testing.T) {
	t.Parallel()
	b, err := New(Config{Token: token}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	in := &conform.Inbox{}
	body := []byte(`{"update_id":1,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"x"}}`)
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	if _, err := b.Hook(t.Context(), r, body, in); !errors.Is(err, channel.ErrForged) || len(in.All()) != 0 {
		t.Errorf("a call without any secret was answered with %v", err)
	}
}

func TestAHookRefusesWhatIsNoUpdate(t *testing.T) {
	t.Parallel()
	b, err := New(Config{Token: token, Secret: secret}, clock.System{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	in := &conform.Inbox{}
	for _, c := range []struct{ method, body string }{
		{"GET", ``}, {"POST", ``}, {"POST", `[]`}, {"POST", `{}`}, {"POST", `{"update_id":-1}`}, {"POST", `{"update_id":"1"}`},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.Header.Set(secretHeader, secret)
		if _, err := b.Hook(t.Context(), r, []byte(c.body), in); !errors.Is(err, channel.ErrGarbled) {
			t.Errorf("%s %s says %v", c.method, c.body, err)
		}
	}
}

func TestTheTokenIsNeverWrittenDown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	b, err := New(Config{Token: token, API: "http://127.0.0.1:1", Poll: time.Second, Timeout: time.Second}, clock.System{},
		slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	if err := b.Run(ctx, &conform.Inbox{}, func(state string) { states = append(states, state) }); err != nil {
		t.Errorf("Run says %v", err)
	}
	if !slices.Equal(states, []string{"no_connection"}) {
		t.Errorf("nobody is there, and the states are %q", states)
	}
	if log.Len() == 0 || strings.Contains(log.String(), "a-token") {
		t.Errorf("the log holds the token, or nothing: %d bytes", log.Len())
	}
}
