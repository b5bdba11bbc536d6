package verify

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/testkit"
)

func TestAnHonestLogIsFoundSoundAtEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 2, 3, 255, 256, 257, 511, 512, 700} {
		f := newFixture(t, 1).grow(size)
		var earlier []int64
		for _, n := range []int{1, 200, 256, 300} {
			if n < size {
				earlier = append(earlier, int64(n))
			}
		}
		files := f.publish(earlier...)
		if size > 0 {
			files["proofs/0.tlog-proof"] = &fstest.MapFile{Data: f.receipt(0, int64(size), true)}
		}
		seen := int64(0)
		r := f.look(files, Options{Each: func(i int64, l Leaf) {
			if i != seen {
				t.Errorf("leaf %d came after %d", i, seen)
			}
			seen++
		}})
		if len(r.Wrong) > 0 || r.Leaves != int64(size) || seen != r.Leaves || r.Older != len(earlier) || r.Proofs != min(size, 1) {
			t.Errorf("of %d leaves: %d read, %d older, %d proofs, wrong: %v", size, r.Leaves, r.Older, r.Proofs, r.Wrong)
		}
		if got := keysOf(r.Unchecked); !slices.Equal(got, []string{"no_witness checkpoint"}) {
			t.Errorf("of %d leaves it did not check %q", size, got)
		}
	}
}

// TestAnyChangedByteIsFoundAndItsFileNamed changes one bit of one byte of any public
// file, again and again.
func TestAnyChangedByteIsFoundAndItsFileNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2).grow(270)
	files := f.publish(1, 130, 256, 269)
	for _, i := range []int64{0, 255, 269} {
		files[fmt.Sprintf("proofs/%d.tlog-proof", i)] = &fstest.MapFile{Data: f.receipt(i, 270, i%2 == 0)}
	}
	files["proofs/old.tlog-proof"] = &fstest.MapFile{Data: f.receipt(7, 130, true)}
	if r := f.look(files, Options{}); len(r.Wrong) > 0 {
		t.Fatal(r.Wrong)
	}
	d := thrown(3)
	names := slices.Sorted(maps.Keys(files))
	turn := func(name string, at int, bit byte) {
		was := files[name].Data
		changed := bytes.Clone(was)
		changed[at] ^= bit
		files[name].Data = changed
		if r := f.look(files, Options{}); !slices.ContainsFunc(r.Wrong, func(w Finding) bool { return w.File == name }) {
			t.Errorf("byte %d of %s was changed (%#x to %#x), and what was found is %q", at, name, was[at], changed[at], keysOf(r.Wrong))
		}
		files[name].Data = was
	}
	for _, name := range names {
		size := len(files[name].Data)
		for range testkit.Size(6, 200) {
			turn(name, d.IntN(size), 1<<d.IntN(8))
		}
		turn(name, size-1, 1)
		turn(name, 0, 0x20)
	}
	// The files that are text have spellings that mean the same to a lenient reader:
	// there every byte is tried, with the bits that change a letter's case or the last
	// sign of base64.
	for _, name := range []string{"checkpoint", "checkpoints/130", "proofs/0.tlog-proof", "totals.csv"} {
		for at := range files[name].Data {
			if d.IntN(testkit.Size(12, 1)) == 0 || at > len(files[name].Data)-8 {
				turn(name, at, 0x20)
				turn(name, at, 1)
			}
		}
	}
}

func TestAFileThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 4).grow(270)
	whole := f.publish(100)
	for name := range whole {
		if name == TotalsFile || strings.HasPrefix(name, OlderFolder) || strings.HasSuffix(name, ".p/100") {
			continue // nobody can know that they were there
		}
		files := maps.Clone(whole)
		delete(files, name)
		f.wants(f.look(files, Options{}), "missing "+name)
	}
}

