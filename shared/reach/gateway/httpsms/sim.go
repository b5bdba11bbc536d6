package httpsms

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Simulator is the gateway's side, on this machine alone, in front of an
// invented network.
type Simulator struct {
	URL string // where messages are posted

	// Called, where it is set before anybody writes, is told how long the house
	// took to answer each call of its hook.
	Called func(status int, took time.Duration)

	net    *channel.Network
	clock  clock.Clock
	sent   keys // by which the house signs
	told   keys // by which we sign
	server *http.Server
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	tasks  sync.WaitGroup

	mu    sync.Mutex
	hook  string
	taken map[string]accepted
	held  []byte // an incoming message that waits until the next has gone
}

// Number is the number that people write to.
const Number = "+212530123456"

// NewSimulator listens on a free port. houseKeys are those of Config.Keys,
// hookKeys those of Config.HookKeys. Close stops it.
func NewSimulator(n *channel.Network, c clock.Clock, houseKeys, hookKeys []string) (*Simulator, error) {
	sent, err := readKeys(houseKeys)
	if err != nil {
		return nil, err
	}
	told, err := readKeys(hookKeys)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Simulator{
		URL: "http://" + l.Addr().String() + "/messages", net: n, clock: c, sent: sent, told: told,
		client: wire.Client(nil, 5*time.Second, connections), taken: map[string]accepted{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /messages", s.take)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	s.tasks.Go(func() { _ = s.server.Serve(l) })
	return s, nil
}

// Connect says where the house hears us.
func (s *Simulator) Connect(hook string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Close stops listening and telling.
func (s *Simulator) Close() {
	s.stop()
	_ = s.server.Close()
	s.tasks.Wait()
}

// take is a message that the house sends.
func (s *Simulator) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "too_long")
		return
	}
	if s.sent.verify(r.Header, body, s.clock.Now()) != nil {
		fail(w, http.StatusUnauthorized, "signature")
		return
	}
	var m outgoing
	if json.Unmarshal(body, &m) != nil || m.ID == "" || m.To == "" {
		fail(w, http.StatusBadRequest, "garbled")
		return
	}
	switch {
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Away }):
		s.late(r)
		fail(w, http.StatusServiceUnavailable, "away")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Busy }):
		s.late(r)
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "busy")
	case s.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }):
		s.late(r)
		fail(w, http.StatusUnprocessableEntity, "unknown_number")
	default:
		s.carry(w, r, m)
	}
}

// carry takes a message over and brings it to the phone.
func (s *Simulator) carry(w http.ResponseWriter, r *http.Request, m outgoing) {
	parts := len(sms.Split(m.Text))
	s.mu.Lock()
	a, known := s.taken[m.ID]
	if !known {
		a = accepted{Ref: "r" + strconv.Itoa(s.net.Next()), Parts: parts}
		s.taken[m.ID] = a
	}
	s.mu.Unlock()
	if !known {
		told := report{ID: m.ID, Ref: a.Ref, State: string(channel.Delivered)}
		if s.net.Trip(func(f *channel.Faults) *int { return &f.Lie }) {
			told.State, told.Code = string(channel.Failed), "unreachable"
		} else {
			s.net.Arrive(m.ID, channel.Arrived{To: m.To, Text: m.Text, At: s.clock.Now(), Parts: parts})
		}
		if !s.net.Trip(func(f *channel.Faults) *int { return &f.Unsure }) {
			s.tell(s.reportTo(m.ReportTo), typeReport, told)
		}
	}
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Hang }) {
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler) // drops the connection without an answer
	}
	s.late(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(a)
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

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(refusal{Code: code})
}

// reportTo is the address the house gave if it is on this machine, since a
// simulator calls no other.
func (s *Simulator) reportTo(given string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, err := url.Parse(given); err == nil {
		if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
			return given
		}
	}
	return s.hook
}

// Write is somebody's phone that writes to us. It returns at once.
func (s *Simulator) Write(from, text string) {
	parts := sms.Split(text)
	series := uint16(s.net.Next())
	for i, p := range parts {
		d := received{ID: "m" + strconv.Itoa(s.net.Next()), From: from, To: Number, Text: p}
		if len(parts) > 1 {
			d.Series, d.Part, d.Parts = series, i+1, len(parts)
		}
		s.push(s.event(typeReceived, d))
	}
}

// Forge calls the hook as somebody would who does not have the key.
func (s *Simulator) Forge(from, text string) error {
	stranger := make([]byte, 32)
	_, _ = rand.Read(stranger)
	body := s.event(typeReceived, received{ID: "forged", From: from, To: Number, Text: text})
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	status, err := s.call(hook, keys{stranger}, "forged", body)
	switch {
	case err != nil:
		return err
	case status == http.StatusForbidden:
		return channel.ErrForged
	case status/100 == 2:
		return nil
	}
	return errors.New("httpsms: a forged call was answered " + strconv.Itoa(status))
}

func (s *Simulator) event(kind string, data any) []byte {
	d, _ := json.Marshal(data)
	b, _ := json.Marshal(event{Type: kind, At: s.clock.Now(), Data: d})
	return b
}

// push tells what somebody wrote; when messages are to be mixed it waits for
// the next one.
func (s *Simulator) push(body []byte) {
	s.mu.Lock()
	hook := s.hook
	before := s.held
	s.held = nil
	if before == nil && s.net.Trip(func(f *channel.Faults) *int { return &f.Mix }) {
		s.held = body
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.start(hook, body)
	if before != nil {
		s.start(hook, before)
	}
}

func (s *Simulator) tell(to, kind string, data any) { s.start(to, s.event(kind, data)) }

// start calls the hook until it thanks us, ever more slowly. Where nobody ever
// connected nobody is told.
func (s *Simulator) start(to string, body []byte) {
	if to == "" {
		return
	}
	id := "w" + strconv.Itoa(s.net.Next())
	times := 1
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Twice }) {
		times = 2
	}
	s.tasks.Go(func() {
		for wait := 20 * time.Millisecond; times > 0; wait = min(2*wait, 5*time.Second) {
			status, err := s.call(to, s.told, id, body)
			if err == nil && (status/100 == 2 || status == http.StatusBadRequest) {
				times--
				continue
			}
			select {
			case <-time.After(wait):
			case <-s.ctx.Done():
				return
			}
		}
	})
}

// call calls the hook once.
func (s *Simulator) call(to string, by keys, id string, body []byte) (status int, err error) {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header = by.sign(id, s.clock.Now(), body)
	r.Header.Set("Content-Type", "application/json")
	begin := s.clock.Now()
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if s.Called != nil {
		s.Called(resp.StatusCode, s.clock.Now().Sub(begin))
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, answerLimit))
	return resp.StatusCode, nil
}
