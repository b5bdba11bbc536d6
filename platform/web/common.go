package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// On the worst night everybody reads the same few pages. One that is the same
// for everybody is made once and handed out for a moment, already compressed.
//
// What always holds: whoever shows any cookie but that of their language, or asks
// for anything with a question mark, gets a page made for them; a page that sets
// a cookie, is for staff, or did not come off is handed to nobody else; what a
// deed changed is not handed out after it.
const (
	commonLife = 3 * time.Second // of a deed of another process the page may lack this much
	commonMost = 16 << 20        // bytes of all of them
	commonEach = 512 << 10       // bytes of one
)

// commons are the pages of one site that are handed out.
type commons struct {
	mu      sync.RWMutex
	pages   map[string]*commonPage
	watched map[string]bool  // nouns that a page depends on
	changed map[string]int64 // the turn in which each was last changed
	turn    int64
	bytes   int
	handed  atomic.Int64
}

// commonPage is one, in one language.
type commonPage struct {
	till            time.Time
	nouns           []string
	header          http.Header
	plain, squeezed []byte
	tag             string
}

// Common says that the page that is rendered next is the same for everybody who
// shows no cookie. nouns are those whose deeds change it, as "cases.crisis": it is
// made anew after each.
func (c *Ctx) Common(nouns ...string) { c.common, c.nouns = true, nouns }

// plainly tells whether the reader shows nothing by which they could get a page
// of their own.
func (c *Ctx) plainly() bool {
	if c.R.Method != "GET" || c.R.URL.RawQuery != "" || c.Door.API || c.Site.Reload || c.ForProgram() || c.R.Header.Get("Authorization") != "" || c.R.Header.Get("Range") != "" {
		return false
	}
	for _, k := range c.R.Cookies() {
		if k.Name != "lang" {
			return false
		}
	}
	return true
}

// commonKey is by what a common page is found again: the host stands in no page.
func (c *Ctx) commonKey() string {
	saving := ""
	if c.R.Header.Get("Save-Data") == "on" {
		saving = "s"
	}
	return c.Lang() + saving + " " + c.path
}

// handOut answers with a page that was made a moment ago; false when there is none.
func (c *Ctx) handOut() bool {
	if !c.plainly() {
		return false
	}
	s := &c.Site.commons
	s.mu.RLock()
	p := s.pages[c.commonKey()]
	c.turn = s.turn
	s.mu.RUnlock()
	if p == nil || !c.Site.Now().Before(p.till) {
		return false
	}
	s.handed.Add(1)
	c.answerCommon(p)
	return true
}

func (c *Ctx) answerCommon(p *commonPage) {
	c.done = true
	h := c.W.Header()
	for name, value := range p.header {
		h[name] = value
	}
	if h.Get("Cache-Control") != "no-store" { // else nobody has a copy to ask about
		h["Etag"] = []string{p.tag}
		if strings.Contains(c.R.Header.Get("If-None-Match"), p.tag) { // RFC 9110, 13.1.2: the comparison is weak
			c.W.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body := p.plain
	if p.squeezed != nil && strings.Contains(c.R.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = p.squeezed
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.W.WriteHeader(http.StatusOK)
	c.W.Write(body)
}

// keepCommon keeps a page that was just made for whoever comes next, where it may
// be; then it is also the answer.
func (c *Ctx) keepCommon(status int, body []byte) bool {
	if !c.common || status != http.StatusOK || len(body) > commonEach || !c.plainly() {
		return false
	}
	p := &commonPage{till: c.Site.Now().Add(commonLife), nouns: c.nouns, header: http.Header{}, plain: bytes.Clone(body)}
	for name, value := range c.W.Header() {
		p.header[name] = value
	}
	for _, set := range p.header["Set-Cookie"] {
		if !strings.HasPrefix(set, "lang=") {
			return false
		}
	}
	for _, name := range []string{"Set-Cookie", "Content-Length", "Content-Encoding"} {
		delete(p.header, name)
	}
	for _, g := range guards {
		delete(p.header, g.name)
	}
	sum := sha256.Sum256(body)
	p.tag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	if len(body) >= 1024 {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // once for all who come
		z.Write(body)
		z.Close()
		p.squeezed = b.Bytes()
	}
	c.Site.commons.put(c.commonKey(), p, c.turn)
	c.answerCommon(p)
	return true
}

// HandedOut is how many pages were answered without being made.
func (s *Site) HandedOut() int64 { return s.commons.handed.Load() }

// put keeps a page that was begun in such a turn, unless what it shows changed
// since. When there is no room all others go: the next reader of each makes it.
func (s *commons) put(key string, p *commonPage, turn int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, noun := range p.nouns {
		if s.changed[noun] > turn {
			return
		}
	}
	size := len(p.plain) + len(p.squeezed)
	if old := s.pages[key]; old != nil {
		s.bytes -= len(old.plain) + len(old.squeezed)
	}
	if s.pages == nil || s.bytes+size > commonMost {
		s.pages, s.watched, s.bytes = map[string]*commonPage{}, map[string]bool{}, 0
	}
	s.pages[key] = p
	s.bytes += size
	for _, noun := range p.nouns {
		s.watched[noun] = true
	}
}

// Changed says that a deed was done, by its word: pages that show its noun are
// made anew.
func (s *Site) Changed(word string) {
	noun := word
	if at := strings.LastIndexByte(word, '.'); at > 0 {
		noun = word[:at]
	}
	o := &s.commons
	o.mu.Lock()
	defer o.mu.Unlock()
	o.turn++
	if o.changed == nil {
		o.changed = map[string]int64{}
	}
	o.changed[noun] = o.turn
	if !o.watched[noun] {
		return
	}
	for key, p := range o.pages {
		for _, n := range p.nouns {
			if n == noun {
				o.bytes -= len(p.plain) + len(p.squeezed)
				delete(o.pages, key)
				break
			}
		}
	}
}