func TestALogThatWasRewrittenOrCutIsFound(t *testing.T) {
	t.Parallel()
	honest := newFixture(t, 5).grow(300)
	then := honest.sign(honest.at(300))
	forged := &fixture{T: t, signer: honest.signer, keys: honest.keys, vkey: honest.vkey}
	forged.grow(200)
	other := forged.entries[:200:200]
	forged.entries, forged.stored = nil, nil
	for i, e := range append(slices.Clone(other), honest.entries[200:]...) { // one leaf put in place of another
		if i == 100 {
			e = honest.entries[299]
		}
		hashes, _ := tlog.StoredHashes(int64(i), e, forged)
		forged.entries, forged.stored = append(forged.entries, e), append(forged.stored, hashes...)
	}
	forged.grow(50)
	files := forged.publish()
	if r := forged.look(files, Options{}); len(r.Wrong) > 0 {
		t.Fatal("it holds together by itself: ", r.Wrong)
	}
	forged.wants(forged.look(files, Options{Since: [][]byte{then}}), "older_inconsistent since 1")
	files["proofs/x.tlog-proof"] = &fstest.MapFile{Data: honest.receipt(250, 300, true)}
	forged.wants(forged.look(files, Options{}), "older_inconsistent proofs/x.tlog-proof")

	cut := &fixture{T: t, signer: honest.signer, keys: honest.keys, entries: honest.entries[:120], stored: honest.stored[:tlog.StoredHashCount(120)]}
	cut.wants(cut.look(cut.publish(), Options{Since: [][]byte{then}}), "shrunk since 1")

	files = honest.publish(100)
	files["checkpoints/99"] = files["checkpoints/100"]
	honest.wants(honest.look(files, Options{}), "older_misnamed checkpoints/99")
}

func TestAWrongTotalIsFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 6).grow(50)
	files := f.publish()
	files[TotalsFile].Data = bytes.Replace(files[TotalsFile].Data, []byte("MAD,"), []byte("MAD,1"), 1)
	f.wants(f.look(files, Options{}), "totals_other totals.csv")
}

func TestWhatCannotBeCheckedIsSaid(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 7).grow(5)
	w := newCosigner("witness.example/a", 8)
	files := f.publish()
	files["notes.txt"] = &fstest.MapFile{Data: []byte("hello")}
	files["tile/0/001"] = &fstest.MapFile{Data: make([]byte, 8192)} // behind the end
	files[CheckpointFile].Data = f.sign(f.at(5), w)
	got := keysOf(f.look(files, Options{}).Unchecked)
	for _, want := range []string{"strange_file notes.txt", "strange_file tile/0/001", "unknown_signature checkpoint", "no_witness checkpoint"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	with, err := ReadKeys(f.vkey + "\n" + w.vkey())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Folder(files, with, Options{})
	if err != nil || len(r.Wrong) > 0 || !slices.Equal(r.Checkpoint.Witnesses, []string{w.name}) {
		t.Errorf("%v: %v, witnesses %q", err, r.Wrong, r.Checkpoint.Witnesses)
	}
	files[CheckpointFile].Data = bytes.Replace(files[CheckpointFile].Data, []byte("\n5\n"), []byte("\n4\n"), 1)
	f.wants(f.look(files, Options{}), "checkpoint_unsigned checkpoint")

	later := newFixture(t, 9) // a leaf from after today
	entry := []byte(`{"something":"new","v":2}`)
	hashes, _ := tlog.StoredHashes(0, entry, later)
	later.entries, later.stored = [][]byte{entry}, hashes
	files = fstest.MapFS{CheckpointFile: {Data: later.sign(later.at(1))}, TotalsFile: {Data: []byte("x")}}
	for _, tile := range TilesOf(1) {
		files[tile.Path()] = &fstest.MapFile{Data: later.tile(tile)}
	}
	r = later.look(files, Options{})
	if got := keysOf(r.Unchecked); len(r.Wrong) > 0 || !slices.Contains(got, "leaf_unread tile/entries/000.p/1") || !slices.Contains(got, "totals_uncertain totals.csv") {
		t.Errorf("wrong %v, unchecked %q", r.Wrong, got)
	}
}
