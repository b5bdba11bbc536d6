package ship

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// places is every kind of place: a folder, the simulator, and a real store when
// TWIZA_TEST_S3 names one (its keys in TWIZA_S3_ACCESS_KEY and TWIZA_S3_SECRET_KEY).
func places(t *testing.T, test func(t *testing.T, p Place)) {
	t.Run("folder", func(t *testing.T) {
		p, err := At(filepath.Join(t.TempDir(), "copies"), nil)
		if err != nil {
			t.Fatal(err)
		}
		test(t, p)
	})
	t.Run("simulator", func(t *testing.T) {
		_, p, _ := simulate(t)
		test(t, p)
	})
	if where := os.Getenv("TWIZA_TEST_S3"); where != "" {
		t.Run("real", func(t *testing.T) {
			p, err := At(where, os.Getenv)
			if err != nil {
				t.Fatal(err)
			}
			test(t, p)
		})
	}
}

func put(p Place, name string, body []byte) error {
	return p.Put(context.Background(), name, bytes.NewReader(body), int64(len(body)))
}

func TestEveryPlaceKeepsListsAndForgetsFiles(t *testing.T) {
	t.Parallel()
	places(t, func(t *testing.T, p Place) {
		ctx := t.Context()
		large := bytes.Repeat([]byte("0123456789abcdef"), part/16+1000) // in several pieces
		kept := map[string][]byte{"a/large": large, "a/empty": {}}
		for _, n := range []string{"a/1", "a/2", "b/1", "b/2", "b/3", "b/4", "b/5"} {
			kept[n] = []byte("this is " + n)
		}
		for n, body := range kept {
			if err := put(p, n, body); err != nil {
				t.Fatalf("%s: %v", n, err)
			}
		}
		if err := put(p, "a/1", []byte("again")); err != nil {
			t.Fatal(err)
		}
		kept["a/1"] = []byte("again")
		names, err := p.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != "a/1 a/2 a/empty a/large b/1 b/2 b/3 b/4 b/5" {
			t.Errorf("listed %s", got)
		}
		for n, body := range kept {
			r, err := p.Get(ctx, n)
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			got, err := io.ReadAll(r)
			r.Close()
			if err != nil || !bytes.Equal(got, body) {
				t.Errorf("%s: %d bytes came back of %d: %v", n, len(got), len(body), err)
			}
			if err := p.Remove(ctx, n); err != nil {
				t.Errorf("removing %s: %v", n, err)
			}
		}
		if err := p.Remove(ctx, "a/1"); err != nil {
			t.Errorf("removing what is gone: %v", err)
		}
		if names, err := p.List(ctx); err != nil || len(names) > 0 {
			t.Errorf("left: %v, %v", names, err)
		}
		if r, err := p.Get(ctx, "a/1"); err == nil {
			if _, err := io.ReadAll(r); err == nil {
				t.Error("what was removed can be read")
			}
		}
	})
}

func TestAPlaceThatFailsNeverSaysThatItKeptSomething(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"500", "denied", "full", "timeout", "truncated", "etag", "happened"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s, p, _ := simulate(t)
			s.set(how)
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			body := []byte(strings.Repeat("sealed", 100))
			if err := p.Put(ctx, "a/1", bytes.NewReader(body), int64(len(body))); err == nil {
				t.Error("it was told to be safe")
			} else if strings.Contains(err.Error(), simSecret) {
				t.Error("the error tells the secret")
			}
			s.set("")
			if err := put(p, "a/1", body); err != nil {
				t.Errorf("once the place is well again: %v", err)
			}
		})
	}
}

func TestAPlaceThatDoesNotKnowTheKeysIsDenied(t *testing.T) {
	t.Parallel()
	s, p, _ := simulate(t)
	s.secret = "another"
	if err := put(p, "a/1", []byte("x")); err == nil {
		t.Error("a signature was taken that is wrong")
	}
}

func TestAnAddressWithKeysInItIsRefused(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"s3://user:pass@bucket/x?endpoint=https://h", "s3://bucket/x?endpoint=" + url.QueryEscape("https://user:pass@h"), "s3://bucket", "ftp://bucket/x"} {
		if _, err := At(where, simKeys); err == nil || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", where, err)
		}
	}
	if _, err := At("s3://bucket/x?endpoint=https://h", func(string) string { return "" }); err == nil {
		t.Error("a store without keys was taken")
	}
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = A\naws_secret_access_key = B=C\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a, s, err := credentialsFor(file, func(string) string { return "" }); err != nil || a != "A" || s != "B=C" {
		t.Errorf("read %q, %q, %v", a, s, err)
	}
}
