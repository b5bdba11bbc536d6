package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestACanonicalSpellingIsTheOneOfTheStandard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{ // shapes of RFC 8785, 3.2.2 and 3.2.3
		"{ \"b\" : 1, \"a\" : [true, null, -7] }":     `{"a":[true,null,-7],"b":1}`,
		`"\u20ac$\u000f\nA'\u0042\u0022\u005c\\\"\/"`: "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"",
		"\"\\u2028<>&\"":   "\"\u2028<>&\"",
		`9007199254740991`: `9007199254740991`,
	} {
		got, err := canonicalOf([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s is %s (%v), not %s", in, got, err, want)
		}
	}
	for _, in := range []string{"1.5", "1e3", "9007199254740992", "[1", "1 2", `{"é":1}`, "", "-0.0"} {
		if got, err := canonicalOf([]byte(in)); err == nil {
			t.Errorf("%s was taken, as %s", in, got)
		}
	}
	if _, err := Canonical("\xff"); err != nil {
		t.Error("what Go itself replaces when it writes JSON is canonical: ", err)
	}
}

func TestNothingOfAPersonFitsIntoALeaf(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"amount":       {"1.5", "+1", "01", "-0", "", "9223372036854775808", "0612345678x", "١٢"},
		"asset":        {"mad", "MADX", "lot/", "lot/عائشة", ""},
		"count":        {"-1", "0612345678", "1 "},
		"fund":         {"fund/0612345678", "Fund", "fund/Aicha Brahim", "fund/12345"},
		"kind":         {"aicha brahim", "212612345678", ""},
		"organisation": {"Association Azur", "0190b3a0"},
		"place":        {"04.081.01.07.003", "0410501201001", "Tamga"},
		"purpose":      {"for Aicha", "0612345678", "a//b"},
		"sum":          {"abc"},
		"name":         {"aicha"},
		"phone":        {"0612345678"},
	} {
		for _, v := range values {
			l := Leaf{Word: "fund.gift.receive", Day: "2026-11-22", Fields: map[string]string{name: v}}
			if b, err := l.Encode(); err == nil {
				t.Errorf("%s", b)
			}
		}
	}
	for _, day := range []string{"2026-11-22T10:00:00Z", "2026-11-31", "", "2026-1-2"} {
		if b, err := (Leaf{Word: "a.b", Day: day}).Encode(); err == nil {
			t.Errorf("%s", b)
		}
	}
	good := Leaf{Word: "fund.payment.make", Day: "2026-11-22", Fields: map[string]string{"amount": "-9223372036854775808", "asset": "lot/0190b3a0-0000-7000-8000-000000000001", "count": "46000",
		"fund": "fund/al-haouz_2023/a-1", "kind": "cash_aid", "organisation": "0190b3a0-0000-7000-8000-00000000abcd", "place": "04.081.01.07", "purpose": "education/books", "sum": strings.Repeat("ab", 32)}}
	good.Fields["fund"] = "fund/haouz"
	if len(good.Fields) != len(FieldNames()) {
		t.Errorf("leaves may say %q, and this test knows %d of them", FieldNames(), len(good.Fields))
	}
	b, err := good.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseLeaf(b)
	if err != nil || again.Fields["place"] != "04.081.01.07" {
		t.Error(again, err)
	}
}

func TestACommitmentOpensForItsOwnSaltAndBodyAlone(t *testing.T) {
	t.Parallel()
	salt := bytes.Repeat([]byte{7}, SaltSize)
	l := Leaf{Commitment: Commit(salt, []byte(`{"a":1,"b":"x"}`))}
	if !l.Opens(salt, []byte(` { "b":"x", "a":1 } `)) {
		t.Error("the same body with other spaces does not open it")
	}
	other := bytes.Clone(salt)
	other[0]++
	if l.Opens(other, []byte(`{"a":1,"b":"x"}`)) || l.Opens(salt, []byte(`{"a":2,"b":"x"}`)) || l.Opens(nil, []byte(`{"a":1,"b":"x"}`)) || l.Opens(append(salt, '{'), []byte(`"a":1,"b":"x"}`)) {
		t.Error("something else opens it")
	}
}

func TestTheTreeIsThatOfTheStandardLibraryOfLogs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		f := &fixture{T: t}
		var tree Tree
		tiles := map[Tile][]byte{}
		tree.Tile = func(level int, n int64, hashes []tlog.Hash) {
			var b []byte
			for _, h := range hashes {
				b = append(b, h[:]...)
			}
			tiles[Tile{level, n, len(hashes)}] = b
		}
		size := rapid.Int64Range(0, 1100).Draw(r, "size")
		for n := range size {
			hashes, err := tlog.StoredHashes(n, []byte{byte(n), byte(n >> 8)}, f)
			if err != nil {
				r.Fatal(err)
			}
			f.stored = append(f.stored, hashes...)
			tree.Add(hashes[0])
		}
		tree.Finish()
		want, err := tlog.TreeHash(size, f)
		if err != nil || tree.Root() != want || tree.Size() != size {
			r.Fatalf("root %v, not %v (%v)", tree.Root(), want, err)
		}
		hashTiles := 0
		for _, x := range TilesOf(size) {
			if x.Level == Entries {
				continue
			}
			hashTiles++
			if !bytes.Equal(tiles[x], f.tile(x)) || x.In(size) != x.W {
				r.Fatalf("tile %+v of %d leaves, %d of it", x, size, x.In(size))
			}
		}
		if hashTiles != len(tiles) {
			r.Fatalf("%d tiles were shown, and there are %d", len(tiles), hashTiles)
		}
	})
}

