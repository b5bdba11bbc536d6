package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// vault is the keys of a small house.
func vault(t testing.TB) *crypt.Vault {
	t.Helper()
	d, err := db.Open("file:"+filepath.Join(t.TempDir(), "s.db"), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	ring, err := crypt.FromEnv(crypt.NewMaster().Line())
	if err != nil {
		t.Fatal(err)
	}
	v, err := crypt.OpenVault(t.Context(), d, ring)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// inbox remembers what came out.
type inbox struct {
	mu   sync.Mutex
	got  []string
	fail func(string) error
}

func (b *inbox) take(_ context.Context, x Item) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s string
	if err := json.Unmarshal(x.Body, &s); err != nil {
		return err
	}
	if b.fail != nil {
		if err := b.fail(s); err != nil {
			return err
		}
	}
	b.got = append(b.got, s)
	return nil
}

var errGone = errors.New("the store is away")

func isGone(err error) bool { return errors.Is(err, errGone) }

func open(t testing.TB, dir string, most int64, v Sealer, b *inbox) *Spool {
	t.Helper()
	s := Open(dir, most, v, clock.System{}, quiet)
	s.Take("said", b.take, nil)
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func keep(t testing.TB, s *Spool, all ...string) {
	t.Helper()
	for _, x := range all {
		if err := s.Keep("said", time.Unix(1, 0), x); err != nil {
			t.Fatal(err)
		}
	}
}

func drain(t testing.TB, s *Spool) {
	t.Helper()
	if _, err := s.Drain(t.Context(), isGone); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsKeptComesOutInTheOrderInWhichItCame(t *testing.T) {
	t.Parallel()
	var b inbox
	s := open(t, filepath.Join(t.TempDir(), "spool"), 1<<20, vault(t), &b)
	if files, _ := os.ReadDir(filepath.Dir(s.dir)); len(files) != 0 {
		t.Fatalf("a spool that nobody needs leaves %v on the disk", files)
	}
	keep(t, s, "a", "b", "c")
	drain(t, s)
	keep(t, s, "d")
	drain(t, s)
	drain(t, s)
	if got := strings.Join(b.got, ""); got != "abcd" {
		t.Fatalf("came out: %s", got)
	}
	if n, stuck := s.Waiting(); n != 0 || stuck != 0 || s.bytes.Load() != 0 {
		t.Errorf("%d wait, %d are stuck, %d bytes", n, stuck, s.bytes.Load())
	}
}

func TestAStoreThatGoesAwayInTheMiddleGetsTheRestLaterAndNothingTwice(t *testing.T) {
	t.Parallel()
	left := 2
	b := inbox{}
	b.fail = func(string) error {
		if left--; left < 0 {
			return errGone
		}
		return nil
	}
	s := open(t, t.TempDir(), 1<<20, vault(t), &b)
	keep(t, s, "a", "b", "c", "d")
	if n, err := s.Drain(t.Context(), isGone); n != 2 || !isGone(err) {
		t.Fatalf("%d went in, %v", n, err)
	}
	left = 99
	keep(t, s, "e")
	drain(t, s)
	if got := strings.Join(b.got, ""); got != "abcde" {
		t.Fatalf("came out: %s", got)
	}
}

func TestOneThatCannotBeTakenHoldsUpNobodyAndIsNeverThrownAway(t *testing.T) {
	t.Parallel()
	broken := true
	b := inbox{}
	b.fail = func(s string) error {
		if broken && s == "b" {
			return errors.New("it cannot be understood")
		}
		return nil
	}
	dir, v := t.TempDir(), vault(t)
	s := open(t, dir, 1<<20, v, &b)
	keep(t, s, "a", "b", "c")
	drain(t, s)
	if n, stuck := s.Waiting(); n != 1 || stuck != 1 {
		t.Fatalf("%d wait, %d of them stuck", n, stuck)
	}
	s.Close()
	broken = false
	drain(t, open(t, dir, 1<<20, v, &b))
	if got := strings.Join(b.got, ""); got != "acb" {
		t.Fatalf("came out: %s", got)
	}
}

func TestAProcessThatDiedLeavesItsFileToWhoeverLives(t *testing.T) {
	t.Parallel()
	dir, v := t.TempDir(), vault(t)
	var one, two inbox
	first, second := open(t, dir, 1<<20, v, &one), open(t, dir, 1<<20, v, &two)
	keep(t, first, "a", "b")
	keep(t, second, "x")
	drain(t, second)
	if got := strings.Join(two.got, ""); got != "x" {
		t.Fatalf("one process took what another holds: %s", got)
	}
	first.Close() // as the lock of a process that was killed goes with it
	drain(t, second)
	if got := strings.Join(two.got, ""); got != "xab" {
		t.Fatalf("came out: %s", got)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix)); len(files) != 1 {
		t.Errorf("files that nobody needs are left: %v", files)
	}
}

func TestTheFileTellsNothing(t *testing.T) {
	t.Parallel()
	var b inbox
	s := open(t, t.TempDir(), 1<<20, vault(t), &b)
	keep(t, s, "Fatima, +212612345678, under the fig tree")
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"+suffix))
	if len(files) != 1 {
		t.Fatal(files)
	}
	p, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Fatima", "612345678", "said", "fig"} {
		if strings.Contains(string(p), word) {
			t.Errorf("the file says %q", word)
		}
	}
	if info, _ := os.Stat(files[0]); info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
}

// cut copies a spool's only file up to a length, as a crash leaves it.
func cut(t *testing.T, dir string, length int64) (other string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	p, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	other = t.TempDir()
	if err := os.WriteFile(filepath.Join(other, filepath.Base(files[0])), p[:min(length, int64(len(p)))], 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestACrashAtAnyByteLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	dir, v := t.TempDir(), vault(t)
	var b inbox
	s := open(t, dir, 1<<20, v, &b)
	ends := []int64{int64(len(head))}
	want := []string{"a", "bb", "ccc"}
	for _, x := range want {
		keep(t, s, x)
		ends = append(ends, s.own.end)
	}
	for length := ends[0]; length <= ends[3]; length++ {
		acknowledged := 0
		for i, e := range ends[1:] {
			if length >= e {
				acknowledged = i + 1
			}
		}
		var after inbox
		again := open(t, cut(t, dir, length), 1<<20, v, &after)
		keep(t, again, "after")
		drain(t, again)
		if !slices.Equal(after.got, append(slices.Clone(want[:acknowledged]), "after")) {
			t.Fatalf("cut after %d bytes: %v", length, after.got)
		}
		again.Close()
	}
}

func TestDamageInTheMiddleCostsWhatIsDamagedAndIsTold(t *testing.T) {
	t.Parallel()
	dir, v := t.TempDir(), vault(t)
	var b inbox
	s := open(t, dir, 1<<20, v, &b)
	keep(t, s, "a")
	spot := s.own.end + frameHead + 3
	keep(t, s, "b", "c")
	s.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	f, err := os.OpenFile(files[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte{0xff, 0xfe}, spot)
	f.Close()
	s = open(t, dir, 1<<20, v, &b)
	drain(t, s)
	if got := strings.Join(b.got, ""); got != "ac" || s.Damaged() != 1 {
		t.Fatalf("came out: %s, %d damaged", got, s.Damaged())
	}
	s.Close()
	if _, err := os.Stat(files[0]); err != nil {
		t.Errorf("the damaged file is gone: %v", err)
	}
}

func TestAFullSpoolSaysSoAndTakesAgainWhenItIsEmptied(t *testing.T) {
	t.Parallel()
	var b inbox
	s := open(t, t.TempDir(), 400, vault(t), &b)
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		err = s.Keep("said", time.Unix(1, 0), "a")
	}
	if !errors.Is(err, ErrFull) || n < 2 {
		t.Fatalf("after %d: %v", n, err)
	}
	drain(t, s)
	if len(b.got) != n-1 {
		t.Fatalf("%d were acknowledged, %d came out", n-1, len(b.got))
	}
	keep(t, s, "b")
}

func TestAFullDiskIsNoAcknowledgementAndWhatWasLaidByHoldsPeople(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		testkit.Lacking(t, "a small disk cannot be made here, which takes root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	var b inbox
	s := open(t, filepath.Join(dir, "spool"), 1<<20, vault(t), &b)
	if err := s.Reserve(64 << 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "others"), make([]byte, 300<<10), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	n := 0
	var err error
	for ; n < 2000; n++ {
		if err = s.Keep("said", time.Unix(1, 0), fmt.Sprint(n, strings.Repeat("x", 500))); err != nil {
			break
		}
	}
	if n < 50 || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("%d were kept in the room laid by, then %v", n, err)
	}
	if err := os.Remove(filepath.Join(dir, "others")); err != nil {
		t.Fatal(err)
	}
	keep(t, s, "after")
	drain(t, s)
	if len(b.got) != n+1 || b.got[n] != "after" {
		t.Fatalf("%d were acknowledged, %d came out", n+1, len(b.got))
	}
}

func TestManyAtOnceShareAFlushAndAllComeOut(t *testing.T) {
	t.Parallel()
	var b inbox
	s := open(t, t.TempDir(), 8<<20, vault(t), &b)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 50 {
				if err := s.Keep("said", time.Unix(1, 0), fmt.Sprintf("%d/%03d", g, i)); err != nil {
					t.Error(err)
				}
				if rand.IntN(20) == 0 {
					s.Drain(t.Context(), isGone)
				}
			}
		})
	}
	wg.Wait()
	drain(t, s)
	last := map[string]string{}
	for _, x := range b.got {
		who, i, _ := strings.Cut(x, "/")
		if i <= last[who] {
			t.Fatalf("%s after %s", i, last[who])
		}
		last[who] = i
	}
	if len(b.got) != 800 {
		t.Errorf("%d came out", len(b.got))
	}
}

