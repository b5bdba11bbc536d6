// Package spool keeps what people told while the store did not answer: on this
// machine's disk, sealed, until the store takes it. Docs: decision 14.
//
// What always holds: what Keep returned without an error is on the disk and
// comes out again, in the order in which it came, until somebody says that it is
// done; the file tells nothing to whoever carries it off; a crash at any moment
// loses nothing that was acknowledged. It may come out twice: whoever takes it
// must know it again.
package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
)

// What can be wrong.
var (
	ErrFull   = errors.New("spool: it holds as much as it may")
	ErrClosed = errors.New("spool: closed")
)

// Sealer seals what lies in the files: crypt.Vault does.
type Sealer interface {
	Seal(at string, plain []byte) []byte
	Open(at string, sealed []byte) ([]byte, error)
}

// Item is one thing that was told, opened.
type Item struct {
	Kind string          `json:"kind"` // who takes it
	At   time.Time       `json:"at"`   // when it was told
	Body json.RawMessage `json:"body"`
}

// Taker brings an item into the store. An error leaves it where it is. It may be
// called twice for one item.
type Taker func(ctx context.Context, x Item) error

// Spool is the files of one folder. Each process writes into a file of its own;
// those that dead processes left are emptied by whoever lives.
type Spool struct {
	dir   string
	most  int64 // bytes that may wait in all
	seal  Sealer
	clock clock.Clock
	log   *slog.Logger

	takers map[string]Taker
	seen   map[string]func(Item) // told of what waits when a file is opened

	queue  chan *put
	closed chan struct{}
	stop   chan struct{}

	draining sync.Mutex
	mu       sync.Mutex
	own      *store
	left     []*store // of processes that are no more, oldest first
	untold   []*store // found at the start, and nobody was told yet of what waits in them
	waiting  atomic.Int64
	bytes    atomic.Int64
	stuck    atomic.Int64 // could not be taken, though the store answers
	damaged  atomic.Int64
}

type put struct {
	item Item
	done chan error
}

// store is one file.
type store struct {
	id   string
	f    *os.File
	end  int64
	laid int64 // room that is laid by reaches to here
	last uint64
	wait []frame

	before int // how many waited when it was opened
}

// Open finds the files of a folder and takes those that nobody holds. most is how
// many bytes may wait. The folder is made when it is first needed.
func Open(dir string, most int64, seal Sealer, c clock.Clock, log *slog.Logger) *Spool {
	s := &Spool{dir: dir, most: most, seal: seal, clock: c, log: log, takers: map[string]Taker{}, seen: map[string]func(Item){},
		queue: make(chan *put, 1024), closed: make(chan struct{}), stop: make(chan struct{})}
	go s.run()
	return s
}

// Take names who takes a kind, and who is told at the start of what waits of it.
// Called while the house is built, before Recall.
func (s *Spool) Take(kind string, t Taker, seen func(Item)) { s.takers[kind], s.seen[kind] = t, seen }

// Begin finds what waits from before. Nobody is told of it until Recall: to open
// thousands of items takes time, and whoever asks now need not wait for it.
func (s *Spool) Begin() error { return s.adopt(true) }

// Identity is the name of this process's own file; it is made when there is none.
func (s *Spool) Identity() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mine(); err != nil {
		return "", err
	}
	return s.own.id, nil
}

// Waiting is how many items wait, and how many of them were tried in vain.
func (s *Spool) Waiting() (n, stuck int64) { return s.waiting.Load(), s.stuck.Load() }

// Damaged is how many stretches of the files could not be read.
func (s *Spool) Damaged() int64 { return s.damaged.Load() }

