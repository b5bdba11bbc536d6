package places

import (
	"math"

	"github.com/twiza/twiza/base/geo"
)

// window is a part of the globe between two parallels and two meridians.
type window struct {
	south, west, north, east float64 // degrees
	some                     bool    // it holds a point
}

func (w *window) see(p geo.Point) {
	if !w.some {
		*w = window{p.Lat, p.Lon, p.Lat, p.Lon, true}
	}
	w.south, w.north = min(w.south, p.Lat), max(w.north, p.Lat)
	w.west, w.east = min(w.west, p.Lon), max(w.east, p.Lon)
}

// squeeze is how much shorter a degree of longitude is here than one of latitude.
func (w window) squeeze() float64 {
	return max(0.1, math.Cos((w.south+w.north)/2*math.Pi/180))
}

// wider has a margin all around, in degrees of latitude.
func (w window) wider(by float64) window {
	s := w.squeeze()
	return window{w.south - by, w.west - by/s, w.north + by, w.east + by/s, w.some}
}

func (w window) holds(p geo.Point) bool {
	return p.Lat >= w.south && p.Lat <= w.north && p.Lon >= w.west && p.Lon <= w.east
}

// What is shown of the marks' neighbourhood: enough of it to know where one is,
// in a shape that fits beside a list.
const (
	leastAcross = 0.45 // degrees of latitude, some 50 km
	mostSlender = 1.5  // how much longer than the other a side may be
	around      = 0.14 // margin on each side, of the longer one
	beside      = 1    // how much of the land beside is there to be shown, of the longer one
)

// fit shows the neighbourhood of the marks; of none, all of the part.
func (d *drawing) fit(marks []Mark) {
	var w window
	for _, m := range marks {
		if at, _, ok := d.g.Point(m.Code); ok && d.g.Within(m.Code, d.within) {
			w.see(at)
		}
	}
	if !w.some {
		return
	}
	s := w.squeeze()
	high, across := w.north-w.south, (w.east-w.west)*s
	w = w.wider(around * max(high, across, leastAcross))
	high, across = w.north-w.south, (w.east-w.west)*s
	longest := max(high, across, leastAcross)
	if more := (longest/mostSlender - high) / 2; more > 0 {
		w.south, w.north = w.south-more, w.north+more
	}
	if more := (longest/mostSlender - across) / 2; more > 0 {
		w.west, w.east = w.west-more/s, w.east+more/s
	}
	d.near = &w
	d.show(w)
}

// cut leaves of an outline what lies in the window and around it: a page may
// have more room than the window takes, and shows the land go on there. Rings
// that only pass by are gone.
func (w window) cut(o Outline) Outline {
	w = w.wider(beside * max(w.north-w.south, (w.east-w.west)*w.squeeze()))
	out := Outline{Code: o.Code}
	for _, ring := range o.Rings {
		if ring = w.clip(ring); len(ring) > 2 {
			out.Rings = append(out.Rings, ring)
		}
	}
	return out
}

// clip is the part of a ring that lies in the window (Sutherland and Hodgman,
// 1974): side by side, what is outside is replaced by where it crosses.
func (w window) clip(ring []geo.Point) []geo.Point {
	for _, side := range []func(geo.Point) float64{ // how far inside, in degrees
		func(p geo.Point) float64 { return p.Lat - w.south },
		func(p geo.Point) float64 { return w.north - p.Lat },
		func(p geo.Point) float64 { return p.Lon - w.west },
		func(p geo.Point) float64 { return w.east - p.Lon },
	} {
		var kept []geo.Point
		for i, p := range ring {
			before := ring[(i+len(ring)-1)%len(ring)]
			in, was := side(p), side(before)
			if in >= 0 != (was >= 0) {
				f := was / (was - in)
				kept = append(kept, geo.Point{Lat: before.Lat + f*(p.Lat-before.Lat), Lon: before.Lon + f*(p.Lon-before.Lon)})
			}
			if in >= 0 {
				kept = append(kept, p)
			}
		}
		ring = kept
	}
	return ring
}

// anchors are where provinces are named: at their own point, or where that is
// not shown, in the middle of the largest piece that is.
func (d *drawing) anchors() map[string]geo.Point {
	at := map[string]geo.Point{}
	for _, p := range d.g.byKind[Province] {
		if d.seen(p) {
			at[p.Code] = p.At
		}
	}
	if d.near == nil {
		return at
	}
	for _, o := range d.inside(Province) {
		if _, named := at[o.Code]; named {
			continue
		}
		most := 0.0
		for _, ring := range o.Rings {
			ring = d.near.clip(ring)
			var piece window
			for _, p := range ring {
				piece.see(p)
			}
			high, across := piece.north-piece.south, piece.east-piece.west
			middle := geo.Point{Lat: (piece.south + piece.north) / 2, Lon: (piece.west + piece.east) / 2}
			if min(high, across) > leastNamed*(d.near.north-d.near.south) && high*across > most && surrounds(ring, middle) {
				most, at[o.Code] = high*across, middle
			}
		}
	}
	return at
}

// leastNamed is how much of the window's height a piece of a province must take
// to be named.
const leastNamed = 0.12

// surrounds tells whether a point lies in a ring: a ray from it crosses the
// ring an odd number of times.
func surrounds(ring []geo.Point, p geo.Point) (in bool) {
	for i, a := range ring {
		b := ring[(i+len(ring)-1)%len(ring)]
		if a.Lat > p.Lat != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
			in = !in
		}
	}
	return in
}
