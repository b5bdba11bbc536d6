package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

func TestKeysTurnWhileEightPeopleWork(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v, other := open(t, d, r), open(t, d, r)
		phone := v.Index("phone", "+212661234542")
		code := v.Code("delivery", "case|1", 6)
		first := v.SealText(here, "before everything")

		var stop atomic.Bool
		var opened atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				at := crypt.At("cases_request.name", fmt.Sprint(i))
				kept := [][]byte{v.SealText(at, "0")}
				for n := 1; !stop.Load() || n < 50; n++ {
					if n%64 == 0 {
						time.Sleep(time.Millisecond)
					}
					kept = append(kept, v.SealText(at, fmt.Sprint(n)))
					k := n / 2
					for _, who := range []*crypt.Vault{v, other} {
						if got, err := who.OpenText(at, kept[k]); err != nil || got != fmt.Sprint(k) {
							t.Errorf("%d opens as %q, %v", k, got, err)
							return
						}
						opened.Add(1)
					}
					if !bytes.Equal(v.Index("phone", "+212661234542"), phone) || v.Code("delivery", "case|1", 6) != code {
						t.Error("what must not change has changed")
						return
					}
				}
			})
		}
		for range 4 {
			if err := v.RotateField(t.Context()); err != nil {
				t.Error(err)
			}
			if err := other.RotateMaster(t.Context(), crypt.NewMaster()); err != nil {
				t.Error(err)
			}
		}
		stop.Store(true)
		wg.Wait()

		if got, err := other.OpenText(here, first); err != nil || got != "before everything" {
			t.Errorf("the first text opens as %q, %v", got, err)
		}
		if !v.Stale(first) || v.Stale(v.SealText(here, "x")) {
			t.Error("old and new cannot be told apart")
		}
		now, err := crypt.LoadRing(r.Path())
		if err != nil || len(now.IDs()) != 5 {
			t.Fatalf("the file has %v, %v", now.IDs(), err)
		}
		again := open(t, d, now)
		if got, err := again.OpenText(here, first); err != nil || got != "before everything" || !bytes.Equal(again.Index("phone", "+212661234542"), phone) {
			t.Errorf("after a restart it opens as %q, %v", got, err)
		}
		t.Logf("%d texts opened meanwhile", opened.Load())
	})
}

func TestANewMasterKeyIsEnoughAndTheOldOneIsNot(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v := open(t, d, r)
		sealed := v.SealText(here, "kept")
		k := crypt.NewMaster()
		for range 2 { // done twice is done once
			if err := v.RotateMaster(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		fresh, err := crypt.FromEnv(k.Line())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := open(t, d, fresh).OpenText(here, sealed); err != nil || got != "kept" {
			t.Errorf("with the new key alone: %q, %v", got, err)
		}
		stale, err := crypt.FromEnv(r.Newest().Line())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := crypt.OpenVault(t.Context(), d, stale); err == nil || !strings.Contains(err.Error(), k.ID) {
			t.Errorf("with the old key alone: %v", err)
		}
	})
}

func TestTwoRotationsAtOnceLoseNoKey(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		r := newRing(t)
		var wg sync.WaitGroup
		var sealed []byte
		for i := range 4 {
			v := open(t, store(t, dsn), r)
			if i == 0 {
				sealed = v.SealText(here, "kept")
			}
			wg.Go(func() {
				if err := v.RotateMaster(context.Background(), crypt.NewMaster()); err != nil {
					t.Error(err)
				}
				if err := v.RotateField(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		now, err := crypt.LoadRing(r.Path())
		if err != nil || len(now.IDs()) != 5 {
			t.Fatalf("the file has %v, %v", now.IDs(), err)
		}
		if got, err := open(t, store(t, dsn), now).OpenText(here, sealed); err != nil || got != "kept" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// As with a variable, or after a stop between the file and the database.
func TestAStartWithANewKeyOnTopIsARotation(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, _ *crypt.Ring) {
		old, fresh := crypt.NewMaster(), crypt.NewMaster()
		ring := func(keys ...crypt.MasterKey) *crypt.Ring {
			var lines []string
			for _, k := range keys {
				lines = append(lines, k.Line())
			}
			r, err := crypt.FromEnv(strings.Join(lines, ","))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		v := open(t, d, ring(old))
		sealed := v.SealText(here, "kept")
		if err := v.RotateMaster(t.Context(), fresh); err == nil || !strings.Contains(err.Error(), "variable") {
			t.Errorf("a variable was changed from inside: %v", err)
		}
		open(t, d, ring(fresh, old))
		if got, err := open(t, d, ring(fresh)).OpenText(here, sealed); err != nil || got != "kept" {
			t.Errorf("%q, %v", got, err)
		}
		// The process that runs with the old ring goes on.
		if got, err := v.OpenText(here, sealed); err != nil || got != "kept" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestAKeyMadeElsewhereIsTakenIntoUseAndALieIsLookedUpOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v, other := open(t, d, r), open(t, d, r)
		before := v.SealText(here, "before")
		if err := other.RotateMaster(t.Context(), crypt.NewMaster()); err != nil {
			t.Fatal(err)
		}
		if err := other.RotateField(t.Context()); err != nil {
			t.Fatal(err)
		}
		sealed := other.SealText(here, "news") // by a field key under a master key, both unknown to v
		if got, err := v.OpenText(here, sealed); err != nil || got != "news" {
			t.Fatalf("%q, %v", got, err)
		}
		if v.Stale(sealed) || !v.Stale(before) {
			t.Error("the new key is not in use")
		}

		lie := bytes.Clone(sealed)
		lie[1] ^= 0xff
		if _, err := v.Open(here, lie); !errors.Is(err, crypt.ErrUnknownKey) {
			t.Errorf("a key that is not there: %v", err)
		}
		d.Close() // whoever still asks the database now gets another error
		if _, err := v.Open(here, lie); !errors.Is(err, crypt.ErrUnknownKey) {
			t.Errorf("it was looked up again: %v", err)
		}
		lie[2] ^= 0xff
		if _, err := v.Open(here, lie); err == nil || errors.Is(err, crypt.ErrUnknownKey) {
			t.Errorf("an outage is told as a missing key: %v", err)
		}
	})
}

func TestARotationDoesNotLockOutWhoeverIsWriting(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v, other := open(t, d, r), open(t, d, r)
		if err := other.RotateField(t.Context()); err != nil {
			t.Fatal(err)
		}
		sealed := other.SealText(here, "news")
		done := make(chan error, 2)
		err := d.Write(t.Context(), func(*db.Tx) error {
			go func() { done <- v.RotateMaster(context.Background(), crypt.NewMaster()) }()
			time.Sleep(20 * time.Millisecond) // it waits to write by now
			_, err := v.Open(here, sealed)    // and this has to look for a key
			done <- err
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("they wait for each other")
			}
		}
	})
}

func TestNoDataKeyIsBornUnderAMasterKeyThatIsGone(t *testing.T) {
	t.Parallel()
	d, r := store(t, testkit.SQLite(t)), newRing(t)
	v := open(t, d, r)
	if err := os.Remove(r.Path()); err != nil {
		t.Fatal(err)
	}
	if err := v.RotateField(t.Context()); err == nil {
		t.Error("a field key was made under a master key that no file has")
	}
	if got, err := v.OpenText(here, v.SealText(here, "work goes on")); err != nil || got != "work goes on" {
		t.Errorf("%q, %v", got, err)
	}
	if n := listInts(t, d, `SELECT count(*) FROM crypt_key`); n[0] != 3 {
		t.Errorf("%d keys are there", n[0])
	}
}
