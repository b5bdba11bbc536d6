package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

// statuses says what the edge answers to each kind of fault.
var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError,
	fault.Invalid:  http.StatusUnprocessableEntity,
	fault.Unknown:  http.StatusUnauthorized,
	fault.Denied:   http.StatusForbidden,
	fault.Missing:  http.StatusNotFound,
	fault.Conflict: http.StatusConflict,
	fault.Limited:  http.StatusTooManyRequests,
	fault.Away:     http.StatusServiceUnavailable,
}

func missing() error { return fault.New(fault.Missing, "error.missing") }
func foreign() error { return fault.New(fault.Denied, "error.foreign_form") }

// ErrorPage is what a reader sees when something cannot be done.
type ErrorPage struct {
	ui.Frame
	Status    int
	Text      template.HTML
	Reference string // for a fault of ours, to tell an operator
	SignIn    bool
	Back      string
	Call      string // whom to call where nothing else can be done, as it is dialled
}

// Fault sorts an error: a body that is too large or half sent is the
// reader's, not ours.
func Fault(err error) error {
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.Invalid, "error.too_large", "kb", big.Limit/1024)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &fault.Fault{Kind: fault.Away, Key: "error.away", Cause: err}
	}
	return err
}

// Fail answers with what went wrong, in the reader's language.
func (c *Ctx) Fail(err error) {
	err = Fault(err)
	kind := fault.KindOf(err)
	if kind == fault.Internal {
		c.Site.Log.Error("broke", "door", c.Door.Method+" "+c.Door.Path, "ref", c.ref, "problem", err.Error())
	}
	if c.done {
		return // the answer is on its way already
	}
	if kind == fault.Limited {
		c.W.Header().Set("Retry-After", "60")
	}
	if kind == fault.Away {
		c.W.Header().Set("Retry-After", "5")
		c.Site.Log.Warn("away", "door", c.Door.Method+" "+c.Door.Path, "ref", c.ref, "problem", err.Error())
	}
	c.fail(statuses[kind], err)
}

// otherwise says how an address that is known may be asked for.
func (c *Ctx) otherwise(allowed []string) error {
	c.W.Header().Set("Allow", strings.Join(allowed, ", "))
	c.fail(http.StatusMethodNotAllowed, fault.New(fault.Invalid, "error.method"))
	return nil
}

// ForProgram says that a script asks, which reads JSON and shows it itself.
func (c *Ctx) ForProgram() bool {
	return c.Door.API || strings.HasPrefix(c.R.Header.Get("Accept"), "application/json")
}

// fail is the answer itself: problem+json for a program, a page for a person.
func (c *Ctx) fail(status int, err error) {
	if c.ForProgram() {
		c.problem(status, err)
		return
	}
	p := &ErrorPage{Status: status, Text: c.Sentence(err), SignIn: status == http.StatusUnauthorized, Back: c.path}
	p.Kind = "form"
	if status == http.StatusServiceUnavailable {
		p.Call = c.Site.Call
	}
	if status == http.StatusInternalServerError {
		p.Reference = c.ref
	}
	p.Title = c.P.Text("error.title")
	if broke := c.RenderStatus(p.Status, "error", p); broke != nil {
		c.Site.Log.Error("broke", "door", "error page", "ref", c.ref, "problem", broke.Error())
		http.Error(c.W, c.ref, http.StatusInternalServerError)
	}
}

// Sentence is an error in the reader's language; a fault of ours is one calm
// sentence.
func (c *Ctx) Sentence(err error) template.HTML {
	if all, ok := errors.AsType[fault.All](err); ok && len(all) > 0 {
		if len(all) == 1 {
			return c.P.T(all[0].Key, Pairs(all[0].Args)...)
		}
		return c.P.T("error.fields", "n", len(all))
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return c.P.T(f.Key, Pairs(f.Args)...)
	}
	return c.P.T("error.ours")
}

