package ship

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/superfly/ltx"

	"github.com/twiza/twiza/platform/crypt"
)

// Restored is what a restore brought back.
type Restored struct {
	Moment time.Time // the state is that of this moment
	Files  int
	Pages  uint32
	Sum    string // over every page, as it was when it was sent
}

// Restore makes path, which must not be there, the newest state not after at;
// with no at, the newest of all. Every file is opened with the keys, must
// continue the one before, and what comes out must have the sum that the store
// had. When anything fails, path is not there.
func Restore(ctx context.Context, place Place, keys *crypt.Unseal, at time.Time, path string) (r Restored, err error) {
	names, err := place.List(ctx)
	if err != nil {
		return r, err
	}
	files, err := plan(filesOf(names), at)
	if err != nil {
		return r, err
	}
	out, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return r, err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			os.Remove(path)
		}
	}()
	var state ltx.Header
	sum := ltx.Checksum(0)
	for _, f := range files {
		if state, sum, err = apply(ctx, place, keys, f, sum, out); err != nil {
			return r, fmt.Errorf("ship: %s: %w", f.name(), err)
		}
	}
	if err := out.Truncate(int64(state.Commit) * int64(state.PageSize)); err != nil {
		return r, err
	}
	is, err := sumOf(out, state)
	if err == nil && is != sum {
		err = fmt.Errorf("ship: what came out has the sum %s, and the store had %s", is, sum)
	}
	if err != nil {
		return r, err
	}
	return Restored{files[len(files)-1].at, len(files), state.Commit, sum.String()}, out.Sync()
}

// apply writes the pages of one file over what is there.
func apply(ctx context.Context, place Place, keys *crypt.Unseal, f file, before ltx.Checksum, out io.WriterAt) (h ltx.Header, after ltx.Checksum, err error) {
	defer func() { // whoever knows the public key can seal nonsense, and the decoder believes what it reads
		if p := recover(); p != nil {
			err = fmt.Errorf("it is no file of ours: %v", p)
		}
	}()
	body, err := place.Get(ctx, f.name())
	if err != nil {
		return h, 0, err
	}
	defer body.Close()
	plain, err := keys.Open(bufio.NewReaderSize(body, 1<<18))
	if err != nil {
		return h, 0, err
	}
	dec := ltx.NewDecoder(plain)
	if err := dec.DecodeHeader(); err != nil {
		return h, 0, err
	}
	h = dec.Header()
	switch {
	case uint64(h.MinTXID) != f.first || uint64(h.MaxTXID) != f.last || h.Timestamp != f.at.UnixMilli():
		return h, 0, errors.New("under this name lies another file")
	case f.kind == kindFine && h.PreApplyChecksum != before:
		return h, 0, errors.New("it does not continue the file before it")
	}
	page := make([]byte, h.PageSize)
	for {
		var p ltx.PageHeader
		err := dec.DecodePage(&p, page)
		if errors.Is(err, io.EOF) && p.Pgno == 0 {
			break
		}
		if err != nil {
			return h, 0, err
		}
		if _, err := out.WriteAt(page, int64(p.Pgno-1)*int64(h.PageSize)); err != nil {
			return h, 0, err
		}
	}
	if err := dec.Close(); err != nil {
		return h, 0, err
	}
	return h, dec.Trailer().PostApplyChecksum, nil
}

// sumOf is the sum over every page but the one of the locks.
func sumOf(f io.ReaderAt, h ltx.Header) (sum ltx.Checksum, err error) {
	page := make([]byte, h.PageSize)
	for no := uint32(1); no <= h.Commit; no++ {
		if no == h.LockPgno() {
			continue
		}
		if _, err := f.ReadAt(page, int64(no-1)*int64(h.PageSize)); err != nil {
			return 0, err
		}
		sum ^= ltx.ChecksumPage(no, page)
	}
	return ltx.ChecksumFlag | sum, nil
}
