package web

import (
	"net/http"
	"strings"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

// Mux builds the handler of all doors.
func (s *Site) Mux(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for i := range routes {
		r := &routes[i]
		if r.API {
			mux.HandleFunc(r.Method+" "+r.Path, func(w http.ResponseWriter, q *http.Request) { s.serve(w, q, r, s.pick(q)) })
			continue
		}
		for _, l := range s.Langs {
			mux.HandleFunc(r.Method+" /"+string(l)+r.Path, func(w http.ResponseWriter, q *http.Request) { s.serve(w, q, r, l) })
		}
	}
	mux.Handle("GET /assets/", ui.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) { s.elsewhere(w, q, open(mux, q)) })
	return s.outer(mux)
}

// open lists how an address may be asked for, as the header Allow has it: none
// where there is no door.
func open(mux *http.ServeMux, q *http.Request) (allowed []string) {
	for _, method := range methods {
		as := &http.Request{Method: method, URL: q.URL, Host: q.Host}
		if _, door := mux.Handler(as); door != "/" && door != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// methods are those that a door may have; HEAD goes wherever GET does.
var methods = []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"}

// elsewhere sends "/" and addresses without a language to the reader's own
// language, and says calmly that the rest does not exist, or that it is asked
// for in another way (RFC 9110, 15.5.6).
func (s *Site) elsewhere(w http.ResponseWriter, q *http.Request, allowed []string) {
	first, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	known := first == "api"
	for _, l := range s.Langs {
		known = known || first == string(l)
	}
	if !known && allowed == nil && (q.Method == "GET" || q.Method == "HEAD") {
		w.Header().Set("Vary", "Accept-Language, Cookie")
		http.Redirect(w, q, "/"+string(s.pick(q))+strings.TrimSuffix(q.URL.EscapedPath(), "/")+slashIf(q.URL.Path == "/"), http.StatusFound)
		return
	}
	lang := s.pick(q)
	if known && first != "api" {
		lang = i18n.Lang(first)
	}
	r := &Route{Method: "ANY", Path: "/", Word: "web.page.missing", API: first == "api", Handle: func(*Ctx) error { return missing() }}
	if allowed != nil {
		r.Word, r.Handle = "web.page.otherwise", func(c *Ctx) error { return c.otherwise(allowed) }
	}
	s.serve(w, q, r, lang)
}

func slashIf(b bool) string {
	if b {
		return "/"
	}
	return ""
}
