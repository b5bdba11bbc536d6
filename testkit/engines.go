package testkit

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
)

// Engines runs one test on both databases, as the subtests sqlite and postgres,
// each on an empty store of its own. The address is what db.Open takes.
func Engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is the address of an empty store in a folder that goes with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return "file:" + filepath.Join(folder(t), "twiza.db")
}

// folder goes with the test. It is not t.TempDir, whose path carries the
// test's name: a second subtest of one name gets a #, which ends the path of a
// "file:" address.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "twiza-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Postgres is the address of a new, empty database on the server that
// TWIZA_TEST_PG names. It is dropped with the test, whoever is still connected.
func Postgres(t testing.TB) string {
	t.Helper()
	name := newDatabase(t, "")
	t.Cleanup(func() { server(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return address(t, name)
}

var databases atomic.Int64

// newDatabase makes a database, as a copy of another when one is named. The
// process number keeps apart the packages that `go test` runs side by side.
func newDatabase(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("twiza_%d_%d", os.Getpid(), databases.Add(1))
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	server(t, statement)
	return name
}

// server runs one statement on the server itself.
func server(t testing.TB, statement string) {
	t.Helper()
	pool, err := sql.Open("pgx", address(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// address is that of a database on the test server; of the one it was given
// when no name is said.
func address(t testing.TB, name string) string {
	t.Helper()
	given := os.Getenv("TWIZA_TEST_PG")
	if given == "" {
		Lacking(t, "no PostgreSQL named in TWIZA_TEST_PG: run make test, or scripts/with-postgres.sh go test ./...")
	}
	u, err := url.Parse(given)
	if err != nil {
		t.Fatalf("TWIZA_TEST_PG: %v", err)
	}
	if name != "" {
		u.Path = "/" + name
	}
	q := u.Query()
	q.Set("options", "-c twiza.hangs=30s") // a machine that tests fill is slow; it is not cut off
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// Template is a store that many tests start from: built once for each database
// and process, then copied, which takes milliseconds where building it again
// would take seconds. Build must have closed the store when it returns.
//
// The PostgreSQL copy that serves as the model stays on the server until the
// server goes, which under `make test` is at the end of the run.
type Template struct {
	Build func(t testing.TB, dsn string)

	lite  sync.Mutex
	bytes []byte // the SQLite file, once built
	pg    sync.Mutex
	model string // the PostgreSQL database, once built
}

// Engines is Engines, with every store a copy of the template.
func (m *Template) Engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, m.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, m.Postgres(t)) })
}

// SQLite is the address of a copy of the template.
func (m *Template) SQLite(t testing.TB) string {
	t.Helper()
	m.lite.Lock()
	defer m.lite.Unlock()
	if m.bytes == nil {
		file := filepath.Join(folder(t), "template.db")
		m.Build(t, "file:"+file)
		if wal, err := os.Stat(file + "-wal"); err == nil && wal.Size() > 0 {
			t.Fatal("the template's store was left open: part of it is still in its write-ahead log")
		}
		var err error
		if m.bytes, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(folder(t), "twiza.db")
	if err := os.WriteFile(file, m.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + file
}

// Postgres is the address of a copy of the template.
func (m *Template) Postgres(t testing.TB) string {
	t.Helper()
	m.pg.Lock()
	defer m.pg.Unlock()
	if m.model == "" {
		name := newDatabase(t, "")
		m.Build(t, address(t, name))
		m.model = name
	}
	name := newDatabase(t, m.model)
	t.Cleanup(func() { server(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return address(t, name)
}