func FuzzAnyFileIsReadWithoutLosingItsWholeFrames(f *testing.F) {
	one := appendFrame(append([]byte{}, head...), entry, 1, []byte("sealed"))
	f.Add(one, []byte("rest"), uint16(3))
	f.Add(appendFrame(one, done, 1, nil), []byte{}, uint16(0))
	f.Add([]byte("TWIZA SPOOL 1\nTWZf"), mark, uint16(9))
	f.Fuzz(func(t *testing.T, p, rubbish []byte, seq uint16) {
		s, err := scan(p)
		if err == nil {
			for _, w := range s.waiting {
				if w.at < 0 || w.at+int64(w.length) > int64(len(p)) || w.length > mostEntry {
					t.Fatalf("a frame outside the file: %+v of %d", w, len(p))
				}
			}
			if s.end > int64(len(p)) {
				t.Fatalf("the end lies outside: %d of %d", s.end, len(p))
			}
		}
		// Whatever rubbish stands between two whole frames, both are found, unless
		// the rubbish itself is such a frame or swallows the second.
		whole := appendFrame(append([]byte{}, head...), entry, 1<<40, []byte("first"))
		whole = append(whole, rubbish...)
		whole = appendFrame(whole, entry, 1<<41+uint64(seq), []byte("second"))
		s, err = scan(whole)
		if err != nil {
			t.Fatal(err)
		}
		first := slices.ContainsFunc(s.waiting, func(w frame) bool { return w.seq == 1<<40 })
		second := slices.ContainsFunc(s.waiting, func(w frame) bool { return w.seq == 1<<41+uint64(seq) })
		if s.last < 1<<41 || !second || !first && len(rubbish) < frameHead {
			t.Fatalf("a whole frame was passed over: %+v", s)
		}
	})
}
