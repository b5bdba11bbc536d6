package android

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

const (
	key    = "k3y-of-the-phone"
	newKey = "the-key-that-comes"

	handMade = "9f1b55928e5d1e6df804f6f7ac1d57b8c45d5bc6ac3831fbefb56a05be986c9b"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func client(t *testing.T, cfg Config, c clock.Clock, log *slog.Logger) *Client {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = "http://127.0.0.1:1"
	}
	if cfg.User == "" {
		cfg.User, cfg.Password = "sms", "secret"
	}
	if cfg.Keys == nil {
		cfg.Keys = []string{key}
	}
	cfg.Prefix = "212"
	cl, err := New(cfg, c, log)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func simulator(t *testing.T, n *channel.Network, p Phone) *Simulator {
	t.Helper()
	p.User, p.Password, p.Key = "sms", "secret", key
	s, err := NewSimulator(n, clock.System{}, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// front is a hook whose address is known before who answers there.
type front struct{ to atomic.Pointer[Client] }

func (f *front) Hook(ctx context.Context, r *http.Request, body []byte, in channel.Inbox) (channel.Answer, error) {
	return f.to.Load().Hook(ctx, r, body, in)
}

func promises(t *testing.T, p Phone, cfg Config) {
	conform.Run(t, func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) conform.Rig {
		sim, f, cfg := simulator(t, n, p), &front{}, cfg
		cfg.URL, cfg.Hook, cfg.Timeout, cfg.Poll = sim.URL, conform.Door(t, f, in), 10*time.Second, time.Hour
		c := client(t, cfg, clock.System{}, log)
		f.to.Store(c)
		conform.Keep(t, c, in)
		return conform.Rig{Gateway: c, Write: sim.Write, Forge: sim.Forge, Number: "+212661234542"}
	})
}

func TestThePhoneItselfKeepsWhatEveryGatewayPromises(t *testing.T) {
	t.Parallel()
	promises(t, Phone{}, Config{})
}

func TestAPhoneBehindAServerKeepsWhatEveryGatewayPromises(t *testing.T) {
	t.Parallel()
	promises(t, Phone{Server: true}, Config{Server: true, Device: Device, Tokens: true})
}

func TestASettingThatCannotWorkIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	good := Config{URL: "http://192.168.1.20:8080", User: "sms", Password: "x", Keys: []string{key}}
	if _, err := New(good, clock.System{}, quiet()); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Config){
		"no address":    func(c *Config) { c.URL = "" },
		"no protocol":   func(c *Config) { c.URL = "192.168.1.20:8080" },
		"no user":       func(c *Config) { c.User = "" },
		"no password":   func(c *Config) { c.Password = "" },
		"a fourth SIM":  func(c *Config) { c.SIM = 4 },
		"a short key":   func(c *Config) { c.Keys = []string{"short"} },
		"an empty key":  func(c *Config) { c.Keys = []string{key, ""} },
		"a file":        func(c *Config) { c.URL = "file:///etc/passwd" },
		"a minus-first": func(c *Config) { c.SIM = -1 },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg, clock.System{}, quiet()); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestSeveralPhonesBehindAServerMaySendTwiceAndSayIt(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		cfg  Config
		once bool
	}{{Config{}, true}, {Config{Server: true, Device: Device}, true}, {Config{Server: true}, false}} {
		if got := client(t, x.cfg, clock.System{}, quiet()).SendsOnce(); got != x.once {
			t.Errorf("server %v, device %q: once is %v", x.cfg.Server, x.cfg.Device, got)
		}
	}
}

const azul = `{"deviceId":"d","event":"sms:received","id":"Ey6ECgOkVVFjz3CL48B8C","payload":{"messageId":"abc123","message":"azul","sender":"+212661234542","recipient":null,"simNumber":1,"receivedAt":"2026-11-22T12:59:30.000+01:00"},"webhookId":"twiza-sms-received"}`

// answering is a phone that always gives the same answer.
func answering(t *testing.T, cfg Config, h http.HandlerFunc) *Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	cfg.URL, cfg.Timeout = s.URL+"/", time.Second
	return client(t, cfg, &clock.Held{At: noon}, quiet())
}

var message = channel.Outgoing{ID: "019a0000-0000-7000-8000-000000000001", To: "+212661234542", Text: "ⴰⵣⵓⵍ", ValidFor: 90 * time.Minute}

