// Package web is the edge: it knows languages, cookies, statuses and limits,
// and nothing of what the house is for. Handlers return errors; the edge turns
// them into a page in the reader's language or into problem+json (RFC 9457),
// and logs whole what was our fault.
package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
)

// Page is a struct of its own for each page: it embeds ui.Frame, and its
// template is found by name.
type Page interface{ Shell() *ui.Frame }

// Route is one door of the house.
type Route struct {
	Method  string // GET, POST
	Path    string // "/cases/{id}"; pages get the language in front: /ar/cases/…
	Word    string // the deed that this door leads to; metrics and logs carry it
	API     bool   // no language in front, problem+json for errors
	MaxBody int64  // bytes; 0 is 64 KiB
	Class   Class  // how much it matters when more come than can be served
	Handle  func(*Ctx) error
}

// Site is what every door shares.
type Site struct {
	Cat      *i18n.Catalogue
	Zone     *time.Location
	Now      func() time.Time
	Log      *slog.Logger
	Meter    *telemetry.Meter
	National string // the country's calling code, for showing phones: "212"
	Proxied  bool   // behind a reverse proxy that sets X-Forwarded-For and X-Forwarded-Proto
	Langs    []i18n.Lang

	// Templates parses the pages for one language's functions.
	Templates func(template.FuncMap) (*template.Template, error)
	// Reload parses templates anew for every page, for work on them.
	Reload bool
	// Frame fills in what the shell shows: who is signed in, the banner.
	Frame func(*Ctx, *ui.Frame)
	// Enter is run before a handler: it finds out who is there.
	Enter func(*Ctx) context.Context
	// Gate is asked after that whether the door is open at all now; nil is always.
	Gate func(*Ctx) error
	// Shed bounds how many are served at once; nil serves everybody.
	Shed *Shed
	busy sync.Map // i18n.Lang → what a program is told that is asked to come back
	// Call is the number that people are told to call when the house cannot
	// answer them, as it is dialled.
	Call string

	mu    sync.Mutex
	sets  map[i18n.Lang]*template.Template
	Limit *Limiter

	commons commons
}

// Ctx is one request on its way through a handler.
type Ctx struct {
	W    http.ResponseWriter
	R    *http.Request
	P    *i18n.Printer
	Site *Site
	Door *Route
	path string // without the language
	ref  string
	done bool

	always bool // the page may be kept whoever reads it

	common bool     // the page is the same for everybody, see Common
	nouns  []string // whose deeds change it
	turn   int64    // when it was begun
}

const maxBody = 64 << 10

// most is how many bytes of a body the door lets in.
func (r *Route) most() int64 {
	if r == nil || r.MaxBody == 0 {
		return maxBody
	}
	return r.MaxBody
}

// pick is the reader's language: the one chosen before, else what the browser asks for.
func (s *Site) pick(q *http.Request) i18n.Lang {
	if c, err := q.Cookie("lang"); err == nil {
		for _, l := range s.Langs {
			if string(l) == c.Value {
				return l
			}
		}
	}
	return i18n.Match(q.Header.Get("Accept-Language"))
}

