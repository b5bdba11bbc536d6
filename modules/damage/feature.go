package damage

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"

	"github.com/twiza/twiza/base/geo"
)

// Feature is one thing on a map: points, or areas, or a place named by its code,
// with those of its attributes that some mapping reads.
type Feature struct {
	Points []geo.Point       `json:"p,omitempty"`
	Rings  [][]geo.Point     `json:"r,omitempty"` // holes and parts alike: even-odd
	Code   string            `json:"c,omitempty"`
	Props  map[string]string `json:"a,omitempty"`
}

// Bounds of one layer: far above a province's damage, far below what would keep
// anybody waiting.
const (
	mostFile     = 12 << 20 // bytes
	mostFeatures = 50_000
	mostCorners  = 600_000 // points of all features and of all borders
	mostProp     = 80      // letters of an attribute that is kept
	mostBody     = 64 << 20
)

// box is what a feature lies in.
type box struct{ south, west, north, east float64 }

func (f *Feature) box() (b box) {
	b = box{91, 181, -91, -181}
	see := func(p geo.Point) {
		b.south, b.north, b.west, b.east = min(b.south, p.Lat), max(b.north, p.Lat), min(b.west, p.Lon), max(b.east, p.Lon)
	}
	for _, p := range f.Points {
		see(p)
	}
	for _, r := range f.Rings {
		for _, p := range r {
			see(p)
		}
	}
	return b
}

func (b box) holds(p geo.Point) bool {
	return p.Lat >= b.south && p.Lat <= b.north && p.Lon >= b.west && p.Lon <= b.east
}

// middle is where an area is taken to be when it has to be a point.
func (b box) middle() geo.Point {
	return geo.Point{Lat: (b.south + b.north) / 2, Lon: (b.west + b.east) / 2}
}

// surrounds tells whether a point lies in an area: a ray from it crosses the
// border an odd number of times.
func (f *Feature) surrounds(p geo.Point) (in bool) {
	for _, ring := range f.Rings {
		for i, a := range ring {
			b := ring[(i+len(ring)-1)%len(ring)]
			if a.Lat > p.Lat != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
				in = !in
			}
		}
	}
	return in
}

// pack and unpack keep features as a layer's body: gzipped JSON.
func pack(all []Feature) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(all); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpack(body []byte) (all []Feature, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return all, json.NewDecoder(io.LimitReader(z, mostBody)).Decode(&all)
}
