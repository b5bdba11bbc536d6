package whatsapp

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

const window = 24 * time.Hour

// refusal is an error of the Graph API.
type refusal struct {
	status, code int
	says         string
}

func (s *Simulator) doors() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v26.0/{phone}/messages", func(w http.ResponseWriter, r *http.Request) {
		if !s.known(w, r) {
			return
		}
		if r.PathValue("phone") != s.config.Phone {
			refuse(w, refusal{http.StatusBadRequest, 33, "Parameter value is not valid"})
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		var m outbound
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil || m.Product != "whatsapp" {
			refuse(w, refusal{http.StatusBadRequest, 100, "Invalid parameter"})
			return
		}
		s.take(w, r, m)
	})
	mux.HandleFunc("GET /v26.0/{media}", s.where)
	return mux
}

// known says whether a request has the token, and answers it when it has not.
func (s *Simulator) known(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Bearer "+s.config.Token {
		return true
	}
	refuse(w, refusal{http.StatusUnauthorized, 190, "Invalid OAuth access token"})
	return false
}

func refuse(w http.ResponseWriter, no refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"message": "(#" + strconv.Itoa(no.code) + ") " + no.says, "type": "OAuthException", "code": no.code, "fbtrace_id": "A"}})
}

// take puts a message on a phone, unless something goes wrong on the way.
func (s *Simulator) take(w http.ResponseWriter, r *http.Request, m outbound) {
	trip := s.net.Trip
	late := func() {
		select {
		case <-r.Context().Done():
		case <-time.After(s.net.Late()):
		}
	}
	no := refusal{}
	switch {
	case trip(func(f *channel.Faults) *int { return &f.Away }):
		no = refusal{http.StatusServiceUnavailable, 131016, "Service unavailable"}
	case trip(func(f *channel.Faults) *int { return &f.Busy }):
		no = refusal{http.StatusTooManyRequests, 130429, "Rate limit hit"}
	case trip(func(f *channel.Faults) *int { return &f.Refuse }):
		no = refusal{http.StatusBadRequest, 131026, "Message undeliverable"}
	}
	text := ""
	if no.status == 0 {
		text, no = s.check(m)
	}
	if no.status != 0 {
		late()
		refuse(w, no)
		return
	}
	to, id := m.To+m.Recipient, s.name()
	dropped := trip(func(f *channel.Faults) *int { return &f.Lie })
	if !dropped {
		s.board(to, m)
		s.net.Arrive("", channel.Arrived{To: to, Text: text, At: s.clock.Now(), Parts: 1})
	}
	s.reports(m, id, dropped) // which may well be there before the answer
	late()
	if trip(func(f *channel.Faults) *int { return &f.Hang }) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	contact := map[string]any{"input": to}
	if m.To != "" {
		contact["wa_id"] = strings.TrimPrefix(m.To, "+")
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"messaging_product": "whatsapp",
		"contacts": []any{contact}, "messages": []any{map[string]any{"id": id, "message_status": "accepted"}}})
}

// board is what can be tapped under the last message.
func (s *Simulator) board(to string, m outbound) {
	if m.Interactive == nil {
		return
	}
	var cs []choice
	for _, b := range m.Interactive.Action.Buttons {
		cs = append(cs, b.Reply)
	}
	for _, sec := range m.Interactive.Action.Sections {
		cs = append(cs, sec.Rows...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boards[to], s.lists[to] = cs, m.Interactive.Type == "list"
}

// check refuses what the Cloud API refuses, and otherwise says what the person
// reads.
func (s *Simulator) check(m outbound) (string, refusal) {
	to := m.To + m.Recipient
	if m.Kind != "individual" || !numberForm.MatchString(to) && !userForm.MatchString(to) || len(m.Ours) > 512 {
		return "", refusal{http.StatusBadRequest, 100, "Invalid parameter"}
	}
	if m.Type == "template" && m.Template != nil {
		return s.render(*m.Template)
	}
	s.mu.Lock()
	wrote := s.wrote[to]
	s.mu.Unlock()
	if s.clock.Now().Sub(wrote) > window {
		return "", refusal{http.StatusBadRequest, 131047, "Re-engagement message"}
	}
	switch {
	case m.Type == "text" && m.Text != nil && m.Text.Body != "" && units(m.Text.Body) <= textLimit:
		return m.Text.Body, refusal{}
	case m.Type == "interactive" && m.Interactive != nil && fits(*m.Interactive):
		return m.Interactive.Body.Text, refusal{}
	}
	return "", refusal{http.StatusBadRequest, 131009, "Parameter value is not valid"}
}

// fits checks an interactive message against the limits of its kind.
func fits(i interactive) bool {
	titles := map[string]bool{}
	ok := func(c choice, most int) bool {
		fresh := !titles[c.Title]
		titles[c.Title] = true
		return fresh && c.ID != "" && c.Title != "" && units(c.Title) <= most && units(c.Detail) <= detailLimit
	}
	switch i.Type {
	case "button":
		for _, b := range i.Action.Buttons {
			if b.Type != "reply" || !ok(b.Reply, titleLimit) {
				return false
			}
		}
		n := len(i.Action.Buttons)
		return n > 0 && n <= buttonsMost && i.Body.Text != "" && units(i.Body.Text) <= buttonsLimit
	case "list":
		n := 0
		for _, sec := range i.Action.Sections {
			for _, row := range sec.Rows {
				n++
				if !ok(row, rowLimit) {
					return false
				}
			}
		}
		return n > 0 && n <= rowsMost && i.Body.Text != "" && units(i.Body.Text) <= textLimit &&
			i.Action.Button != "" && units(i.Action.Button) <= titleLimit
	}
	return false
}

var blank = regexp.MustCompile(`\{\{[0-9]+\}\}`)

// render fills a template that was approved.
func (s *Simulator) render(t template) (string, refusal) {
	s.mu.Lock()
	text, ok := s.forms[t.Name+" "+t.Language.Code]
	s.mu.Unlock()
	if !ok {
		return "", refusal{http.StatusNotFound, 132001, "Template does not exist"}
	}
	var args []parameter
	for _, c := range t.Components {
		if c.Type == "body" {
			args = append(args, c.Parameters...)
		}
	}
	if len(blank.FindAllString(text, -1)) != len(args) {
		return "", refusal{http.StatusBadRequest, 132000, "Template param count mismatch"}
	}
	for i, a := range args {
		if a.Type != "text" || a.Text == "" || strings.ContainsAny(a.Text, "\n\t") || strings.Contains(a.Text, "     ") {
			return "", refusal{http.StatusBadRequest, 132012, "Template parameter format mismatch"}
		}
		text = strings.ReplaceAll(text, "{{"+strconv.Itoa(i+1)+"}}", a.Text)
	}
	return text, refusal{}
}

// where says from where a recording can be fetched.
func (s *Simulator) where(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	id := r.PathValue("media")
	s.mu.Lock()
	f, ok := s.files[id]
	s.mu.Unlock()
	if !ok {
		refuse(w, refusal{http.StatusBadRequest, 100, "Unsupported get request"})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"messaging_product": "whatsapp", "id": id,
		"url": s.media + "/whatsapp_business/attachments/?mid=" + id, "mime_type": f.kind, "file_size": len(f.bytes)})
}

// file is the host of the recordings.
func (s *Simulator) file(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.files[r.URL.Query().Get("mid")]
	s.mu.Unlock()
	if !ok || r.Header.Get("Authorization") != "Bearer "+s.config.Token {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	_, _ = w.Write(f.bytes)
}
