package smpp

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Settings is what telephone companies do differently.
type Settings struct {
	SystemID, Password string      // who may bind; "" is "twiza" and "sim"
	Number             string      // our number, to which people write; "" is "5050"
	TLS                *tls.Config // nil: plain

	Concat       Concat // how long texts of people come
	InPayload    bool   // texts of people come in message_payload
	Nameless     bool   // and have no user_message_reference
	ParamsOnly   bool   // receipts have parameters and no text
	TextOnly     bool   // receipts have a text and no parameters
	NoUserRef    bool   // receipts do not give back our user_message_reference
	AnswerID     IDForm // how answers write a message's name
	ReceiptID    IDForm // how receipts write it
	Enquire      time.Duration
	AnswerWithin time.Duration // how long the centre waits for our thanks; 0 is 5 seconds
}

// Simulator is a short message centre on loopback whose phones are those of a
// Network, and which fails as the Network says: Away answers ESME_RSYSERR, Busy
// ESME_RTHROTTLED, Refuse ESME_RINVDSTADR. While everything is Late, receipts
// overtake the answers they belong to. It is safe for use at once.
type Simulator struct {
	net *channel.Network
	now clock.Clock
	set Settings
	ln  net.Listener

	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
	slots  chan struct{} // one for every message that waits for our thanks

	mu      sync.Mutex // guards all below
	changed *sync.Cond
	bound   []*link
	open    map[*link]bool
	queue   []*errand
	held    *errand
	series  map[string]*sms.Joiner
}

// errand is one deliver_sm until it is thanked for.
type errand struct {
	m      message
	person bool // of somebody's phone, and not a receipt
	tries  int
}

// NewSimulator opens the centre on a free port.
func NewSimulator(n *channel.Network, now clock.Clock, set Settings) (*Simulator, error) {
	setDefault(&set.SystemID, "twiza")
	setDefault(&set.Password, "sim")
	setDefault(&set.Number, "5050")
	setDefault(&set.Enquire, 15*time.Second)
	setDefault(&set.AnswerWithin, 5*time.Second)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Simulator{
		net: n, now: now, set: set, ln: ln, slots: make(chan struct{}, 32),
		open: map[*link]bool{}, series: map[string]*sms.Joiner{},
	}
	if set.TLS != nil {
		s.ln = tls.NewListener(ln, set.TLS)
	}
	s.changed = sync.NewCond(&s.mu)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.all.Go(s.accept)
	s.all.Go(s.dispatch)
	return s, nil
}

// Config is how a client connects to the simulator.
func (s *Simulator) Config() Config {
	return Config{
		Address: s.ln.Addr().String(), SystemID: s.set.SystemID, Password: s.set.Password, Source: s.set.Number,
		EchoesUserRef: !s.set.NoUserRef, AnswerID: s.set.AnswerID, ReceiptID: s.set.ReceiptID, ReceiptParamID: s.set.ReceiptID,
	}
}

// Write lets somebody's phone write to us: "+212661234542", and any text. It
// returns at once.
func (s *Simulator) Write(from, text string) {
	ref := uint16(s.net.Next())
	to, _ := destination(from)
	if to.text == "" {
		to = address{Numbering{TON: tonAlphanumeric}, from}
	}
	parts := sms.Parts(text, ref, s.set.Concat != Header)
	for i, p := range parts {
		m := message{from: to, to: address{text: s.set.Number}, short: p.Payload}
		if p.Coding == sms.UCS2 {
			m.coding = codingUCS2
		}
		switch {
		case len(parts) > 1 && s.set.Concat == Sar:
			m.optional = sarParameters(ref, i+1, len(parts))
		case len(parts) > 1:
			m.class, m.short = esmUserHeader, append(p.UDH[:len(p.UDH):len(p.UDH)], p.Payload...)
		}
		if s.set.InPayload {
			m.optional, m.short = append(m.optional, tlv{tagPayload, m.short}), nil
		}
		if !s.set.Nameless {
			name := s.net.Next()
			m.optional = append(m.optional, tlv{tagUserReference, []byte{byte(name >> 8), byte(name)}})
		}
		s.send(&errand{m: m, person: true})
	}
}

