package httpsms

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

const (
	houseKey = "whsec_aG91c2Uga2V5IHRoYXQgaXMgbG9uZyBlbm91Z2ggMQ=="
	hookKey  = "whsec_aG9vayBrZXkgdGhhdCBpcyBsb25nIGVub3VnaCAyMg=="
	newKey   = "whsec_bmV3IGtleSB0aGF0IGlzIGxvbmcgZW5vdWdoIDMzMw=="
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func client(t *testing.T, cfg Config, c clock.Clock, log *slog.Logger) *Client {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = "http://127.0.0.1:1/messages"
	}
	if cfg.Keys == nil {
		cfg.Keys = []string{houseKey}
	}
	if cfg.HookKeys == nil {
		cfg.HookKeys = []string{hookKey}
	}
	cl, err := New(cfg, c, log)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func TestTheGatewayKeepsWhatEveryGatewayPromises(t *testing.T) {
	t.Parallel()
	conform.Run(t, func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) conform.Rig {
		sim, err := NewSimulator(n, clock.System{}, []string{houseKey}, []string{hookKey})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sim.Close)
		c := client(t, Config{URL: sim.URL, Timeout: 10 * time.Second}, clock.System{}, log)
		sim.Connect(conform.Door(t, c, in))
		return conform.Rig{Gateway: c, Write: sim.Write, Forge: sim.Forge, Number: "+212661234542", Waits: true}
	})
}

func TestAKeyThatIsTooShortOrNoKeyIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]string{nil, {""}, {"whsec_c2hvcnQ="}, {"whsec_***"}, {houseKey, "whsec_c2hvcnQ="}} {
		if _, err := New(Config{URL: "https://sms.example/send", Keys: bad, HookKeys: []string{hookKey}}, clock.System{}, quiet()); err == nil {
			t.Errorf("keys %q are taken", bad)
		}
		if _, err := New(Config{URL: "https://sms.example/send", Keys: []string{houseKey}, HookKeys: bad}, clock.System{}, quiet()); err == nil {
			t.Errorf("hook keys %q are taken", bad)
		}
	}
	for _, bad := range []string{"", "sms.example", "ftp://sms.example/x", "http://"} {
		if _, err := New(Config{URL: bad, Keys: []string{houseKey}, HookKeys: []string{hookKey}}, clock.System{}, quiet()); err == nil {
			t.Errorf("address %q is taken", bad)
		}
	}
}

const hello = `{"type":"sms.received","timestamp":"2026-11-22T11:59:00Z","data":{"id":"m1","from":"+212661234542","to":"+212530123456","text":"azul"}}`

func TestTheHouseSignsWithTheOldAndTheNewKey(t *testing.T) {
	t.Parallel()
	for _, gatewayHas := range []string{houseKey, newKey} {
		sim, err := NewSimulator(channel.NewNetwork(), clock.System{}, []string{gatewayHas}, []string{hookKey})
		if err != nil {
			t.Fatal(err)
		}
		defer sim.Close()
		c := client(t, Config{URL: sim.URL, Keys: []string{newKey, houseKey}}, clock.System{}, quiet())
		if _, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"}); err != nil {
			t.Errorf("the gateway does not believe us: %v", err)
		}
	}
}

// answering is a gateway that always gives the same answer.
func answering(t *testing.T, h http.HandlerFunc) *Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return client(t, Config{URL: s.URL, Timeout: time.Second}, &clock.Held{At: noon}, quiet())
}

func TestEachAnswerMeansOneThing(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name         string
		status       int
		header, body string
		want         error
		code         string
		wait         time.Duration
	}{
		{"taken", 200, "", `{"ref":"r1","parts":2}`, nil, "", 0},
		{"taken, unreadable", 202, "", `<html>`, channel.ErrUnsure, "unreadable_answer", 0},
		{"busy for seconds", 429, "7", `{}`, channel.ErrBusy, "http_429", 7 * time.Second},
		{"busy until a time", 429, "Sun, 22 Nov 2026 12:00:30 GMT", ``, channel.ErrBusy, "http_429", 30 * time.Second},
		{"busy for ever", 429, "99999999999", ``, channel.ErrBusy, "http_429", time.Hour},
		{"busy for long", 429, "86400", ``, channel.ErrBusy, "http_429", time.Hour},
		{"refused", 422, "", `{"code":"unknown_number"}`, channel.ErrRefused, "unknown_number", 0},
		{"refused with a number for a code", 422, "", `{"code":"212661234542"}`, channel.ErrAway, "http_422", 0},
		{"refused with a text for a code", 422, "", `{"code":"le numéro n'existe pas"}`, channel.ErrAway, "http_422", 0},
		{"our key is wrong", 401, "", `{"code":"signature"}`, channel.ErrAway, "http_401", 0},
		{"nothing there", 404, "", ``, channel.ErrAway, "http_404", 0},
		{"broken", 500, "", `{"code":"oops"}`, channel.ErrAway, "http_500", 0},
		{"away", 503, "", ``, channel.ErrAway, "http_503", 0},
		{"elsewhere", 302, "", ``, channel.ErrAway, "http_302", 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if x.header != "" {
					w.Header().Set("Retry-After", x.header)
				}
				w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
				w.WriteHeader(x.status)
				_, _ = io.WriteString(w, x.body)
			})
			sent, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"})
			if !errors.Is(err, x.want) || channel.CodeOf(err) != x.code {
				t.Fatalf("it means %v", err)
			}
			if x.want == nil && (sent.Ref != "r1" || sent.Parts != 2) {
				t.Errorf("sent %+v", sent)
			}
			if p, ok := errors.AsType[*channel.Problem](err); ok && p.Wait != x.wait {
				t.Errorf("it asks for %v", p.Wait)
			}
		})
	}
}

func TestAnAnswerThatIsLostIsToldFromAGatewayThatIsAway(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"}); !errors.Is(err, channel.ErrUnsure) {
		t.Errorf("the answer was lost after the message was written: %v", err)
	}
	nobody := client(t, Config{URL: "http://127.0.0.1:1/messages"}, clock.System{}, quiet())
	if _, err := nobody.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"}); !errors.Is(err, channel.ErrAway) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestAMessageTellsHowLongItIsWorthAndWhereToReport(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- string(b)
		_, _ = io.WriteString(w, `{}`)
	}))
	defer s.Close()
	c := client(t, Config{URL: s.URL, ReportTo: "https://twiza.example/reach/sms"}, clock.System{}, quiet())
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "ⴰⵣⵓⵍ", ValidFor: 90 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","to":"+212661234542","text":"ⴰⵣⵓⵍ","valid_seconds":5400,"report_to":"https://twiza.example/reach/sms"}`
	if b := <-got; b != want {
		t.Errorf("posted %s", b)
	}
}

func TestAnAnswerWithoutEndIsCutShort(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for range 100 {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	})
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"}); !errors.Is(err, channel.ErrUnsure) {
		t.Errorf("%v", err)
	}
}

func TestTheSimulatorBelievesNobodyWithoutTheKey(t *testing.T) {
	t.Parallel()
	n := channel.NewNetwork()
	sim, err := NewSimulator(n, clock.System{}, []string{houseKey}, []string{hookKey})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	c := client(t, Config{URL: sim.URL, Keys: []string{newKey}}, clock.System{}, quiet())
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "a", To: "+212661234542", Text: "x"}); !errors.Is(err, channel.ErrAway) || channel.CodeOf(err) != "http_401" {
		t.Errorf("%v", err)
	}
	if len(n.All()) > 0 {
		t.Error("it arrived all the same")
	}
}
