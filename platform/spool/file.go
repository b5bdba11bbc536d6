package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"syscall"
)

// A file begins with its head. Then frames follow, each:
//
//	4 bytes  "TWZf"
//	1 byte   what it is: 'E' an entry, 'D' the note that one is done
//	8 bytes  the number of the entry, most significant first
//	4 bytes  how long its content is
//	4 bytes  CRC-32C of the sixteen bytes from 'what' on and of the content
//	         (the checksum itself left out)
//	content  sealed
//
// Zeros after the last frame are room that was laid by (see Reserve).
var (
	head  = []byte("TWIZA SPOOL 1\n")
	mark  = []byte("TWZf")
	table = crc32.MakeTable(crc32.Castagnoli)
)

const (
	frameHead = 4 + 1 + 8 + 4 + 4
	entry     = 'E'
	done      = 'D'
	// mostEntry bounds one entry; a voice message is the largest.
	mostEntry = 8 << 20
)

// frame is one frame as it lies in a file.
type frame struct {
	what   byte
	seq    uint64
	at     int64 // where its content begins
	length int
}

func appendFrame(b []byte, what byte, seq uint64, content []byte) []byte {
	b = append(b, mark...)
	from := len(b)
	b = append(b, what)
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint32(b, uint32(len(content)))
	sum := crc32.Update(crc32.Checksum(b[from:], table), table, content)
	b = binary.BigEndian.AppendUint32(b, sum)
	return append(b, content...)
}

// readFrame reads the frame that begins at p[0]; ok is false when none does.
func readFrame(p []byte) (f frame, content []byte, ok bool) {
	if len(p) < frameHead || !bytes.Equal(p[:4], mark) {
		return f, nil, false
	}
	f.what, f.seq, f.length = p[4], binary.BigEndian.Uint64(p[5:]), int(binary.BigEndian.Uint32(p[13:]))
	if f.what != entry && f.what != done || f.length > mostEntry || len(p) < frameHead+f.length {
		return f, nil, false
	}
	content = p[frameHead : frameHead+f.length]
	sum := crc32.Update(crc32.Checksum(p[4:17], table), table, content)
	return f, content, sum == binary.BigEndian.Uint32(p[17:])
}

// scanned is what a file holds.
type scanned struct {
	waiting []frame
	last    uint64 // the highest number
	end     int64  // after the last whole frame
	damaged int    // stretches that are no frames though frames follow them
}

// scan reads a whole file. What a crash left half-written at its end is as if it
// had never been: nobody was told that it is kept. Damage in the middle is passed
// over to the next frame, and counted.
func scan(p []byte) (s scanned, err error) {
	if !bytes.HasPrefix(p, head) {
		return s, errors.New("spool: this is not a spool of this house")
	}
	at, order := len(head), map[uint64]int{}
	gap := false
	for at < len(p) {
		f, _, ok := readFrame(p[at:])
		if !ok {
			next := bytes.Index(p[at+1:], mark)
			if next < 0 {
				break
			}
			at, gap = at+1+next, true
			continue
		}
		if gap {
			s.damaged, gap = s.damaged+1, false
		}
		f.at = int64(at + frameHead)
		at += frameHead + f.length
		s.end, s.last = int64(at), max(s.last, f.seq)
		if f.what == done {
			if i, ok := order[f.seq]; ok {
				s.waiting[i].what = done
			}
			continue
		}
		order[f.seq] = len(s.waiting)
		s.waiting = append(s.waiting, f)
	}
	s.end = max(s.end, int64(len(head)))
	left := s.waiting[:0]
	for _, f := range s.waiting {
		if f.what == entry {
			left = append(left, f)
		}
	}
	s.waiting = left
	return s, nil
}

// lock takes a file for this process alone, until it is closed or the process ends.
func lock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// reserve lays room by: what lies in it can be written when the disk is full.
// Where a file system cannot, nothing is laid by.
func reserve(f *os.File, from, size int64) error {
	err := syscall.Fallocate(int(f.Fd()), 0, from, size)
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return nil
	}
	return err
}

// blank fills what a crash left after the last whole frame with zeros.
func blank(f *os.File, from int64) error {
	info, err := f.Stat()
	if err != nil || info.Size() <= from {
		return err
	}
	rest := info.Size() - from
	zeros := make([]byte, 64<<10)
	for at := from; rest > 0; {
		n := min(rest, int64(len(zeros)))
		if _, err := f.WriteAt(zeros[:n], at); err != nil {
			return err
		}
		at, rest = at+n, rest-n
	}
	return nil
}

func readAll(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p := make([]byte, info.Size())
	n, err := f.ReadAt(p, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("spool: reading %s: %w", f.Name(), err)
	}
	return p[:n], nil
}
