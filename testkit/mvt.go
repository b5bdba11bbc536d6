package testkit

import (
	"encoding/binary"
	"errors"
	"math"
)

// Feature is one thing on a vector tile.
type Feature struct {
	Kind  int // 1 points, 2 lines, 3 polygons
	Tags  map[string]any
	Parts [][][2]int // rings or lines, or one point
}

func fields(b []byte, each func(field int, n uint64, v []byte) error) error {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 {
			return errors.New("a broken tag")
		}
		b = b[k:]
		var n uint64
		var v []byte
		switch tag & 7 {
		case 0:
			if n, k = binary.Uvarint(b); k <= 0 {
				return errors.New("a broken number")
			}
			b = b[k:]
		case 2:
			if n, k = binary.Uvarint(b); k <= 0 || uint64(len(b)-k) < n {
				return errors.New("a broken length")
			}
			v, b = b[k:k+int(n)], b[k+int(n):]
		case 5:
			if len(b) < 4 {
				return errors.New("a broken fraction")
			}
			n, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			return errors.New("an unknown wire type")
		}
		if err := each(int(tag>>3), n, v); err != nil {
			return err
		}
	}
	return nil
}

func packedNumbers(v []byte) (out []uint64) {
	for len(v) > 0 {
		n, k := binary.Uvarint(v)
		out, v = append(out, n), v[k:]
	}
	return out
}

func valueOf(v []byte) (out any, err error) {
	return out, fields(v, func(field int, n uint64, text []byte) error {
		switch field {
		case 1:
			out = string(text)
		case 2:
			out = float64(math.Float32frombits(uint32(n)))
		case 5:
			out = int(n)
		default:
			return errors.New("a value of a kind that is not written")
		}
		return nil
	})
}

// ReadTile reads a tile of one layer by the book (Mapbox Vector Tile 2.1), not by
// what writes it: the name of the layer, and its features.
func ReadTile(b []byte) (name string, all []Feature, err error) {
	var keys []string
	var values []any
	var features [][]byte
	version, wide := uint64(0), uint64(0)
	err = fields(b, func(field int, _ uint64, v []byte) error {
		return fields(v, func(field int, n uint64, v []byte) error {
			switch field {
			case 1:
				name = string(v)
			case 2:
				features = append(features, v)
			case 3:
				keys = append(keys, string(v))
			case 4:
				x, err := valueOf(v)
				values = append(values, x)
				return err
			case 5:
				wide = n
			case 15:
				version = n
			}
			return nil
		})
	})
	if err == nil && len(b) > 0 && (version != 2 || wide != 4096) {
		err = errors.New("not version 2 or another extent")
	}
	for _, f := range features {
		r := Feature{Tags: map[string]any{}}
		var shape []uint64
		if err2 := fields(f, func(field int, n uint64, v []byte) error {
			switch field {
			case 2:
				for t := packedNumbers(v); len(t) > 1; t = t[2:] {
					r.Tags[keys[t[0]]] = values[t[1]]
				}
			case 3:
				r.Kind = int(n)
			case 4:
				shape = packedNumbers(v)
			}
			return nil
		}); err2 != nil {
			return name, nil, err2
		}
		r.Parts = walk(shape)
		all = append(all, r)
	}
	return name, all, err
}

func walk(shape []uint64) (parts [][][2]int) {
	x, y := 0, 0
	zig := func(n uint64) int { return int(n>>1) ^ -int(n&1) }
	for len(shape) > 0 {
		what, times := shape[0]&7, int(shape[0]>>3)
		shape = shape[1:]
		if what == 7 {
			continue
		}
		for range times {
			x, y = x+zig(shape[0]), y+zig(shape[1])
			shape = shape[2:]
			if what == 1 {
				parts = append(parts, nil)
			}
			parts[len(parts)-1] = append(parts[len(parts)-1], [2]int{x, y})
		}
	}
	return parts
}
