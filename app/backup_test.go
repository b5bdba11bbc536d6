package app

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestACopyMadeWhileRequestsComeInIsWholeAndForgetsWhoWasForgotten(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	handler := h.Handler()
	var before []*plea
	for i := range 30 {
		before = append(before, newPlea(i))
		askFor(t, handler, before[i])
	}
	staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	gone := opens(t, h, before[7])
	if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, gone, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}

	enough := busy(t, handler)
	copied := filepath.Join(t.TempDir(), "copy.db")
	said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied)
	during := enough()
	if code != exitOK {
		t.Fatalf("backup: exit %d: %s", code, said)
	}
	if len(during) < 10 {
		t.Errorf("only %d requests came in meanwhile: the copy was not made under load", len(during))
	}
	if said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied); code != exitBroke || !strings.Contains(said, "is there already") {
		t.Errorf("a copy was written over another: exit %d: %s", code, said)
	}
	if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
		t.Fatal(err)
	}

	elsewhere := filepath.Join(t.TempDir(), "restored")
	said, code = twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied)
	if code != exitOK || !strings.Contains(said, "1 erasures replayed") {
		t.Fatalf("restore: exit %d: %s", code, said)
	}
	stored := filepath.Join(elsewhere, "twiza.db")
	was, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	if said, code := twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied); code != exitBroke || !strings.Contains(said, "is there already") {
		t.Errorf("a house was written over by a copy: exit %d: %s", code, said)
	}
	if is, err := os.ReadFile(stored); err != nil || !bytes.Equal(was, is) {
		t.Error("a restore that was refused changed the house all the same")
	}

	again := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = elsewhere, h.Config.Key })
	for i, p := range before {
		if i != 7 {
			opens(t, again, p)
		}
	}
	number, _ := receipt.Parse(before[7].receipt)
	if _, err := again.Cases.Recognise(t.Context(), number, before[7].word); err == nil {
		t.Error("somebody asked to be forgotten, and the restored copy remembers them")
	}
	if left := sealedIn(t, again, gone); left != 0 {
		t.Errorf("%d bytes of somebody who asked to be forgotten are in the restored copy", left)
	}
	if said, code := twiza(t, "check", "--data", elsewhere, "--key", h.Config.Key); code != exitOK {
		t.Errorf("the restored house is not sound: exit %d: %s", code, said)
	}
}

func TestWhatWasErasedIsNoLongerInTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := Config{Data: filepath.Join(dir, "data"), Key: filepath.Join(dir, "outside.key"), Country: "ma", Proxied: true}
	if err := c.settle(); err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	handler := h.Handler()
	var all []*plea
	for i := range 20 {
		all = append(all, newPlea(i))
		askFor(t, handler, all[i])
	}
	staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	gone, stays := opens(t, h, all[3]), opens(t, h, all[4])
	erased, kept := sealOf(t, h, gone), sealOf(t, h, stays)
	if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, gone, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy.db")
	if err := h.DB.Backup(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil { // the write-ahead log goes into the file
		t.Fatal(err)
	}
	for _, file := range []string{h.Config.store(), other} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, kept) {
			t.Fatalf("%s does not hold what was not erased: the looking is wrong", filepath.Base(file))
		}
		if bytes.Contains(body, erased) {
			t.Errorf("what somebody had erased is still in %s, sealed", filepath.Base(file))
		}
	}
}

func sealOf(t *testing.T, h *House, c cases.CaseID) (b []byte) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		b, err = db.One(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT private FROM cases_case WHERE id = ?1`, c)
		return err
	})
	if err != nil || len(b) < 40 {
		t.Fatalf("%d bytes are sealed: %v", len(b), err)
	}
	return b
}

func sealedIn(t *testing.T, h *House, c cases.CaseID) (n int64) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(tx, db.Int, `SELECT COALESCE(LENGTH(private), 0) FROM cases_case WHERE id = ?1`, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARestoreOfSomethingElseThanACopyTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a copy of a house\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	for _, from := range []string{file, filepath.Join(dir, "nothing")} {
		said, code := twiza(t, "restore", "--data", data, from)
		if code != exitBroke {
			t.Errorf("%s: exit %d: %s", filepath.Base(from), code, said)
		}
		if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a refused restore made a house", filepath.Base(from))
		}
	}
}
