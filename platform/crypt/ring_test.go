package crypt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestTheFirstMasterKeyIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "etc", "twiza", "master.key")
	r, created, err := OpenRing(path, filepath.Join(dir, "data"))
	if err != nil || !created {
		t.Fatalf("first start: created %v, %v", created, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	again, created, err := OpenRing(path, filepath.Join(dir, "data"))
	if err != nil || created || !again.Newest().same(r.Newest()) {
		t.Errorf("second start: created %v, %v", created, err)
	}
	if _, err := NewRing(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("making a ring over another gave %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the key: %v, %v", left, err)
	}
}

func TestProcessesThatStartAtOnceShareOneMasterKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	var wg sync.WaitGroup
	ids, made := make([]string, 8), make([]bool, 8)
	for i := range ids {
		wg.Go(func() {
			r, created, err := OpenRing(path, "")
			if err != nil {
				t.Error(err)
				return
			}
			ids[i], made[i] = r.Newest().ID, created
		})
	}
	wg.Wait()
	n := 0
	for i := range ids {
		if ids[i] != ids[0] {
			t.Errorf("%s and %s", ids[i], ids[0])
		}
		if made[i] {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 8 made the key", n)
	}
}

func TestAMasterKeyInsideTheDataFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "keys")
	for _, d := range []string{data, out} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) string {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if _, err := NewRing(filepath.Join(out, "real.key")); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"straight":                  filepath.Join(data, "master.key"),
		"deeper":                    filepath.Join(data, "a", "b", "master.key"),
		"by way of another folder":  filepath.Join(out, "..", "data", "master.key"),
		"through a link to it":      filepath.Join(link(data, filepath.Join(dir, "elsewhere")), "master.key"),
		"a link in it to a key out": link(filepath.Join(out, "real.key"), filepath.Join(data, "linked.key")),
	} {
		r, created, err := OpenRing(path, data)
		if err == nil || created || r != nil || !strings.Contains(err.Error(), "inside the data folder") {
			t.Errorf("%s: created %v, %v", name, created, err)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "master.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made in the data folder: %v", err)
	}
	if _, created, err := OpenRing(filepath.Join(dir, "data-keys", "master.key"), data); err != nil || !created {
		t.Errorf("a folder whose name only begins alike was refused: %v", err)
	}
}

func TestAMasterKeyThatOthersMayReadIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := NewRing(path); err != nil {
		t.Fatal(err)
	}
	for mode, fine := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o440: true, 0o640: true,
		0o644: false, 0o660: false, 0o604: false, 0o666: false, 0o602: false,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadRing(path)
		if fine != (err == nil) || !fine && !strings.Contains(err.Error(), "open to others") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

const (
	line1 = "m-1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	line2 = "m-2 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
)

func TestAKeyFileIsReadWithNotesAndNewestFirst(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"a file": "# note\n\n" + line2 + "\r\n  " + line1 + "\n", "one line": line2 + "," + line1, "semicolons": line2 + "; " + line1,
	} {
		r, err := FromEnv(value)
		if err != nil || fmt.Sprint(r.IDs()) != "[m-2 m-1]" || r.Newest().Line() != line2 {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestAKeyFileThatCannotBeUsedSaysWhichLineAndNotWhatItHolds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, says string }{
		"nothing":      {"", "no key"},
		"notes only":   {"# key\n", "no key"},
		"no id":        {line1 + "\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "line 2"},
		"odd id":       {"m/1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "line 1"},
		"too short":    {"m-1 AAECAwQFBgcICQoLDA0ODw==", "32 bytes"},
		"no base64":    {"m-1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8!", "32 bytes"},
		"twice":        {line1 + "\n" + line1, "twice"},
		"all the same": {"m-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "repeated"},
	} {
		_, err := FromEnv(c.value)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "AAECAw") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMasterKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	r, err := FromEnv(line1)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if s := fmt.Sprintf(verb, r.Newest()); s != "master key m-1" {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func TestANewMasterKeyGoesOnTopAndNotesStay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte("# kept in the safe of the office\n"+line1), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := LoadRing(path)
	if err != nil {
		t.Fatal(err)
	}
	k := NewMaster()
	for range 2 { // the second time changes nothing
		if r, err = r.topped(k); err != nil || fmt.Sprint(r.IDs()) != "["+k.ID+" m-1]" {
			t.Fatalf("%v, %v", r.IDs(), err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "# kept in the safe of the office\n"+k.Line()+"\n"+line1 {
		t.Errorf("the file says %q, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	old, _ := r.find("m-1")
	if _, err := r.topped(old); err == nil {
		t.Error("an older key was put on top again")
	}
	other := NewMaster()
	other.ID = k.ID
	if _, err := r.topped(other); err == nil {
		t.Error("two keys share an id")
	}
}