func (s *Site) serve(w http.ResponseWriter, q *http.Request, r *Route, lang i18n.Lang) {
	start := time.Now()
	leave, pressed, ok := s.Shed.Enter(r.classOf(q))
	if !ok && r.API {
		s.turnAway(w, lang)
		s.Meter.Door(r.Method+" "+r.Path, r.Class.String(), http.StatusServiceUnavailable, time.Since(start))
		return
	}
	q.Body = http.MaxBytesReader(w, q.Body, r.most())
	rec := &recorder{ResponseWriter: w, status: 200}
	c := &Ctx{W: rec, R: q, Site: s, Door: r, P: s.printer(lang), path: strings.TrimPrefix(q.URL.Path, "/"+string(lang)), ref: reference()}
	if !r.API && lang != i18n.QPS && !c.Shared() {
		if k, err := q.Cookie("lang"); err != nil || k.Value != string(lang) {
			http.SetCookie(rec, &http.Cookie{Name: "lang", Value: string(lang), Path: "/", MaxAge: 365 * 86400, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: c.Secure()})
		}
	}
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "door", r.Method+" "+r.Path, "ref", c.ref, "problem", fmt.Sprint(p), "stack", string(debug.Stack()))
			c.Fail(fmt.Errorf("panic: %v", p))
		}
		took := time.Since(start)
		if leave != nil {
			leave(took)
		}
		if r.Class != Live { // a line that stays open is no slow page
			s.Meter.Door(r.Method+" "+r.Path, r.Class.String(), rec.status, took)
		}
		s.Log.LogAttrs(q.Context(), slog.LevelInfo, "door", slog.String("door", r.Method+" "+r.Path), slog.String("word", r.Word),
			slog.Int("status", rec.status), slog.Int64("us", took.Microseconds()), slog.String("ref", c.ref))
	}()
	if !ok {
		c.Fail(fault.New(fault.Away, "error.busy"))
		return
	}
	if pressed {
		c.R = q.WithContext(press(q.Context()))
	}
	if c.handOut() {
		return
	}
	if s.Enter != nil {
		c.R = c.R.WithContext(s.Enter(c))
	}
	if s.Gate != nil {
		if err := s.Gate(c); err != nil {
			c.Fail(err)
			return
		}
	}
	if err := r.Handle(c); err != nil {
		c.Fail(err)
	}
}

// classOf is the door's class; programs that read everything come last.
func (r *Route) classOf(q *http.Request) Class {
	if r.Class == Public && q.Method != "POST" && robot(q.UserAgent()) {
		return Bulk
	}
	return r.Class
}

func reference() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// guards are on every answer. The values are shared by all of them: nobody
// changes one in place (Set and Add of http.Header make a new one).
var guards = []struct {
	name  string // in the spelling of http.CanonicalHeaderKey
	value []string
}{
	{"Content-Security-Policy", []string{"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Permissions-Policy", []string{"geolocation=(self), camera=(), microphone=(), interest-cohort=()"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
}

// outer guards every answer: no outside host, no frame, no foreign form.
func (s *Site) outer(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.serve(w, q, &Route{Method: "ANY", Path: "/", Word: "web.page.foreign", API: strings.HasPrefix(q.URL.Path, "/api/"), Handle: func(*Ctx) error { return foreign() }}, s.pick(q))
	}))
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h := w.Header()
		for _, x := range guards {
			h[x.name] = x.value
		}
		if !strings.HasPrefix(q.URL.Path, "/assets/") {
			h.Set("Cache-Control", "no-store")
		}
		guarded.ServeHTTP(w, q)
	})
}

// Secure tells whether the reader came by TLS.
func (c *Ctx) Secure() bool {
	return c.R.TLS != nil || c.Site.Proxied && c.R.Header.Get("X-Forwarded-Proto") == "https"
}

// Address is where the reader found this house: scheme and host.
func (c *Ctx) Address() string {
	if c.Secure() {
		return "https://" + c.R.Host
	}
	return "http://" + c.R.Host
}

