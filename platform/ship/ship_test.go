package ship

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

var shelf = fstest.MapFS{"schema/0001.sql": {Data: []byte(`CREATE TABLE shelf (
	id {{id}} NOT NULL PRIMARY KEY, at {{time}} NOT NULL, note {{text}} NOT NULL) {{table}};
`)}}

// yard is a store, a place for its copies, and both halves of the keys.
type yard struct {
	t     *testing.T
	dir   string
	store *db.DB
	place Place
	seal  *crypt.Seal
	keys  *crypt.Unseal
	said  *heard
}

type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func newKeys(t *testing.T, dir string) (*crypt.Seal, *crypt.Unseal) {
	t.Helper()
	secret, public, err := crypt.NewSeal()
	if err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(dir, "copies.secret"), filepath.Join(dir, "copies.public")
	if err := errors.Join(os.WriteFile(a, []byte(secret), 0o600), os.WriteFile(b, []byte(public), 0o600)); err != nil {
		t.Fatal(err)
	}
	keys, err1 := crypt.ReadUnseal(a)
	seal, err2 := crypt.ReadSeal(b)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return seal, keys
}

func newYard(t *testing.T, place Place) *yard {
	t.Helper()
	y := &yard{t: t, dir: t.TempDir(), place: place, said: &heard{}}
	y.seal, y.keys = newKeys(t, y.dir)
	if place == nil {
		y.place = folder{filepath.Join(y.dir, "copies")}
	}
	y.open()
	t.Cleanup(func() { y.store.Close() })
	return y
}

func (y *yard) open() {
	var err error
	if y.store, err = db.Open("file:"+filepath.Join(y.dir, "t.db"), clock.System{}); err != nil {
		y.t.Fatal(err)
	}
	if err := y.store.Migrate(context.Background(), "test", shelf); err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) config() Config {
	return Config{Place: y.place, Seal: y.seal, Dir: filepath.Join(y.dir, "ship"), Every: 10 * time.Millisecond, Coarse: 150 * time.Millisecond, Whole: 400 * time.Millisecond,
		Fine: time.Hour, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(y.said, nil))}
}

// ship begins to ship; what it gives ends it in order.
func (y *yard) ship(c Config) (*Shipper, func()) {
	s := New(y.store, c)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	var once sync.Once
	end := func() { once.Do(func() { stop(); <-done }) }
	y.t.Cleanup(end)
	return s, end
}

// acked is when each row was begun and confirmed.
type acked struct {
	mu   sync.Mutex
	rows map[string][2]time.Time
}

func (y *yard) load(a *acked) (stop func()) {
	end := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				id, begun := fmt.Sprintf("%d-%d-%x", w, i, rand.Uint64()), y.store.Now()
				if err := y.put(id); err != nil {
					y.t.Error(err)
					return
				}
				a.mu.Lock()
				a.rows[id] = [2]time.Time{begun, y.store.Now()}
				a.mu.Unlock()
			}
		})
	}
	return func() { close(end); wg.Wait() }
}

