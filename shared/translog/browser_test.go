package translog

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/twiza/twiza/shared/translog/verify"
	"github.com/twiza/twiza/testkit"
)

// verdict is what a verifier says of public files: what is wrong by name and file, what
// it could not look at, how much it looked at, and what the leaves add up to.
type verdict struct {
	Wrong, Unchecked             []string
	Leaves, Tiles, Older, Proofs int64
	Totals                       string
}

// askBrowser has the script of the page judge files that it holds, some of which are
// replaced or (with null) missing.
const askBrowser = `(async (changed, since) => {
	const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0)), all = new Map(Object.entries(window.files));
	for (const [name, body] of Object.entries(changed)) if (body === null) all.delete(name); else all.set(name, body);
	const keys = await LogVerify.readKeys(window.keyText);
	const r = await LogVerify.folder({ names: () => [...all.keys()], read: async name => all.has(name) ? bytes(all.get(name)) : null }, keys, window.forms, since.map(bytes));
	const say = f => f.key + ' ' + f.file;
	return { Wrong: r.wrong.map(say), Unchecked: r.unchecked.map(say), Leaves: r.leaves, Tiles: r.tiles, Older: r.older, Proofs: r.proofs, Totals: r.totals.map(t => [t.word, t.kind, t.asset, t.leaves, t.amount].join()).join(' ') };
})(%s, %s)`

// judgeOf is what this package's own verifier says.
func judgeOf(t *testing.T, files fs.FS, k *verify.Keys, since ...[]byte) (v verdict) {
	t.Helper()
	r, err := verify.Folder(files, k, verify.Options{Since: since})
	if err != nil {
		t.Fatal(err)
	}
	v = verdict{Leaves: r.Leaves, Tiles: int64(r.Tiles), Older: int64(r.Older), Proofs: int64(r.Proofs)}
	for _, f := range r.Wrong {
		v.Wrong = append(v.Wrong, f.Key+" "+f.File)
	}
	for _, f := range r.Unchecked {
		v.Unchecked = append(v.Unchecked, f.Key+" "+f.File)
	}
	for i, x := range r.Totals.Rows() {
		if i > 0 {
			v.Totals += " "
		}
		v.Totals += fmt.Sprintf("%s,%s,%s,%d,%s", x.Word, x.Kind, x.Asset, x.Leaves, x.Amount)
	}
	return v
}

func (v *verdict) sort() {
	slices.Sort(v.Wrong)
	slices.Sort(v.Unchecked)
}

func (v verdict) same(o verdict) bool {
	v.sort()
	o.sort()
	return slices.Equal(v.Wrong, o.Wrong) && slices.Equal(v.Unchecked, o.Unchecked) && v.Leaves == o.Leaves && v.Tiles == o.Tiles && v.Older == o.Older && v.Proofs == o.Proofs && v.Totals == o.Totals
}

// published writes a log of 600 leaves as it is at several moments, a witness, receipts
// and an erased one among it.
func (s *scene) published() (files fstest.MapFS, keyText string) {
	s.Helper()
	dir := s.TempDir()
	var lid LeafID
	for _, till := range []int{1, 200, 300, 600} {
		from := map[int]int{1: 0, 200: 1, 300: 200, 600: 300}[till]
		for n := from; n < till; n++ {
			lid = s.gave(n)
		}
		s.integrate()
		if err := s.Export(s.Context(), dir); err != nil {
			s.Fatal(err)
		}
		head, err := s.Checkpoint(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		name := filepath.Join(dir, verify.OlderFolder, fmt.Sprint(till))
		if till < 600 {
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				s.Fatal(err)
			}
			if err := os.WriteFile(name, head, 0o600); err != nil {
				s.Fatal(err)
			}
		}
	}
	own, err := s.Receipt(s.Context(), lid, giftOf(599))
	if err != nil {
		s.Fatal(err)
	}
	other, err := s.Proof(s.Context(), 7)
	if err != nil {
		s.Fatal(err)
	}
	files = fstest.MapFS{"mine" + verify.ProofSuffix: {Data: own}, "7" + verify.ProofSuffix: {Data: other}, "notes.txt": {Data: []byte("not of the log")}}
	if err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = &fstest.MapFile{Data: body}
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return files, s.public
}