// Keep writes an item down. When it returns nil, the item is on the disk.
func (s *Spool) Keep(kind string, at time.Time, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("spool: %s: %w", kind, err)
	}
	p := &put{Item{kind, at, b}, make(chan error, 1)}
	select {
	case s.queue <- p:
	case <-s.closed:
		return ErrClosed
	}
	select {
	case err := <-p.done: // "was it kept?" must have an answer
		return err
	case <-s.closed:
		select {
		case err := <-p.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// Close ends the writing. What waits stays on the disk.
func (s *Spool) Close() error {
	s.draining.Lock() // not in the middle of an item
	defer s.draining.Unlock()
	select {
	case <-s.stop:
		return nil
	default:
	}
	close(s.stop)
	<-s.closed
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, x := range append(s.left, s.own) {
		if x != nil {
			err = errors.Join(err, x.f.Close())
		}
	}
	s.own, s.left = nil, nil
	return err
}

// batch bounds how many share one flush.
const batch = 256

func (s *Spool) run() {
	defer close(s.closed)
	for {
		select {
		case <-s.stop:
			return
		case p := <-s.queue:
			all := []*put{p}
			for more := true; more && len(all) < batch; {
				select {
				case p := <-s.queue:
					all = append(all, p)
				default:
					more = false
				}
			}
			err := s.write(all)
			for _, p := range all {
				p.done <- err
			}
		}
	}
}

// write puts all of them into the file with one flush, or none.
func (s *Spool) write(all []*put) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mine(); err != nil {
		return err
	}
	x := s.own
	var b []byte
	frames := make([]frame, 0, len(all))
	for i, p := range all {
		plain, err := json.Marshal(p.item)
		if err != nil {
			return err
		}
		seq := x.last + 1 + uint64(i)
		content := s.seal.Seal(x.place(seq), plain)
		if len(content) > mostEntry {
			return ErrFull
		}
		b = appendFrame(b, entry, seq, content)
		frames = append(frames, frame{entry, seq, x.end + int64(len(b)-len(content)), len(content)})
	}
	if s.bytes.Load()+int64(len(b)) > s.most {
		return ErrFull
	}
	if _, err := x.f.WriteAt(b, x.end); err != nil {
		return errors.Join(fmt.Errorf("spool: %w", err), s.undo(x))
	}
	if err := flush(x.f); err != nil {
		// What a failed flush left behind nobody knows (fsync may report it once
		// only): this file gets nothing more.
		s.left, s.own = append(s.left, x), nil
		return fmt.Errorf("spool: %w", err)
	}
	x.end, x.last = x.end+int64(len(b)), x.last+uint64(len(all))
	x.wait = append(x.wait, frames...)
	s.waiting.Add(int64(len(all)))
	s.bytes.Add(int64(len(b)))
	return nil
}

// undo takes away what a write that failed left after the last whole frame.
func (s *Spool) undo(x *store) error {
	if x.laid > x.end {
		return blank(x.f, x.end)
	}
	return x.f.Truncate(x.end)
}

// place is where an item lies, for its seal: bytes that are moved do not open.
func (x *store) place(seq uint64) string { return fmt.Sprintf("spool.item|%s|%d", x.id, seq) }

// mine makes sure of a file of one's own. The caller holds mu.
func (s *Spool) mine() error {
	if s.own != nil {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	x := &store{id: id.New[store](s.clock.Now()).String()}
	// Only when it has its head and its lock does it get its name: nobody finds
	// it half made.
	name := filepath.Join(s.dir, x.id+".new")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	_, err = f.WriteAt(head, 0)
	if err == nil && !lock(f) {
		err = errors.New("spool: a new file is held by another")
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(name, filepath.Join(s.dir, x.id+suffix))
	}
	if err == nil {
		err = syncDir(s.dir)
	}
	if err != nil {
		f.Close()
		os.Remove(name)
		return fmt.Errorf("spool: %w", err)
	}
	x.f, x.end = f, int64(len(head))
	s.own = x
	return nil
}

const suffix = ".spool"

// Reserve lays size bytes by in one's own file, so that people can be kept when
// the disk is full.
func (s *Spool) Reserve(size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mine(); err != nil {
		return err
	}
	if s.own.laid >= size {
		return nil
	}
	if err := reserve(s.own.f, 0, size); err != nil {
		return fmt.Errorf("spool: laying room by: %w", err)
	}
	s.own.laid = size
	return s.own.f.Sync()
}
