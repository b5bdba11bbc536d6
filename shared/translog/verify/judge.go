package verify

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// judge says what the trees show. Which of two files was changed, where an entry
// and its hash differ, is told by the root: one of the two trees leads to it.
func (f *folder) judge() {
	root := f.Checkpoint.Root
	byEntries, byTiles := f.trees[0].Root() == root, f.trees[1].Root() == root
	use := 0
	switch {
	case byEntries:
		f.blame("tile_changed", 0)
	case byTiles:
		use = 1
		f.blame("entries_changed", Entries)
	default:
		f.blame("tile_changed", 0)
		f.blame("entries_changed", Entries)
		f.wrong("root_other", CheckpointFile, "size", strconv.FormatInt(f.Checkpoint.Size, 10))
	}
	f.tiles(use)
	if !byEntries {
		f.unchecked("totals_uncertain", "")
		return // earlier roots and proofs would be compared with something false
	}
	for _, name := range slices.Sorted(maps.Keys(f.older)) {
		if c := f.older[name]; f.roots[c.Size] != c.Root {
			f.wrong("older_inconsistent", name, "size", strconv.FormatInt(c.Size, 10))
		} else {
			f.Older++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.proofs)) {
		if p := f.proofs[name]; f.roots[p.Size] != p.Root {
			f.wrong("older_inconsistent", name, "size", strconv.FormatInt(p.Size, 10))
		} else {
			f.Proofs++
		}
	}
}

func (f *folder) blame(key string, level int) {
	for _, n := range f.differ {
		f.wrong(key, Tile{level, n, Tile{level, n, Width}.In(f.Checkpoint.Size)}.Path())
	}
}

// tiles compares every file of the tree with what it must hold.
func (f *folder) tiles(use int) {
	named := map[string]bool{}
	for _, w := range f.Wrong {
		named[w.File] = true
	}
	for _, t := range TilesOf(f.Checkpoint.Size) {
		if !f.want[t] && !named[t.Path()] {
			f.wrong("missing", t.Path())
		}
	}
	all := slices.SortedFunc(maps.Keys(f.want), func(a, b Tile) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.N, b.N), cmp.Compare(a.W, b.W))
	})
	for _, t := range all {
		key, made := "tile_changed", f.made[use]
		if t.Level == Entries {
			key, made = "entries_changed", f.made[0]
		}
		if named[t.Path()] {
			continue
		}
		body, err := fs.ReadFile(f.files, t.Path())
		sum, known := made[t]
		switch {
		case err != nil:
			f.wrong("missing", t.Path())
		case !known:
			f.unchecked("tile_uncompared", t.Path())
		case sha256.Sum256(body) != sum:
			f.wrong(key, t.Path())
		default:
			f.Tiles++
		}
	}
}

// totals compares the published totals with those that the leaves add up to.
func (f *folder) totals() error {
	body, err := fs.ReadFile(f.files, TotalsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.unchecked("no_totals", TotalsFile)
		return nil
	case err != nil:
		return err
	case f.unread || f.trees[0].Root() != f.Checkpoint.Root:
		f.unchecked("totals_uncertain", TotalsFile)
	case !bytes.Equal(body, f.Totals.CSV()):
		f.wrong("totals_other", TotalsFile)
	}
	return nil
}

// Continues tells whether the later of two checkpoints of one log holds all that the
// earlier had, by a proof of consistency (RFC 6962, 2.1.2), for whoever has no tiles.
func Continues(earlier, later Checkpoint, proof tlog.TreeProof) error {
	if earlier.Origin != later.Origin {
		return errors.New("verify: checkpoints of two logs")
	}
	if earlier.Size == 0 {
		return nil // everything continues an empty log
	}
	return tlog.CheckTree(proof, later.Size, later.Root, earlier.Size, earlier.Root)
}
