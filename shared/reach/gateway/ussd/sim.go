package ussd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Aggregator says how the simulator calls us.
type Aggregator struct {
	URL    string // of our door, on this machine; with the secret in its path where Header is ""
	Header string // the header that carries the secret
	Secret string
	Code   string // what people dial, "*555#"
	Clock  clock.Clock
}

// Simulator is an aggregator and every phone of its network. It obeys, of
// channel.Faults: Away and Busy (nobody can dial), Refuse (the code is not
// open), Hang (we hear a step and our answer is lost: the session drops), Lie
// (we never hear the step, and the session drops), Late, Twice (each step is
// told twice at once), Mix (the step before is told once more, after the next),
// Unsure (the end of a session is not told). Every screen arrives on the
// Network as a message on the phone.
type Simulator struct {
	cfg    Aggregator
	net    *channel.Network
	http   *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// What can happen to somebody who dials.
var (
	ErrDropped  = errors.New("ussd: the session dropped")
	ErrOver     = errors.New("ussd: the session is over")
	ErrTooLong  = errors.New("ussd: our screen is too long for a phone")
	ErrNoAnswer = errors.New("ussd: the service answered nothing that a phone can show")
	ErrTwoFaced = errors.New("ussd: the same step was answered in two ways")
)

// NewSimulator makes an aggregator that calls a door on this machine, and no other.
func NewSimulator(n *channel.Network, cfg Aggregator) (*Simulator, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("ussd: the address of the door cannot be read")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, errors.New("ussd: the simulator calls this machine alone")
	}
	if cfg.Code == "" {
		cfg.Code = "*555#"
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Simulator{cfg: cfg, net: n, ctx: ctx, cancel: cancel, http: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext, MaxIdleConnsPerHost: 64},
	}}, nil
}

// Close ends everything that is under way.
func (s *Simulator) Close() {
	s.cancel()
	s.wg.Wait()
	s.http.CloseIdleConnections()
}

// Session is one phone in one session. It is one person's: not for use at once.
type Session struct {
	sim    *Simulator
	id     string
	from   string
	typed  []string // since the accumulation began
	before string   // the step before, for Mix
	last   string   // its answer
	screen string
	ended  bool
	err    error
}

// Dial dials the code. What came of it is in Screen.
func (s *Simulator) Dial(from string) *Session {
	x := &Session{sim: s, from: from, id: fmt.Sprintf("ATUid_%08d", s.net.Next())}
	switch {
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Away }):
		x.err = channel.Wrong(channel.ErrAway, "no_network")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Busy }):
		x.err = channel.Wrong(channel.ErrBusy, "no_session_free")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }):
		x.err = channel.Wrong(channel.ErrRefused, "code_not_open")
	}
	if x.ended = x.err != nil; !x.ended {
		x.step()
	}
	return x
}

// Screen is what the phone shows, whether the session is over, and what went
// wrong, if anything did.
func (x *Session) Screen() (screen string, ended bool, err error) { return x.screen, x.ended, x.err }

// Press types an input and sends it.
func (x *Session) Press(keys string) (screen string, ended bool, err error) {
	if x.ended {
		return x.screen, true, ErrOver
	}
	x.typed = append(x.typed, keys)
	x.step()
	return x.Screen()
}

// HangUp ends the session from the phone; Drop loses it on the way, as a
// network does in a valley or when somebody looks at a screen for too long.
func (x *Session) HangUp() { x.lose() }
func (x *Session) Drop()   { x.lose() }

// Resume comes back to a session that was lost, as some networks let people do:
// under the same name, with the screen that was there, and with nothing
// accumulated.
func (x *Session) Resume() {
	x.typed, x.before, x.ended, x.err = nil, "", false, nil
}

func (x *Session) lose() {
	if x.ended {
		return
	}
	x.ended = true
	x.tell("Incomplete")
}

