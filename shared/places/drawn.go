package places

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"html/template"
	"sync"
)

// drawn keeps what drawings of one gazetteer have in common: pages draw the same
// parts of the country again and again.
type drawn struct {
	mu    sync.Mutex
	spans map[string]window // part of the country → what its places and outlines take
	paths map[ringKey]string
	whole map[string]template.HTML
}

// ringKey is one outline in one window.
type ringKey struct {
	code               string
	west, north, scale float64
	height, grain      int
	cut                bool
}

// mostDrawn bounds what is kept: some thirty windows of the whole country, a
// megabyte or two. A window that nobody draws again goes with all others then.
const mostDrawn = 3000

// mostWhole bounds the drawings that are kept whole, some 40 kB each: a list that
// fifty people look at has one map.
const mostWhole = 100

func newDrawn() *drawn {
	return &drawn{spans: map[string]window{}, paths: map[ringKey]string{}, whole: map[string]template.HTML{}}
}

// sketch is the drawing of a key, made when nobody asked for it yet.
func (k *drawn) sketch(key string, make func() template.HTML) template.HTML {
	k.mu.Lock()
	svg, ok := k.whole[key]
	k.mu.Unlock()
	if ok {
		return svg
	}
	svg = make()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.whole) >= mostWhole {
		clear(k.whole)
	}
	k.whole[key] = svg
	return svg
}

// sketchKey says all that a drawing shows. Shades of a whole country are told by
// their sum: 64 bits under a seed of this process, whatever their order.
func sketchKey(within string, marks []Mark, s Sheet) string {
	b := fmt.Appendf(make([]byte, 0, 512), "%q %q %q %d %t %t", within, s.Title, s.Lang, s.Width, s.Labels, s.Fit)
	for _, m := range marks {
		b = fmt.Appendf(b, " %s,%d,%d,%q,%g", m.Code, m.Rank, m.Count, m.Title, m.RadiusKm)
	}
	b = binary.BigEndian.AppendUint64(b, sumOf(s.Shade))
	b = binary.BigEndian.AppendUint64(b, sumOf(s.Cover))
	return string(binary.BigEndian.AppendUint64(b, sumOf(s.Harm)))
}

var sketchSeed = maphash.MakeSeed()

func sumOf[V comparable](m map[string]V) (sum uint64) {
	type pair struct {
		code string
		of   V
	}
	for code, v := range m {
		sum += maphash.Comparable(sketchSeed, pair{code, v})
	}
	return sum
}

func (k *drawn) rings(key ringKey, make func() string) string {
	k.mu.Lock()
	path, ok := k.paths[key]
	k.mu.Unlock()
	if ok {
		return path
	}
	path = make()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.paths) >= mostDrawn {
		clear(k.paths)
	}
	k.paths[key] = path
	return path
}

// span is what a part of the country takes: its outlines, and every place with a
// point.
func (k *drawn) span(g *Gazetteer, within string) window {
	k.mu.Lock()
	all, ok := k.spans[within]
	k.mu.Unlock()
	if ok {
		return all
	}
	for _, o := range g.outlines[Province] {
		if !g.Within(o.Code, within) {
			continue
		}
		for _, ring := range o.Rings {
			for _, p := range ring {
				all.see(p)
			}
		}
	}
	for _, kind := range []string{Commune, Douar} {
		for _, p := range g.byKind[kind] {
			if p.HasPoint && g.Within(p.Code, within) {
				all.see(p.At)
			}
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.spans[within] = all
	return all
}
