package verify

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree grows a Merkle tree (RFC 6962, 2.1) leaf by leaf, and forgets what it does
// not need: memory grows with the logarithm of the tree. The zero Tree is empty.
type Tree struct {
	// Tile, if not nil, is shown each hash tile as far as it is filled: when it is
	// full, and by Finish those that are not.
	Tile func(level int, n int64, hashes []tlog.Hash)

	size   int64
	stack  []tlog.Hash   // of the full subtrees, largest first
	levels [][]tlog.Hash // hashes of the tile being filled, for each level
	tiles  []int64       // its number
}

// Size is how many leaves the tree has.
func (t *Tree) Size() int64 { return t.size }

// Add adds a leaf by its hash (tlog.RecordHash of the entry).
func (t *Tree) Add(leaf tlog.Hash) {
	if t.Tile != nil {
		t.fill(0, leaf)
	}
	t.stack = append(t.stack, leaf)
	for n := t.size; n&1 == 1; n >>= 1 { // two subtrees of one size become one
		k := len(t.stack) - 2
		t.stack = append(t.stack[:k], tlog.NodeHash(t.stack[k], t.stack[k+1]))
	}
	t.size++
}

// Root is the hash of the tree as it is; that of the empty one is SHA-256 of nothing.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	root := t.stack[len(t.stack)-1]
	for i := len(t.stack) - 2; i >= 0; i-- {
		root = tlog.NodeHash(t.stack[i], root)
	}
	return root
}

func (t *Tree) fill(level int, h tlog.Hash) {
	if level == len(t.levels) {
		t.levels, t.tiles = append(t.levels, nil), append(t.tiles, 0)
	}
	t.levels[level] = append(t.levels[level], h)
	if len(t.levels[level]) < Width {
		return
	}
	full := t.levels[level]
	t.Tile(level, t.tiles[level], full)
	var above Tree
	for _, x := range full {
		above.Add(x)
	}
	t.levels[level], t.tiles[level] = nil, t.tiles[level]+1
	t.fill(level+1, above.Root())
}

// Finish shows the tiles that are not full.
func (t *Tree) Finish() {
	for level, hashes := range t.levels {
		if len(hashes) > 0 {
			t.Tile(level, t.tiles[level], hashes)
		}
	}
}
