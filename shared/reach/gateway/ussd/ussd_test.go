package ussd

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

const secret = "a-secret-of-the-aggregator"

// phoneAt is a session as the suite sees it.
type phoneAt struct {
	*Session
	told []string
	t    *testing.T
}

func (p *phoneAt) read(screen string, _ bool, err error) {
	if err != nil {
		p.t.Errorf("the phone shows no screen: %v", err)
		return
	}
	p.told = append(p.told, screen)
}

func (p *phoneAt) Told() []string    { return p.told }
func (p *phoneAt) Press(keys string) { p.read(p.Session.Press(keys)) }
func (p *phoneAt) Wait()             { p.Drop() }
func (p *phoneAt) Over() bool        { return p.ended }

func TestConformance(t *testing.T) {
	t.Parallel()
	conform.RunLive(t, func(t *testing.T, n *channel.Network, with channel.Talker, log *slog.Logger) conform.LiveRig {
		g := New(Config{Name: "aggregator", Secret: secret, Header: "X-Key", Prefix: "212", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, clock.System{}, log)
		sim, err := NewSimulator(n, Aggregator{URL: conform.LiveDoor(t, g, with), Header: "X-Key", Secret: secret})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sim.Close)
		return conform.LiveRig{
			Number: "+212661234500",
			Words:  true,
			Begin: func(from string) conform.Handset {
				p := &phoneAt{Session: sim.Dial(from), t: t}
				p.read(p.Screen())
				return p
			},
		}
	})
}

// talker is a function that talks.
type talker func(channel.Turn) (channel.Said, error)

func (f talker) Talk(_ context.Context, t channel.Turn) (channel.Said, error) { return f(t) }

// heard remembers turns and answers "ok".
type heard struct {
	mu    sync.Mutex
	turns []channel.Turn
}

func (h *heard) Talk(_ context.Context, t channel.Turn) (channel.Said, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turns = append(h.turns, t)
	return channel.Said{Text: "screen " + t.Keys, End: t.Keys == "0"}, nil
}

func (h *heard) last(t *testing.T, want int) channel.Turn {
	t.Helper()
	if len(h.turns) != want {
		t.Fatalf("%d turns were told, and %d were to be", len(h.turns), want)
	}
	return h.turns[want-1]
}

func post(t *testing.T, g *Gateway, with channel.Talker, pairs ...string) (string, error) {
	t.Helper()
	form := url.Values{"sessionId": {"S1"}, "phoneNumber": {"+212661234542"}, "serviceCode": {"*555#"}, "text": {""}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "-" {
			form.Del(pairs[i])
			continue
		}
		form.Set(pairs[i], pairs[i+1])
	}
	body := form.Encode()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/live/ussd/"+secret, strings.NewReader(body))
	a, err := g.Live(t.Context(), r, []byte(body), with)
	return string(a.Body), err
}

