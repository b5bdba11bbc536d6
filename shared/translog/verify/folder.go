package verify

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Names of public files beside the tiles.
const (
	CheckpointFile = "checkpoint"
	OlderFolder    = "checkpoints" // earlier ones, each named by its size
	ProofSuffix    = ".tlog-proof"
	TotalsFile     = "totals.csv"
)

// Finding is something to tell: a key of the words, the file that it is about, and
// what the sentence names.
type Finding struct {
	Key  string // "entries_changed"
	File string
	Args map[string]string
}

// Report is what a look at public files came to.
type Report struct {
	Checkpoint Signed
	Leaves     int64
	Tiles      int // public files of the tree that were worked out again
	Older      int // earlier checkpoints that this one continues
	Proofs     int
	Totals     Totals
	Wrong      []Finding
	Unchecked  []Finding // what could not be looked at, and why
}

func (r *Report) wrong(key, file string, args ...string) {
	r.Wrong = append(r.Wrong, Finding{key, file, pairs(args)})
}

func (r *Report) unchecked(key, file string, args ...string) {
	r.Unchecked = append(r.Unchecked, Finding{key, file, pairs(args)})
}

func pairs(args []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

// Options are what a check may be given beside the files.
type Options struct {
	Since [][]byte                  // signed checkpoints that somebody kept from earlier
	Each  func(index int64, l Leaf) // sees every leaf that could be read, in order
}

// folder is one check under way.
type folder struct {
	files fs.FS
	keys  *Keys
	Report
	want   map[Tile]bool        // tiles and bundles that are there, by name
	parts  map[[2]int64][]int   // their widths, by level and number
	made   [2]map[Tile][32]byte // SHA-256 of each wanted tile: from the entries, and from the leaf tiles
	roots  map[int64]tlog.Hash  // at sizes that somebody asks for
	leaves map[int64]tlog.Hash  // of entries that somebody asks for
	trees  [2]Tree              // from the entries, and from the leaf tiles
	differ []int64              // bundles that are not what their leaf tile says
	unread bool                 // a leaf that the totals lack
	proofs map[string]Proved
	older  map[string]Checkpoint // by file
	each   func(int64, Leaf)
}

// Folder checks the public files of a log against each other and the log's keys. It
// reads the files and nothing else, each once, and holds no more of them than a
// digest. The error is of reading; what is wrong with the log is in the report.
func Folder(files fs.FS, k *Keys, o Options) (*Report, error) {
	f := &folder{files: files, keys: k, each: o.Each, want: map[Tile]bool{}, parts: map[[2]int64][]int{}, roots: map[int64]tlog.Hash{}, leaves: map[int64]tlog.Hash{},
		proofs: map[string]Proved{}, older: map[string]Checkpoint{}}
	f.made = [2]map[Tile][32]byte{{}, {}}
	msg, err := fs.ReadFile(files, CheckpointFile)
	if errors.Is(err, fs.ErrNotExist) {
		f.wrong("missing", CheckpointFile)
		return &f.Report, nil
	} else if err != nil {
		return nil, err
	}
	if f.Checkpoint, err = k.Open(msg); err != nil {
		f.wrong("checkpoint_unsigned", CheckpointFile, "why", err.Error())
		return &f.Report, nil // nothing says any more what the rest should be
	}
	for _, who := range f.Checkpoint.Unknown {
		f.unchecked("unknown_signature", CheckpointFile, "key", who)
	}
	if len(f.Checkpoint.Witnesses) == 0 {
		f.unchecked("no_witness", CheckpointFile)
	}
	for i, msg := range o.Since {
		f.earlier("since "+strconv.Itoa(i+1), msg)
	}
	if err := f.survey(); err != nil {
		return nil, err
	}
	if err := f.walk(); err != nil {
		return nil, err
	}
	f.judge()
	return &f.Report, f.totals()
}

// survey looks at the names of all files, and reads those that say what is to be
// worked out on the way.
func (f *folder) survey() error {
	return fs.WalkDir(f.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		older, isOlder := strings.CutPrefix(name, OlderFolder+"/")
		switch tile, terr := ParseTile(name); {
		case name == CheckpointFile || name == TotalsFile:
		case terr == nil && tile.In(f.Checkpoint.Size) >= tile.W:
			f.want[tile] = true
			at := [2]int64{int64(tile.Level), tile.N}
			f.parts[at] = append(f.parts[at], tile.W)
		case isOlder || strings.HasSuffix(name, ProofSuffix):
			msg, err := fs.ReadFile(f.files, name)
			if err != nil {
				return err
			}
			if !isOlder {
				f.proof(name, msg)
			} else if c, ok := f.earlier(name, msg); ok && older != strconv.FormatInt(c.Size, 10) {
				f.wrong("older_misnamed", name, "size", strconv.FormatInt(c.Size, 10))
			}
		default:
			f.unchecked("strange_file", name)
		}
		return nil
	})
}

func (f *folder) earlier(name string, msg []byte) (Checkpoint, bool) {
	c, err := f.keys.Open(msg)
	switch {
	case err != nil:
		f.wrong("checkpoint_unsigned", name, "why", err.Error())
	case c.Origin != f.Checkpoint.Origin:
		f.wrong("older_other_log", name, "origin", c.Origin)
	case c.Size > f.Checkpoint.Size:
		f.wrong("shrunk", name, "then", strconv.FormatInt(c.Size, 10), "now", strconv.FormatInt(f.Checkpoint.Size, 10))
	default:
		f.older[name] = c.Checkpoint
		f.roots[c.Size] = tlog.Hash{}
		for _, who := range c.Unknown {
			f.unchecked("unknown_signature", name, "key", who)
		}
		return c.Checkpoint, true
	}
	return c.Checkpoint, false
}

