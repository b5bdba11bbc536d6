package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets/*.css assets/*.js assets/*.svg assets/*.png assets/fonts/*.woff2 assets/packed/*.gz
var assets embed.FS

// noFonts is the style sheet for phones that ask to save data: the same, with
// the phone's own letters. It is cut from twiza.css when the shelf is filled.
const noFonts = "twiza-nofont.css"

// asset is one file ready to send.
type asset struct {
	kind     string // content type
	plain    []byte // nil of what is kept packed only
	squeezed []byte // gzip, or nil where it gains nothing
}

// whole is the file as it is. What is kept packed is unpacked for the few that
// cannot read it so: in memory it would be three times as large.
func (a asset) whole() []byte {
	if a.plain != nil {
		return a.plain
	}
	z, err := gzip.NewReader(bytes.NewReader(a.squeezed))
	if err != nil {
		panic(err) // embedded at build, tested in this package: cannot happen to a user
	}
	body, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return body
}

// shelf is every file under its name and under its address.
var shelf = sync.OnceValue(func() *shelves {
	s, err := fill(assets)
	if err != nil {
		panic(err) // embedded at build, tested in this package: cannot happen to a user
	}
	return s
})

type shelves struct {
	url  map[string]string // "twiza.css" → "/assets/twiza.0a1b2c3d.css"
	file map[string]asset  // by address
}

// Asset is the address of a file, with eight digits of its hash, so that
// phones may keep it for ever: "twiza.css" → "/assets/twiza.0a1b2c3d.css". The
// address of a name that does not exist is "", and Parse refuses such names.
func Asset(name string) (url string) { return shelf().url[name] }

// Handler serves /assets/. What it answers never changes: a changed file has
// another address, and an old address is 404.
func Handler() http.Handler {
	s := shelf()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := s.file[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		var body []byte
		if a.squeezed != nil {
			h.Set("Vary", "Accept-Encoding")
			if takesGzip(r) {
				h.Set("Content-Encoding", "gzip")
				body = a.squeezed
			}
		}
		if body == nil {
			body = a.whole()
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			w.Write(body)
		}
	})
}

// worker is the script that browsers run for the whole house, when it is closed
// or out of reach too.
const worker = "sw.js"

// Worker serves that script, whose address must be /sw.js: a worker has a say
// over the folder it lies in and those below. Browsers ask for it again at each
// visit; it differs as soon as any asset does, and then takes the new ones along.
func Worker() http.Handler {
	a := sync.OnceValue(func() asset {
		body := append([]byte("const V='"+edition()+"';\n"), shelf().file[Asset(worker)].plain...)
		return asset{plain: body, squeezed: squeeze(body)}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, body := w.Header(), a().plain
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = a().squeezed
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	})
}

// edition is eight digits that change with any asset.
func edition() string {
	var all strings.Builder
	for _, url := range slices.Sorted(maps.Values(shelf().url)) {
		all.WriteString(url)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:4])
}

// takesGzip reads Accept-Encoding; "gzip;q=0" is a no (RFC 9110, 12.5.3).
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			v, weighed := strings.CutPrefix(strings.ReplaceAll(q, " ", ""), "q=")
			weight, err := strconv.ParseFloat(v, 64)
			return !weighed || err == nil && weight > 0
		}
	}
	return false
}

// fill reads every file, fonts first because style sheets name them.
func fill(files fs.FS) (*shelves, error) {
	s := &shelves{url: map[string]string{}, file: map[string]asset{}}
	fonts, err := fs.Glob(files, "assets/fonts/*.woff2")
	if err != nil {
		return nil, err
	}
	texts, err := fs.Glob(files, "assets/*.*")
	if err != nil {
		return nil, err
	}
	packed, err := fs.Glob(files, "assets/packed/*.js.gz")
	if err != nil {
		return nil, err
	}
	for _, name := range packed { // packed once, when it was fetched: see refresh.sh
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s.packed(strings.TrimSuffix(path.Base(name), ".gz"), "text/javascript; charset=utf-8", body)
	}
	for _, name := range append(fonts, texts...) {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		name = strings.TrimPrefix(name, "assets/")
		switch path.Ext(name) {
		case ".woff2":
			s.put(name, "font/woff2", body)
		case ".svg":
			s.put(name, "image/svg+xml", body)
		case ".png":
			s.put(name, "image/png", body)
		case ".js":
			s.put(name, "text/javascript; charset=utf-8", jsComment.ReplaceAll(body, nil))
		case ".css":
			css, err := s.css(name, body)
			if err != nil {
				return nil, err
			}
			if name == "twiza.css" {
				s.put(noFonts, "text/css; charset=utf-8", fontFace.ReplaceAll(css, nil))
			}
			s.put(name, "text/css; charset=utf-8", css)
		}
	}
	return s, nil
}

var (
	jsComment  = regexp.MustCompile(`(?m)^/\*.*\*/\n`)
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	lineBreaks = regexp.MustCompile(`\s*\n\s*`)
	fontURL    = regexp.MustCompile(`url\((fonts/[a-z0-9-]+\.woff2)\)`)
	fontFace   = regexp.MustCompile(`@font-face\{[^}]*\}`)
)

// css drops comments and line breaks and points to the fonts by their hashed address.
func (s *shelves) css(name string, body []byte) ([]byte, error) {
	body = lineBreaks.ReplaceAll(cssComment.ReplaceAll(body, nil), nil)
	var missing error
	body = fontURL.ReplaceAllFunc(body, func(m []byte) []byte {
		font := string(m[len("url(") : len(m)-1])
		if s.url[font] == "" {
			missing = fmt.Errorf("ui: %s names %s, which is not there", name, font)
		}
		return []byte("url(" + s.url[font] + ")")
	})
	return body, missing
}

func (s *shelves) put(name, kind string, body []byte) {
	url := address(name, body)
	a := asset{kind: kind, plain: body}
	if ext := path.Ext(name); ext != ".woff2" && ext != ".png" { // compressed as they are
		a.squeezed = squeeze(body)
	}
	s.url[name], s.file[url] = url, a
}

// packed puts a file that is gzip already.
func (s *shelves) packed(name, kind string, body []byte) {
	url := address(name, body)
	s.url[name], s.file[url] = url, asset{kind: kind, squeezed: body}
}

// address is where a file of these bytes is served.
func address(name string, body []byte) string {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	return "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
}

func squeeze(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid constant
	w.Write(body)                                         // a bytes.Buffer takes everything
	w.Close()
	return b.Bytes()
}
