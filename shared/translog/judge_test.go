package translog

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/translog/verify"
	"github.com/twiza/twiza/testkit"
)

// doorsOf serves the log as a house does.
func (s *scene) doorsOf() http.Handler {
	s.Helper()
	cat, err := i18n.Load(web.Locale, ui.Locale, Files)
	if err != nil {
		s.Fatal(err)
	}
	site := &web.Site{Cat: cat, Zone: s.c.Zone, Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(), Langs: i18n.Langs(),
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, web.Pages) }}
	var routes []web.Route
	for _, d := range s.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	return site.Mux(routes)
}

func fetch(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}

func TestTheLogIsServedAsTheStandardHasIt(t *testing.T) {
	engines(t, func(s *scene) {
		doors := s.doorsOf()
		if w := fetch(doors, "/log/checkpoint"); w.Code != http.StatusNotFound {
			s.Errorf("a log that nobody began: %d", w.Code)
		}
		for n := range 300 {
			s.gave(n)
		}
		s.integrate()
		w := fetch(doors, "/log/checkpoint")
		if _, err := s.keysOf().Open(w.Body.Bytes()); err != nil || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("Cache-Control") != keepHead {
			s.Errorf("%v: %v", err, w.Header())
		}
		for _, x := range verify.TilesOf(300) {
			w := fetch(doors, "/log/"+x.Path())
			if h := w.Header(); w.Code != http.StatusOK || h.Get("Content-Type") != "application/octet-stream" || h.Get("Cache-Control") != keepTile || h.Get("Content-Encoding") != "" {
				s.Errorf("%s: %d %v", x.Path(), w.Code, h)
			}
			if x.Level >= 0 && w.Body.Len() != 32*x.W {
				s.Errorf("%s has %d bytes", x.Path(), w.Body.Len())
			}
		}
		if w := fetch(doors, "/log/tile/entries/000", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "gzip" {
			s.Error(w.Header())
		} else if z, err := gzip.NewReader(w.Body); err != nil {
			s.Error(err)
		} else if whole, err := io.ReadAll(z); err != nil || !bytes.Equal(whole, fetch(doors, "/log/tile/entries/000").Body.Bytes()) {
			s.Errorf("packed, the entries are others: %v", err)
		}
		for _, none := range []string{"tile/0/001", "tile/0/001.p/45", "tile/1/000", "tile/0/0", "tile/0/000.p/256", "tile/entries/002", "tile/64/000", "tile/x/000", "proof/300", "proof/-1", "proof/01", "proof/x", "checkpoints/7", "checkpoints/0300", "checkpoints/301"} {
			if w := fetch(doors, "/log/"+none); w.Code != http.StatusNotFound {
				s.Errorf("%s: %d", none, w.Code)
			}
		}
		if older := fetch(doors, "/log/checkpoints/300"); !bytes.Equal(older.Body.Bytes(), w.Body.Bytes()) {
			s.Errorf("the head by its size is another: %s", older.Body)
		}
		if sums := fetch(doors, "/log/totals.csv").Body.String(); sums != "word,kind,asset,leaves,amount\ntest.gift.make,gift,MAD,300,74850\n" {
			s.Error(sums)
		}
		s.gave(300)
		s.integrate()
		if sums := fetch(doors, "/log/totals.csv").Body.String(); !strings.Contains(sums, ",301,75250") {
			s.Error(sums)
		}
		w = fetch(doors, "/log/proof/7")
		if p, err := s.keysOf().Check(w.Body.Bytes()); err != nil || p.Index != 7 {
			s.Errorf("%v: %s", err, w.Body)
		}
	})
}

func TestAStoreThatWasPutBackIsNotShownToAnybody(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s := newScene(t, dsn)
		s.gave(1)
		s.integrate()
		far := verify.Checkpoint{Origin: origin, Size: 9}
		if err := s.Log.shown.remember(far, []byte(far.Text()+"\n— x y\n")); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/log/checkpoint", "/log/proof/0"} {
			if w := fetch(s.doorsOf(), path); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "translog.log.refused") {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

var judge = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "twiza-judge-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "judge")
	c := exec.Command("go", "build", "-o", file, ".")
	c.Dir = filepath.Join("testdata", "judge")
	c.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return string(out), err
	}
	return file, nil
})

