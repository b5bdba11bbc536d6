package verify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Width is how many hashes, or entries, a full tile has (C2SP tlog-tiles).
const Width = 256

// Entries is the level of a Tile that is a bundle of entries.
const Entries = -1

// Tile names one public file of the tree: hashes of a level, or entries.
type Tile struct {
	Level int   // 0 is the leaves; Entries is a bundle
	N     int64 // its number within the level
	W     int   // how many it holds: 1 to Width
}

// mostLevel is the highest level that tlog-tiles names.
const mostLevel = 63

// Path is where the tile stands under the log's prefix: "tile/0/x001/234",
// "tile/entries/000.p/17" (C2SP tlog-tiles, "Merkle Tree").
func (t Tile) Path() string {
	level := "entries"
	if t.Level != Entries {
		level = strconv.Itoa(t.Level)
	}
	n := fmt.Sprintf("%03d", t.N%1000)
	for rest := t.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	path := "tile/" + level + "/" + n
	if t.W != Width {
		path += ".p/" + strconv.Itoa(t.W)
	}
	return path
}

// ParseTile reads a path as Path writes it, and no other spelling of it.
func ParseTile(path string) (t Tile, err error) {
	bad := fmt.Errorf("verify: %q names no tile", path)
	rest, ok := strings.CutPrefix(path, "tile/")
	level, rest, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(path) > 100 {
		return t, bad
	}
	if t.Level = Entries; level != "entries" {
		if t.Level, err = strconv.Atoi(level); err != nil || t.Level < 0 || t.Level > mostLevel {
			return t, bad
		}
	}
	t.W = Width
	rest, width, partial := strings.Cut(rest, ".p/")
	if partial {
		if t.W, err = strconv.Atoi(width); err != nil || t.W < 1 || t.W >= Width {
			return t, bad
		}
	}
	if t.N, err = strconv.ParseInt(strings.ReplaceAll(strings.ReplaceAll(rest, "x", ""), "/", ""), 10, 64); err != nil || t.N < 0 || t.Path() != path {
		return t, bad
	}
	return t, nil
}

// In is how many hashes of the tile a tree of that size has: 0 to Width. A level
// has one hash for each full tile of the level below.
func (t Tile) In(size int64) int {
	for range max(t.Level, 0) {
		size /= Width
	}
	return int(min(max(size-min(t.N, size/Width+1)*Width, 0), Width))
}

// TilesOf lists the tiles of a tree, with the widths that they have in it: bundles
// of entries first, then each level from the leaves up.
func TilesOf(size int64) (all []Tile) {
	for n := int64(0); n*Width < size; n++ {
		all = append(all, Tile{Entries, n, int(min(size-n*Width, Width))})
	}
	for level, have := 0, size; have > 0; level, have = level+1, have/Width {
		for n := int64(0); n*Width < have; n++ {
			all = append(all, Tile{level, n, int(min(have-n*Width, Width))})
		}
	}
	return all
}

// AppendEntry adds an entry to a bundle: its length in two bytes, most significant
// first, then itself (C2SP tlog-tiles, "Log entries").
func AppendEntry(bundle, entry []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
}

// ParseBundle takes a bundle apart.
func ParseBundle(bundle []byte) (entries [][]byte, err error) {
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, errors.New("verify: a bundle ends within a length")
		}
		n := int(binary.BigEndian.Uint16(bundle))
		if bundle = bundle[2:]; n > len(bundle) {
			return nil, errors.New("verify: a bundle ends within an entry")
		}
		entries, bundle = append(entries, bundle[:n:n]), bundle[n:]
	}
	return entries, nil
}
