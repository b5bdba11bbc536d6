package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Recall tells of what waits from before, once. Drain does it where nobody did.
func (s *Spool) Recall() {
	s.draining.Lock()
	defer s.draining.Unlock()
	s.recall()
}

// recall is called with draining held.
func (s *Spool) recall() {
	s.mu.Lock()
	files := s.untold
	s.mu.Unlock()
	for _, x := range files {
		s.mu.Lock()
		found := append([]frame(nil), x.wait[:x.before]...)
		s.mu.Unlock()
		for _, w := range found {
			s.tell(x, w)
		}
	}
	s.mu.Lock()
	s.untold = nil
	s.mu.Unlock()
}

// Recalled says whether everybody knows of what waits.
func (s *Spool) Recalled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.untold) == 0
}

func (s *Spool) tell(x *store, w frame) {
	item, err := s.read(x, w)
	if err != nil {
		s.log.Error("an item of the spool cannot be opened; it is kept", "file", x.id, "problem", err.Error())
		return
	}
	if fn := s.seen[item.Kind]; fn != nil {
		fn(item)
	}
}

// adopt takes the files that nobody holds. first lets one of them become one's own.
func (s *Spool) adopt(first bool) error {
	names, err := filepath.Glob(filepath.Join(s.dir, "*"+suffix))
	if err != nil || len(names) == 0 {
		return err
	}
	sort.Strings(names) // by when they were begun
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for _, name := range names {
		which := strings.TrimSuffix(filepath.Base(name), suffix)
		if s.holds(which) {
			continue
		}
		x, err := s.open(name, which)
		if err != nil {
			all = errors.Join(all, err)
			continue
		}
		if x == nil {
			continue
		}
		if first && s.own == nil {
			s.own = x
			continue
		}
		s.left = append(s.left, x)
	}
	return all
}

func (s *Spool) holds(which string) bool {
	if s.own != nil && s.own.id == which {
		return true
	}
	for _, x := range s.left {
		if x.id == which {
			return true
		}
	}
	return false
}

// open reads a file that nobody holds; nil when somebody does.
func (s *Spool) open(name, which string) (*store, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if !lock(f) {
		f.Close()
		return nil, nil
	}
	if now, err := os.Stat(name); err != nil || !sameFile(f, now) { // emptied and taken away meanwhile
		f.Close()
		return nil, nil
	}
	p, err := readAll(f)
	var found scanned
	if err == nil {
		found, err = scan(p)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	x := &store{id: which, f: f, end: found.end, last: found.last, wait: found.waiting}
	if int64(len(p)) > found.end {
		x.laid = int64(len(p))
		if err := blank(f, found.end); err != nil {
			s.log.Warn("spool", "file", which, "problem", err.Error())
		}
	}
	if found.damaged > 0 {
		s.damaged.Add(int64(found.damaged))
		s.log.Error("a part of the spool cannot be read; the file is kept", "file", which, "stretches", found.damaged)
	}
	for _, w := range x.wait {
		s.waiting.Add(1)
		s.bytes.Add(int64(frameHead + w.length))
	}
	if x.before = len(x.wait); x.before > 0 {
		s.untold = append(s.untold, x)
	}
	return x, nil
}

func sameFile(f *os.File, other os.FileInfo) bool {
	info, err := f.Stat()
	return err == nil && os.SameFile(info, other)
}

func (s *Spool) read(x *store, w frame) (item Item, err error) {
	sealed := make([]byte, w.length)
	if _, err := x.f.ReadAt(sealed, w.at); err != nil {
		return item, fmt.Errorf("spool: %w", err)
	}
	plain, err := s.seal.Open(x.place(w.seq), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &item)
	}
	return item, err
}
