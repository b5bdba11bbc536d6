package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
)

var shelf = fstest.MapFS{"schema/0001.sql": {Data: []byte(`CREATE TABLE shelf (
	id {{id}} NOT NULL PRIMARY KEY, n {{int}} NOT NULL, at {{time}}, ok {{bool}}, note {{text}}) {{table}};
`)}}

// each runs a test on every engine that this machine was given.
func each(t *testing.T, fn func(*testing.T, *DB)) {
	c := &clock.Held{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	open := func(t *testing.T, dsn string) *DB {
		d, err := Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		if err := d.Migrate(t.Context(), "test", shelf); err != nil {
			t.Fatal(err)
		}
		return d
	}
	t.Run("sqlite", func(t *testing.T) { fn(t, open(t, "file:"+t.TempDir()+"/t.db")) })
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("TWIZA_TEST_PG")
		if dsn == "" {
			if os.Getenv("CI") != "" {
				t.Fatal("TWIZA_TEST_PG is not set: make test starts a PostgreSQL for the tests")
			}
			t.Skip("no PostgreSQL was given (TWIZA_TEST_PG); make test starts one")
		}
		d := open(t, dsn)
		d.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(`DELETE FROM shelf`); return err })
		fn(t, d)
		d.Write(context.Background(), func(tx *Tx) error {
			tx.Exec(`DROP TABLE shelf`)
			_, err := tx.Exec(`DELETE FROM schema_applied WHERE module = 'test'`)
			return err
		})
	})
}

func put(d *DB, name string, n int) error {
	return d.Write(context.Background(), func(t *Tx) error {
		_, err := t.Exec(`INSERT INTO shelf (id, n, at, ok, note) VALUES (?1, ?2, ?3, ?4, ?5)`, name, n, t.Now(), true, nil)
		return err
	})
}

func TestManyWritersShareAFlushAndOneFailureHarmsNoOther(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		var wg sync.WaitGroup
		errs := make([]error, 200)
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				errs[i] = d.Write(context.Background(), func(tx *Tx) error {
					if _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES (?1, ?2)`, fmt.Sprint(i), i); err != nil {
						return err
					}
					switch {
					case i%10 == 3:
						return fault.New(fault.Invalid, "test.no")
					case i%10 == 7:
						panic("a bug")
					}
					return nil
				})
			}()
		}
		wg.Wait()
		var kept []int64
		d.Read(t.Context(), func(tx *Tx) (err error) {
			kept, err = List(tx, Int, `SELECT n FROM shelf ORDER BY n`)
			return err
		})
		if len(kept) != 160 {
			t.Fatalf("kept %d of 160", len(kept))
		}
		for i, err := range errs {
			if bad := i%10 == 3 || i%10 == 7; bad != (err != nil) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

func TestADuplicateIsAFaultAndMissingIsAFault(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		if err := errors.Join(put(d, "a", 1), put(d, "b", 2)); err != nil {
			t.Fatal(err)
		}
		if err := put(d, "a", 3); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a duplicate gave %v", err)
		}
		d.Read(t.Context(), func(tx *Tx) error {
			if _, err := One(tx, Int, `SELECT n FROM shelf WHERE id = ?1`, "zz"); fault.KindOf(err) != fault.Missing {
				t.Errorf("nothing gave %v", err)
			}
			return nil
		})
	})
}

func TestAMomentAndNothingComeBackAsTheyWent(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		if err := put(d, "a", 1); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(tx *Tx) error {
			_, err := One(tx, func(r Row) (any, error) {
				var at time.Time
				var ok bool
				var note string
				err := r.Scan(Time(&at), Opt(&ok), Opt(&note))
				if !at.Equal(d.Now()) || !ok || note != "" {
					t.Errorf("got %v %v %q", at, ok, note)
				}
				return nil, err
			}, `SELECT at, ok, note FROM shelf WHERE id = ?1 AND (?2 = '' OR id = ?2)`, "a", "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnEditedMigrationIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		changed := fstest.MapFS{"schema/0001.sql": {Data: append([]byte("-- edited\n"), shelf["schema/0001.sql"].Data...)}}
		if err := d.Migrate(t.Context(), "test", shelf); err != nil {
			t.Error("twice is once:", err)
		}
		if err := d.Migrate(t.Context(), "test", changed); err == nil {
			t.Error("a migration was edited after it was applied, and nobody said so")
		}
	})
}

func TestAnAskerWhoLeavesBeforeTheBeginningLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Write(ctx, func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES ('x', 1)`); return err }); err == nil {
			t.Fatal("written for nobody")
		}
		d.Read(t.Context(), func(tx *Tx) error {
			if there, _ := Has(tx, `SELECT 1 FROM shelf`); there {
				t.Error("something was left")
			}
			return nil
		})
	})
}

