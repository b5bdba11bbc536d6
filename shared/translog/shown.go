package translog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// memory is what this machine has signed or shown last, kept apart from the store and
// its backups: a folder with one file, named by the size of its checkpoint. A store
// that is put back from an older copy does not bring it back with it.
//
// Several processes may have one folder: each writes its own file before it takes away
// those that are smaller, and the largest counts.
type memory struct {
	dir  string // "" remembers as long as the process lives
	mu   sync.Mutex
	last verify.Checkpoint // the largest that this process knows; the zero one is none
}

// recall is what was shown last; a zero Origin is nothing.
func (m *memory) recall() (verify.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dir == "" {
		return m.last, nil
	}
	size, err := m.largest()
	if err != nil || size < 0 || m.last.Origin != "" && size <= m.last.Size {
		return m.last, err
	}
	raw, err := os.ReadFile(m.file(size))
	if errors.Is(err, fs.ErrNotExist) {
		return m.last, nil // another process has just written a larger one, and shows it itself
	}
	if err != nil {
		return m.last, fmt.Errorf("translog: reading what was shown last: %w", err)
	}
	text, _, _ := strings.Cut(string(raw), "\n\n")
	c, err := verify.ParseText(text + "\n")
	if err != nil || c.Size != size {
		return m.last, fmt.Errorf("translog: %s does not hold the checkpoint that it is named by", m.file(size))
	}
	m.last = c
	return c, nil
}

func (m *memory) file(size int64) string { return filepath.Join(m.dir, strconv.FormatInt(size, 10)) }

// largest is the size that the folder remembers; -1 is none.
func (m *memory) largest() (int64, error) {
	all, err := os.ReadDir(m.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return -1, fmt.Errorf("translog: reading what was shown last: %w", err)
	}
	size := int64(-1)
	for _, e := range all {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil {
			size = max(size, n)
		}
	}
	return size, nil
}

// remember writes a checkpoint down, to the disk, before anybody is shown it. Only one
// that continues the last may come here (see continues).
func (m *memory) remember(c verify.Checkpoint, note []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last.Origin != "" && c.Size <= m.last.Size {
		return nil
	}
	if m.dir != "" {
		if err := m.write(c.Size, note); err != nil {
			return fmt.Errorf("translog: writing down what is shown: %w", err)
		}
	}
	m.last = c
	return nil
}

func (m *memory) write(size int64, note []byte) error {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(m.dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(note)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), m.file(size)); err != nil {
		return err
	}
	if err := syncDir(m.dir); err != nil {
		return err
	}
	all, err := os.ReadDir(m.dir)
	for _, e := range all {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && n < size {
			os.Remove(m.file(n)) // one that stays does no harm
		}
	}
	return err
}

// syncDir makes a name in a folder survive a power cut.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Refused is why nothing is signed or shown: the store has another past than the one
// that was shown.
type Refused struct {
	Shown verify.Checkpoint // what this machine showed last
	Size  int64             // how many leaves the store has in their places
	Root  tlog.Hash         // of the store at the size that was shown, if it has so many
}

func (r *Refused) Error() string {
	if r.Size < r.Shown.Size {
		return fmt.Sprintf("translog: the log %s was shown with %d leaves and the store has %d: it was put back from an older copy, or is another store. Nothing is signed. Put back a copy that has all of them (docs/proof.md)", r.Shown.Origin, r.Shown.Size, r.Size)
	}
	return fmt.Sprintf("translog: the log %s was shown with %d leaves and the root %s, and the store has the root %s there: it has another past. Nothing is signed (docs/proof.md)", r.Shown.Origin, r.Shown.Size, r.Shown.Root, r.Root)
}

// continues tells whether a store with that many leaves continues what was shown.
func (l *Log) continues(t *db.Tx, size int64, shown verify.Checkpoint) error {
	switch {
	case shown.Origin == "":
		return nil
	case shown.Origin != l.c.Origin:
		return fmt.Errorf("translog: this machine showed the log %s in %s, and this is %s: give the new log a folder of its own", shown.Origin, l.c.Shown, l.c.Origin)
	case size < shown.Size:
		return &Refused{Shown: shown, Size: size}
	}
	root, err := tlog.TreeHash(shown.Size, newTree(t))
	if err == nil && root != shown.Root {
		err = &Refused{Shown: shown, Size: size, Root: root}
	}
	return err
}
