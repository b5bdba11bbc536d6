package whatsapp

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Simulator is a Graph API on the machine's own loopback, with phones that exist
// nowhere. It takes messages as the Cloud API does and refuses what it would
// refuse, calls a webhook on the same machine with what people write and with
// what became of messages, signed, and does what channel.Faults says.
type Simulator struct {
	net     *channel.Network
	clock   clock.Clock
	config  Config
	number  string // shown, "+212…"
	api     string
	media   string
	servers []*http.Server
	out     *http.Client
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	all     sync.WaitGroup

	mu      sync.Mutex
	hook    string
	waiting []event // until there is a webhook
	held    []event // by Mix, until the next one
	calls   map[string]chan struct{}
	wrote   map[string]time.Time // when somebody wrote last
	boards  map[string][]choice  // by person, what can be tapped now
	lists   map[string]bool      // whether that is a list
	files   map[string]recording
	forms   map[string]string // approved templates, by name and language
}

// event is one call of the webhook to be, about one person.
type event struct {
	about string
	body  []byte
}

type recording struct {
	kind  string
	bytes []byte
}

// NewSimulator starts the Graph API of one number, which people see as number.
// Of the Config it needs Phone, Token, AppSecret and Verify, the same as the
// client. Nothing in it lasts longer than it.
func NewSimulator(n *channel.Network, c Config, number string, clk clock.Clock) (*Simulator, error) {
	if !idForm.MatchString(c.Phone) || c.Token == "" || c.AppSecret == "" || c.Verify == "" {
		return nil, errors.New("whatsapp: the simulator needs Phone, Token, AppSecret and Verify")
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Simulator{
		net: n, clock: clk, config: c, number: number, ctx: ctx, stop: stop,
		out:   &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		calls: map[string]chan struct{}{}, wrote: map[string]time.Time{}, boards: map[string][]choice{}, lists: map[string]bool{},
		files: map[string]recording{}, forms: map[string]string{},
	}
	var err error
	if s.api, err = s.serve(s.doors()); err == nil {
		s.media, err = s.serve(http.HandlerFunc(s.file))
	}
	if err != nil {
		s.Close()
		return nil, errors.New("whatsapp: the simulator finds no port")
	}
	return s, nil
}

func (s *Simulator) serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
	}
	s.servers = append(s.servers, server)
	s.all.Go(func() { _ = server.Serve(l) })
	return "http://" + l.Addr().String(), nil
}

// URL is what Config.API must be.
func (s *Simulator) URL() string { return s.api + "/v26.0" }

// MediaURL is what must be in Config.Media.
func (s *Simulator) MediaURL() string { return s.media }

// Close ends it, and whatever is still on its way.
func (s *Simulator) Close() {
	s.mu.Lock() // so that nothing new sets out while we wait for what is on its way
	s.stop()
	s.mu.Unlock()
	for _, server := range s.servers {
		_ = server.Close()
	}
	s.all.Wait()
	s.out.CloseIdleConnections()
}

// Open lets somebody be written to for a day, as if they had just written.
func (s *Simulator) Open(number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote[number] = s.clock.Now()
}

// Approve makes a template: a text with {{1}}, {{2}}, … in it, in one of
// WhatsApp's languages.
func (s *Simulator) Approve(name, language, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forms[name+" "+language] = text
}

// Write lets somebody write to the number: from a number ("+212…"), or from
// behind a name ("MA.150…").
func (s *Simulator) Write(from, text string) {
	s.message(from, "text", map[string]any{"body": text})
}

// Share lets somebody share where they are.
func (s *Simulator) Share(from string, lat, lon float64) {
	s.message(from, "location", map[string]any{"latitude": lat, "longitude": lon})
}

// Speak lets somebody send a voice note.
func (s *Simulator) Speak(from, kind string, bytes []byte) {
	id := strconv.Itoa(700000 + s.net.Next())
	s.mu.Lock()
	s.files[id] = recording{kind, bytes}
	s.mu.Unlock()
	s.message(from, "audio", map[string]any{"id": id, "mime_type": kind, "voice": true})
}

// Keys are the answers that somebody can tap now.
func (s *Simulator) Keys(number string) []channel.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rs []channel.Reply
	for _, c := range s.boards[number] {
		rs = append(rs, channel.Reply{Key: c.ID, Text: c.Title})
	}
	return rs
}

// Press lets somebody tap an answer, and says whether there is one with that
// digit. It can be tapped once.
func (s *Simulator) Press(from, key string) bool {
	s.mu.Lock()
	kind := "button_reply"
	if s.lists[from] {
		kind = "list_reply"
	}
	var tap *choice
	for _, c := range s.boards[from] {
		if digit, _ := channel.Tap(c.ID); digit == key {
			tap = &c
		}
	}
	if tap != nil {
		delete(s.boards, from)
	}
	s.mu.Unlock()
	if tap == nil {
		return false
	}
	s.message(from, "interactive", map[string]any{"type": kind, kind: tap})
	return true
}

// name makes an ID of the form that WhatsApp gives. Theirs hold the number of
// the person; ours do not.
func (s *Simulator) name() string {
	return "wamid." + base64.StdEncoding.EncodeToString([]byte("simulated "+strconv.Itoa(s.net.Next())))
}

// message is somebody's message, as the webhook is called with it.
func (s *Simulator) message(from, kind string, what map[string]any) {
	s.Open(from)
	id := s.name()
	m := map[string]any{"id": id, "timestamp": s.seconds(), "type": kind, kind: what}
	c := map[string]any{"profile": map[string]any{"name": "A"}}
	if userForm.MatchString(from) {
		m["from_user_id"], c["user_id"] = from, from
	} else {
		m["from"], c["wa_id"] = strings.TrimPrefix(from, "+"), strings.TrimPrefix(from, "+")
	}
	s.post(from, true, map[string]any{"contacts": []any{c}, "messages": []any{m}})
}

func (s *Simulator) seconds() string { return strconv.FormatInt(s.clock.Now().Unix(), 10) }