func TestAStoreThatIsClosedIsOneFile(t *testing.T) {
	file := t.TempDir() + "/t.db"
	d, err := Open("file:"+file, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Migrate(t.Context(), "test", shelf), put(d, "a", 1)); err != nil {
		t.Fatal(err)
	}
	err = d.Read(t.Context(), func(tx *Tx) error { _, err := List(tx, Int, `SELECT n FROM shelf`); return err })
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the write-ahead log is still there (%v): who copies the file alone copies less than everything", err)
	}
}

func TestABackupOpensAndADamagedOneIsNoticed(t *testing.T) {
	d, err := Open("file:"+t.TempDir()+"/t.db", clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context(), "test", shelf); err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		put(d, fmt.Sprint(i), i)
	}
	to := t.TempDir() + "/copy.db"
	if err := d.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(to)
	for i := 4096; i < 8192; i++ {
		b[i] ^= 0x5a
	}
	os.WriteFile(to, b, 0o600)
	if err := Sound(t.Context(), to); err == nil {
		t.Error("a damaged copy passed")
	}
}

func TestAnArgumentGoesWhereItsNumberSays(t *testing.T) {
	for q, want := range map[string]string{
		"INSERT INTO a VALUES (?1, ?2, ?3)":          "INSERT INTO a VALUES (?, ?, ?)",
		"SELECT '?9' FROM a WHERE b = ?1 AND c = ?2": "SELECT '?9' FROM a WHERE b = ? AND c = ?",
		"SELECT ?2, ?1":  "SELECT ?2, ?1",
		"SELECT ?1, ?1":  "SELECT ?1, ?1",
		"SELECT ?1, ?12": "SELECT ?1, ?12",
		"SELECT ?, ?1":   "SELECT ?, ?1",
		"SELECT 1":       "SELECT 1",
	} {
		if got := unnumbered(q); got != want {
			t.Errorf("%s became %s", q, got)
		}
	}
	each(t, func(t *testing.T, d *DB) {
		if err := put(d, "a", 7); err != nil {
			t.Fatal(err)
		}
		d.Read(t.Context(), func(tx *Tx) error {
			for _, q := range []string{`SELECT n FROM shelf WHERE id = ?1 AND n = ?2`, `SELECT n FROM shelf WHERE n = ?2 AND id = ?1 AND id = ?1`} {
				if n, err := One(tx, Int, q, "a", 7); err != nil || n != 7 {
					t.Error(q, n, err)
				}
			}
			return nil
		})
	})
}