func (y *yard) put(id string) error {
	return y.store.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO shelf (id, at, note) VALUES (?1, ?2, ?3)`, id, tx.Now(), strings.Repeat("n", rand.IntN(3000)))
		return err
	})
}

// until waits for something that must come about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came about that %s", what)
		}
	}
}

func (y *yard) safe(s *Shipper, moment time.Time) {
	y.t.Helper()
	until(y.t, "everything up to now is safe", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.safe.After(moment)
	})
}

func (y *yard) restore(at time.Time) (Restored, map[string]bool) {
	y.t.Helper()
	path := filepath.Join(y.t.TempDir(), "back.db")
	r, err := Restore(context.Background(), y.place, y.keys, at, path)
	if err != nil {
		y.t.Fatal(err)
	}
	return r, y.rows(path)
}

func (y *yard) rows(path string) map[string]bool {
	y.t.Helper()
	if err := db.Sound(context.Background(), path); err != nil {
		y.t.Fatal(err)
	}
	d, err := db.Open("file:"+path, clock.System{})
	if err != nil {
		y.t.Fatal(err)
	}
	defer d.Close()
	out := map[string]bool{}
	err = d.Read(context.Background(), func(tx *db.Tx) error {
		all, err := db.List(tx, db.Text, `SELECT id FROM shelf`)
		for _, id := range all {
			out[id] = true
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return out
}

func (y *yard) files() []file {
	y.t.Helper()
	names, err := y.place.List(context.Background())
	if err != nil {
		y.t.Fatal(err)
	}
	return filesOf(names)
}

func (y *yard) kinds() map[string]int {
	y.t.Helper()
	out := map[string]int{}
	for _, f := range y.files() {
		out[f.kind]++
	}
	return out
}

func TestEveryMomentInTheMiddleOfLoadComesBackWithAllThatWasConfirmedUntilThen(t *testing.T) {
	t.Parallel()
	places(t, func(t *testing.T, p Place) {
		y := newYard(t, p)
		s, end := y.ship(y.config())
		a := &acked{rows: map[string][2]time.Time{}}
		stop := y.load(a)
		var moments []time.Time
		for range 3 {
			from, before := y.store.Now(), y.kinds()
			until(t, "half a second passes and files are shipped in it", func() bool {
				now := y.kinds()
				return y.store.Now().Sub(from) > 500*time.Millisecond && now[kindFine] > before[kindFine]+3 && now[kindCoarse] > before[kindCoarse]
			})
			moments = append(moments, y.store.Now())
		}
		until(t, "there are two whole copies", func() bool { return y.kinds()[kindWhole] > 1 })
		stop()
		y.safe(s, y.store.Now())
		end()
		all := y.files()
		if kinds := y.kinds(); kinds[kindWhole] < 2 || kinds[kindCoarse] < 3 || kinds[kindFine] < 10 {
			t.Errorf("files: %v; too few to prove anything", kinds)
		}
		for i, m := range append(moments, time.Time{}) {
			r, rows := y.restore(m)
			if !m.IsZero() && r.Moment.After(m) {
				t.Errorf("asked for %s, and got %s", m, r.Moment)
			}
			for _, f := range all { // however slow the machine is, the last step before the moment is the right one
				if f.at.After(r.Moment) && !f.at.After(m) {
					t.Errorf("asked for %s, and got %s although %s is there", m, r.Moment, f.name())
				}
			}
			in := 0
			for id, when := range a.rows {
				switch {
				case !when[1].After(r.Moment) && !rows[id]:
					t.Errorf("moment %d: %s was confirmed before and is not there", i, id)
				case i+1 < len(moments) && when[0].After(moments[i+1]) && rows[id]:
					t.Errorf("moment %d: %s was begun long after and is there", i, id)
				}
				if rows[id] {
					in++
				}
			}
			if in != len(rows) || in == 0 || m.IsZero() && in != len(a.rows) {
				t.Errorf("moment %d: %d rows, %d of them known, %d in all", i, len(rows), in, len(a.rows))
			}
		}
		if strings.Contains(y.said.String(), "sums") {
			t.Errorf("the steps did not tell the truth:\n%s", y.said)
		}
	})
}

func TestAFileThatIsMissingOrDamagedIsNamedAndNothingIsRestored(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	c := y.config()
	c.Coarse, c.Whole = time.Hour, time.Hour
	s, end := y.ship(c)
	for i := range 6 {
		if err := y.put(fmt.Sprint("row", i)); err != nil {
			t.Fatal(err)
		}
		y.safe(s, y.store.Now())
	}
	end()
	root := y.place.(folder).path
	all := y.files()
	if len(all) < 5 {
		t.Fatalf("only %d files", len(all))
	}
	for i, f := range all {
		path := filepath.Join(root, f.name())
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		back := filepath.Join(t.TempDir(), "back.db")
		try := func(how, want string) {
			_, err := Restore(t.Context(), y.place, y.keys, time.Time{}, back)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: %v", f.name(), how, err)
			}
			if _, err := os.Stat(back); err == nil {
				t.Errorf("%s %s: something was restored all the same", f.name(), how)
			}
		}
		bad := bytes.Clone(body)
		bad[len(bad)*2/3] ^= 1
		os.WriteFile(path, bad, 0o600)
		try("damaged", f.name())
		os.WriteFile(path, body[:len(body)-7], 0o600)
		try("cut short", f.name())
		os.WriteFile(path, nil, 0o600)
		try("empty", f.name())
		other := all[(i+1)%len(all)]
		swapped, _ := os.ReadFile(filepath.Join(root, other.name()))
		os.WriteFile(path, swapped, 0o600)
		try("swapped", f.name())
		if i < len(all)-1 { // the last of all leaves no trace when it is gone
			os.Remove(path)
			want := fmt.Sprintf("step %d of generation", f.first)
			if f.kind == kindWhole {
				want = "has no whole copy"
			}
			try("missing", want)
		}
		os.WriteFile(path, body, 0o600)
	}
	if _, rows := y.restore(time.Time{}); len(rows) != 6 {
		t.Errorf("with all files back, %d rows", len(rows))
	}
	_, others := newKeys(t, t.TempDir())
	back := filepath.Join(t.TempDir(), "back.db")
	if _, err := Restore(t.Context(), y.place, others, time.Time{}, back); !errors.Is(err, crypt.ErrOtherSeal) {
		t.Errorf("with other keys: %v", err)
	}
	if _, err := Restore(t.Context(), y.place, y.keys, all[0].at.Add(-time.Second), back); err == nil || !strings.Contains(err.Error(), "no copy from before") {
		t.Errorf("before the first copy: %v", err)
	}
}

func TestAPlaceThatWasAwayGetsWhatItMissed(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"500", "full", "happened", "truncated", "etag", "denied"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			sim, p, _ := simulate(t)
			y := newYard(t, p)
			c := y.config()
			s, end := y.ship(c)
			if err := y.put("before"); err != nil {
				t.Fatal(err)
			}
			y.safe(s, y.store.Now())
			s.mu.Lock()
			before, first := s.safe, time.Time{}
			s.mu.Unlock()
			sim.set(how)
			for i := range 5 {
				if err := y.put(fmt.Sprint("meanwhile", i)); err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					first = y.store.Now()
				}
			}
			until(t, "the failure is seen", func() bool { _, err := s.Lag(); return err != nil })
			s.mu.Lock()
			if s.safe.After(first) || s.safe.Before(before) {
				t.Errorf("said to be safe up to %s; up to %s was, and a row of before %s is not", s.safe, before, first)
			}
			s.mu.Unlock()
			sim.set("")
			y.safe(s, y.store.Now())
			if _, err := s.Lag(); err != nil {
				until(t, "the failure is over", func() bool { _, err := s.Lag(); return err == nil })
			}
			end()
			if _, rows := y.restore(time.Time{}); len(rows) != 6 {
				t.Errorf("%d rows came back of 6", len(rows))
			}
			if strings.Contains(y.said.String(), simSecret) {
				t.Error("the log tells the secret")
			}
		})
	}
}

func TestAFullFolderStopsNobodyAndIsFilledLater(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		testkit.Lacking(t, "this system has no /dev/full")
	}
	y := newYard(t, nil)
	s, end := y.ship(y.config())
	y.safe(s, y.store.Now())
	root := y.place.(folder).path
	full := func() bool { return os.Symlink("/dev/full", filepath.Join(root, incoming("fine-1"))) == nil }
	until(t, "the folder is full", full)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // full again and again
		for {
			select {
			case <-stop:
				return
			default:
				full()
			}
		}
	})
	rows := 0
	put := func() error { rows++; return y.put(fmt.Sprint("row", rows)) }
	until(t, "the failure is seen", func() bool { // a try may find room between two: there is always more to send
		if err := put(); err != nil {
			t.Fatal(err)
		}
		_, err := s.Lag()
		return err != nil && strings.Contains(err.Error(), "no space left")
	})
	if err := put(); err != nil {
		t.Errorf("the house stood still: %v", err)
	}
	close(stop)
	wg.Wait()
	y.safe(s, y.store.Now())
	end()
	if _, back := y.restore(time.Time{}); len(back) != rows {
		t.Errorf("%d rows came back of %d", len(back), rows)
	}
}

func TestAnEndIsTakenUpAgainWhetherOrderlyOrNot(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	c := y.config()
	c.Whole, c.Coarse = time.Hour, time.Hour
	rows := 0
	add := func() {
		if err := y.put(fmt.Sprint("row", rows)); err != nil {
			t.Fatal(err)
		}
		rows++
	}
	for range 3 {
		s, end := y.ship(c)
		add()
		y.safe(s, y.store.Now())
		end()
		if err := y.store.Close(); err != nil {
			t.Fatal(err)
		}
		y.open()
	}
	for round := range 4 { // power cuts: what is written down is of before
		s, end := y.ship(c)
		add()
		y.safe(s, y.store.Now())
		was := map[string][]byte{}
		for _, n := range []string{"sent.json", "touched"} {
			was[n], _ = os.ReadFile(filepath.Join(y.dir, "ship", n))
		}
		for range 6 { // pages come, go, and come again as they were
			add()
			if _, err := wipe(y, "row"); err != nil {
				t.Fatal(err)
			}
			y.safe(s, y.store.Now())
		}
		now, _ := os.ReadFile(filepath.Join(y.dir, "ship", "touched"))
		end()
		if round%2 == 0 { // the end wrote itself down; a crash would not have
			os.WriteFile(filepath.Join(y.dir, "ship", "sent.json"), was["sent.json"], 0o600)
			os.WriteFile(filepath.Join(y.dir, "ship", "touched"), now, 0o600)
		}
		rows = 0
		add()
	}
	s, end := y.ship(c)
	y.safe(s, y.store.Now())
	end()
	if g := generations(y.files()); len(g) != 1 {
		t.Errorf("%d generations: a start sent everything again", len(g))
	}
	if _, back := y.restore(time.Time{}); len(back) != rows {
		t.Errorf("%d rows of %d", len(back), rows)
	}
	for i, f := range y.files() { // every moment comes back, those around the crashes too
		if i%3 == 0 || f.kind != kindFine {
			y.restore(f.at)
		}
	}
	os.Remove(filepath.Join(y.dir, "ship", "sent.json"))
	s, end = y.ship(c)
	y.safe(s, y.store.Now())
	end()
	if g := generations(y.files()); len(g) != 2 {
		t.Errorf("%d generations, though nobody knows what is at the place", len(g))
	}
	if strings.Contains(y.said.String(), "sums") {
		t.Errorf("the steps did not tell the truth:\n%s", y.said)
	}
}

// wipe takes rows away again, so that pages become what they were.
func wipe(y *yard, like string) (n int64, err error) {
	err = y.store.Write(context.Background(), func(tx *db.Tx) error {
		n, err = tx.Exec(`DELETE FROM shelf WHERE id LIKE ?1`, like+"%")
		return err
	})
	return n, err
}

func TestNoCopyOutlivesItsTimeAndEveryMomentThatIsKeptHasItsFiles(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	const fine, keep = 24 * time.Hour, 7 * 24 * time.Hour
	var all []file
	add := func(g, kind string, first, last uint64, at time.Time) {
		all = append(all, file{g, kind, first, last, at})
	}
	for _, g := range []struct {
		name   string
		from   time.Time
		within time.Duration
	}{{"20260301T000000-aaaaaa", now.Add(-19 * 24 * time.Hour), 3 * 24 * time.Hour}, {"20260305T000000-bbbbbb", now.Add(-15 * 24 * time.Hour), 15 * 24 * time.Hour}} {
		coarse := uint64(1)
		for n, at := uint64(1), g.from; at.Before(g.from.Add(g.within)); n, at = n+1, at.Add(10*time.Minute) {
			if n > 1 {
				add(g.name, kindFine, n, n, at)
			}
			if n%6 == 0 {
				add(g.name, kindCoarse, coarse+1, n, at)
				coarse = n
			}
			if n%144 == 1 {
				add(g.name, kindWhole, 1, n, at)
			}
		}
	}
	names := func(fs []file) (out []string) {
		for _, f := range fs {
			out = append(out, f.name())
		}
		return out
	}
	all = filesOf(names(all))
	gone := outlived(all, now, fine, keep)
	if len(gone) == 0 {
		t.Fatal("nothing is taken away")
	}
	for cut := 0; cut <= len(gone); cut += 401 { // the taking away may end anywhere
		left := slices.DeleteFunc(slices.Clone(all), func(f file) bool { return slices.Contains(gone[:cut], f) })
		for back := time.Minute; back < keep; back += 7 * time.Hour {
			at := now.Add(-back)
			p, err := plan(left, at)
			if err != nil {
				t.Fatalf("%d taken away, %s: %v", cut, at, err)
			}
			old := at.Sub(p[len(p)-1].at)
			if old > time.Hour+10*time.Minute || back < fine && old > 10*time.Minute {
				t.Errorf("%d taken away: for %s there is only %s", cut, at, p[len(p)-1].at)
			}
		}
	}
	left := slices.DeleteFunc(slices.Clone(all), func(f file) bool { return slices.Contains(gone, f) })
	for _, f := range left {
		if f.at.Before(now.Add(-keep - 24*time.Hour)) {
			t.Errorf("%s outlived its time", f.name())
		}
	}
	if alone := all[:3]; len(outlived(alone, now.Add(9000*time.Hour), fine, keep)) > 0 {
		t.Error("the only copy of a house that stands still was taken away")
	}
}
