package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// post gives an update its number and lets it wait, or calls the webhook.
// Telegram tells updates in the order of their numbers when it is asked; Mix
// therefore swaps two of one answer, or two calls.
func (s *Simulator) post(chat int64, u map[string]any) {
	mix := s.net.Trip(func(f *channel.Faults) *int { return &f.Mix })
	twice := s.net.Trip(func(f *channel.Faults) *int { return &f.Twice })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	u["update_id"] = s.last
	body, err := json.Marshal(u)
	if err != nil {
		return
	}
	ws := []waiting{{s.last, chat, body}}
	if twice {
		ws = append(ws, ws[0])
	}
	if mix {
		s.held = append(s.held, ws...)
		return
	}
	s.waiting = append(append(s.waiting, ws...), s.held...)
	s.held = nil
	s.flush()
}

// flush calls the webhook with what waits, chat by chat in order, or tells
// whoever asked. s.mu is held.
func (s *Simulator) flush() {
	close(s.changed)
	s.changed = make(chan struct{})
	if s.hook == "" {
		return
	}
	for _, w := range s.waiting {
		if s.ctx.Err() != nil {
			return
		}
		hook, secret, before, done := s.hook, s.secret, s.calls[w.chat], make(chan struct{})
		s.calls[w.chat] = done
		s.all.Go(func() {
			defer close(done)
			if before != nil {
				<-before
			}
			s.insist(hook, secret, w)
		})
	}
	s.waiting = nil
}

// insist calls until somebody thanks, as Telegram repeats a call that was not
// answered with 2xx; what the webhook refuses for good is given up.
func (s *Simulator) insist(hook, secret string, w waiting) {
	wire.Insist(s.ctx, func() (int, error) { return s.tell(hook, secret, w.body) })
}

func (s *Simulator) tell(hook, secret string, body []byte) (status int, err error) {
	return wire.Call(s.ctx, s.out, hook, secretHeader, secret, body)
}

// Forge calls the webhook as a stranger would who does not know the secret, once.
// ErrForged is that it was known for what it is; nil that it was believed.
func (s *Simulator) Forge(from, text string) error {
	s.mu.Lock()
	hook := s.hook
	s.last++
	id := s.last
	s.mu.Unlock()
	body, err := json.Marshal(map[string]any{"update_id": id, "message": map[string]any{
		"message_id": id, "from": person(chatOf(from)), "chat": private(chatOf(from)), "date": s.clock.Now().Unix(), "text": text}})
	if err != nil {
		return errors.New("telegram: the update could not be written")
	}
	return wire.Believed(s.tell(hook, "a-guess", body))
}

// updates is getUpdates: what has a lower number than offset is confirmed and
// forgotten; the rest is answered, and waited for where there is none.
func (s *Simulator) updates(ctx context.Context, offset int64, limit int, most time.Duration) []json.RawMessage {
	over := time.NewTimer(most)
	defer over.Stop()
	for {
		s.mu.Lock()
		s.waiting = slices.DeleteFunc(s.waiting, func(w waiting) bool { return w.id < offset })
		answer := []json.RawMessage{}
		for _, w := range s.waiting[:min(limit, len(s.waiting))] {
			answer = append(answer, w.body)
		}
		changed := s.changed
		s.mu.Unlock()
		if len(answer) > 0 {
			return answer
		}
		select {
		case <-changed:
		case <-over.C:
			return answer
		case <-ctx.Done():
			return answer
		}
	}
}
