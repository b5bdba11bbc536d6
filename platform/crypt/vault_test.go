package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

// store opens a database of its own for one test.
func store(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(dsn, &clock.Held{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func newRing(t testing.TB) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func open(t testing.TB, d *db.DB, r *crypt.Ring) *crypt.Vault {
	t.Helper()
	v, err := crypt.OpenVault(context.Background(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func onBoth(t *testing.T, test func(*testing.T, *db.DB, *crypt.Ring)) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) { test(t, store(t, dsn), newRing(t)) })
}

var here = crypt.At("cases_request.phone", "0192f3a4")

func TestWhatIsSealedOpensInItsPlaceToday(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v := open(t, d, r)
		for _, text := range []string{"", "x", "+212661234542", "دوار تنمل، الطريق مقطوعة", strings.Repeat("ⵣ", 5000)} {
			a, b := v.SealText(here, text), v.SealText(here, text)
			if len(text) > 3 && bytes.Contains(a, []byte(text)) {
				t.Errorf("%q is readable in %q", text, a)
			}
			if bytes.Equal(a, b) || len(a) != len(text)+33 {
				t.Errorf("%q sealed twice is %d bytes and the same: %v", text, len(a), bytes.Equal(a, b))
			}
			if got, err := v.OpenText(here, a); err != nil || got != text {
				t.Errorf("%q opens as %q, %v", text, got, err)
			}
			// Another process of the house, after a restart.
			if got, err := open(t, d, r).OpenText(here, a); err != nil || got != text {
				t.Errorf("%q opens elsewhere as %q, %v", text, got, err)
			}
		}
		if got, err := v.OpenText(here, nil); err != nil || got != "" {
			t.Errorf("an empty column opens as %q, %v", got, err)
		}
		if err := v.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAChangeOfAnyByteIsNoticed(t *testing.T) {
	t.Parallel()
	v := open(t, store(t, testkit.SQLite(t)), newRing(t))
	sealed := v.SealText(here, "+212661234542")
	for i := range sealed {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			bad := bytes.Clone(sealed)
			bad[i] ^= flip
			if got, err := v.Open(here, bad); err == nil || got != nil {
				t.Errorf("byte %d changed by %x opens as %q, %v", i, flip, got, err)
			}
		}
	}
	for n := range sealed {
		if got, err := v.Open(here, sealed[:n]); err == nil || got != nil {
			t.Errorf("the first %d bytes open as %q", n, got)
		}
	}
	if got, err := v.Open(here, append(bytes.Clone(sealed), 0)); !errors.Is(err, crypt.ErrAltered) {
		t.Errorf("with a byte more it opens as %q, %v", got, err)
	}
}

func TestWhatIsCopiedToAnotherPlaceDoesNotOpen(t *testing.T) {
	t.Parallel()
	v := open(t, store(t, testkit.SQLite(t)), newRing(t))
	sealed := v.SealText(here, "+212661234542")
	for _, place := range []string{"", crypt.At("cases_request.phone", "0192f3a5"), crypt.At("cases_request.name", "0192f3a4"), here + " "} {
		if got, err := v.Open(place, sealed); !errors.Is(err, crypt.ErrAltered) {
			t.Errorf("in %q it opens as %q, %v", place, got, err)
		}
	}
	another := open(t, store(t, testkit.SQLite(t)), newRing(t))
	if got, err := another.Open(here, sealed); !errors.Is(err, crypt.ErrUnknownKey) {
		t.Errorf("in another house it opens as %q, %v", got, err)
	}
}

func TestTheDatabaseHoldsNoKeyInTheClear(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		open(t, d, r)
		lengths := listInts(t, d, `SELECT length(wrapped) FROM crypt_key`)
		if fmt.Sprint(lengths) != "[60 60 60]" { // nonce 12, key 32, tag 16
			t.Errorf("wrapped keys of %v bytes", lengths)
		}
		other, err := crypt.FromEnv(crypt.NewMaster().Line())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := crypt.OpenVault(t.Context(), d, other); err == nil {
			t.Error("the house opened with the key of another")
		}
	})
}

func TestALostMasterKeyIsAskedForByItsName(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		open(t, d, r)
		wanted := r.Newest().ID
		other := newRing(t)
		_, err := crypt.OpenVault(t.Context(), d, other)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("locked with the master key %q", wanted)) ||
			!strings.Contains(err.Error(), other.Path()) || !strings.Contains(err.Error(), other.Newest().ID) {
			t.Errorf("said: %v", err)
		}
		fromEnv, err2 := crypt.FromEnv(crypt.NewMaster().Line())
		if err2 != nil {
			t.Fatal(err2)
		}
		if _, err = crypt.OpenVault(t.Context(), d, fromEnv); err == nil || !strings.Contains(err.Error(), "the variable") {
			t.Errorf("said: %v", err)
		}
	})
}

