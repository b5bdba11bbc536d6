package ship

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/superfly/ltx"

	"github.com/twiza/twiza/platform/db"
)

// past is what was sent: the sum of each page that is at the place.
type past struct {
	generation string
	n          uint64 // steps
	sums       []ltx.Checksum
	sum        ltx.Checksum

	coarseN   uint64 // the last coarse step, and the state after it
	coarseSum ltx.Checksum
	coarseAt  time.Time
	changed   map[uint32]bool // since then
	mend      bool            // after a crash: sums are those of an earlier step
	wholeAt   time.Time
}

// kept is a past on the disk: what lay at the place after step N. The pages of
// every later step are in the file touched before that step leaves.
type kept struct {
	Generation        string
	N, CoarseN        uint64
	Sum, CoarseSum    uint64
	Sums              []byte
	CoarseAt, WholeAt time.Time
	Changed           []uint32
}

func (s *Shipper) kept() string    { return filepath.Join(s.Dir, "sent.json") }
func (s *Shipper) touched() string { return filepath.Join(s.Dir, "touched") }

// save writes down what is at the place.
func (s *Shipper) save() error {
	if s.generation == "" || s.mend {
		return nil
	}
	k := kept{s.generation, s.n, s.coarseN, uint64(s.sum), uint64(s.coarseSum), make([]byte, 0, 8*len(s.sums)), s.coarseAt, s.wholeAt, sortedKeys(s.changed)}
	for _, sum := range s.sums {
		k.Sums = binary.BigEndian.AppendUint64(k.Sums, uint64(sum))
	}
	body, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if err := writeSafely(s.kept()+".new", os.O_TRUNC, body); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(s.kept()+".new", s.kept()), syncFolder(s.Dir)); err != nil {
		return err
	}
	return writeSafely(s.touched(), os.O_TRUNC, nil)
}

// touch writes down, before a step leaves, which pages it will change at the
// place: whether it arrived, a crash may keep us from knowing.
func (s *Shipper) touch(numbers []uint32) error {
	var b []byte
	for _, no := range numbers {
		b = binary.BigEndian.AppendUint32(b, no)
	}
	return writeSafely(s.touched(), os.O_APPEND, b)
}

func writeSafely(path string, how int, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Sync(), f.Close())
}

// load takes up what was written down: after an orderly end all of it, after a
// crash all but what has changed since, which one step then mends. It is believed
// only where the place has that generation, whole, and none that is newer.
func (s *Shipper) load(ctx context.Context) error {
	body, err := os.ReadFile(s.kept())
	if err != nil {
		return nil
	}
	var k kept
	if json.Unmarshal(body, &k) != nil || len(k.Sums)%8 != 0 {
		return nil
	}
	names, err := s.Place.List(ctx)
	if err != nil {
		return err // nobody knows: another try
	}
	all, last := filesOf(names), uint64(0)
	for _, f := range all {
		if f.generation == k.Generation {
			last = max(last, f.last)
		}
	}
	if last < k.N || all[len(all)-1].generation != k.Generation {
		return nil
	}
	touched, err := os.ReadFile(s.touched())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.past = past{generation: k.Generation, n: last, sum: ltx.Checksum(k.Sum), coarseN: k.CoarseN, coarseSum: ltx.Checksum(k.CoarseSum),
		coarseAt: k.CoarseAt, wholeAt: k.WholeAt, changed: map[uint32]bool{}, mend: last != k.N || len(touched) > 0}
	for i := 0; i < len(k.Sums); i += 8 {
		s.sums = append(s.sums, ltx.Checksum(binary.BigEndian.Uint64(k.Sums[i:])))
	}
	for _, no := range k.Changed {
		s.changed[no] = true
	}
	for ; len(touched) >= 4; touched = touched[4:] {
		s.changed[binary.BigEndian.Uint32(touched)] = true
	}
	return nil
}

// mended sends, after a crash, every page that may be another at the place: one
// coarse step from the last that was certain.
func (s *Shipper) mended(ctx context.Context, v *db.View) error {
	numbers, err := s.differ(ctx, v)
	if err != nil {
		return err
	}
	for _, no := range numbers {
		s.changed[no] = true
	}
	f := file{s.generation, kindCoarse, s.coarseN + 1, s.n + 1, v.At}
	sums, sum := s.sums, s.sum
	if err := s.send(ctx, f, v, sortedKeys(s.changed), s.coarseSum, &sums, &sum, wholePatience); err != nil {
		return err
	}
	s.n, s.sums, s.sum, s.mend = s.n+1, sums, sum, false
	s.coarseN, s.coarseSum, s.coarseAt, s.changed = s.n, s.sum, v.At, map[uint32]bool{}
	s.tail.Keep()
	s.reached(v.At)
	return s.save()
}

// differ compares every page with what was sent.
func (s *Shipper) differ(ctx context.Context, v *db.View) (numbers []uint32, err error) {
	err = v.All(ctx, func(no uint32, page []byte) error {
		if int(no) > len(s.sums) || s.sums[no-1] != ltx.ChecksumPage(no, page) {
			numbers = append(numbers, no)
		}
		return nil
	})
	if err == nil && len(numbers) == 0 && int(v.Pages) < len(s.sums) {
		numbers = []uint32{1} // nothing changed but the size
	}
	return numbers, err
}

// prune takes away what nobody needs any more.
func (s *Shipper) prune(ctx context.Context) error {
	names, err := s.Place.List(ctx)
	if err != nil {
		return err
	}
	for _, f := range outlived(filesOf(names), s.store.Now(), s.Fine, s.Keep) {
		if err := s.Place.Remove(ctx, f.name()); err != nil {
			return err
		}
	}
	return nil
}

// resized is a copy of sums for so many pages.
func resized(sums []ltx.Checksum, pages uint32) []ltx.Checksum {
	out := make([]ltx.Checksum, pages)
	copy(out, sums)
	return out
}

func sortedKeys(m map[uint32]bool) []uint32 {
	out := make([]uint32, 0, len(m))
	for no := range m {
		out = append(out, no)
	}
	slices.Sort(out)
	return out
}
