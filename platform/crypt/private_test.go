package crypt

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestAPrivateFileIsMadeOnceAndKeptFromOthers(t *testing.T) {
	t.Parallel()
	data, away := t.TempDir(), filepath.Join(t.TempDir(), "keys", "log.key")
	var mu sync.Mutex
	var texts []string
	var made int
	var all sync.WaitGroup
	for _, mine := range []string{"a\n", "b\n", "c\n", "d\n"} {
		all.Go(func() {
			text, created, err := OpenPrivate(away, data, "the key file", func() (string, error) { return mine, nil })
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			texts = append(texts, text)
			if created {
				made++
			}
		})
	}
	all.Wait()
	if made != 1 || strings.Join(texts, "") != strings.Repeat(texts[0], 4) {
		t.Errorf("%d made it, and they read %q", made, texts)
	}
	nothing := func() (string, error) { t.Error("a new one was asked for"); return "", nil }
	if err := os.Chmod(away, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenPrivate(away, data, "the key file", nothing); err == nil || !strings.Contains(err.Error(), "the key file") {
		t.Errorf("a file that everybody reads was taken: %v", err)
	}
	if _, _, err := OpenPrivate(filepath.Join(data, "log.key"), data, "the key file", nothing); err == nil {
		t.Error("a key beside the data was taken")
	}
}
