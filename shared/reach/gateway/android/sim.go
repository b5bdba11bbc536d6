package android

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Phone is how the simulated phone is set.
type Phone struct {
	User, Password string
	Key            string // its signing key
	Server         bool   // it is reached through a server, behind /3rdparty/v1, as phone Device
}

// Device is the name that the server has for the simulated phone, and Number
// that of its SIM card.
const (
	Device = "sim0000000000000phone"
	Number = "+212600000001"
)

// Simulator is the app on a phone, on this machine alone, in front of an
// invented network.
type Simulator struct {
	URL string // as Config.URL

	phone  Phone
	net    *channel.Network
	clock  clock.Clock
	server *http.Server
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	tasks  sync.WaitGroup

	mu     sync.Mutex
	hooks  map[string]hook    // by their id
	queue  map[string]*queued // by the message's id
	tokens map[string]bool
	last   time.Time // when somebody last wrote
	held   *received // an incoming message that waits until the next has gone
}

type hook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Event string `json:"event"`
}

type queued struct{ state, err string }

// NewSimulator listens on a free port. Close stops it.
func NewSimulator(n *channel.Network, c clock.Clock, p Phone) (*Simulator, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := ""
	if p.Server {
		base = "/3rdparty/v1"
	}
	s := &Simulator{
		URL: "http://" + l.Addr().String() + base, phone: p, net: n, clock: c, client: wire.Client(nil, 5*time.Second, connections),
		hooks: map[string]hook{}, queue: map[string]*queued{}, tokens: map[string]bool{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+base+"/auth/token", s.guard(s.makeToken))
	mux.HandleFunc("POST "+base+"/messages", s.guard(s.take))
	mux.HandleFunc("GET "+base+"/messages/{id}", s.guard(s.tellState))
	mux.HandleFunc("POST "+base+"/webhooks", s.guard(s.setHook))
	mux.HandleFunc("GET "+base+"/devices", s.guard(s.listDevices))
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	s.tasks.Go(func() { _ = s.server.Serve(l) })
	return s, nil
}

// Close stops listening and telling.
func (s *Simulator) Close() {
	s.stop()
	_ = s.server.Close()
	s.tasks.Wait()
}

// guard lets in who has the password, or a token made with it.
func (s *Simulator) guard(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, basic := r.BasicAuth()
		s.mu.Lock()
		token := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		s.mu.Unlock()
		if !token && (!basic || user != s.phone.User || password != s.phone.Password) {
			say(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
			return
		}
		h(w, r)
	}
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func wrong(w http.ResponseWriter, status int, message string) {
	say(w, status, map[string]string{"message": message})
}

func (s *Simulator) makeToken(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		TTL    int      `json:"ttl"`
		Scopes []string `json:"scopes"`
	}
	if json.NewDecoder(io.LimitReader(r.Body, answerLimit)).Decode(&asked) != nil || len(asked.Scopes) == 0 {
		wrong(w, http.StatusBadRequest, "scopes are required")
		return
	}
	token := "token-" + strconv.Itoa(s.net.Next())
	s.mu.Lock()
	s.tokens[token] = true
	s.mu.Unlock()
	say(w, http.StatusCreated, map[string]any{
		"id": token, "token_type": "Bearer", "access_token": token,
		"expires_at": s.clock.Now().Add(time.Duration(asked.TTL) * time.Second),
	})
}

// ForgetTokens revokes every token, as a server does that was started anew with
// another secret.
func (s *Simulator) ForgetTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *Simulator) listDevices(w http.ResponseWriter, r *http.Request) {
	say(w, http.StatusOK, []map[string]string{{"id": Device, "name": "Simulator"}})
}

// setHook takes what the app takes: https, or the phone itself.
func (s *Simulator) setHook(w http.ResponseWriter, r *http.Request) {
	var h hook
	if json.NewDecoder(io.LimitReader(r.Body, answerLimit)).Decode(&h) != nil || h.ID == "" || h.Event == "" {
		wrong(w, http.StatusBadRequest, "Unsupported event")
		return
	}
	u, err := url.Parse(h.URL)
	if err != nil || u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "127.0.0.1") {
		wrong(w, http.StatusBadRequest, "url must start with https:// or http://127.0.0.1")
		return
	}
	s.mu.Lock()
	s.hooks[h.ID] = h
	s.mu.Unlock()
	say(w, http.StatusCreated, h)
}

// take is a message that the house sends.
func (s *Simulator) take(w http.ResponseWriter, r *http.Request) {
	var m outgoing
	if json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&m) != nil || m.Text.Text == "" || len(m.Numbers) != 1 {
		wrong(w, http.StatusBadRequest, "phoneNumbers is empty")
		return
	}
	switch {
	case m.Device != "" && m.Device != Device:
		wrong(w, http.StatusBadRequest, "Invalid device ID")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Away }):
		s.late(r)
		wrong(w, http.StatusInternalServerError, "failed to handle request")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Busy }):
		s.late(r)
		wrong(w, http.StatusServiceUnavailable, "queue limits exceeded: too many pending messages")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }):
		s.late(r)
		wrong(w, http.StatusBadRequest, "invalid phone number in row 1")
	default:
		s.carry(w, r, m)
	}
}

// carry puts a message into the queue and brings it to its phone.
func (s *Simulator) carry(w http.ResponseWriter, r *http.Request, m outgoing) {
	s.mu.Lock()
	_, known := s.queue[m.ID]
	if !known {
		s.queue[m.ID] = &queued{state: "Pending"}
	}
	s.mu.Unlock()
	if known {
		s.late(r)
		wrong(w, http.StatusConflict, "Message with the same ID already exists")
		return
	}
	s.send(m)
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Hang }) {
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler) // drops the connection without an answer
	}
	s.late(r)
	say(w, http.StatusAccepted, s.state(m.ID))
}

func (s *Simulator) set(id string, q queued) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue[id] = &q
}

func (s *Simulator) state(id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue[id]
	if q == nil {
		return nil
	}
	recipient := map[string]any{"phoneNumber": "hidden", "state": q.state}
	if q.err != "" {
		recipient["error"] = q.err
	}
	return map[string]any{
		"id": id, "deviceId": Device, "state": q.state, "isHashed": true, "isEncrypted": false,
		"recipients": []any{recipient}, "states": map[string]any{"Pending": s.clock.Now()},
	}
}

func (s *Simulator) tellState(w http.ResponseWriter, r *http.Request) {
	st := s.state(r.PathValue("id"))
	if st == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	say(w, http.StatusOK, st)
}

func (s *Simulator) late(r *http.Request) {
	if d := s.net.Late(); d > 0 {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	}
}
