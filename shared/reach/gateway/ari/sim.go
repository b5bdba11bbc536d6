package ari

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Exchange says what the simulated exchange is like.
type Exchange struct {
	App            string
	User, Password string
	Prompt         time.Duration // how long a prompt takes; 0 is 2 ms
	Second         time.Duration // how long a second of recording takes; 0 is a second
	Clock          clock.Clock
}

// Simulator is an exchange that speaks ARI on this machine, and the people who
// call it. It obeys, of channel.Faults: Away (the WebSocket is refused), Busy (a
// request is answered 503 and not done), Refuse (the caller has gone when we
// answer), Hang (a request is done and its answer lost), Lie (a playback is
// taken, heard by nobody, and failed), Late, Twice (every event is told twice),
// Mix (an event waits until one of another kind has overtaken it), Unsure (the
// end of a playback or a recording is not told).
type Simulator struct {
	cfg    Exchange
	net    *channel.Network
	server *http.Server
	url    string
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	queue   chan []byte // to whoever hears events; closed to break the connection
	held    *event      // by Mix
	callers map[string]*Caller
	plays   map[string]*playing
	stored  map[string][]byte // recordings that are over, by name
}

// NewSimulator opens an exchange on a free port of this machine.
func NewSimulator(n *channel.Network, cfg Exchange) (*Simulator, error) {
	if cfg.Prompt == 0 {
		cfg.Prompt = 2 * time.Millisecond
	}
	if cfg.Second == 0 {
		cfg.Second = time.Second
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("ari: simulator: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Simulator{
		cfg: cfg, net: n, ctx: ctx, cancel: cancel, url: "http://" + l.Addr().String() + "/ari",
		callers: map[string]*Caller{}, plays: map[string]*playing{}, stored: map[string][]byte{},
	}
	s.server = &http.Server{Handler: s.doors(), ReadHeaderTimeout: 5 * time.Second}
	s.wg.Go(func() { _ = s.server.Serve(l) })
	return s, nil
}

// URL is what goes into Config.URL.
func (s *Simulator) URL() string { return s.url }

// Close hangs up on everybody and stops the exchange.
func (s *Simulator) Close() {
	s.mu.Lock()
	up := slices.Collect(maps.Values(s.callers))
	s.mu.Unlock()
	for _, c := range up {
		c.Drop()
	}
	s.cancel()
	s.Drop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.server.Shutdown(ctx) // whoever is being answered is answered
	_ = s.server.Close()
	s.wg.Wait()
}

// Drop breaks the WebSocket without a word. Calls stay up.
func (s *Simulator) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disconnect(s.queue)
}

// disconnect breaks a connection, if it is still that one. Whoever calls it
// holds s.mu.
func (s *Simulator) disconnect(queue chan []byte) {
	if queue == nil || s.queue != queue {
		return
	}
	close(s.queue)
	s.queue, s.held = nil, nil
}

// Stored is how many recordings lie on the exchange.
func (s *Simulator) Stored() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stored)
}

// events is the WebSocket.
func (s *Simulator) events(w http.ResponseWriter, r *http.Request) {
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Away }) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.URL.Query().Get("app") != s.cfg.App {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	queue := make(chan []byte, 4096) // before they are let in, so that they miss nothing
	s.mu.Lock()
	s.send(event{Type: "ApplicationReplaced", App: s.cfg.App}) // one connection hears an application, the newest
	s.disconnect(s.queue)
	s.queue = queue
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.disconnect(queue)
		s.mu.Unlock()
	}()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"ari"}})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	quiet := conn.CloseRead(s.ctx)
	for {
		select {
		case <-quiet.Done():
			return
		case b, ok := <-queue:
			if !ok {
				return
			}
			if late := s.net.Late(); late > 0 && !sleep(quiet, late) {
				return
			}
			ctx, cancel := context.WithTimeout(quiet, patience)
			err := conn.Write(ctx, websocket.MessageText, b)
			cancel()
			if err != nil {
				return
			}
		}
	}
}

// errDeaf says that nobody is connected.
var errDeaf = errors.New("ari: nobody hears events")

// emit tells an event, as the faults want it. Those of one kind of one channel
// stay in their order; those of different kinds may overtake each other.
func (s *Simulator) emit(e event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue == nil {
		return errDeaf
	}
	e.App = s.cfg.App
	ends := e.Type == "PlaybackFinished" || e.Type == "RecordingFinished"
	if ends && s.net.Trip(func(f *channel.Faults) *int { return &f.Unsure }) {
		return nil
	}
	if s.held == nil && s.net.Trip(func(f *channel.Faults) *int { return &f.Mix }) {
		s.held = &e
		s.wg.Go(func() {
			if sleep(s.ctx, 30*time.Millisecond) {
				s.release(&e)
			}
		})
		return nil
	}
	if h := s.held; h != nil {
		s.held = nil
		if h.kind() == e.kind() && h.whose() == e.whose() {
			s.send(*h)
			s.send(e)
			return nil
		}
		s.send(e)
		s.send(*h)
		return nil
	}
	s.send(e)
	return nil
}

// kind is what of the exchange tells an event.
func (e event) kind() string {
	switch {
	case e.Playback != nil:
		return "playback"
	case e.Recording != nil:
		return "recording"
	case e.Type == "ChannelDtmfReceived":
		return "keys"
	}
	return "channel"
}

// release tells an event that nothing overtook.
func (s *Simulator) release(e *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == e {
		s.held = nil
		s.send(*e)
	}
}

// send puts an event on the wire. Whoever calls it holds s.mu.
func (s *Simulator) send(e event) {
	b, err := json.Marshal(e)
	if err != nil || s.queue == nil {
		return
	}
	times := 1
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Twice }) {
		times = 2
	}
	for range times {
		select {
		case s.queue <- b:
		default:
		}
	}
}

func (s *Simulator) caller(id string) *Caller {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callers[id]
}