// Drop cuts every connection in the middle of whatever it was doing.
func (s *Simulator) Drop() {
	s.mu.Lock()
	links := make([]*link, 0, len(s.open))
	for l := range s.open {
		links = append(links, l)
	}
	s.mu.Unlock()
	for _, l := range links {
		l.close("dropped")
	}
}

// Unbind says goodbye to everybody who is bound, as a centre does before it is
// looked after.
func (s *Simulator) Unbind() {
	s.mu.Lock()
	links := append([]*link(nil), s.bound...)
	s.mu.Unlock()
	for _, l := range links {
		_, _ = l.ask(s.ctx, unbind, nil, nil)
		l.close("unbound")
	}
}

// Close ends the centre and waits until nothing of it runs any more.
func (s *Simulator) Close() {
	s.cancel()
	_ = s.ln.Close()
	s.Drop()
	s.mu.Lock()
	s.changed.Broadcast()
	s.mu.Unlock()
	s.all.Wait()
}

// send queues an errand, twice where Twice strikes.
func (s *Simulator) send(e *errand) {
	twice := s.net.Trip(func(f *channel.Faults) *int { return &f.Twice })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, e)
	if twice {
		again := *e
		s.queue = append(s.queue, &again)
	}
	s.changed.Broadcast()
}

// again queues an errand once more, after a pause that grows.
func (s *Simulator) again(e *errand) {
	pause := min(20*time.Millisecond<<min(e.tries, 8), time.Second)
	e.tries++
	s.all.Go(func() {
		if !wait(s.ctx, pause) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.queue = append(s.queue, e)
		s.changed.Broadcast()
	})
}

// dispatch tells what is to be told, in order, whenever somebody is bound.
func (s *Simulator) dispatch() {
	for {
		s.mu.Lock()
		for s.ctx.Err() == nil && (len(s.queue) == 0 || len(s.bound) == 0) {
			s.changed.Wait()
		}
		if s.ctx.Err() != nil {
			s.mu.Unlock()
			return
		}
		e, l := s.queue[0], s.bound[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		if s.hold(e) {
			continue
		}
		s.deliver(l, e)
		s.release(l, e)
	}
}

// hold keeps a message back where Mix strikes, until the next one has gone or
// two seconds have.
func (s *Simulator) hold(e *errand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.person || e.tries > 0 || s.held != nil || !s.net.Trip(func(f *channel.Faults) *int { return &f.Mix }) {
		return false
	}
	s.held = e
	s.all.Go(func() {
		wait(s.ctx, 2*time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held == e {
			s.held = nil
			e.tries++
			s.queue = append(s.queue, e)
			s.changed.Broadcast()
		}
	})
	return true
}

// release lets go what was held back, after another message.
func (s *Simulator) release(l *link, after *errand) {
	s.mu.Lock()
	e := s.held
	if !after.person {
		e = nil
	}
	if e != nil {
		s.held = nil
	}
	s.mu.Unlock()
	if e != nil {
		s.deliver(l, e)
	}
}

// deliver tells one thing, and again until it is thanked for or refused for
// good.
func (s *Simulator) deliver(l *link, e *errand) {
	select {
	case s.slots <- struct{}{}:
	case <-s.ctx.Done():
		return
	}
	q := l.put(deliverSM, e.m.bytes(), nil)
	s.all.Go(func() {
		defer func() { <-s.slots }()
		if q == nil {
			s.again(e)
			return
		}
		p, err := l.await(s.ctx, q)
		if err != nil || p.status != statusOK && p.status != statusNever && p.status != statusRejected {
			s.again(e)
		}
	})
}
