package testkit

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(dsn, "postgres://") {
		driver = "pgx"
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func must(t testing.TB, pool *sql.DB, statement string) {
	t.Helper()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t testing.TB, pool *sql.DB, table string) (n int) {
	t.Helper()
	if err := pool.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachTestHasAnEmptyStoreOfItsOwnOnBothDatabases(t *testing.T) {
	t.Parallel()
	for range 2 { // the second round would meet the first one's table
		Engines(t, func(t *testing.T, dsn string) {
			pool := open(t, dsn)
			must(t, pool, "CREATE TABLE soup (pots INT)")
			must(t, pool, "INSERT INTO soup VALUES (3)")
			if n := count(t, pool, "soup"); n != 1 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

func TestAPostgresDatabaseIsGoneAfterItsTestEvenWithSomebodyConnected(t *testing.T) {
	t.Parallel()
	var name string
	var left *sql.DB
	t.Run("inner", func(t *testing.T) {
		dsn := Postgres(t)
		name = dsn[strings.LastIndex(dsn, "/")+1 : strings.Index(dsn, "?")]
		left, _ = sql.Open("pgx", dsn)
		if err := left.Ping(); err != nil {
			t.Fatal(err)
		}
	})
	if name == "" {
		address(t, "") // says why, as a skip or a failure
		t.Fatal("the inner test did not get a database")
	}
	defer left.Close()
	var n int
	if err := open(t, address(t, "")).QueryRow("SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("%s is still there", name)
	}
}

func TestATemplateIsBuiltOnceAndItsCopiesDoNotMeet(t *testing.T) {
	t.Parallel()
	built := map[bool]int{}
	m := &Template{Build: func(t testing.TB, dsn string) {
		built[strings.HasPrefix(dsn, "postgres://")]++
		pool := open(t, dsn)
		must(t, pool, "CREATE TABLE soup (pots INT)")
		must(t, pool, "INSERT INTO soup VALUES (3)")
		pool.Close()
	}}
	for range 3 {
		m.Engines(t, func(t *testing.T, dsn string) {
			pool := open(t, dsn)
			must(t, pool, "INSERT INTO soup VALUES (4)")
			if n := count(t, pool, "soup"); n != 2 {
				t.Errorf("%d rows, want the template's one and ours", n)
			}
		})
	}
	for postgres, n := range built {
		if n != 1 {
			t.Errorf("built %d times (PostgreSQL: %v)", n, postgres)
		}
	}
	if built[false] != 1 {
		t.Error("never built on SQLite")
	}
}

func TestAReportIsALineOfATable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report")
	t.Setenv("TWIZA_TEST_REPORT", file)
	Report(t, "sqlite", "%d kills,\n0 | lost", 200)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "| TestAReportIsALineOfATable | sqlite | 200 kills, 0 / lost |\n"; string(b) != want {
		t.Errorf("got %q, want %q", b, want)
	}
}

func TestTheLongSizeIsForSoaksOnly(t *testing.T) {
	t.Setenv("TWIZA_TEST_SOAK", "")
	if n := Size(10, 200); n != 10 {
		t.Errorf("usually %d", n)
	}
	t.Setenv("TWIZA_TEST_SOAK", "1")
	if n := Size(10, 200); n != 200 {
		t.Errorf("in a soak %d", n)
	}
}