func (f *folder) proof(name string, msg []byte) {
	p, err := f.keys.Check(msg)
	switch {
	case err != nil:
		f.wrong("proof_wrong", name, "why", err.Error())
	case p.Origin != f.Checkpoint.Origin:
		f.wrong("older_other_log", name, "origin", p.Origin)
	case p.Size > f.Checkpoint.Size:
		f.wrong("shrunk", name, "then", strconv.FormatInt(p.Size, 10), "now", strconv.FormatInt(f.Checkpoint.Size, 10))
	default:
		f.proofs[name] = p
		f.roots[p.Size], f.leaves[p.Index] = tlog.Hash{}, tlog.Hash{}
		for _, who := range p.Unknown {
			f.unchecked("unknown_signature", name, "key", who)
		}
	}
}

// walk reads all entries and leaf tiles in order and grows one tree of each.
func (f *folder) walk() error {
	for i := range f.trees {
		f.trees[i].Tile = func(level int, n int64, hashes []tlog.Hash) { f.digest(i, level, n, hashes) }
	}
	f.mark()
	for n := int64(0); n*Width < f.Checkpoint.Size; n++ {
		w := Tile{Entries, n, Width}.In(f.Checkpoint.Size)
		entries, err := f.entries(Tile{Entries, n, w})
		if err != nil {
			return err
		}
		hashes, err := f.hashes(Tile{0, n, w})
		if err != nil {
			return err
		}
		f.step(n, w, entries, hashes)
	}
	f.trees[0].Finish()
	f.trees[1].Finish()
	return nil
}

// step adds a bundle and its tile to the trees; where one is missing the other
// stands in, so that the rest can still be looked at.
func (f *folder) step(n int64, w int, entries [][]byte, hashes []tlog.Hash) {
	differ := false
	for i := range w {
		var pair [2]tlog.Hash
		switch {
		case entries != nil && hashes != nil:
			pair = [2]tlog.Hash{tlog.RecordHash(entries[i]), hashes[i]}
			differ = differ || pair[0] != pair[1]
		case entries != nil:
			pair[0] = tlog.RecordHash(entries[i])
			pair[1] = pair[0]
		case hashes != nil:
			pair = [2]tlog.Hash{hashes[i], hashes[i]}
		}
		index := n*Width + int64(i)
		if _, asked := f.leaves[index]; asked {
			f.leaves[index] = pair[0]
		}
		f.trees[0].Add(pair[0])
		f.trees[1].Add(pair[1])
		f.mark()
		if entries != nil {
			f.leaf(index, entries[i])
		} else {
			f.unread = true
		}
	}
	if differ {
		f.differ = append(f.differ, n)
	}
}

// mark keeps the root at a size that somebody asks for.
func (f *folder) mark() {
	if _, asked := f.roots[f.trees[0].Size()]; asked {
		f.roots[f.trees[0].Size()] = f.trees[0].Root()
	}
}

func (f *folder) leaf(index int64, entry []byte) {
	l, err := ParseLeaf(entry)
	if err != nil {
		f.unread = true
		f.unchecked("leaf_unread", Tile{Entries, index / Width, Tile{Entries, index / Width, Width}.In(f.Checkpoint.Size)}.Path(), "index", strconv.FormatInt(index, 10))
		return
	}
	f.Leaves++
	f.Totals.Add(l)
	if f.each != nil {
		f.each(index, l)
	}
}

// read gives a file of the tree, or says that it is missing.
func (f *folder) read(t Tile) ([]byte, error) {
	body, err := fs.ReadFile(f.files, t.Path())
	if errors.Is(err, fs.ErrNotExist) {
		f.wrong("missing", t.Path())
		return nil, nil
	}
	if err == nil && body == nil {
		body = []byte{} // there, and empty
	}
	return body, err
}

// entries reads a bundle; nil is one that cannot be used, which was said.
func (f *folder) entries(t Tile) ([][]byte, error) {
	body, err := f.read(t)
	if body == nil || err != nil {
		return nil, err
	}
	all, perr := ParseBundle(body)
	if perr != nil || len(all) != t.W {
		f.wrong("entries_changed", t.Path())
		return nil, nil
	}
	made := []byte(nil) // earlier, narrower bundles are its beginning
	for i, e := range all {
		made = AppendEntry(made, e)
		if x := (Tile{Entries, t.N, i + 1}); f.want[x] {
			f.made[0][x] = sha256.Sum256(made)
		}
	}
	return all, nil
}

func (f *folder) hashes(t Tile) ([]tlog.Hash, error) {
	body, err := f.read(t)
	if body == nil || err != nil {
		return nil, err
	}
	if len(body) != t.W*tlog.HashSize {
		f.wrong("tile_changed", t.Path())
		return nil, nil
	}
	var all []tlog.Hash
	for h := range slices.Chunk(body, tlog.HashSize) {
		all = append(all, tlog.Hash(h))
	}
	return all, nil
}

// digest keeps what a tile must hold, at each width in which somebody has it.
func (f *folder) digest(tree, level int, n int64, hashes []tlog.Hash) {
	for _, w := range f.parts[[2]int64{int64(level), n}] {
		if w > len(hashes) {
			continue
		}
		body := make([]byte, 0, w*tlog.HashSize)
		for _, h := range hashes[:w] {
			body = append(body, h[:]...)
		}
		f.made[tree][Tile{level, n, w}] = sha256.Sum256(body)
	}
}