// The script of the page is another verifier of the same files: whatever byte changes,
// it says what the program says.
func TestTheBrowserFindsWhatTheProgramFinds(t *testing.T) {
	testkit.Long(t, "it asks Chromium about many changed logs")
	t.Parallel()
	b := testkit.Chromium(t)
	s := newScene(t, model.SQLite(t))
	files, keyText := s.published()
	b.Open(sitting(t))
	held := map[string]string{}
	for name, f := range files {
		held[name] = base64.StdEncoding.EncodeToString(f.Data)
	}
	testkit.Eval[bool](b, fmt.Sprintf(`Object.assign(window, { files: %s, forms: %s, keyText: %s }), true`, asJSON(t, held), asJSON(t, verify.Forms()), asJSON(t, keyText)))
	keys := s.keysOf()
	compare := func(what string, changed map[string][]byte, since ...[]byte) verdict {
		t.Helper()
		now := maps.Clone(files)
		sent := map[string]*string{}
		for name, body := range changed {
			if body == nil {
				delete(now, name)
				sent[name] = nil
				continue
			}
			now[name] = &fstest.MapFile{Data: body}
			text := base64.StdEncoding.EncodeToString(body)
			sent[name] = &text
		}
		old := []string{}
		for _, o := range since {
			old = append(old, base64.StdEncoding.EncodeToString(o))
		}
		want := judgeOf(t, now, keys, since...)
		got := testkit.Eval[verdict](b, fmt.Sprintf(askBrowser, asJSON(t, sent), asJSON(t, old)))
		if !got.same(want) {
			t.Errorf("%s: the browser says\n%+v\nand the program\n%+v", what, got, want)
		}
		return got
	}
	early := files[verify.OlderFolder+"/200"].Data
	if v := compare("as it is", nil, early); len(v.Wrong) > 0 || v.Leaves != 600 || v.Older != 4 || v.Proofs != 2 || v.Tiles < 9 {
		t.Fatalf("%+v", v)
	}
	names := slices.Sorted(maps.Keys(files))
	dice := rand.New(rand.NewPCG(7, 11))
	found := 0
	for n := range testkit.Size(60, 2000) {
		name := names[dice.IntN(len(names))]
		body := slices.Clone(files[name].Data)
		at := dice.IntN(len(body))
		body[at] ^= 1 << dice.IntN(8)
		if v := compare(fmt.Sprintf("change %d, byte %d of %s", n, at, name), map[string][]byte{name: body}); len(v.Wrong) > 0 {
			found++
		} else if name != "notes.txt" {
			t.Errorf("byte %d of %s was changed and nobody noticed", at, name)
		}
	}
	if found == 0 {
		t.Error("no change was found")
	}
	for _, name := range names {
		compare("without "+name, map[string][]byte{name: nil})
	}
	tile, bundle := verify.Tile{Level: 0, N: 0, W: 256}.Path(), verify.Tile{Level: verify.Entries, N: 0, W: 256}.Path()
	hashes, entries := slices.Clone(files[tile].Data), slices.Clone(files[bundle].Data)
	hashes[40] ^= 1
	entries[90] ^= 1
	compare("both trees", map[string][]byte{tile: hashes, bundle: entries})
	compare("cut", map[string][]byte{verify.CheckpointFile: early}, files[verify.CheckpointFile].Data)
	compare("an empty bundle", map[string][]byte{bundle: {}})
	compare("an empty tile", map[string][]byte{tile: {}})
	compare("a misnamed head", map[string][]byte{verify.OlderFolder + "/5": early})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// sitting is a page with the verifier on it and nothing else.
func sitting(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "..", "platform", "ui", "assets", "log-verify.js"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/log-verify.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(script)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><title>t</title><link rel="icon" href="data:,"><script src="/log-verify.js"></script><h1>t</h1>`)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}