// step tells us what was typed so far and shows what we answer.
func (x *Session) step() {
	text := strings.Join(x.typed, "*")
	if x.sim.net.Trip(func(f *channel.Faults) *int { return &f.Lie }) {
		x.fail(ErrDropped)
		return
	}
	twice := x.sim.net.Trip(func(f *channel.Faults) *int { return &f.Twice })
	other := make(chan string, 1)
	if twice {
		x.sim.wg.Go(func() {
			answer, err := x.sim.ask(x.form(text))
			if err != nil {
				answer = "" // nobody answered it, so nothing was answered in two ways
			}
			other <- answer
		})
	}
	answer, err := x.sim.ask(x.form(text))
	if twice && err == nil {
		if a := <-other; a != "" && a != answer {
			err = ErrTwoFaced
		}
	}
	if err == nil && x.last != "" && x.sim.net.Trip(func(f *channel.Faults) *int { return &f.Mix }) {
		if again, e := x.sim.ask(x.form(x.before)); e == nil && again != x.last {
			err = ErrTwoFaced
		}
	}
	x.before, x.last = text, answer
	switch {
	case err != nil:
		x.fail(err)
	case x.sim.net.Trip(func(f *channel.Faults) *int { return &f.Hang }):
		x.fail(ErrDropped)
	default:
		x.show(answer)
	}
}

func (x *Session) fail(err error) {
	x.ended, x.err = true, err
	x.tell("Failed")
}

// show puts an answer on the phone as a network does.
func (x *Session) show(answer string) {
	kind, screen, ok := strings.Cut(answer, " ")
	if !ok || kind != "CON" && kind != "END" {
		x.fail(ErrNoAnswer)
		return
	}
	if used, room := Room(screen); used > room {
		x.screen = cut(screen)
		x.fail(fmt.Errorf("%w: %d of %d", ErrTooLong, used, room))
		return
	}
	x.screen, x.ended = screen, kind == "END"
	x.sim.net.Arrive("", channel.Arrived{To: x.from, Text: screen, At: x.sim.cfg.Clock.Now(), Parts: 1})
	if x.ended {
		x.tell("Success")
	}
}

func (x *Session) form(text string) url.Values {
	return url.Values{"sessionId": {x.id}, "phoneNumber": {x.from}, "serviceCode": {x.sim.cfg.Code}, "networkCode": {"99999"}, "text": {text}}
}

// tell says how the session ended.
func (x *Session) tell(status string) {
	if x.sim.net.Trip(func(f *channel.Faults) *int { return &f.Unsure }) {
		return
	}
	form := x.form("")
	form.Set("input", strings.Join(x.typed, "*"))
	form.Del("text")
	form.Set("status", status)
	form.Set("date", x.sim.cfg.Clock.Now().Format(time.DateTime))
	form.Set("hopsCount", fmt.Sprint(len(x.typed)+1))
	_, _ = x.sim.ask(form) // a notification that cannot be told is told to nobody
}

// ask posts a form, and again, soon, while we answer 5xx. An aggregator gives
// up after some seconds, for a phone waits no longer.
func (s *Simulator) ask(form url.Values) (string, error) {
	for try := 0; ; try++ {
		if err := s.pause(s.net.Late()); err != nil {
			return "", err
		}
		status, body, err := s.post(form)
		switch {
		case err != nil, status >= 500:
			if try == 3 {
				return "", ErrDropped
			}
			if err := s.pause(time.Duration(20<<try) * time.Millisecond); err != nil {
				return "", err
			}
		case status == http.StatusForbidden:
			return "", channel.ErrForged
		case status != http.StatusOK:
			return "", ErrNoAnswer
		default:
			return body, nil
		}
	}
}

func (s *Simulator) post(form url.Values) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.cfg.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.cfg.Header != "" {
		r.Header.Set(s.cfg.Header, s.cfg.Secret)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	return answer.StatusCode, string(b), err
}

func (s *Simulator) pause(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-s.ctx.Done():
		return ErrDropped
	case <-time.After(d):
		return nil
	}
}
