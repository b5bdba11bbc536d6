package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Simulator is a Bot API server on the machine's own loopback, with phones that
// exist nowhere. It speaks to our client as Telegram does, by getUpdates or by
// calling a webhook on the same machine, and does what channel.Faults says when
// a message is sent to it; the rest of it never fails. It reports nothing, as
// Telegram reports nothing.
type Simulator struct {
	net    *channel.Network
	clock  clock.Clock
	token  string
	server *http.Server
	url    string
	out    *http.Client
	ctx    context.Context // ends with Close
	stop   context.CancelFunc
	all    sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed when the next update waits
	waiting []waiting
	held    []waiting // by Mix, until the next one
	last    int64     // update
	hook    string
	secret  string
	boards  map[int64]*board        // by chat, the last message with buttons
	calls   map[int64]chan struct{} // by chat, the last call of the webhook; closed when it is over
	taps    map[string]bool         // callbacks, and whether they were answered
	files   map[string]recording
	left    map[int64]bool
	count   int64 // of messages
}

// waiting is an update that is not confirmed.
type waiting struct {
	id   int64
	chat int64
	body json.RawMessage
}

// board is what is under a message.
type board struct {
	message int64
	keys    []channel.Reply
}

type recording struct {
	kind  string
	bytes []byte
}

// NewSimulator starts a server whose bot has this token. Nothing in it lasts
// longer than it.
func NewSimulator(n *channel.Network, token string, clk clock.Clock) (*Simulator, error) {
	if !tokenForm.MatchString(token) {
		return nil, errors.New("telegram: the token is not of the form that BotFather gives")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.New("telegram: the simulator finds no port")
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Simulator{
		net: n, clock: clk, token: token, url: "http://" + l.Addr().String(), ctx: ctx, stop: stop,
		out:     &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		changed: make(chan struct{}), boards: map[int64]*board{}, taps: map[string]bool{}, calls: map[int64]chan struct{}{},
		files: map[string]recording{}, left: map[int64]bool{},
	}
	s.server = &http.Server{
		Handler: s.doors(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	s.all.Go(func() { _ = s.server.Serve(l) })
	return s, nil
}

// URL is what Config.API must be.
func (s *Simulator) URL() string { return s.url }

// Close ends it, and whatever is still on its way.
func (s *Simulator) Close() {
	s.mu.Lock() // so that nothing new sets out while we wait for what is on its way
	s.stop()
	s.mu.Unlock()
	_ = s.server.Close()
	s.all.Wait()
	s.out.CloseIdleConnections()
}

// Write lets somebody write to the bot in their private chat. from is the number
// of the chat, as text.
func (s *Simulator) Write(from, text string) {
	s.message(from, map[string]any{"text": text})
}

// Share lets somebody share where they are.
func (s *Simulator) Share(from string, lat, lon float64) {
	s.message(from, map[string]any{"location": map[string]any{"latitude": lat, "longitude": lon}})
}

// Speak lets somebody send a voice note.
func (s *Simulator) Speak(from, kind string, bytes []byte) {
	file := "voice-" + strconv.Itoa(s.net.Next())
	s.mu.Lock()
	s.files[file] = recording{kind, bytes}
	s.mu.Unlock()
	s.message(from, map[string]any{"voice": map[string]any{
		"file_id": file, "file_unique_id": file, "duration": len(bytes) / 4000, "mime_type": kind, "file_size": len(bytes)}})
}

// Contact lets somebody share a telephone number: their own, or somebody else's.
func (s *Simulator) Contact(from, phone string, own bool) {
	c := map[string]any{"phone_number": phone, "first_name": "A"}
	if own {
		c["user_id"] = chatOf(from)
	}
	s.message(from, map[string]any{"contact": c})
}

// WriteInGroup lets somebody write in a group of which the bot is a member.
func (s *Simulator) WriteInGroup(group, from, text string) {
	s.post(chatOf(group), map[string]any{"message": map[string]any{
		"message_id": s.number(), "from": person(chatOf(from)), "date": s.clock.Now().Unix(), "text": text,
		"chat": map[string]any{"id": chatOf(group), "type": "supergroup", "title": "A"}}})
}

// Left says whether the bot left a group.
func (s *Simulator) Left(group string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[chatOf(group)]
}

// Keys are the buttons that somebody sees now.
func (s *Simulator) Keys(chat string) []channel.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.boards[chatOf(chat)]; b != nil {
		return b.keys
	}
	return nil
}

// Press lets somebody tap a button, and says whether there is one with that
// digit. The message that it is under goes with it.
func (s *Simulator) Press(from, key string) bool {
	chat := chatOf(from)
	s.mu.Lock()
	b := s.boards[chat]
	data := ""
	if b != nil {
		for _, k := range b.keys {
			if digit, _ := channel.Tap(k.Key); digit == key {
				data = k.Key
			}
		}
	}
	if data == "" {
		s.mu.Unlock()
		return false
	}
	tap, under := strconv.FormatInt(chat, 10)+"-"+strconv.Itoa(s.net.Next()), b.message
	s.taps[tap] = false
	s.mu.Unlock()
	s.post(chat, map[string]any{"callback_query": map[string]any{
		"id": tap, "from": person(chat), "chat_instance": "1", "data": data,
		"message": map[string]any{"message_id": under, "date": s.clock.Now().Unix(), "chat": private(chat)}}})
	return true
}

// Turning is how many buttons were tapped and not released.
func (s *Simulator) Turning() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, released := range s.taps {
		if !released {
			n++
		}
	}
	return n
}

// Waiting is how many updates wait to be asked for, or to be confirmed.
func (s *Simulator) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) + len(s.held)
}

func (s *Simulator) message(from string, what map[string]any) {
	chat := chatOf(from)
	what["message_id"], what["from"], what["chat"], what["date"] = s.number(), person(chat), private(chat), s.clock.Now().Unix()
	s.post(chat, map[string]any{"message": what})
}

func (s *Simulator) number() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return s.count
}

func person(id int64) map[string]any {
	return map[string]any{"id": id, "is_bot": false, "first_name": "A"}
}

func private(id int64) map[string]any {
	return map[string]any{"id": id, "type": "private", "first_name": "A"}
}

// chatOf is the number of a chat; nobody has 0.
func chatOf(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
