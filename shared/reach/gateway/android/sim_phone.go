package android

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// send is the phone that sends, and tells. A lie that is told of is a failure;
// one that is not stays "Sent" for ever.
func (s *Simulator) send(m outgoing) {
	to := m.Numbers[0]
	parts, _ := sms.Count(m.Text.Text)
	lie := s.net.Trip(func(f *channel.Faults) *int { return &f.Lie })
	silent := s.net.Trip(func(f *channel.Faults) *int { return &f.Unsure })
	if !lie {
		s.net.Arrive(m.ID, channel.Arrived{To: to, Text: m.Text.Text, At: s.clock.Now(), Parts: parts})
	}
	now := s.clock.Now()
	about := func(more map[string]any) map[string]any {
		more["messageId"], more["recipient"], more["phoneNumber"], more["sender"] = m.ID, to, to, Number
		return more
	}
	switch {
	case lie && silent:
		s.set(m.ID, queued{state: "Sent"})
	case lie:
		const why = "Send result: RESULT_ERROR_NO_SERVICE (Failed because service is currently unavailable)"
		s.set(m.ID, queued{state: "Failed", err: why})
		s.tell(eventFailed, about(map[string]any{"failedAt": now, "reason": why}))
	case silent:
		s.set(m.ID, queued{state: "Delivered"})
	default:
		s.set(m.ID, queued{state: "Delivered"})
		s.tell(eventSent, about(map[string]any{"sentAt": now, "partsCount": parts}))
		for range parts {
			s.tell(eventDelivered, about(map[string]any{"deliveredAt": now}))
		}
	}
}

// Write is somebody's phone that writes to us. It returns at once. A long text
// comes whole: the phone joins the parts.
func (s *Simulator) Write(from, text string) {
	s.mu.Lock()
	now := s.clock.Now().Truncate(time.Millisecond)
	if !now.After(s.last) {
		now = s.last.Add(time.Millisecond)
	}
	s.last = now
	m := received{MessageID: strconv.FormatInt(int64(s.net.Next()), 16), Sender: from, Number: from, Recipient: Number, Text: text, At: now}
	before := s.held
	s.held = nil
	if before == nil && s.net.Trip(func(f *channel.Faults) *int { return &f.Mix }) {
		s.held = &m
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.tell(eventReceived, m)
	if before != nil {
		s.tell(eventReceived, *before)
	}
}

// Forge calls the hook as somebody would who does not have the key.
func (s *Simulator) Forge(from, text string) error {
	s.mu.Lock()
	to := s.hooks["twiza-sms-received"].URL
	s.mu.Unlock()
	body := s.event(eventReceived, "", received{MessageID: "forged", Sender: from, Text: text, At: s.clock.Now()})
	status, err := s.call(to, "not the key of the phone", body)
	switch {
	case err != nil:
		return err
	case status == http.StatusForbidden:
		return channel.ErrForged
	case status/100 == 2:
		return nil
	}
	return errors.New("android: a forged call was answered " + strconv.Itoa(status))
}

// event is a call's body; each has an id of its own, even when it says the same.
func (s *Simulator) event(kind, webhook string, payload any) []byte {
	p, _ := json.Marshal(payload)
	b, _ := json.Marshal(map[string]any{
		"deviceId": Device, "event": kind, "id": "event-" + strconv.Itoa(s.net.Next()), "webhookId": webhook, "payload": json.RawMessage(p),
	})
	return b
}

// tell calls every hook that was registered for an event.
func (s *Simulator) tell(kind string, payload any) {
	s.mu.Lock()
	var to []hook
	for _, h := range s.hooks {
		if h.Event == kind {
			to = append(to, h)
		}
	}
	s.mu.Unlock()
	times := 1
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Twice }) {
		times = 2
	}
	for _, h := range to {
		for range times {
			body := s.event(kind, h.ID, payload)
			s.tasks.Go(func() { s.insist(h.URL, body) })
		}
	}
}

// insist calls a hook until it thanks us, ever more slowly, or as often as the
// app does.
func (s *Simulator) insist(to string, body []byte) {
	wait := 20 * time.Millisecond
	for range 15 {
		if status, err := s.call(to, s.phone.Key, body); err == nil && status/100 == 2 {
			return
		}
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
			return
		}
		wait *= 2
	}
}

// call calls a hook once; the simulator calls this machine only.
func (s *Simulator) call(to, key string, body []byte) (status int, err error) {
	u, err := url.Parse(to)
	if err != nil || u.Hostname() != "127.0.0.1" {
		return 0, errors.New("android: the simulator calls this machine only")
	}
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	at := strconv.FormatInt(s.clock.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Timestamp", at)
	r.Header.Set("X-Signature", hex.EncodeToString(signature(key, body, at)))
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, answerLimit))
	return resp.StatusCode, nil
}
