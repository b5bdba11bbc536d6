package atlas

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// phases that a map can be narrowed to.
var phases = map[string]bool{"": true, OpenPhase: true, "owned": true, "moving": true, "waiting": true}

// tile is GET /tiles/{layer}/{z}/{x}/{y}.mvt: 204 where there is nothing to show,
// 304 where the reader has it already, 404 for what is no tile. A browser keeps
// it for its reader alone and asks each time whether it still holds.
func (s *Service) tile(c *web.Ctx) error {
	name := c.R.PathValue("layer")
	t, ok := tileOf(c.R.PathValue("z"), c.R.PathValue("x"), c.R.PathValue("file"))
	phase := c.R.URL.Query().Get("phase")
	if _, known := layers[name]; !known || !ok || !phases[phase] {
		return fault.New(fault.Missing, "error.missing")
	}
	by := actor.From(c.Context())
	r := reader{sight: s.ports.Requests.Sight(by)}
	r.sight.Phase = phase
	if r.sight.Org != "" {
		r.org = by.Org
	}
	body, tag, err := s.draw(c.Context(), name, r, t)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie")
	h.Set("ETag", tag)
	switch {
	case strings.Contains(c.R.Header.Get("If-None-Match"), tag):
		c.W.WriteHeader(http.StatusNotModified)
	case len(body) == 0:
		c.W.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Content-Type", "application/vnd.mapbox-vector-tile")
		return s.send(c, body)
	}
	return nil
}

// send writes a tile that is packed, or unpacks it for the few that cannot.
func (s *Service) send(c *web.Ctx, packed []byte) error {
	h, body := c.W.Header(), packed
	if strings.Contains(c.R.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		var plain bytes.Buffer
		if _, err := plain.ReadFrom(z); err != nil {
			return err
		}
		body = plain.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.W.Write(body) // a reader who has gone needs none
	return nil
}

func tileOf(z, x, file string) (t Tile, ok bool) {
	y, mvt := strings.CutSuffix(file, ".mvt")
	for _, part := range []struct {
		text string
		to   *uint32
	}{{z, &t.Z}, {x, &t.X}, {y, &t.Y}} {
		n, err := strconv.ParseUint(part.text, 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != part.text {
			return t, false
		}
		*part.to = uint32(n)
	}
	return t, mvt && t.valid()
}

// shelf keeps the tiles that never change.
type shelf struct {
	mu  sync.Mutex
	all map[string]drawn
}

// drawn is a tile ready to send.
type drawn struct {
	packed []byte // gzip; nil when there is nothing
	tag    string
}

const mostKept = 512 // some kilobytes each

// draw makes a tile, packed, with the tag of its contents.
func (s *Service) draw(ctx context.Context, name string, r reader, t Tile) (packed []byte, tag string, err error) {
	of := layers[name]
	key := ""
	if of.still {
		key = name + " " + strconv.Itoa(int(t.Z)) + " " + strconv.Itoa(int(t.X)) + " " + strconv.Itoa(int(t.Y))
		s.shelf.mu.Lock()
		d, ok := s.shelf.all[key]
		s.shelf.mu.Unlock()
		if ok {
			return d.packed, d.tag, nil
		}
	}
	l, err := of.draw(s, ctx, r, t)
	if err != nil {
		return nil, "", err
	}
	d := pack(l.bytes())
	if of.still {
		s.shelf.mu.Lock()
		if len(s.shelf.all) >= mostKept || s.shelf.all == nil {
			s.shelf.all = map[string]drawn{}
		}
		s.shelf.all[key] = d
		s.shelf.mu.Unlock()
	}
	return d.packed, d.tag, nil
}

var packers = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return z }} // the level is a valid constant

func pack(body []byte) (d drawn) {
	sum := fnv.New64a()
	sum.Write(body)
	d.tag = `W/"` + hex.EncodeToString(sum.Sum(nil)) + `"`
	if len(body) == 0 {
		return d
	}
	var b bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&b)
	z.Write(body) // a bytes.Buffer takes everything
	z.Close()
	d.packed = b.Bytes()
	return d
}
