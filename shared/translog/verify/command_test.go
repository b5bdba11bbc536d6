package verify

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheWordsOfTheVerifierAreThereInFourLanguages(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`\{[a-z]+\}`)
	english, err := readWords("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs {
		w, err := readWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(slices.Sorted(maps.Keys(w.text)), slices.Sorted(maps.Keys(english.text))) {
			t.Errorf("%s has other keys than en", lang)
		}
		for key, text := range w.text {
			a, b := named.FindAllString(text, -1), named.FindAllString(english.text[key], -1)
			slices.Sort(a)
			slices.Sort(b)
			if lang != "zgh" && !slices.Equal(a, b) {
				t.Errorf("%s: %s names %q, and en %q", lang, key, a, b)
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
		}
		raw, err := wordFiles.ReadFile("words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]word
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		for key, x := range all {
			if x.Draft != (lang == "zgh") {
				t.Errorf("%s: %s: draft is %v", lang, key, x.Draft)
			}
		}
	}
	// Every finding of the sources has its sentence.
	for _, file := range []string{"folder.go", "judge.go", "command.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		used := regexp.MustCompile(`(?:wrong|unchecked|line|say|blame)\("([a-z_]+)"`).FindAllStringSubmatch(string(src), -1)
		for _, m := range used {
			if english.text[m[1]] == "" {
				t.Errorf("%s says %s, and no language has it", file, m[1])
			}
		}
		if len(used) == 0 {
			t.Errorf("%s finds nothing: it is written in another way now", file)
		}
	}
}

// lay writes files into a folder.
func lay(t *testing.T, files fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheCommandSaysWhatItFoundAndEndsAccordingly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 30).grow(300)
	dir := lay(t, f.publish(100))
	side := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(side, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, receipt := put("key", []byte(f.vkey+"\n")), put("a.tlog-proof", f.receipt(3, 300, true))
	closed, old := put("b.tlog-proof", f.receipt(3, 300, false)), put("old", f.sign(f.at(250)))
	run := func(args ...string) (int, string) {
		var out, complain bytes.Buffer
		code := Main(args, func(name string) string { return map[string]string{"LANG": "fr_MA.UTF-8"}[name] }, &out, &complain)
		return code, out.String() + complain.String()
	}
	for _, lang := range Langs {
		if code, said := run("--lang", lang, "--key", key, "--since", old, dir); code != Fine || !strings.Contains(said, origin) {
			t.Errorf("%s: %d\n%s", lang, code, said)
		}
	}
	if code, said := run("--key", key, receipt, closed); code != Fine || !strings.Contains(said, "عائشة") || !strings.Contains(said, "feuille") {
		t.Errorf("%d\n%s", code, said)
	}
	entries := filepath.Join(dir, "tile/entries/000")
	b, err := os.ReadFile(entries)
	if err != nil {
		t.Fatal(err)
	}
	b[50] ^= 1
	if err := os.WriteFile(entries, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run("--lang", "en", "--key", key, dir); code != Found || !strings.Contains(said, "tile/entries/000: entries were changed") {
		t.Errorf("%d\n%s", code, said)
	}
	for _, args := range [][]string{nil, {dir}, {"--key", key}, {"--key", receipt, dir}, {"--key", key, filepath.Join(dir, "nowhere")}, {"--what"}, {"--key", key, "--since", "nowhere", dir}} {
		if code, said := run(args...); code != Unfit || lines(said) == 0 {
			t.Errorf("%q ended with %d:\n%s", args, code, said)
		}
	}
}
