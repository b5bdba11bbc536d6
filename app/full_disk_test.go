package app

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/testkit"
)

// smallDisk is a file system of its own of so many megabytes.
func smallDisk(t *testing.T, mb string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+mb+"m"); err != nil {
		testkit.Lacking(t, "no small disk can be mounted on this machine (%v; it takes root): the disk of a whole house was not filled", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes all the room that is left, and free gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "others")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	f.Close()
	return func() { os.Remove(name) }
}

func TestAHouseWhoseDiskIsFullLosesNothingItAcknowledgedAndServesAgainWhenThereIsRoom(t *testing.T) {
	testkit.Long(t, "it builds the program and fills the disk of a house")
	t.Parallel()
	program := program(t)
	disk := smallDisk(t, "64")
	args := []string{"--key", filepath.Join(t.TempDir(), "master.key"), "--data", filepath.Join(disk, "data"), "--least-mb", "1"}
	c := serveChild(t, program, args...)
	c.knows(filepath.Join(disk, "data", "spool")) // and the room is laid by
	k := &caller{client: &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}}
	t.Cleanup(k.client.CloseIdleConnections)
	var told []*plea
	ask := func() (status int) {
		t.Helper()
		p := newPlea(len(told))
		var out cases.ReceiptOut
		status, err := k.post(c.address, "/api/v1/requests", p.in, &out)
		switch {
		case err == nil && (status == http.StatusCreated || status == http.StatusAccepted):
			if p.receipt = out.Receipt; p.receipt == "" {
				t.Fatal("kept without a number")
			}
			told = append(told, p)
		case status != http.StatusServiceUnavailable || !strings.Contains(err.Error(), `"detail"`):
			t.Fatalf("answered %d, %v\n%s", status, err, c.said.end())
		}
		return status
	}
	for range 3 {
		if status := ask(); status != http.StatusCreated {
			t.Fatalf("with room: %d", status)
		}
	}
	free := fill(t, disk)
	beside := 0
	for range 40 { // at first what the log of the store had laid by is used up
		if ask() == http.StatusAccepted {
			beside++
		}
	}
	if beside == 0 {
		t.Fatalf("on a full disk nothing was kept beside the store\n%s", c.said.end())
	}
	for _, page := range []string{"/fr/", "/fr/about", "/fr/help/crisis_help?all=1"} {
		if w, err := k.client.Get(c.address + page); err != nil || w.StatusCode != 200 {
			t.Errorf("on a full disk %s: %v %v", page, w, err)
		}
	}
	c.kill() // a power cut on top of it
	c = serveChild(t, program, args...)
	ask()
	free()
	drained(t, c)
	comes(t, "there is room", func() bool { return ask() == http.StatusCreated })
	for _, p := range told {
		var how cases.TrackOut
		if _, err := k.post(c.address, "/api/v1/track", cases.TrackIn{Receipt: p.receipt, Word: p.word}, &how); err != nil || how.State == "kept" {
			t.Errorf("%s was given out: %+v, %v", p.receipt, how, err)
		}
	}
	c.stop()
	if n := countCases(t, "file:"+filepath.Join(disk, "data", "twiza.db")); n != int64(len(told)) {
		t.Errorf("%d were acknowledged, and %d are there", len(told), n)
	}
	if said, code := run(t, program, append([]string{"check"}, args[:4]...)...); code != exitOK {
		t.Errorf("the store is not sound: exit %d: %s", code, said)
	}
}