// From is the reader's network address, for limits only; it is never kept.
func (c *Ctx) From() string {
	if c.Site.Proxied {
		all := strings.Split(strings.Join(c.R.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(all[len(all)-1]); last != "" {
			return network(last)
		}
	}
	host, _, err := net.SplitHostPort(c.R.RemoteAddr)
	if err != nil {
		return c.R.RemoteAddr
	}
	return network(host)
}

// network is what one subscriber has: an IPv4 address, or the /64 in which an
// IPv6 host takes as many addresses as it likes (RFC 6177).
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	near, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return near.String()
}

// Lang is the language of the page.
func (c *Ctx) Lang() string { return string(c.P.Lang()) }

// Href puts the page's language before a path.
func (c *Ctx) Href(path string) string { return "/" + c.Lang() + path }

// Context is the request's, with whoever is there.
func (c *Ctx) Context() context.Context { return c.R.Context() }

// Seek sends the reader on (303) to a path of the same language.
func (c *Ctx) Seek(path string) error {
	c.done = true
	http.Redirect(c.W, c.R, c.Href(path), http.StatusSeeOther)
	return nil
}

// Flash keeps a sentence for the next page. key is a catalogue key.
func (c *Ctx) Flash(key string) {
	age := 60
	if c.Shared() {
		age = 0 // gone with the window at the latest
	}
	http.SetCookie(c.W, &http.Cookie{Name: "said", Value: key, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
}

// Render answers with a page.
func (c *Ctx) Render(name string, p Page) error { return c.RenderStatus(http.StatusOK, name, p) }

// RenderStatus answers with a page and a status.
func (c *Ctx) RenderStatus(status int, name string, p Page) error {
	f := p.Shell()
	f.Lang, f.Dir, f.Path = c.Lang(), string(c.P.Dir()), c.path
	if q := c.R.URL.RawQuery; q != "" && c.R.Method == "GET" {
		f.Path += "?" + q
	}
	f.SaveData, f.Shared = c.R.Header.Get("Save-Data") == "on", c.Shared()
	if k, err := c.R.Cookie("said"); err == nil && f.Flash == "" && c.Site.Cat.Has(k.Value) {
		f.Flash = k.Value
		http.SetCookie(c.W, &http.Cookie{Name: "said", Path: "/", MaxAge: -1})
	}
	if c.Site.Frame != nil {
		c.Site.Frame(c, f)
	}
	c.settleCopy(f, status)
	set, err := c.Site.set(c.P.Lang())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	if !f.PartlyArabic && len(i18n.Borrowed(b.Bytes())) > 0 { // say so at the top
		f.PartlyArabic = true
		b.Reset()
		if err := set.ExecuteTemplate(&b, name, p); err != nil {
			return fmt.Errorf("page %s: %w", name, err)
		}
	}
	c.done = true
	c.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.W.Header().Add("Vary", "Accept-Encoding, Save-Data")
	return c.send(status, b.Bytes())
}

var zippers = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, 5); return z }}

// send compresses what is worth it and can be read.
func (c *Ctx) send(status int, body []byte) error {
	if c.keepCommon(status, body) {
		return nil
	}
	if len(body) < 1024 || !strings.Contains(c.R.Header.Get("Accept-Encoding"), "gzip") {
		c.W.Header().Set("Content-Length", strconv.Itoa(len(body)))
		c.W.WriteHeader(status)
		_, err := c.W.Write(body)
		return ignoreGone(err)
	}
	c.W.Header().Set("Content-Encoding", "gzip")
	c.W.WriteHeader(status)
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(c.W)
	if _, err := z.Write(body); err != nil {
		return ignoreGone(err)
	}
	return ignoreGone(z.Close())
}

// ignoreGone: the reader hung up; there is nobody left to tell.
func ignoreGone(error) error { return nil }

// JSON answers with v.
func (c *Ctx) JSON(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.done = true
	c.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	return c.send(status, append(b, '\n'))
}

// Download answers with a file for the reader to keep.
func (c *Ctx) Download(name, kind string, body []byte) error {
	c.done = true
	c.W.Header().Set("Content-Type", kind)
	c.W.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return c.send(http.StatusOK, body)
}

// Warm parses the pages of one language before anybody waits for them.
func (s *Site) Warm(l i18n.Lang) error {
	_, err := s.set(l)
	return err
}

// set is the parsed pages of one language.
func (s *Site) set(l i18n.Lang) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.sets[l]; ok && !s.Reload {
		return t, nil
	}
	t, err := s.Templates(s.funcs(s.printer(l)))
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if s.sets == nil {
		s.sets = map[i18n.Lang]*template.Template{}
	}
	s.sets[l] = t
	return t, nil
}

func (s *Site) printer(l i18n.Lang) *i18n.Printer {
	p := s.Cat.For(l, s.Zone)
	p.Now, p.National = s.Now, s.National
	return p
}

// funcs are the words that a template may use.
func (s *Site) funcs(p *i18n.Printer) template.FuncMap {
	all := i18n.Funcs(p)
	for k, v := range ui.Funcs() {
		all[k] = v
	}
	all["href"] = func(path string) string { return "/" + string(p.Lang()) + path }
	return all
}