func TestEachAnswerMeansOneThing(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status int
		retry  string
		want   error
		wait   time.Duration
	}{
		{202, "", nil, 0}, {200, "", nil, 0}, {201, "", nil, 0},
		{409, "", nil, 0}, // it has it already
		{400, "", channel.ErrRefused, 0}, {413, "", channel.ErrRefused, 0}, {422, "", channel.ErrRefused, 0},
		{429, "5", channel.ErrBusy, 5 * time.Second}, {503, "", channel.ErrBusy, 0},
		{401, "", channel.ErrAway, 0}, {403, "", channel.ErrAway, 0}, {404, "", channel.ErrAway, 0},
		{500, "", channel.ErrAway, 0}, {502, "", channel.ErrAway, 0}, {302, "", channel.ErrAway, 0},
	} {
		t.Run(strconv.Itoa(x.status), func(t *testing.T) {
			t.Parallel()
			c := answering(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Location", "http://127.0.0.1:1/")
				if x.retry != "" {
					w.Header().Set("Retry-After", x.retry)
				}
				w.WriteHeader(x.status)
			})
			sent, err := c.Send(t.Context(), message)
			if !errors.Is(err, x.want) {
				t.Fatalf("it means %v", err)
			}
			if x.want == nil && sent.Ref != message.ID {
				t.Errorf("its name is %q", sent.Ref)
			}
			if p, ok := errors.AsType[*channel.Problem](err); ok && (p.Wait != x.wait || p.Code != "http_"+strconv.Itoa(x.status)) {
				t.Errorf("it says %s and to wait %v", p.Code, p.Wait)
			}
		})
	}
}

func TestAMessageIsSentInTheWordsOfTheApp(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	c := answering(t, Config{Server: true, Device: "d", SIM: 2}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		got <- r.Method + " " + r.URL.Path + " " + user + ":" + password + " " + string(b)
		w.WriteHeader(202)
	})
	if _, err := c.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	want := `POST /messages sms:secret {"id":"` + message.ID + `","textMessage":{"text":"ⴰⵣⵓⵍ"},"phoneNumbers":["+212661234542"],"withDeliveryReport":true,"ttl":5400,"simNumber":2,"deviceId":"d"}`
	if g := <-got; g != want {
		t.Errorf("sent %s", g)
	}
	for valid, want := range map[time.Duration]int64{0: 0, time.Second: 5, time.Minute: 60} {
		if got := ttl(valid); got != want {
			t.Errorf("%v is %d seconds", valid, got)
		}
	}
}

func TestAPhoneThatLeftItsServerIsAwayAndTheMessageWaits(t *testing.T) {
	t.Parallel()
	for phones, want := range map[string]error{
		`[]`: channel.ErrAway, `[{"id":"other"}]`: channel.ErrAway, `[{"id":"d"}]`: channel.ErrRefused, `<html>`: channel.ErrRefused,
	} {
		c := answering(t, Config{Server: true, Device: "d"}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if r.URL.Path == "/devices" {
				_, _ = io.WriteString(w, phones)
				return
			}
			w.WriteHeader(400)
		})
		if _, err := c.Send(t.Context(), message); !errors.Is(err, want) {
			t.Errorf("the server has %s: %v", phones, err)
		}
	}
}

func TestATokenIsMadeOnceAndMadeAnewWhenItIsRefused(t *testing.T) {
	t.Parallel()
	sim := simulator(t, channel.NewNetwork(), Phone{Server: true})
	c := client(t, Config{URL: sim.URL, Server: true, Device: Device, Tokens: true}, clock.System{}, quiet())
	send := func(id string) {
		t.Helper()
		m := message
		m.ID = id
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	send("a")
	first := c.token
	send("b")
	if c.token != first || first == "" {
		t.Error("each message makes a token")
	}
	sim.ForgetTokens()
	send("c")
	if c.token == first {
		t.Error("a token that is refused is used again")
	}
	c.expires = c.clock.Now().Add(30 * time.Second)
	second := c.token
	send("d")
	if c.token == second {
		t.Error("a token is used until it ends under our hands")
	}
	bad := client(t, Config{URL: sim.URL, User: "sms", Password: "wrong", Tokens: true}, clock.System{}, quiet())
	if _, err := bad.Send(t.Context(), message); !errors.Is(err, channel.ErrAway) || channel.CodeOf(err) != "token_http_401" {
		t.Errorf("with a wrong password: %v", err)
	}
}
