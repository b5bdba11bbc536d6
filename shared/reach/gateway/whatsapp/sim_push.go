package whatsapp

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// Subscribe sets the webhook up: it asks it for the challenge, as Meta does when
// its address is entered, and calls it from then on.
func (s *Simulator) Subscribe(hook string) error {
	if !wire.OnLoopback(hook) {
		return errors.New("whatsapp: a simulator calls its own machine only")
	}
	word := strings.ToLower(rand.Text())
	q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {word}, "hub.verify_token": {s.config.Verify}}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, hook+"?"+q.Encode(), nil)
	if err != nil {
		return errors.New("whatsapp: no such webhook")
	}
	a, err := s.out.Do(req)
	if err != nil {
		return errors.New("whatsapp: the webhook does not answer")
	}
	defer a.Body.Close()
	said, err := io.ReadAll(io.LimitReader(a.Body, 1000))
	if err != nil || a.StatusCode != http.StatusOK || string(said) != word {
		return errors.New("whatsapp: the webhook does not know its verify token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
	s.flush()
	return nil
}

// envelope is a call of the webhook, as text.
func (s *Simulator) envelope(value map[string]any) []byte {
	v := maps.Clone(value)
	v["messaging_product"] = "whatsapp"
	v["metadata"] = map[string]any{"display_phone_number": strings.TrimPrefix(s.number, "+"), "phone_number_id": s.config.Phone}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{
		map[string]any{"id": "102290129340398", "changes": []any{map[string]any{"field": "messages", "value": v}}}}})
	if err != nil {
		return nil // of maps of texts there is always a text
	}
	return body
}

// post calls the webhook about somebody, after what was posted about them
// before. Mix holds back what they wrote until the next message has gone.
func (s *Simulator) post(about string, written bool, value map[string]any) {
	mix := written && s.net.Trip(func(f *channel.Faults) *int { return &f.Mix })
	es := []event{{about, s.envelope(value)}}
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Twice }) {
		es = append(es, es[0])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if mix {
		s.held = append(s.held, es...)
		return
	}
	s.waiting = append(s.waiting, es...)
	if written {
		s.waiting, s.held = append(s.waiting, s.held...), nil
	}
	s.flush()
}

// flush sends out what waits, person by person in order. s.mu is held.
func (s *Simulator) flush() {
	if s.hook == "" {
		return
	}
	for _, e := range s.waiting {
		if s.ctx.Err() != nil {
			return
		}
		hook, before, done := s.hook, s.calls[e.about], make(chan struct{})
		s.calls[e.about] = done
		s.all.Go(func() {
			defer close(done)
			if before != nil {
				<-before
			}
			s.insist(hook, e.body)
		})
	}
	s.waiting = nil
}

// insist calls until somebody thanks. Meta repeats for seven days, ever more
// slowly; what the webhook refuses for good is given up here.
func (s *Simulator) insist(hook string, body []byte) {
	wire.Insist(s.ctx, func() (int, error) { return s.tell(hook, body, s.config.AppSecret) })
}

func (s *Simulator) tell(hook string, body []byte, secret string) (status int, err error) {
	return wire.Call(s.ctx, s.out, hook, signatureHeader, "sha256="+hex.EncodeToString(sign(body, secret)), body)
}

// Forge calls the webhook as a stranger would who does not know the secret, once.
// ErrForged is that it was known for what it is; nil that it was believed.
func (s *Simulator) Forge(from, text string) error {
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	body := s.envelope(map[string]any{"messages": []any{map[string]any{
		"id": s.name(), "from": strings.TrimPrefix(from, "+"), "timestamp": s.seconds(), "type": "text", "text": map[string]any{"body": text}}}})
	return wire.Believed(s.tell(hook, body, "a guess"))
}

// reports tells what became of a message: sent and delivered, or failed when it
// was dropped.
func (s *Simulator) reports(m outbound, id string, dropped bool) {
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Unsure }) {
		return
	}
	states := []string{"sent", "delivered"}
	if dropped {
		states = []string{"failed"}
	}
	for _, state := range states {
		st := map[string]any{"id": id, "status": state, "timestamp": s.seconds()}
		if m.Ours != "" {
			st["biz_opaque_callback_data"] = m.Ours
		}
		if m.Recipient != "" {
			st["recipient_user_id"] = m.Recipient
		} else {
			st["recipient_id"] = strings.TrimPrefix(m.To, "+")
		}
		if dropped {
			st["errors"] = []any{map[string]any{"code": 131026, "title": "Message undeliverable"}}
		}
		s.post(m.To+m.Recipient, false, map[string]any{"statuses": []any{st}})
	}
}
