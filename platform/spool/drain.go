package spool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

// Drain brings what waits into the store, in the order in which it came, and says
// how many went in. away tells of an error that the store does not answer: then
// the rest waits for the next time. What fails for another reason stays, is
// passed over, and is tried again each time: nothing that was acknowledged is
// ever thrown away.
func (s *Spool) Drain(ctx context.Context, away func(error) bool) (n int, err error) {
	s.draining.Lock()
	defer s.draining.Unlock()
	select {
	case <-s.stop:
		return 0, ErrClosed
	default:
	}
	if err := s.adopt(false); err != nil { // those that were read go in all the same
		s.log.Error("spool", "problem", err.Error())
	}
	s.recall() // before anything goes in: what went in is told of no more
	s.mu.Lock()
	files := append([]*store(nil), s.left...)
	if s.own != nil {
		files = append(files, s.own)
	}
	s.mu.Unlock()
	var stuck int64
	for _, x := range files {
		done, failed, err := s.empty(ctx, x, away)
		n, stuck = n+done, stuck+failed
		if err != nil {
			return n, err
		}
	}
	s.stuck.Store(stuck)
	return n, nil
}

// empty takes one file's items out until the store is away.
func (s *Spool) empty(ctx context.Context, x *store, away func(error) bool) (n int, stuck int64, err error) {
	s.mu.Lock()
	all := append([]frame(nil), x.wait...)
	s.mu.Unlock()
	for _, w := range all {
		if err := ctx.Err(); err != nil {
			return n, stuck, err
		}
		item, err := s.read(x, w)
		if err == nil {
			err = s.hand(ctx, item)
		}
		switch {
		case err == nil:
			s.settle(x, w)
			n++
		case away(err) || ctx.Err() != nil:
			return n, stuck, err
		default:
			stuck++
			s.log.Error("an item of the spool was not taken; it is kept", "file", x.id, "item", w.seq, "kind", item.Kind, "problem", err.Error())
		}
	}
	s.tidy(x)
	return n, stuck, nil
}

func (s *Spool) hand(ctx context.Context, item Item) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("spool: panic: %v\n%s", p, debug.Stack())
		}
	}()
	t, ok := s.takers[item.Kind]
	if !ok {
		return fmt.Errorf("spool: nobody takes %q", item.Kind)
	}
	return t(ctx, item)
}

// settle notes that an item went in. The note is not flushed: after a crash it is
// handed out again, and known again by whoever takes it.
func (s *Spool) settle(x *store, w frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range x.wait {
		if x.wait[i].seq == w.seq && i == 0 { // in order, as nearly always: of thousands none is moved
			x.wait = x.wait[1:]
			break
		}
		if x.wait[i].seq == w.seq {
			x.wait = append(x.wait[:i:i], x.wait[i+1:]...)
			break
		}
	}
	s.waiting.Add(-1)
	s.bytes.Add(-int64(frameHead + w.length))
	if len(x.wait) == 0 && s.damaged.Load() == 0 { // it is emptied as a whole
		return
	}
	note := appendFrame(nil, done, w.seq, nil)
	if _, err := x.f.WriteAt(note, x.end); err != nil {
		s.undo(x) // a full disk: it will be handed out again after a crash, no more
		return
	}
	x.end += int64(len(note))
}

// tidy empties a file of which nothing waits. One that was damaged stays as it is,
// for somebody to look at; one that a dead process left goes.
func (s *Spool) tidy(x *store) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(x.wait) > 0 || x.end == int64(len(head)) && x == s.own || s.damaged.Load() > 0 {
		return
	}
	if x == s.own {
		end := x.end
		x.end = int64(len(head))
		laid := x.laid
		err := x.f.Truncate(x.end) // at once or not at all, whatever happens to the machine
		if err == nil {
			if x.laid = 0; laid > 0 && reserve(x.f, 0, laid) == nil {
				x.laid = laid
			}
			err = flush(x.f)
		}
		if err != nil {
			x.end = end
			s.log.Warn("spool", "problem", err.Error())
		}
		return
	}
	for i, o := range s.left {
		if o == x {
			s.left = append(s.left[:i:i], s.left[i+1:]...)
			break
		}
	}
	os.Remove(filepath.Join(s.dir, x.id+suffix))
	x.f.Close()
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func flush(f *os.File) error { return f.Sync() }

// Peek counts what waits in the files of a folder that no process holds, and the
// files that one does. It changes nothing.
func Peek(dir string) (waiting, held int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return waiting, held, fmt.Errorf("spool: %w", err)
		}
		if !lock(f) {
			held++
			f.Close()
			continue
		}
		p, err := readAll(f)
		f.Close()
		if err != nil {
			return waiting, held, err
		}
		s, err := scan(p)
		if err != nil {
			return waiting, held, fmt.Errorf("%s: %w", name, err)
		}
		waiting += len(s.waiting)
	}
	return waiting, held, err
}
