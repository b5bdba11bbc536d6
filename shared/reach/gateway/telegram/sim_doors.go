package telegram

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// fields are the parameters of a method, however they were sent: as a form, or
// as JSON, of which anything but a string stays as it is.
type fields map[string]string

func (f fields) number(name string) int64 {
	n, err := strconv.ParseInt(f[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// refusal is an answer that is not ok.
type refusal struct {
	status  int
	says    string
	seconds int // retry_after
}

func (s *Simulator) doors() http.Handler {
	methods := map[string]func(*http.Request, fields) (any, *refusal){
		"getMe":                  s.getMe,
		"getUpdates":             s.getUpdates,
		"setWebhook":             s.setWebhook,
		"deleteWebhook":          s.deleteWebhook,
		"sendMessage":            s.sendMessage,
		"answerCallbackQuery":    s.answerCallbackQuery,
		"editMessageReplyMarkup": s.editMessageReplyMarkup,
		"getFile":                s.getFile,
		"leaveChat":              s.leaveChat,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{bot}/{method}", func(w http.ResponseWriter, r *http.Request) {
		method := methods[r.PathValue("method")]
		switch {
		case r.PathValue("bot") != "bot"+s.token:
			answer(w, nil, &refusal{status: http.StatusUnauthorized, says: "Unauthorized"})
			return
		case method == nil:
			answer(w, nil, &refusal{status: http.StatusNotFound, says: "Not Found"})
			return
		}
		f, err := parameters(w, r)
		if err != nil {
			answer(w, nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: can't parse the request"})
			return
		}
		result, no := method(r, f)
		answer(w, result, no)
	})
	mux.HandleFunc("GET /file/{bot}/voice/{file}", s.file)
	return mux
}

// parameters reads what a method was called with.
func parameters(w http.ResponseWriter, r *http.Request) (fields, error) {
	r.Body = http.MaxBytesReader(w, r.Body, requestLimit)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	f := fields{}
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, err
		}
		for name, v := range raw {
			var text string
			if err := json.Unmarshal(v, &text); err != nil {
				text = string(v)
			}
			f[name] = text
		}
		return f, nil
	case "multipart/form-data":
		// A form without any field has not even a closing line.
		if err := r.ParseMultipartForm(requestLimit); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
	}
	for name, v := range r.Form {
		f[name] = v[0]
	}
	return f, nil
}

func answer(w http.ResponseWriter, result any, no *refusal) {
	body := map[string]any{"ok": true, "result": result}
	status := http.StatusOK
	if no != nil {
		status = no.status
		body = map[string]any{"ok": false, "error_code": no.status, "description": no.says}
		if no.seconds > 0 {
			body["parameters"] = map[string]any{"retry_after": no.seconds}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s *Simulator) getMe(*http.Request, fields) (any, *refusal) {
	id, _, _ := strings.Cut(s.token, ":")
	return map[string]any{"id": json.Number(id), "is_bot": true, "first_name": "A", "username": "simulated_bot"}, nil
}

func (s *Simulator) getUpdates(r *http.Request, f fields) (any, *refusal) {
	s.mu.Lock()
	hooked := s.hook != ""
	s.mu.Unlock()
	if hooked {
		return nil, &refusal{status: http.StatusConflict, says: "Conflict: can't use getUpdates method while webhook is active"}
	}
	limit := f.number("limit")
	if limit < 1 || limit > 100 {
		limit = 100
	}
	most := time.Duration(min(f.number("timeout"), 50)) * time.Second
	return s.updates(r.Context(), f.number("offset"), int(limit), most), nil
}

func (s *Simulator) setWebhook(_ *http.Request, f fields) (any, *refusal) {
	if f["url"] != "" && !wire.OnLoopback(f["url"]) {
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: bad webhook: a simulator calls its own machine only"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook, s.secret = f["url"], f["secret_token"]
	s.flush()
	return true, nil
}

func (s *Simulator) deleteWebhook(*http.Request, fields) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook, s.secret = "", ""
	return true, nil
}

// sendMessage puts a text on a phone, unless something goes wrong on the way.
func (s *Simulator) sendMessage(r *http.Request, f fields) (any, *refusal) {
	trip := s.net.Trip
	select {
	case <-r.Context().Done():
	case <-time.After(s.net.Late()):
	}
	chat := f.number("chat_id")
	switch {
	case trip(func(f *channel.Faults) *int { return &f.Away }):
		return nil, &refusal{status: http.StatusServiceUnavailable, says: "Service Unavailable"}
	case trip(func(f *channel.Faults) *int { return &f.Busy }):
		return nil, &refusal{status: http.StatusTooManyRequests, says: "Too Many Requests: retry after 1", seconds: 1}
	case trip(func(f *channel.Faults) *int { return &f.Refuse }):
		return nil, &refusal{status: http.StatusForbidden, says: "Forbidden: bot was blocked by the user"}
	case chat == 0:
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: chat not found"}
	case f["text"] == "":
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: message text is empty"}
	case len(utf16.Encode([]rune(f["text"]))) > textLimit:
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: message is too long"}
	}
	keys, ok := buttons(f["reply_markup"])
	if !ok {
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: BUTTON_DATA_INVALID"}
	}
	id := s.number()
	if !trip(func(f *channel.Faults) *int { return &f.Lie }) {
		s.mu.Lock()
		if len(keys) > 0 {
			s.boards[chat] = &board{id, keys}
		}
		s.mu.Unlock()
		s.net.Arrive("", channel.Arrived{To: strconv.FormatInt(chat, 10), Text: f["text"], At: s.clock.Now(), Parts: 1})
	}
	if trip(func(f *channel.Faults) *int { return &f.Hang }) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	return map[string]any{"message_id": id, "date": s.clock.Now().Unix(), "chat": private(chat), "text": f["text"]}, nil
}

// buttons are the answers under a text; false is a keyboard that Telegram
// refuses: callback_data is 1 to 64 bytes.
func buttons(markup string) ([]channel.Reply, bool) {
	if markup == "" {
		return nil, true
	}
	var k struct {
		Rows [][]struct {
			Text string `json:"text"`
			Data string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	if err := json.Unmarshal([]byte(markup), &k); err != nil {
		return nil, false
	}
	var all []channel.Reply
	for _, row := range k.Rows {
		for _, b := range row {
			if b.Text == "" || b.Data == "" || len(b.Data) > 64 {
				return nil, false
			}
			all = append(all, channel.Reply{Key: b.Data, Text: b.Text})
		}
	}
	return all, true
}

func (s *Simulator) answerCallbackQuery(_ *http.Request, f fields) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.taps[f["callback_query_id"]]; !ok {
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: query is too old and response timeout expired or query ID is invalid"}
	}
	s.taps[f["callback_query_id"]] = true
	return true, nil
}

func (s *Simulator) editMessageReplyMarkup(_ *http.Request, f fields) (any, *refusal) {
	chat, id := f.number("chat_id"), f.number("message_id")
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.boards[chat]; b != nil && b.message == id {
		delete(s.boards, chat)
		return map[string]any{"message_id": id, "date": s.clock.Now().Unix(), "chat": private(chat)}, nil
	}
	return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: message is not modified"}
}

func (s *Simulator) getFile(_ *http.Request, f fields) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.files[f["file_id"]]
	if !ok {
		return nil, &refusal{status: http.StatusBadRequest, says: "Bad Request: invalid file_id"}
	}
	return map[string]any{"file_id": f["file_id"], "file_unique_id": f["file_id"], "file_size": len(r.bytes), "file_path": "voice/" + f["file_id"]}, nil
}

func (s *Simulator) file(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	v, ok := s.files[r.PathValue("file")]
	s.mu.Unlock()
	if !ok || r.PathValue("bot") != "bot"+s.token {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", v.kind)
	_, _ = w.Write(v.bytes)
}

func (s *Simulator) leaveChat(_ *http.Request, f fields) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[f.number("chat_id")] = true
	return true, nil
}
