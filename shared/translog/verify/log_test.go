package verify

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "log.example/test"

// dice is reproducible; as an io.Reader it draws keys.
type dice struct{ *rand.Rand }

func (d dice) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d.Uint32())
	}
	return len(p), nil
}

func thrown(n uint64) dice { return dice{rand.New(rand.NewPCG(n, 11))} }

// fixture is a log in memory, kept by the plain means of golang.org/x/mod.
type fixture struct {
	*testing.T
	signer  note.Signer
	vkey    string
	keys    *Keys
	entries [][]byte
	stored  []tlog.Hash
	salts   [][]byte
}

func newFixture(t *testing.T, seed uint64) *fixture {
	t.Helper()
	skey, vkey, err := note.GenerateKey(thrown(seed), origin)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, vkey: vkey}
	if f.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	if f.keys, err = ReadKeys("# of a test\n" + vkey + "\n"); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) ReadHashes(at []int64) (all []tlog.Hash, err error) {
	for _, i := range at {
		all = append(all, f.stored[i])
	}
	return all, nil
}

var body = []byte(`{"family":"0190","name":"عائشة"}`)

// grow adds leaves.
func (f *fixture) grow(n int) *fixture {
	f.Helper()
	d := thrown(uint64(len(f.entries)))
	for range n {
		salt := make([]byte, SaltSize)
		d.Read(salt)
		l := Leaf{Word: []string{"fund.gift.receive", "fund.payment.make"}[d.IntN(2)], Day: fmt.Sprintf("2026-11-%02d", 1+d.IntN(30)), Commitment: Commit(salt, body),
			Fields: map[string]string{"amount": fmt.Sprint(d.Int64N(1_000_000) - 1000), "asset": []string{"MAD", "lot/7"}[d.IntN(2)], "kind": "fund"}}
		entry, err := l.Encode()
		if err != nil {
			f.Fatal(err)
		}
		hashes, err := tlog.StoredHashes(int64(len(f.entries)), entry, f)
		if err != nil {
			f.Fatal(err)
		}
		f.entries, f.stored, f.salts = append(f.entries, entry), append(f.stored, hashes...), append(f.salts, salt)
	}
	return f
}

func (f *fixture) at(size int64) Checkpoint {
	f.Helper()
	root, err := tlog.TreeHash(size, f)
	if err != nil {
		f.Fatal(err)
	}
	return Checkpoint{origin, size, root}
}

func (f *fixture) sign(c Checkpoint, more ...note.Signer) []byte {
	f.Helper()
	msg, err := note.Sign(&note.Note{Text: c.Text()}, append([]note.Signer{f.signer}, more...)...)
	if err != nil {
		f.Fatal(err)
	}
	return msg
}

// receipt proves a leaf in the log as it was at a size.
func (f *fixture) receipt(index, size int64, opened bool) []byte {
	f.Helper()
	path, err := tlog.ProveRecord(size, index, f)
	if err != nil {
		f.Fatal(err)
	}
	r := Receipt{Leaf: string(f.entries[index])}
	if opened {
		r.Body, r.Salt = body, fmt.Sprintf("%x", f.salts[index])
	}
	extra, err := Canonical(r)
	if err != nil {
		f.Fatal(err)
	}
	return Proof{extra, index, path, f.sign(f.at(size))}.Marshal()
}

// publish writes the public files of the log as it is, and what is left of earlier sizes.
func (f *fixture) publish(earlier ...int64) fstest.MapFS {
	f.Helper()
	size := int64(len(f.entries))
	files := fstest.MapFS{}
	put := func(name string, b []byte) { files[name] = &fstest.MapFile{Data: b, Mode: 0o644} }
	put(CheckpointFile, f.sign(f.at(size)))
	for _, n := range append(earlier, size) {
		for _, t := range TilesOf(n) {
			put(t.Path(), f.tile(t))
		}
		if n < size {
			put(fmt.Sprintf("%s/%d", OlderFolder, n), f.sign(f.at(n)))
		}
	}
	var sums Totals
	for _, e := range f.entries {
		l, err := ParseLeaf(e)
		if err != nil {
			f.Fatal(err)
		}
		sums.Add(l)
	}
	put(TotalsFile, sums.CSV())
	return files
}

func (f *fixture) tile(t Tile) (b []byte) {
	f.Helper()
	if t.Level == Entries {
		for _, e := range f.entries[t.N*Width : t.N*Width+int64(t.W)] {
			b = AppendEntry(b, e)
		}
		return b
	}
	b, err := tlog.ReadTileData(tlog.Tile{H: 8, L: t.Level, N: t.N, W: t.W}, f)
	if err != nil {
		f.Fatal(err)
	}
	return b
}

func (f *fixture) look(files fstest.MapFS, o Options) *Report {
	f.Helper()
	r, err := Folder(files, f.keys, o)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

// keysOf lists what was found, as key and file.
func keysOf(all []Finding) (out []string) {
	for _, f := range all {
		out = append(out, f.Key+" "+f.File)
	}
	return out
}

func (f *fixture) wants(r *Report, finding string) {
	f.Helper()
	if !slices.Contains(keysOf(r.Wrong), finding) {
		f.Errorf("it should have found %q, and found %q", finding, keysOf(r.Wrong))
	}
}

// cosigner is a witness as C2SP tlog-cosignature has it.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
	at   uint64
}

func newCosigner(name string, seed uint64) cosigner {
	_, key, _ := ed25519.GenerateKey(thrown(seed))
	return cosigner{name, key, 1_770_000_000}
}

func (c cosigner) public() []byte {
	return append([]byte{kindWitness}, c.key.Public().(ed25519.PublicKey)...)
}
func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return keyHash(c.name, c.public()) }
func (c cosigner) Sign(msg []byte) ([]byte, error) {
	return append(binary.BigEndian.AppendUint64(nil, c.at), ed25519.Sign(c.key, cosigned(c.at, msg))...), nil
}
func (c cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), strict.EncodeToString(c.public()))
}

var _ io.Reader = dice{}

func lines(s string) int { return strings.Count(s, "\n") }
