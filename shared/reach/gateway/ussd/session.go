package ussd

import (
	"container/list"
	"context"
	"strings"
	"sync"
	"time"
)

// session is what we know of one session. Whoever holds busy owns the rest.
type session struct {
	name string
	busy chan struct{} // holds one token
	used time.Time     // under memory.mu

	begun bool            // somebody answered its first step
	over  bool            // we ended it, or the network said that it ended
	gone  bool            // its end was told
	from  string          // as it was told at first
	last  string          // the accumulated text of the newest step
	steps map[string]step // by accumulated text, since the accumulation began
}

// step is one that was answered, and how.
type step struct {
	answer string
	at     time.Time
}

// mostSteps is how many steps of one session can be repeated.
const mostSteps = 128

// take waits for its turn in the session.
func (s *session) take(ctx context.Context) error {
	select {
	case s.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) leave() { <-s.busy }

// repeated finds the answer of a step that is told once more. The newest step
// may be repeated as long as the session is remembered; an earlier one only as
// long as a network may still be trying, since later the same text means that
// the person came back and the network began to accumulate anew. So it is with
// every step of a session whose end the network has told.
func (s *session) repeated(text string, now time.Time, repeat time.Duration) (answer string, ok bool) {
	st, known := s.steps[text]
	if !known || (text != s.last || s.gone) && now.Sub(st.at) > repeat {
		return "", false
	}
	return st.answer, true
}

// next reads what is new in an accumulated text: what was typed in this step,
// and whether the session begins with it. People type * themselves, so only
// what we have already heard is taken off the front, and never split.
func (s *session) next(text string) (keys string, begins bool) {
	switch {
	case s.begun && s.over, s.begun && text == "":
		// The network gave a name again that it had used up.
		return newest(text), true
	case !s.begun:
		// Either dialled with an answer behind the code, or we have forgotten
		// the session because the house was started again in the middle of it.
		return newest(text), true
	case s.last == "":
		return text, false
	}
	if rest, ok := strings.CutPrefix(text, s.last+"*"); ok {
		return rest, false
	}
	return text, false // a resumed session accumulates anew
}

// newest is the last input of a text whose beginning nobody remembers.
func newest(text string) string { return text[strings.LastIndexByte(text, '*')+1:] }

// answered keeps the answer of a step.
func (s *session) answered(text, answer string, begins, over bool, now time.Time) {
	if begins || !continues(s.last, text) || len(s.steps) >= mostSteps {
		s.steps = map[string]step{}
	}
	s.steps[text] = step{answer, now}
	s.last, s.begun, s.over = text, true, over
	if begins {
		s.gone = false
	}
}

func continues(last, text string) bool { return last == "" || strings.HasPrefix(text, last+"*") }

// memory holds the sessions, the one used longest ago first.
type memory struct {
	mu    sync.Mutex
	order *list.List // of *session
	by    map[string]*list.Element
	room  int
	keep  time.Duration
}

func newMemory(room int, keep time.Duration) *memory {
	return &memory{order: list.New(), by: map[string]*list.Element{}, room: room, keep: keep}
}

// session finds or begins one, and forgets those that nobody can repeat any more.
func (m *memory) session(name string, now time.Time) *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	for e := m.order.Front(); e != nil; e = m.order.Front() {
		s := e.Value.(*session)
		if len(m.by) <= m.room && now.Sub(s.used) <= m.keep {
			break
		}
		m.order.Remove(e)
		delete(m.by, s.name)
	}
	e, ok := m.by[name]
	if !ok {
		e = m.order.PushBack(&session{name: name, busy: make(chan struct{}, 1), steps: map[string]step{}})
		m.by[name] = e
	}
	m.order.MoveToBack(e)
	s := e.Value.(*session)
	s.used = now
	return s
}