// claim is what the judge of proofs reads.
type claim struct {
	Index, Size, Earlier int64
	Entry, Root, Before  []byte
	Path                 [][]byte
}

func pathOf(all []tlog.Hash) (out [][]byte) {
	for _, h := range all {
		out = append(out, h[:])
	}
	return out
}

// TestStrangersFindTheLogSound has the log judged by programs that are not ours:
// fsck of transparency-dev/tessera over HTTP and over the exported folder, and
// transparency-dev/merkle for proofs.
func TestStrangersFindTheLogSound(t *testing.T) {
	testkit.Long(t, "it builds a judge with modules of others")
	file, err := judge()
	if err != nil {
		testkit.Lacking(t, "the judge of testdata/judge could not be built: %v\n%s", err, file)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(file)) })
	engines(t, func(s *scene) {
		server := httptest.NewServer(s.doorsOf())
		defer server.Close()
		says := func(in []byte, args ...string) (string, error) {
			c := exec.Command(file, args...)
			c.Stdin = bytes.NewReader(in)
			out, err := c.CombinedOutput()
			return string(out), err
		}
		var heads []verify.Checkpoint
		for _, size := range []int{1, 2, 255, 256, 257, 520} {
			for n := 0; len(heads) == 0 && n < size || len(heads) > 0 && n < size-int(heads[len(heads)-1].Size); n++ {
				s.gave(n)
			}
			s.integrate()
			heads = append(heads, s.head().Checkpoint)
			if out, err := says(nil, "fsck", server.URL+"/log/", origin, s.public); err != nil {
				s.Errorf("%d leaves over HTTP: %v\n%s", size, err, out)
			}
			dir := s.TempDir()
			if err := s.Export(s.Context(), dir); err != nil {
				s.Fatal(err)
			}
			if out, err := says(nil, "fsck", "file://"+dir, origin, s.public); err != nil {
				s.Errorf("%d leaves in a folder: %v\n%s", size, err, out)
			}
			if size == 257 { // and it is a judge that can say no
				spoil(s, filepath.Join(dir, "tile/entries/000"))
				if out, err := says(nil, "fsck", "file://"+dir, origin, s.public); err == nil {
					s.Errorf("a changed entry was found sound: %s", out)
				}
			}
		}
		claims, n := s.claims(heads)
		if out, err := says(claims, "proofs"); err != nil || n != 25 || !strings.HasPrefix(out, "25 proofs hold") {
			s.Errorf("%v: %s", err, out)
		}
		if out, err := says(bytes.Replace(claims, []byte(`"Index":2`), []byte(`"Index":3`), 1), "proofs"); err == nil {
			s.Errorf("a proof of another place was found sound: %s", out)
		}
	})
}

func spoil(s *scene, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	b[100] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		s.Fatal(err)
	}
}

// claims are the log's own proofs: of places in the last head, and that heads continue
// each other.
func (s *scene) claims(heads []verify.Checkpoint) (out []byte, n int) {
	s.Helper()
	last := heads[len(heads)-1]
	add := func(c claim) {
		line, err := json.Marshal(c)
		if err != nil {
			s.Fatal(err)
		}
		out, n = append(append(out, line...), '\n'), n+1
	}
	if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		x := newTree(t)
		for _, i := range []int64{0, 1, 2, 254, 255, 256, 257, 400, 518, 519} {
			path, err := tlog.ProveRecord(last.Size, i, x)
			if err != nil {
				return err
			}
			f, err := entriesFrom(t, i, i+1)
			if err != nil {
				return err
			}
			add(claim{Index: i, Size: last.Size, Entry: f[0].entry, Root: last.Root[:], Path: pathOf(path)})
		}
		for i, b := range heads {
			for _, a := range heads[:i] {
				path, err := tlog.ProveTree(b.Size, a.Size, x)
				if err != nil {
					return err
				}
				add(claim{Size: b.Size, Earlier: a.Size, Before: a.Root[:], Root: b.Root[:], Path: pathOf(path)})
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	return out, n
}
