package atlas

import (
	"encoding/binary"
	"math"
)

// A tile is written as Mapbox Vector Tile 2.1 by hand: one layer of features
// whose properties are texts, whole numbers or fractions. It is some hundred
// lines, needs no allocation a feature, and spares the house a library of a
// protocol that it speaks one sentence of (docs/decisions/0016-tiles-by-hand.md).

// kinds of geometry (MVT 2.1, 4.3.4).
const (
	points   = 1
	lines    = 2
	polygons = 3
)

// layer is a layer under way.
type layer struct {
	name     string
	features []byte
	keys     []string
	keyAt    map[string]int
	values   [][]byte
	valueAt  map[string]int
	n        int
	body     []byte // of the feature under way
	tags     []byte
	shape    []byte
	px, py   int
}

func newLayer(name string) *layer {
	return &layer{name: name, keyAt: map[string]int{}, valueAt: map[string]int{}}
}

// begin starts a feature.
func (l *layer) begin() { l.tags, l.shape, l.px, l.py = l.tags[:0], l.shape[:0], 0, 0 }

func (l *layer) text(key, v string) {
	if v != "" {
		l.tag(key, appendBytes(nil, 1, []byte(v)))
	}
}

func (l *layer) number(key string, v int) {
	l.tag(key, binary.AppendUvarint([]byte{5 << 3}, uint64(max(0, v))))
}

func (l *layer) fraction(key string, v float64) {
	l.tag(key, binary.LittleEndian.AppendUint32([]byte{2<<3 | 5}, math.Float32bits(float32(v))))
}

func (l *layer) tag(key string, value []byte) {
	k, ok := l.keyAt[key]
	if !ok {
		k = len(l.keys)
		l.keyAt[key], l.keys = k, append(l.keys, key)
	}
	v, ok := l.valueAt[string(value)]
	if !ok {
		v = len(l.values)
		l.valueAt[string(value)], l.values = v, append(l.values, value)
	}
	l.tags = binary.AppendUvarint(binary.AppendUvarint(l.tags, uint64(k)), uint64(v))
}

// command is an instruction of a geometry: 1 moves, 2 draws, 7 closes (4.3.1).
func (l *layer) command(what, times int) {
	l.shape = binary.AppendUvarint(l.shape, uint64(times<<3|what))
}

func (l *layer) step(x, y int) {
	l.shape = binary.AppendVarint(binary.AppendVarint(l.shape, int64(x-l.px)), int64(y-l.py)) // zigzag, as there
	l.px, l.py = x, y
}

// dot is the geometry of a point.
func (l *layer) dot(x, y int) {
	l.command(1, 1)
	l.step(x, y)
}

// ring is one ring of a polygon, without its repeated last point. The first is
// what it is about, the others are holes or further pieces by their sense of
// rotation.
func (l *layer) ring(all [][2]int) {
	l.command(1, 1)
	l.step(all[0][0], all[0][1])
	l.command(2, len(all)-1)
	for _, p := range all[1:] {
		l.step(p[0], p[1])
	}
	l.command(7, 1)
}

// path is a line through points.
func (l *layer) path(all [][2]int) {
	l.command(1, 1)
	l.step(all[0][0], all[0][1])
	l.command(2, len(all)-1)
	for _, p := range all[1:] {
		l.step(p[0], p[1])
	}
}

// end keeps the feature.
func (l *layer) end(kind int) {
	b := appendBytes(l.body[:0], 2, l.tags)
	b = binary.AppendUvarint(append(b, 3<<3), uint64(kind))
	l.body = appendBytes(b, 4, l.shape)
	l.features = appendBytes(l.features, 2, l.body)
	l.n++
}

// bytes is the tile of this one layer; nil when it holds nothing.
func (l *layer) bytes() []byte {
	if l.n == 0 {
		return nil
	}
	b := appendBytes(nil, 1, []byte(l.name))
	b = append(b, l.features...)
	for _, k := range l.keys {
		b = appendBytes(b, 3, []byte(k))
	}
	for _, v := range l.values {
		b = appendBytes(b, 4, v)
	}
	b = binary.AppendUvarint(append(b, 5<<3), extent)
	b = append(b, 15<<3, 2)
	return appendBytes(nil, 3, b)
}

// appendBytes writes a field that has a length (protocol buffers, wire type 2).
func appendBytes(b []byte, field int, v []byte) []byte {
	b = binary.AppendUvarint(b, uint64(field<<3|2))
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}
