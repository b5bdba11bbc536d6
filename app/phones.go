package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/gateway/ari"
	"github.com/twiza/twiza/shared/reach/gateway/httpsms"
	"github.com/twiza/twiza/shared/reach/gateway/ussd"
)

// The gateways of a demonstration, by name. Their far end is on this machine.
const (
	demoSMS   = "demo-sms"
	demoUSSD  = "demo-ussd"
	demoVoice = "demo-voice"
)

// What people dial there.
const (
	demoCode  = "*555#"
	demoLine  = "+212530005555"
	demoTexts = "5300"
)

// phones are the telephone networks of a demonstration and everybody's phone
// in them. The house speaks to them as to real ones, by the same clients over
// HTTP, and what it sends goes no further: nobody's own telephone ever rings
// because somebody tries things on.
type phones struct {
	h        *House
	letters  *channel.Network // text messages
	menus    *channel.Network
	lines    *channel.Network
	office   *httpsms.Simulator // of the operator's text messages
	dialled  *ussd.Simulator
	exchange *ari.Simulator
	door     *http.Server // by which the networks call the house
	stopped  chan struct{}
	recorded func(lang, name string) bool
	texts    string // what people write to

	mu       sync.Mutex
	written  map[string][]letter // by the phone that wrote
	sessions map[string]*ussd.Session
	calls    map[string]*phoneCall
	hands    map[string]*sync.Mutex
	faults   map[string]bool
	changed  chan struct{}
}

// letter is a text message that somebody wrote.
type letter struct {
	text string
	at   time.Time
}

// phoneCall is somebody on the line with the voice menu.
type phoneCall struct {
	caller *ari.Caller
	turns  []phoneTurn
	typed  string // keys that were pressed since the last turn
}

// phoneTurn is what somebody did in a call, and what they were told.
type phoneTurn struct {
	Keys   string
	Spoke  bool
	Silent bool
	Said   channel.Said
}

// openPhones builds the networks and connects the house to them. front is what
// they call; nil is the doors of gateways, and no other.
func (h *House) openPhones(front http.Handler) (*phones, error) {
	p := &phones{h: h, letters: channel.NewNetwork(), menus: channel.NewNetwork(), lines: channel.NewNetwork(), stopped: make(chan struct{}),
		recorded: h.Reach.Has, texts: cmp.Or(h.Config.SMS, demoTexts), written: map[string][]letter{}, sessions: map[string]*ussd.Session{}, calls: map[string]*phoneCall{}, hands: map[string]*sync.Mutex{}, changed: make(chan struct{})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if front == nil {
		front = h.gatewayDoors()
	}
	// A door of their own: the public one may be behind a proxy, or on an address
	// that this machine cannot call.
	p.door = &http.Server{Handler: front, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.stopped)
		_ = p.door.Serve(l)
	}()
	if err := p.connect("http://" + l.Addr().String()); err != nil {
		p.Close()
		return nil, err
	}
	h.phones = p
	return p, nil
}

// gatewayDoors are the doors by which gateways call, and no others. They are
// not read anew for each page as a developer's are: a page that plays a phone
// waits for them.
func (h *House) gatewayDoors() http.Handler {
	var routes []web.Route
	for _, d := range h.allDoors() {
		if strings.HasPrefix(d.Path, "/reach/") {
			routes = append(routes, d.Route())
		}
	}
	return h.Site.Mux(routes)
}

// connect puts each gateway in front of its network.
func (p *phones) connect(house string) (err error) {
	h := p.h
	ours, theirs, password := newKey(), newKey(), rand.Text()
	if p.office, err = httpsms.NewSimulator(p.letters, h.clock, []string{ours}, []string{theirs}); err != nil {
		return err
	}
	hook := house + "/reach/" + demoSMS
	p.office.Connect(hook)
	texts, err := httpsms.New(httpsms.Config{URL: p.office.URL, ReportTo: hook, Keys: []string{ours}, HookKeys: []string{theirs}}, h.clock, h.Log)
	if err != nil {
		return err
	}
	agg := ussd.Aggregator{URL: house + "/reach/" + demoUSSD, Header: "Authorization", Secret: rand.Text(), Code: demoCode, Clock: h.clock}
	if p.dialled, err = ussd.NewSimulator(p.menus, agg); err != nil {
		return err
	}
	prefix := h.Places.Country().Phone.Prefix
	menu := ussd.New(ussd.Config{Name: demoUSSD, Secret: agg.Secret, Header: agg.Header, Prefix: prefix}, h.clock, h.Log)
	conf := h.exchange(gatewayFile{Name: demoVoice, User: "twiza", Password: secret(password)})
	if p.exchange, err = ari.NewSimulator(p.lines, ari.Exchange{App: conf.App, User: conf.User, Password: password, Clock: h.clock}); err != nil {
		return err
	}
	conf.URL = p.exchange.URL()
	conf.Silence, conf.Between = 2*time.Minute, time.Minute // whoever plays both ends of a call reads in between
	conf.Has = func(lang, name string) bool { return p.recorded(lang, name) }
	voice := overheard{ari.New(conf, h.clock, h.Log), p}
	return errors.Join(
		h.Reach.Use(&reach.Gateway{Name: demoSMS, Kind: channel.SMS, Out: texts, Hook: texts, Number: p.texts, Minor: 30, Simulated: true}),
		h.Reach.Use(&reach.Gateway{Name: demoUSSD, Kind: channel.USSD, Live: menu, Number: demoCode, Simulated: true}),
		h.Reach.Use(&reach.Gateway{Name: demoVoice, Kind: channel.Voice, Caller: voice, Number: demoLine, Simulated: true}))
}

