package app

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// cluster is a PostgreSQL of a test's own; root may not run one, the user
// postgres may.
type cluster struct {
	t    *testing.T
	bin  string
	data string
	port int
}

// asPostgres makes a command of PostgreSQL's, run by whoever may.
func (c *cluster) command(name string, args ...string) *exec.Cmd {
	full := append([]string{filepath.Join(c.bin, name)}, args...)
	if os.Getuid() == 0 {
		full = append([]string{"runuser", "-u", "postgres", "--"}, full...)
	}
	cmd := exec.Command(full[0], full[1:]...)
	cmd.Dir = filepath.Dir(c.data)
	return cmd
}

func (c *cluster) must(name string, args ...string) string {
	c.t.Helper()
	out, err := c.command(name, args...).CombinedOutput()
	if err != nil {
		log, _ := os.ReadFile(c.data + ".log")
		c.t.Fatalf("%s: %v\n%s\n%s", name, err, out, log)
	}
	return strings.TrimSpace(string(out))
}

func (c *cluster) url() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

func (c *cluster) start() {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	cmd := c.command("pg_ctl", "-D", c.data, "-o", fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1", c.port, filepath.Dir(c.data)), "-l", c.data+".log", "-w", "-t", "30", "-s", "start")
	if err := cmd.Run(); err != nil { // the server would hold a pipe open
		log, _ := os.ReadFile(c.data + ".log")
		c.t.Fatalf("start: %v\n%s", err, log)
	}
	c.t.Cleanup(c.stop)
}

func (c *cluster) stop() {
	c.command("pg_ctl", "-D", c.data, "-m", "immediate", "-w", "-s", "stop").Run()
}

func (c *cluster) ask(sql string) string {
	c.t.Helper()
	return c.must("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", c.url(), "-c", sql)
}

// folderForPostgres is a temporary folder that PostgreSQL may enter.
func folderForPostgres(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "twiza-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	own(t, dir)
	return dir
}

func own(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if out, err := exec.Command("chown", "-R", "postgres", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// postgresBin is where the programs of PostgreSQL are.
func postgresBin(t *testing.T) string {
	t.Helper()
	all, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup")
	slices.Sort(all)
	if len(all) == 0 || os.Getenv("TWIZA_TEST_PG") == "" {
		testkit.Lacking(t, "there is no PostgreSQL here whose backup could be tried: scripts/with-postgres.sh brings one")
	}
	return filepath.Dir(all[len(all)-1])
}

func TestAPostgresComesBackToAMomentFromItsSealedArchive(t *testing.T) {
	t.Parallel()
	c := &cluster{t: t, bin: postgresBin(t), data: filepath.Join(folderForPostgres(t), "cluster")}
	twiza := program(t)
	secret, public := copyKeys(t)
	place := filepath.Join(t.TempDir(), "place")
	scripts := filepath.Join(testkit.Root(t), "scripts")
	script := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(scripts, name), args...)
		cmd.Env = append(plainly(), "TWIZA="+twiza, "PG_URL="+c.url(), "PG_PLACE="+place, "PG_KEY="+public, "PG_SECRET="+secret, "PG_EVERY=0.2")
		return cmd
	}
	c.must("initdb", "-D", c.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	c.start()
	c.ask("CREATE TABLE shelf (n int PRIMARY KEY, note text)")
	follow := script("pg-backup.sh", "follow")
	said := &lines{}
	follow.Stdout, follow.Stderr = said, said
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { follow.Process.Kill() })
	comes(t, "the log is received", func() bool {
		return c.ask("SELECT COUNT(*) FROM pg_replication_slots WHERE slot_name = 'twiza_backup' AND active") == "1"
	})
	if out, err := script("pg-backup.sh", "base").CombinedOutput(); err != nil {
		t.Fatalf("base: %v\n%s", err, out)
	}
	c.ask("INSERT INTO shelf SELECT n, 'first' FROM generate_series(1, 500) n; SELECT pg_switch_wal()")
	c.ask("INSERT INTO shelf SELECT n, 'second' FROM generate_series(501, 700) n")
	c.ask("SELECT pg_sleep(1)") // a base backup is named by the second
	moment := c.ask("SELECT now()")
	c.ask("SELECT pg_sleep(0.05)")
	c.ask("INSERT INTO shelf SELECT n, 'third' FROM generate_series(701, 900) n; SELECT pg_switch_wal()")
	c.ask("INSERT INTO shelf VALUES (901, 'last')")
	last := c.ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
	end := c.ask("SELECT pg_current_wal_flush_lsn()")
	comes(t, "the last of it is received", func() bool {
		return c.ask("SELECT COUNT(*) FROM pg_stat_replication WHERE flush_lsn >= '"+end+"'") == "1"
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the script said: %s", said.end())
		}
	})
	comes(t, "the last of it is sealed", func() bool { // a sealed copy has the time of what it was made from
		from, err := os.Stat(filepath.Join(place, "spool", last+".partial"))
		sealed, err2 := os.Stat(filepath.Join(place, "wal", last+".partial.age"))
		return err == nil && err2 == nil && !sealed.ModTime().Before(from.ModTime())
	})
	c.stop() // the power goes
	follow.Process.Signal(syscall.SIGTERM)
	follow.Wait()

	for _, x := range []struct {
		moment string
		rows   int
	}{{moment, 700}, {"", 901}} {
		back := &cluster{t: t, bin: c.bin, data: filepath.Join(folderForPostgres(t), "back")}
		args := []string{back.data}
		if x.moment != "" {
			args = append(args, x.moment)
		}
		if out, err := script("pg-restore.sh", args...).CombinedOutput(); err != nil {
			t.Fatalf("restore to %q: %v\n%s\n%s", x.moment, err, out, said.end())
		}
		own(t, back.data)
		back.start()
		comes(t, "the restored one accepts writes", func() bool { return back.ask("SELECT pg_is_in_recovery()") == "f" })
		if n, _ := strconv.Atoi(back.ask("SELECT COUNT(*) FROM shelf")); n != x.rows {
			t.Errorf("restored to %q there are %d rows, and should be %d", x.moment, n, x.rows)
		}
		back.stop()
	}

	names, _ := filepath.Glob(filepath.Join(place, "wal", "*.age"))
	slices.Sort(names)
	if len(names) < 3 {
		t.Fatalf("only %v", names)
	}
	fails := func(how, want string) {
		to := filepath.Join(t.TempDir(), "back")
		out, err := script("pg-restore.sh", to).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", how, err, out)
		}
	}
	middle := names[len(names)-2]
	body, err := os.ReadFile(middle)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(middle)
	fails("a piece of the log is gone", "is missing")
	bad := slices.Clone(body)
	bad[len(bad)/2] ^= 1
	os.WriteFile(middle, bad, 0o600)
	fails("a piece of the log is damaged", filepath.Base(middle)+" does not open or is damaged")
	os.WriteFile(middle, body, 0o600)
	secret, _ = copyKeys(t)
	fails("other keys", "does not open or is damaged")
}
