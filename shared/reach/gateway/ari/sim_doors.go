package ari

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/twiza/twiza/shared/reach/channel"
)

// doors is the part of ARI that the simulated exchange has.
func (s *Simulator) doors() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /ari/events", s.events)
	for pattern, door := range map[string]func(*http.Request) (int, any){
		"GET /ari/channels":                       s.list,
		"POST /ari/channels/{id}/answer":          s.answer,
		"POST /ari/channels/{id}/play/{playback}": s.play,
		"POST /ari/channels/{id}/record":          s.record,
		"DELETE /ari/channels/{id}":               s.hangUp,
		"GET /ari/playbacks/{playback}":           s.playback,
		"DELETE /ari/playbacks/{playback}":        s.stop,
		"GET /ari/recordings/live/{name}":         s.live,
		"POST /ari/recordings/live/{name}/stop":   s.stopLive,
		"GET /ari/recordings/stored/{name}/file":  s.file,
		"DELETE /ari/recordings/stored/{name}":    s.forget,
	} {
		m.HandleFunc(pattern, s.door(door))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != s.cfg.User || password != s.cfg.Password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		m.ServeHTTP(w, r)
	})
}

// door answers a request, or fails at it.
func (s *Simulator) door(do func(*http.Request) (int, any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if late := s.net.Late(); late > 0 && !sleep(s.ctx, late) {
			return
		}
		if s.net.Trip(func(f *channel.Faults) *int { return &f.Busy }) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		status, body := do(r)
		if s.net.Trip(func(f *channel.Faults) *int { return &f.Hang }) {
			panic(http.ErrAbortHandler) // done, and the answer lost
		}
		switch body := body.(type) {
		case nil:
			w.WriteHeader(status)
		case []byte:
			w.WriteHeader(status)
			_, _ = w.Write(body)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(body)
		}
	}
}

func (s *Simulator) list(*http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*line{}
	for _, c := range s.callers {
		all = append(all, c.line())
	}
	return http.StatusOK, all
}

func (s *Simulator) answer(r *http.Request) (int, any) {
	c := s.caller(r.PathValue("id"))
	if c == nil {
		return http.StatusNotFound, nil
	}
	if s.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }) {
		c.HangUp()
		return http.StatusNotFound, nil
	}
	return http.StatusNoContent, nil
}

func (s *Simulator) play(r *http.Request) (int, any) {
	c := s.caller(r.PathValue("id"))
	media := r.URL.Query().Get("media")
	if c == nil || media == "" {
		return http.StatusNotFound, nil
	}
	p := &playing{id: r.PathValue("playback"), media: strings.Split(media, ","), stop: make(chan struct{})}
	s.mu.Lock()
	_, there := s.plays[p.id]
	if !there {
		s.plays[p.id] = p
	}
	s.mu.Unlock()
	if there {
		return http.StatusConflict, nil
	}
	s.wg.Go(func() { c.listen(p) })
	return http.StatusCreated, p.model(c.id, "queued")
}

func (s *Simulator) playback(r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.plays[r.PathValue("playback")]; p != nil {
		return http.StatusOK, p.model("", "playing")
	}
	return http.StatusNotFound, nil
}

func (s *Simulator) stop(r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.plays[r.PathValue("playback")]
	if p == nil {
		return http.StatusNotFound, nil
	}
	p.once.Do(func() { close(p.stop) })
	return http.StatusNoContent, nil
}

func (s *Simulator) record(r *http.Request) (int, any) {
	c, q := s.caller(r.PathValue("id")), r.URL.Query()
	seconds, err := strconv.Atoi(q.Get("maxDurationSeconds"))
	switch {
	case c == nil:
		return http.StatusNotFound, nil
	case err != nil || seconds < 0 || q.Get("name") == "":
		return http.StatusBadRequest, nil
	case q.Get("format") != "wav" && q.Get("format") != "ogg":
		return http.StatusUnprocessableEntity, nil
	}
	t := &tape{name: q.Get("name"), format: q.Get("format"), until: q.Get("terminateOn"), seconds: seconds, beep: q.Get("beep") == "true", over: make(chan struct{})}
	s.mu.Lock()
	_, there := s.stored[t.name]
	if there = there || c.tape != nil && c.tape.name == t.name; !there {
		c.tape = t
	}
	s.mu.Unlock()
	if there {
		return http.StatusConflict, nil
	}
	s.wg.Go(func() { c.record(t) })
	return http.StatusCreated, t.model(c.id, "queued", 0)
}

func (s *Simulator) hangUp(r *http.Request) (int, any) {
	c := s.caller(r.PathValue("id"))
	if c == nil {
		return http.StatusNotFound, nil
	}
	c.end(false)
	return http.StatusNoContent, nil
}

// taping is the recording of that name that is going on, or nil. Whoever calls
// it holds s.mu.
func (s *Simulator) taping(name string) *tape {
	for _, c := range s.callers {
		if c.tape != nil && c.tape.name == name {
			return c.tape
		}
	}
	return nil
}

func (s *Simulator) live(r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.taping(r.PathValue("name")); t != nil {
		return http.StatusOK, t.model("", "recording", 0)
	}
	return http.StatusNotFound, nil
}

func (s *Simulator) stopLive(r *http.Request) (int, any) {
	s.mu.Lock()
	t := s.taping(r.PathValue("name"))
	s.mu.Unlock()
	if t == nil {
		return http.StatusNotFound, nil
	}
	t.end()
	return http.StatusNoContent, nil
}

func (s *Simulator) file(r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.stored[r.PathValue("name")]
	if !ok {
		return http.StatusNotFound, nil
	}
	return http.StatusOK, b
}

func (s *Simulator) forget(r *http.Request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.stored[r.PathValue("name")]; !ok {
		return http.StatusNotFound, nil
	}
	delete(s.stored, r.PathValue("name"))
	return http.StatusNoContent, nil
}