// newKey is a key that two sides sign with.
func newKey() string {
	var b [32]byte
	rand.Read(b[:])
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// Close takes the networks down. The house has stopped by then.
func (p *phones) Close() {
	if p.office != nil {
		p.office.Close()
	}
	if p.dialled != nil {
		p.dialled.Close()
	}
	if p.exchange != nil {
		p.exchange.Close()
	}
	_ = p.door.Close()
	<-p.stopped
}

// overheard is the voice gateway with somebody listening in: a page shows what
// a caller is told, also where nobody has recorded it yet.
type overheard struct {
	channel.Caller
	p *phones
}

func (o overheard) Run(ctx context.Context, with channel.Talker, note func(string)) error {
	return o.Caller.Run(ctx, listening{with, o.p}, note)
}

type listening struct {
	channel.Talker
	p *phones
}

func (l listening) Talk(ctx context.Context, t channel.Turn) (channel.Said, error) {
	said, err := l.Talker.Talk(ctx, t)
	if err == nil && !t.Gone {
		l.p.overhear(t, said)
	}
	return said, err
}

// mostTurns is how much of a call is remembered.
const mostTurns = 60

func (p *phones) overhear(t channel.Turn, said channel.Said) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[t.From]
	if c == nil {
		return
	}
	if len(c.turns) == mostTurns {
		c.turns = c.turns[1:]
	}
	c.typed = ""
	c.turns = append(c.turns, phoneTurn{Keys: t.Keys, Spoke: t.Noted != nil, Silent: t.Silent, Said: said})
	p.stir()
}

// stir wakes whoever waits for something to happen. Whoever calls it holds p.mu.
func (p *phones) stir() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// write writes a text message from a phone.
func (p *phones) write(from, text string) {
	p.mu.Lock()
	all := append(p.written[from], letter{text, p.h.clock.Now()})
	p.written[from] = all[max(0, len(all)-mostLetters):]
	p.mu.Unlock()
	p.office.Write(from, text)
}

// mostLetters is how many messages of a phone are shown.
const mostLetters = 100

// dial dials the code from a phone. Who is in a session leaves it.
func (p *phones) dial(from string) *ussd.Session {
	p.mu.Lock()
	before := p.sessions[from]
	p.mu.Unlock()
	if before != nil {
		before.HangUp()
	}
	x := p.dialled.Dial(from)
	p.mu.Lock()
	p.sessions[from] = x
	p.mu.Unlock()
	return x
}

// call calls the line from a phone.
func (p *phones) call(from string) *phoneCall {
	p.hangUp(from)
	c := &phoneCall{}
	p.mu.Lock()
	p.calls[from] = c // before the first turn is overheard
	p.mu.Unlock()
	caller := p.exchange.Call(from)
	p.mu.Lock()
	c.caller = caller
	p.mu.Unlock()
	return c
}

// hangUp ends the call of a phone, if it is in one.
func (p *phones) hangUp(from string) {
	p.mu.Lock()
	c := p.calls[from]
	delete(p.calls, from)
	p.mu.Unlock()
	if c != nil && c.caller != nil {
		c.caller.HangUp()
	}
}

// turns is what was done and said in the call of a phone.
func (p *phones) turns(from string) []phoneTurn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.calls[from]; c != nil {
		return slices.Clone(c.turns)
	}
	return nil
}

// await waits until the call of a phone has come so far, for as long as
// somebody waits for a page. After its last words the house hangs up.
func (p *phones) await(ctx context.Context, from string, turns int) bool {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	for {
		p.mu.Lock()
		c, changed := p.calls[from], p.changed
		far := c != nil && len(c.turns) >= turns
		ends := far && c.turns[len(c.turns)-1].Said.End
		p.mu.Unlock()
		switch {
		case c == nil:
			return false
		case far && !(ends && !c.caller.Over()):
			return true
		}
		select {
		case <-ctx.Done():
			return far
		case <-changed:
		case <-time.After(50 * time.Millisecond): // nobody tells that a call is over
			if c.caller != nil && c.caller.Over() {
				return far
			}
		}
	}
}

// spared keeps a real gateway from writing to the invented people of a
// demonstration: their numbers may be somebody's.
type spared struct{ channel.Gateway }

func (s spared) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	if strings.HasPrefix(m.To, story.PhoneRange) {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "invented_number")
	}
	return s.Gateway.Send(ctx, m)
}

func (s spared) SendsOnce() bool {
	once, ok := s.Gateway.(channel.Once)
	return ok && once.SendsOnce()
}