// FieldErrors lists what is wrong field by field, for a form shown again.
// ok is false when the error is not about fields.
func (c *Ctx) FieldErrors(err error) (out []ui.FieldError, ok bool) {
	all, is := errors.AsType[fault.All](err)
	if f, one := errors.AsType[*fault.Fault](err); !is && one && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Limited) {
		all, is = fault.All{f}, true
	}
	if !is {
		return nil, false
	}
	for _, f := range all {
		out = append(out, ui.FieldError{Field: f.Field, Text: c.P.T(f.Key, Pairs(f.Args)...)})
	}
	return out, true
}

// FormStatus is the status of a page that shows a form again: 200 where nothing was
// wrong; otherwise its faults stand beside their fields, and it is 409 for what changed
// meanwhile, 429 for too much and 422 for the rest. What is no fault of a form is handed
// back.
func (c *Ctx) FormStatus(f *ui.Frame, wrong error) (status int, err error) {
	if wrong == nil {
		return http.StatusOK, nil
	}
	errs, ok := c.FieldErrors(wrong)
	if !ok {
		return 0, wrong
	}
	f.Errors = errs
	switch fault.KindOf(wrong) {
	case fault.Conflict:
		return http.StatusConflict, nil
	case fault.Limited:
		return http.StatusTooManyRequests, nil
	}
	return http.StatusUnprocessableEntity, nil
}

// Pairs turns named arguments into name, value, name, value.
func Pairs(m map[string]any) []any {
	out := make([]any, 0, 2*len(m))
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	State  string         `json:"state,omitempty"` // of a 401, for a program that works without a network: signin, or what the fault says
	Ref    string         `json:"reference,omitempty"`
	Call   string         `json:"call,omitempty"` // of a 503: the number of people who answer
	Fields []problemField `json:"fields,omitempty"`
}

type problemField struct {
	Field string         `json:"field"`
	Code  string         `json:"code"`
	Title string         `json:"title"`
	Args  map[string]any `json:"args,omitempty"`
}

// problem answers as RFC 9457 says, with the sentence in the reader's language.
func (c *Ctx) problem(status int, err error) {
	p := problem{Type: "about:blank", Status: status, Code: "error.ours", Title: c.P.Text("error.ours")}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		p.Code, p.Title = f.Key, c.P.Text(f.Key, Pairs(f.Args)...)
	}
	if status == http.StatusUnauthorized {
		p.State = "signin"
		if f, ok := errors.AsType[*fault.Fault](err); ok && f.Args["state"] != nil {
			p.State = fmt.Sprint(f.Args["state"])
		}
	}
	if all, ok := errors.AsType[fault.All](err); ok {
		p.Code, p.Title = "error.fields", c.P.Text("error.fields", "n", len(all))
		for _, f := range all {
			p.Fields = append(p.Fields, problemField{f.Field, f.Key, c.P.Text(f.Key, Pairs(f.Args)...), f.Args})
		}
	}
	if status >= 500 {
		p.Ref = c.ref
	}
	if status == http.StatusServiceUnavailable {
		p.Call = c.Site.Call
	}
	b, broke := json.Marshal(p)
	if broke != nil {
		b = []byte(fmt.Sprintf(`{"type":"about:blank","status":%d}`, status))
	}
	c.done = true
	c.W.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	c.send(status, b)
}

// turnAway asks a program to come back because more come than can be answered, as
// cheaply as can be: nothing of what it sent is read, the sentence is put together
// once for each language, and the figures count it (twiza_turned_away) where a line
// in the log for each would cost those who are served.
func (s *Site) turnAway(w http.ResponseWriter, lang i18n.Lang) {
	body, ok := s.busy.Load(lang)
	if !ok {
		p := problem{Type: "about:blank", Status: http.StatusServiceUnavailable, Code: "error.busy", Title: s.printer(lang).Text("error.busy"), Call: s.Call}
		b, err := json.Marshal(p)
		if err != nil {
			b = []byte(`{"type":"about:blank","status":503}`)
		}
		body, _ = s.busy.LoadOrStore(lang, b)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
	w.Write(body.([]byte))
}
