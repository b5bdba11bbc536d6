package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Stream is an answer that stays open, as server-sent events (WHATWG HTML, 9.2).
// It is never compressed, so that nothing waits in a buffer, and each writing has
// an end of its own: a reader who is gone without a word is found out.
type Stream struct {
	c *Ctx
	r *http.ResponseController
}

// writeWithin is how long a reader may take to read what one event says.
const writeWithin = 20 * time.Second

// Stream begins one. Whatever is between here and the reader is asked not to
// keep anything back; retry is when the reader should come back after a cut.
func (c *Ctx) Stream(retry time.Duration) (*Stream, error) {
	c.done = true
	h := c.W.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would wait for a full buffer
	s := &Stream{c, http.NewResponseController(c.W)}
	c.W.WriteHeader(http.StatusOK)
	return s, s.write(fmt.Sprintf("retry: %d\n\n", retry.Milliseconds()))
}

// Send tells one event. id is what the reader brings back after a cut; "" leaves
// the last one standing.
func (s *Stream) Send(event, id string, v any) error {
	body, err := json.Marshal(v) // in one line
	if err != nil {
		return err
	}
	var b strings.Builder
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + event + "\ndata: ")
	b.Write(body)
	b.WriteString("\n\n")
	return s.write(b.String())
}

func (s *Stream) write(text string) error {
	if err := s.r.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := s.c.W.Write([]byte(text)); err != nil {
		return err
	}
	return s.r.Flush()
}