func TestAUnitThatFailsHalfWayTakesBackItsOwnWorkAndNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		// One unit holds the writer until the others wait, so that they go together.
		hold, held := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			d.Write(context.Background(), func(tx *Tx) error { close(held); <-hold; return nil })
		})
		<-held
		errs, runs := make([]error, 30), make([]int, 30)
		for i := range errs {
			wg.Go(func() {
				errs[i] = d.Write(context.Background(), func(tx *Tx) error {
					runs[i]++
					if i%3 == 1 { // fails before it has written anything
						return fault.New(fault.Conflict, "test.early")
					}
					if _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES (?1, ?2)`, fmt.Sprint(i), i); err != nil {
						return err
					}
					if _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES (?1, ?2)`, fmt.Sprint(i, "b"), i); err != nil {
						return err
					}
					if i%10 == 0 {
						return fault.New(fault.Conflict, "test.late")
					}
					return nil
				})
			})
		}
		time.Sleep(20 * time.Millisecond)
		close(hold)
		wg.Wait()
		d.Read(t.Context(), func(tx *Tx) error {
			for i := range errs {
				n, err := One(tx, Int, `SELECT COUNT(*) FROM shelf WHERE n = ?1`, i)
				bad := i%3 == 1 || i%10 == 0
				if want := map[bool]int64{false: 2, true: 0}[bad]; n != want || bad != (errs[i] != nil) {
					t.Errorf("%d: %d rows, %v, %v", i, n, errs[i], err)
				}
				if runs[i] > 2 {
					t.Errorf("%d was run %d times", i, runs[i])
				}
			}
			return nil
		})
	})
}

func TestAStatementThatBrokeARuleLeavesTheRestOfItsUnit(t *testing.T) {
	d, err := Open("file:"+t.TempDir()+"/t.db", clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := errors.Join(d.Migrate(t.Context(), "test", shelf), put(d, "a", 1)); err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES ('b', 2)`); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES ('a', 2)`); fault.KindOf(err) != fault.Conflict {
			t.Errorf("twice gave %v", err)
		}
		_, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES ('c', 2)`)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	d.Read(t.Context(), func(tx *Tx) error {
		if n, _ := One(tx, Int, `SELECT COUNT(*) FROM shelf WHERE n = 2`); n != 2 {
			t.Errorf("%d rows of the unit were kept", n)
		}
		return nil
	})
}

func TestAFullDiskKeepsNothingOfAUnitThatWentOn(t *testing.T) {
	d, err := Open("file:"+t.TempDir()+"/t.db", clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := errors.Join(d.Migrate(t.Context(), "test", shelf), put(d, "a", 1)); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *Tx) error { _, err := List(tx, Int, `PRAGMA max_page_count = 40`); return err }); err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`INSERT INTO shelf (id, n, note) VALUES ('big', 2, ?1)`, strings.Repeat("x", 1<<20)); err == nil {
			t.Error("a mebibyte fitted into forty pages")
		}
		tx.Exec(`INSERT INTO shelf (id, n) VALUES ('after', 3)`) // by itself, it would be kept
		return nil
	})
	if err == nil {
		t.Error("the unit was told that it was kept")
	}
	if err := put(d, "b", 4); err != nil {
		t.Error("what is small still fits:", err)
	}
	d.Read(t.Context(), func(tx *Tx) error {
		if all, _ := List(tx, Int, `SELECT n FROM shelf ORDER BY n`); fmt.Sprint(all) != "[1 4]" {
			t.Errorf("kept %v", all)
		}
		return nil
	})
}

func TestAnAddressMaySayHowLongTheStoreMaySayNothing(t *testing.T) {
	for dsn, want := range map[string]time.Duration{
		"postgres://a@127.0.0.1:5/b":                                                      hangs,
		"postgres://a@127.0.0.1:5/b?options=-c%20twiza.hangs%3D20s":                       20 * time.Second,
		"postgres://a@127.0.0.1:5/b?options=-c%20search_path%3Dx%20-c%20twiza.hangs%3D1m": time.Minute,
		"postgres://a@127.0.0.1:5/b?options=-c%20twiza.hangs%3Dsoon":                      hangs,
		"postgres://a@127.0.0.1:5/b?options=-c%20twiza.hangs%3D-2s":                       hangs,
		"::": hangs,
	} {
		if got := hangsBy(dsn); got != want {
			t.Errorf("%s: %v", dsn, got)
		}
	}
}