func gateway() (*Gateway, *clock.Held) {
	now := &clock.Held{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	return New(Config{Name: "aggregator", Secret: secret, Prefix: "212"}, now, slog.New(slog.DiscardHandler)), now
}

func TestAStrangerIsNotBelieved(t *testing.T) {
	t.Parallel()
	silent := talker(func(channel.Turn) (channel.Said, error) {
		t.Error("a stranger was heard")
		return channel.Said{}, nil
	})
	aggregator := []netip.Prefix{netip.MustParsePrefix("196.216.0.0/16"), netip.MustParsePrefix("2001:db8::/32")}
	for _, x := range []struct {
		name    string
		cfg     Config
		path    string
		header  string
		from    string
		welcome bool
	}{
		{"the secret in the path", Config{Secret: secret}, "/live/" + secret, "", "9.9.9.9:1", true},
		{"another secret in the path", Config{Secret: secret}, "/live/" + secret + "x", "", "9.9.9.9:1", false},
		{"the secret in the header", Config{Secret: secret, Header: "X-Key"}, "/live", secret, "9.9.9.9:1", true},
		{"the secret in the path where a header is asked for", Config{Secret: secret, Header: "X-Key"}, "/live/" + secret, "", "9.9.9.9:1", false},
		{"no secret was ever given", Config{}, "/", "", "9.9.9.9:1", false},
		{"no secret was ever given, and the header is empty", Config{Header: "X-Key"}, "/", "", "9.9.9.9:1", false},
		{"one of its addresses", Config{Secret: secret, Allow: aggregator}, "/" + secret, "", "196.216.3.4:999", true},
		{"one of its addresses, mapped", Config{Secret: secret, Allow: aggregator}, "/" + secret, "", "[::ffff:196.216.3.4]:999", true},
		{"one of its addresses, IPv6", Config{Secret: secret, Allow: aggregator}, "/" + secret, "", "[2001:db8::1]:999", true},
		{"another address", Config{Secret: secret, Allow: aggregator}, "/" + secret, "", "196.217.3.4:999", false},
		{"an address that cannot be read", Config{Secret: secret, Allow: aggregator}, "/" + secret, "", "@", false},
	} {
		r := httptest.NewRequest(http.MethodPost, x.path, nil)
		r.RemoteAddr = x.from
		r.Header.Set("X-Key", x.header)
		g := New(x.cfg, clock.System{}, slog.New(slog.DiscardHandler))
		_, err := g.Live(t.Context(), r, []byte("no form at all"), silent)
		if x.welcome && !errors.Is(err, channel.ErrGarbled) || !x.welcome && !errors.Is(err, channel.ErrForged) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestARepeatedStepIsAnsweredAlikeAndDoneOnce(t *testing.T) {
	t.Parallel()
	g, now := gateway()
	h := &heard{}
	for _, text := range []string{"", "", "1", "1", "", "1*2", "1", "1*2"} {
		answer, err := post(t, g, h, "text", text)
		if want := "CON screen " + text[strings.LastIndexByte(text, '*')+1:]; err != nil || answer != want {
			t.Errorf("%q: %q %v", text, answer, err)
		}
		now.Advance(3 * time.Second)
	}
	if len(h.turns) != 3 {
		t.Errorf("three steps were done %d times", len(h.turns))
	}
	now.Advance(9 * time.Minute)
	if _, err := post(t, g, h, "text", "1*2"); err != nil || len(h.turns) != 3 {
		t.Error("the newest step was done again after nine minutes")
	}
}

func TestARepeatWaitsForTheAnswerThatIsBeingMade(t *testing.T) {
	t.Parallel()
	g, _ := gateway()
	release, began := make(chan struct{}), make(chan struct{}, 2)
	slow := talker(func(channel.Turn) (channel.Said, error) {
		began <- struct{}{}
		<-release
		return channel.Said{Text: "slow"}, nil
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if answer, err := post(t, g, slow); err != nil || answer != "CON slow" {
				t.Errorf("%q %v", answer, err)
			}
		})
	}
	<-began
	close(release)
	all.Wait()
	if len(began) > 0 {
		t.Error("the step was done twice")
	}
}

func TestAStepThatFailedIsDoneAgain(t *testing.T) {
	t.Parallel()
	g, _ := gateway()
	full := errors.New("the disk is full")
	if _, err := post(t, g, talker(func(channel.Turn) (channel.Said, error) { return channel.Said{}, full })); !errors.Is(err, full) {
		t.Fatal(err)
	}
	h := &heard{}
	if answer, err := post(t, g, h); err != nil || answer != "CON screen " || !h.last(t, 1).New {
		t.Error("the first step was lost")
	}
}

func TestAResumedSessionAccumulatesAnew(t *testing.T) {
	t.Parallel()
	g, now := gateway()
	h := &heard{}
	for _, text := range []string{"", "1", "1*2"} {
		if _, err := post(t, g, h, "text", text); err != nil {
			t.Fatal(err)
		}
	}
	now.Advance(time.Minute)
	for i, x := range []struct{ text, keys string }{{"5", "5"}, {"5*1", "1"}} {
		if _, err := post(t, g, h, "text", x.text); err != nil {
			t.Fatal(err)
		}
		if turn := h.last(t, 4+i); turn.Keys != x.keys || turn.New {
			t.Errorf("%q is heard as %q, New %t", x.text, turn.Keys, turn.New)
		}
	}
	now.Advance(time.Minute)
	if _, err := post(t, g, h, "text", "5"); err != nil || h.last(t, 6).Keys != "5" {
		t.Error("the same key after a second drop was taken for a repetition")
	}
	now.Advance(time.Minute)
	if _, err := post(t, g, h, "text", ""); err != nil || !h.last(t, 7).New {
		t.Error("a session that begins again under its name was taken for a repetition")
	}
}

func TestASessionThatNobodyRemembersBegins(t *testing.T) {
	t.Parallel()
	g, _ := gateway()
	h := &heard{}
	if _, err := post(t, g, h, "text", "1*4*2"); err != nil {
		t.Fatal(err)
	}
	if turn := h.last(t, 1); !turn.New || turn.Keys != "2" {
		t.Errorf("heard %q, New %t", turn.Keys, turn.New)
	}
}

func TestTheEndIsToldOnceAndNotAfterOurOwn(t *testing.T) {
	t.Parallel()
	g, _ := gateway()
	h := &heard{}
	over := func(session, status string) {
		t.Helper()
		for range 2 {
			if answer, err := post(t, g, h, "sessionId", session, "text", "-", "status", status); err != nil || answer != "" {
				t.Fatalf("%q %v", answer, err)
			}
		}
	}
	if _, err := post(t, g, h); err != nil {
		t.Fatal(err)
	}
	over("S1", "Incomplete")
	if turn := h.last(t, 2); !turn.Gone || turn.From != "+212661234542" {
		t.Error("who hung up is not said to be gone")
	}
	if answer, err := post(t, g, h, "sessionId", "S2", "text", "0"); err != nil || !strings.HasPrefix(answer, "END ") {
		t.Fatalf("%q %v", answer, err)
	}
	over("S2", "Success")
	over("S3", "Success")
	h.last(t, 3)
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(3, time.Minute)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	first := m.session("a", at)
	for _, name := range []string{"b", "a", "c", "d", "e", "f"} {
		m.session(name, at)
	}
	if len(m.by) > 4 || m.order.Len() != len(m.by) {
		t.Errorf("%d sessions are remembered", len(m.by))
	}
	if m.session("a", at) == first {
		t.Error("the oldest was not forgotten")
	}
	m.session("g", at.Add(2*time.Minute))
	if len(m.by) != 1 {
		t.Errorf("%d sessions are remembered after their time", len(m.by))
	}
}

// FuzzKeys walks a session of any inputs whatever, and hears each as it was typed.
