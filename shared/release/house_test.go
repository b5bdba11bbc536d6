package release

import (
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

// world is a press over an empty store, with the clock held, and what there is
// to be counted.
type world struct {
	*Press
	t     *testing.T
	clock *clock.Held
	facts map[string]map[string]Fact // by kind and number
}

// engines runs a test on both databases.
func engines(t *testing.T, fn func(w *world)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { fn(open(t, "file:"+filepath.Join(t.TempDir(), "house.db"))) })
	t.Run("postgres", func(t *testing.T) { fn(open(t, testkit.Postgres(t))) })
}

func open(t *testing.T, dsn string) *world {
	t.Helper()
	c := &clock.Held{At: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	store, err := db.Open(dsn, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, m := range []struct {
		name  string
		files fs.FS
	}{{"jobs", jobs.Files}, {"deed", deed.Files}, {"release", Files}} {
		if err := store.Migrate(t.Context(), m.name, m.files); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, clock: c, facts: map[string]map[string]Fact{Asked: {}, Reached: {}}}
	w.Press = w.another(store)
	return w
}

// another is one more process over the same store.
func (w *world) another(store *db.DB) *Press {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p, err := New(deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter()), gazetteer(w.t, "tamurt"), Rules{Floor: 5, Wait: 72 * time.Hour, Every: time.Hour})
	if err != nil {
		w.t.Fatal(err)
	}
	from := func(kind string) Source {
		return func(t *db.Tx, since time.Time, each func(Fact)) error {
			for _, f := range w.facts[kind] {
				each(f)
			}
			return nil
		}
	}
	p.Count(Kind{Name: Asked, Tell: 20, Dims: []Dim{{"need", []string{"water", "food", "shelter", "medicine"}}}}, from(Asked))
	p.Count(Kind{Name: Reached, After: Asked, Tell: 10, Dims: []Dim{{"by", []string{"state", "association"}}}}, from(Reached))
	return p
}

// ask adds n requests of a place, from the number first on.
func (w *world) ask(place, need string, first, n int) {
	for i := range n {
		id := place + "/" + strconv.Itoa(first+i)
		w.facts[Asked][id] = Fact{ID: id, Place: place, At: w.clock.Now(), People: 3, Tags: map[string]string{"need": need}}
	}
}

func (w *world) reach(place, by string, first, n int) {
	for i := range n {
		id := place + "/" + strconv.Itoa(first+i)
		w.facts[Reached][id] = Fact{ID: id, At: w.clock.Now(), Tags: map[string]string{"by": by}}
	}
}

func (w *world) publish() (n int) {
	w.t.Helper()
	n, err := w.Publish(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// sheet is all that was published of a kind.
func (w *world) sheet(kind string) (s *Sheet) {
	w.t.Helper()
	w.read(func(t *db.Tx) (err error) { s, err = w.Sheet(t, kind, time.Time{}, time.Time{}); return err })
	return s
}

func (w *world) read(fn func(*db.Tx) error) {
	w.t.Helper()
	if err := w.h.DB.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) split(kind, dim, within string) (out []Cell) {
	w.t.Helper()
	s := w.sheet(kind)
	w.read(func(t *db.Tx) error {
		x, err := w.Table(t, s, dim)
		out = x.At(within)
		return err
	})
	return out
}

// settle asks every invariant.
func (w *world) settle() {
	w.t.Helper()
	for _, c := range checks() {
		w.read(func(t *db.Tx) error {
			bad, err := c.Find(t)
			for _, b := range bad {
				w.t.Errorf("not so: %s: %s", c.Name, b)
			}
			return err
		})
	}
}

func (w *world) is(s *Sheet, place string, want int) {
	w.t.Helper()
	if got := s.At(place).N; got != want {
		w.t.Errorf("%s of %q: %d, not %d", s.Kind, place, got, want)
	}
}