func TestAnotherKeyUnderTheSameNameIsNoticed(t *testing.T) {
	t.Parallel()
	d, r := store(t, testkit.SQLite(t)), newRing(t)
	open(t, d, r)
	impostor := crypt.NewMaster()
	impostor.ID = r.Newest().ID
	ring, err := crypt.FromEnv(impostor.Line())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crypt.OpenVault(t.Context(), d, ring); err == nil || !strings.Contains(err.Error(), "does not open with the master key") {
		t.Errorf("said: %v", err)
	}
}

func TestProcessesThatOpenANewHouseAtOnceShareItsKeys(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		r := newRing(t)
		if err := store(t, dsn).Migrate(t.Context(), "crypt", crypt.Files); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		vaults := make([]*crypt.Vault, 6)
		for i := range vaults {
			d := store(t, dsn)
			wg.Go(func() {
				v, err := crypt.OpenVault(context.Background(), d, r)
				if err != nil {
					t.Error(err)
				}
				vaults[i] = v
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		sealed := vaults[0].SealText(here, "one house")
		for _, v := range vaults[1:] {
			if got, err := v.OpenText(here, sealed); err != nil || got != "one house" {
				t.Errorf("%q, %v", got, err)
			}
			if !bytes.Equal(v.Index("phone", "x"), vaults[0].Index("phone", "x")) {
				t.Error("two processes index differently")
			}
		}
	})
}

func TestALostIndexKeyIsNeverReplacedInSilence(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v := open(t, d, r)
		exec(t, d, `DELETE FROM crypt_key WHERE purpose = 'index'`)
		if _, err := crypt.OpenVault(t.Context(), d, r); err == nil || !strings.Contains(err.Error(), `"index"`) {
			t.Errorf("said: %v", err)
		}
		if err := v.Check(t.Context()); err == nil {
			t.Error("the check is content")
		}
		if n := listInts(t, d, `SELECT count(*) FROM crypt_key`); n[0] != 2 {
			t.Errorf("%d keys are there", n[0])
		}
	})
}

func exec(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

func listInts(t testing.TB, d *db.DB, q string) (all []int64) {
	t.Helper()
	if err := d.Read(context.Background(), func(tx *db.Tx) (err error) { all, err = db.List(tx, db.Int, q); return err }); err != nil {
		t.Fatal(err)
	}
	return all
}

func BenchmarkSeal(b *testing.B) {
	v := open(b, store(b, testkit.SQLite(b)), newRing(b))
	plain := []byte(strings.Repeat("x", 50))
	b.ReportAllocs()
	for b.Loop() {
		v.Seal(here, plain)
	}
}

func BenchmarkOpen(b *testing.B) {
	v := open(b, store(b, testkit.SQLite(b)), newRing(b))
	sealed := v.SealText(here, strings.Repeat("x", 50))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Open(here, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	v := open(b, store(b, testkit.SQLite(b)), newRing(b))
	b.ReportAllocs()
	for b.Loop() {
		v.Index("phone", "+212661234542")
	}
}

func BenchmarkCode(b *testing.B) {
	v := open(b, store(b, testkit.SQLite(b)), newRing(b))
	b.ReportAllocs()
	for b.Loop() {
		v.Code("delivery", "0192f3a4|1", 6)
	}
}
