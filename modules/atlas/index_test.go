package atlas

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
)

// requestOf draws a request anywhere that a country may lie, often at one of a
// few villages, sometimes without a place.
func requestOf(t *rapid.T, n int) Request {
	r := Request{ID: id.New[Request](time.UnixMilli(1763800000000 + int64(n))).String(), Level: rapid.IntRange(1, 4).Draw(t, "level"),
		Phase: rapid.SampledFrom([]string{"open", "owned", "moving", "waiting"}).Draw(t, "phase"), Service: rapid.SampledFrom([]string{"crisis_help", "roads"}).Draw(t, "service"),
		Region: "07", Province: rapid.SampledFrom([]string{"07.041", "07.042"}).Draw(t, "province"), Commune: "07.041.03.05"}
	if r.Phase != OpenPhase {
		r.Org = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "org")
	}
	switch rapid.IntRange(0, 9).Draw(t, "where") {
	case 0:
		r.Region, r.Province, r.Commune = "", "", ""
	case 1, 2, 3:
		r.Placed, r.At = true, geo.Point{Lat: rapid.Float64Range(21, 36).Draw(t, "lat"), Lon: rapid.Float64Range(-17, -1).Draw(t, "lon")}
	default:
		v := rapid.IntRange(0, 3).Draw(t, "village")
		r.Placed, r.At, r.Smallest = true, geo.Point{Lat: 31 + float64(v)/300, Lon: -8 - float64(v)/90}, fmt.Sprintf("07.041.03.05.%d", v)
	}
	return r
}

var sights = []Sight{{All: true}, {All: true, Phase: "open"}, {All: true, Org: "a"}, {Parts: []Part{{"07.041", ""}}}, {Parts: []Part{{"07.042", "roads"}, {"07", "crisis_help"}}, Org: "b"}, {Parts: []Part{}}}

// shown is what a reader's queue would show, told from the requests themselves.
func (s Sight) shown(r Request) bool {
	in := s.All
	for _, p := range s.Parts {
		in = in || (p.Territory == "" || slices.Contains([]string{r.Region, r.Province, r.Commune}, p.Territory)) && (p.Service == "" || p.Service == r.Service)
	}
	return in && (s.Phase == "" || s.Phase == r.Phase) && (s.Org == "" || r.Phase == OpenPhase || r.Org == s.Org)
}

// tilesOf are the tiles of a zoom that hold any of the positions.
func tilesOf(all map[string]Request, z uint32) map[Tile]bool {
	out := map[Tile]bool{}
	for _, r := range all {
		if r.Placed {
			x, y := project(r.At)
			out[Tile{z, x >> (axis - z), y >> (axis - z)}] = true
		}
	}
	return out
}

func TestAtEveryZoomTheSymbolsOfAllTilesAddUpToWhatTheReaderSees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ix, all := newIndex(), map[string]Request{}
		for _, s := range sights {
			ix.view(s) // counted before anything comes, and kept by every change
		}
		n := rapid.IntRange(1, 120).Draw(t, "requests")
		for i := range n {
			r := requestOf(t, i)
			if known := len(all); known > 0 && i%4 == 3 { // one of them changes, or is over
				for cid := range all {
					r.ID = cid
					break
				}
				if i%8 == 3 {
					delete(all, r.ID)
					m, _ := markOf(r.ID)
					ix.drop(m)
					continue
				}
			}
			all[r.ID] = r
			if !ix.put(r) {
				t.Fatalf("%+v was refused", r)
			}
		}
		if len(ix.at) != len(all) {
			t.Fatalf("%d of %d are kept", len(ix.at), len(all))
		}
		for _, s := range sights {
			agrees(t, ix, all, s)
		}
	})
}

// agrees compares every zoom of a view with the requests themselves.
func agrees(t *rapid.T, ix *index, all map[string]Request, s Sight) {
	var want, lost counts
	for _, r := range all {
		if s.shown(r) {
			want[r.Level-1]++
			if !r.Placed {
				lost[r.Level-1]++
			}
		}
	}
	fresh := &view{sight: s}
	fresh.count(ix)
	for _, v := range []*view{ix.view(s), fresh} {
		for z := range uint32(deepest + 1) {
			var got counts
			for i, n := range v.lost.n {
				got[i] += int(n)
			}
			if got != lost {
				t.Fatalf("%v: %v have no place, not %v", s, got, lost)
			}
			for tile := range tilesOf(all, z) {
				for _, x := range v.symbols(ix, tile) {
					for i, n := range x.n {
						got[i] += int(n)
					}
					if x.n[x.worst()-1] == 0 || slices.ContainsFunc(x.n[:x.worst()-1], func(n uint32) bool { return n > 0 }) {
						t.Fatalf("%v keeps %d as the worst", x.n, x.worst())
					}
					if x.alone != (x.count() == 1) {
						t.Fatalf("%v is one: %v", x.n, x.alone)
					}
					if r, ok := all[x.one.id.String()]; x.alone && (!ok || r.Level != x.worst() || !s.shown(r)) {
						t.Fatalf("a symbol of %s, which the reader does not see", x.one.id)
					}
					if px, py, ok := tile.holds(x.middle()); !ok {
						t.Fatalf("a symbol at %d %d, outside its tile", px, py)
					}
				}
			}
			if got != want {
				t.Fatalf("%v, zoom %d: %v, not %v", s, z, got, want)
			}
		}
	}
}

func TestAnIdentifierComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for range 50 {
		text := id.New[Request](time.UnixMilli(rand.Int64N(1 << 41))).String()
		if m, ok := markOf(text); !ok || m.String() != text {
			t.Errorf("%s came back as %s", text, m)
		}
	}
	for _, text := range []string{"", "x", "0199-…", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"} {
		if _, ok := markOf(text); ok {
			t.Errorf("%q was taken for an identifier", text)
		}
	}
}

func TestNoMoreSightsAreKeptThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	ix := newIndex()
	for n := range 3 * maxViews {
		ix.view(Sight{All: true})
		ix.view(Sight{Parts: []Part{{fmt.Sprint(n), ""}}})
	}
	if len(ix.views) > maxViews {
		t.Errorf("%d views are kept", len(ix.views))
	}
	if ix.views[(Sight{All: true}).key()] == nil {
		t.Error("the one in daily use was let go")
	}
}

func TestAPositionIsWhereItsPointIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := geo.Point{Lat: rapid.Float64Range(-80, 80).Draw(t, "lat"), Lon: rapid.Float64Range(-179, 179).Draw(t, "lon")}
		if far := geo.Distance(p, unproject(project(p))); far > 0.0001 {
			t.Fatalf("%v is %f km from where it is", p, far)
		}
	})
	if x, y := project(geo.Point{Lat: 31.63, Lon: -8.0}); (Tile{10, x >> 22, y >> 22}) != (Tile{10, 489, 417}) { // Marrakech: (1 - ln(tan φ + sec φ)/π)/2 · 2^10 = 417.08
		t.Errorf("Marrakech lies in tile %d %d", x>>22, y>>22)
	}
}