func TestTilesAreNamedAsTheStandardHasIt(t *testing.T) {
	t.Parallel()
	for tile, want := range map[Tile]string{{0, 1234067, 256}: "tile/0/x001/x234/067", {Entries, 0, 17}: "tile/entries/000.p/17", {63, 999, 1}: "tile/63/999.p/1", {1, 1000, 256}: "tile/1/x001/000"} {
		got, err := ParseTile(want)
		if tile.Path() != want || err != nil || got != tile {
			t.Errorf("%+v is %s; %s is %+v (%v)", tile, tile.Path(), want, got, err)
		}
	}
	for _, bad := range []string{"tile/64/000", "tile/00/000", "tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x000/001", "tile/0/-01", "tile/-1/000", "tile/0/000/", "tile/0/1000", "/tile/0/000", "tile/0/x99999999999999999999/000", "tile/data/000", "tile/0/+01"} {
		if x, err := ParseTile(bad); err == nil {
			t.Errorf("%s was read as %+v", bad, x)
		}
	}
	// The example of C2SP tlog-tiles, "Partial Tiles".
	if got := len(TilesOf(70_000)); got != 274+274+2+1 {
		t.Errorf("a tree of 70,000 has %d files", got)
	}
	if w := (Tile{0, 273, Width}).In(70_000); w != 112 {
		t.Error(w)
	}
	if w := (Tile{1, 1, Width}).In(70_000); w != 17 {
		t.Error(w)
	}
}

func TestOneCheckpointContinuesAnotherOrDoesNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 20).grow(90)
	for _, pair := range [][2]int64{{0, 90}, {1, 90}, {37, 64}, {64, 64}, {89, 90}} {
		var proof tlog.TreeProof
		if pair[0] > 0 {
			var err error
			if proof, err = tlog.ProveTree(pair[1], pair[0], f); err != nil {
				t.Fatal(err)
			}
		}
		a, b := f.at(pair[0]), f.at(pair[1])
		if err := Continues(a, b, proof); err != nil {
			t.Error(pair, err)
		}
		if pair[0] == 0 {
			continue
		}
		a.Root[5] ^= 1
		if Continues(a, b, proof) == nil {
			t.Error(pair, "another root is continued too")
		}
		a.Root[5] ^= 1
		if a.Origin = "log.example/other"; Continues(a, b, proof) == nil {
			t.Error(pair, "another log is continued too")
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	good, _ := Leaf{Word: "fund.gift.receive", Day: "2026-11-22", Fields: map[string]string{"amount": "5"}}.Encode()
	f.Add(good)
	f.Add([]byte(`{"v":2}`))
	f.Add(bytes.ToUpper(good))
	f.Fuzz(func(t *testing.T, in []byte) {
		l, err := ParseLeaf(in)
		if err != nil {
			return
		}
		if again, err := l.Encode(); err != nil || !bytes.Equal(again, in) {
			t.Fatalf("%q was read and is spelled %q (%v)", in, again, err)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"b":[1,"é\u2028"],"a":{}}`))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := canonicalOf(in)
		if err != nil {
			return
		}
		twice, err := canonicalOf(once)
		if err != nil || !bytes.Equal(once, twice) || !json.Valid(once) {
			t.Fatalf("%q, then %q (%v)", once, twice, err)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\nx\n0\n" + tlog.Hash{}.String() + "\n\n— x AAAAAAAA\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 73894\n" + tlog.Hash{1}.String() + "\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := ParseProof(in)
		if err == nil && !bytes.Equal(p.Marshal(), in) {
			t.Fatalf("%q", in)
		}
	})
}

func FuzzParseTile(f *testing.F) {
	f.Add("tile/0/x001/x234/067.p/5")
	f.Add("tile/entries/000")
	f.Fuzz(func(t *testing.T, in string) {
		x, err := ParseTile(in)
		if err == nil && (x.Path() != in || x.In(1<<40) < 0 || x.In(0) != 0) {
			t.Fatalf("%q is %+v", in, x)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add(AppendEntry(AppendEntry(nil, []byte("a")), nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		all, err := ParseBundle(in)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range all {
			again = AppendEntry(again, e)
		}
		if !bytes.Equal(again, in) {
			t.Fatalf("%q", in)
		}
	})
}

// FuzzOpenACheckpoint: whatever is done to a signed head, what opens says what was
// signed, and is spelled in one way.
func FuzzOpenACheckpoint(f *testing.F) {
	skey, vkey, err := note.GenerateKey(thrown(40), origin)
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		f.Fatal(err)
	}
	w := newCosigner("witness.example/a", 41)
	k, err := ReadKeys(vkey + "\n" + w.vkey())
	if err != nil {
		f.Fatal(err)
	}
	was := Checkpoint{origin, 7, tlog.Hash(sha256.Sum256(nil))}
	msg, err := note.Sign(&note.Note{Text: was.Text()}, signer, w)
	if err != nil {
		f.Fatal(err)
	}
	alone, err := note.Sign(&note.Note{Text: was.Text()}, signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(msg, w.vkey())
	f.Add(alone, vkey)
	f.Add(append(msg, alone[len(was.Text())+1:]...), "x+00000000+AA==")
	f.Fuzz(func(t *testing.T, in []byte, key string) {
		c, err := k.Open(in)
		if err == nil && (c.Checkpoint != was || !bytes.HasPrefix(in, []byte(was.Text()+"\n"))) {
			t.Fatalf("%q opened as %+v", in, c)
		}
		if _, err := ReadKeys(key); err == nil && key == "" {
			t.Fatal("nothing is a key")
		}
		if c, err := ParseText(string(in)); err == nil && c.Text() != string(in) {
			t.Fatalf("%q was read as %+v", in, c)
		}
	})
}
