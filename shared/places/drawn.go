package places

import "sync"

// drawn keeps what drawings of one gazetteer have in common: pages draw the same
// parts of the country again and again.
type drawn struct {
	mu    sync.Mutex
	spans map[string]window // part of the country → what its places and outlines take
	paths map[ringKey]string
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

func newDrawn() *drawn { return &drawn{spans: map[string]window{}, paths: map[ringKey]string{}} }

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
