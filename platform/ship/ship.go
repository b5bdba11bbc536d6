package ship

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/superfly/ltx"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
)

// Config is what an operator decides about the copies.
type Config struct {
	Place  Place
	Seal   *crypt.Seal
	Dir    string        // where a file is made before it leaves, and what is known is kept over a restart
	Every  time.Duration // between fine steps
	Coarse time.Duration // between coarse steps
	Whole  time.Duration // between whole copies
	Fine   time.Duration // how long fine steps are kept
	Keep   time.Duration // how long anything is kept
	Log    *slog.Logger
}

// Late is from when on copies are behind so far that somebody must look.
const Late = time.Minute

// patience is how long one file may take to arrive. A whole copy of a large
// store takes long over a thin line; fine steps go on meanwhile.
const patience, wholePatience = 45 * time.Second, 6 * time.Hour

// Shipper sends what one store writes.
type Shipper struct {
	Config
	store *db.DB
	tail  *db.Tail
	past
	wholes sync.WaitGroup
	life   context.Context // of whole copies
	pruned time.Time
	loaded bool // what an earlier process wrote down

	mu      sync.Mutex
	safe    time.Time // everything up to here is at the place
	problem error     // of the last try
	alarmed time.Time
	busy    bool      // a whole copy is under way
	retry   time.Time // when to try one again that failed
	doubt   bool      // the sums of a whole copy were not those that were expected
}

// New gives a shipper that has not begun.
func New(store *db.DB, c Config) *Shipper {
	return &Shipper{Config: c, store: store, safe: store.Now(), problem: errNotYet}
}

var errNotYet = errors.New("ship: nothing was sent yet")

// Lag is the age of what would be lost now, and what hindered the last try.
func (s *Shipper) Lag() (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, s.store.Now().Sub(s.safe)), s.problem
}

// Run ships until ctx ends, then sends what is left. It gives up on nothing: a
// place that is away is tried again each time, and gets what it missed.
func (s *Shipper) Run(ctx context.Context) {
	var cut context.CancelFunc
	s.life, cut = context.WithCancel(context.WithoutCancel(ctx))
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		err := s.once(ctx)
		if ctx.Err() != nil {
			break
		}
		s.told(err)
		if now := s.store.Now(); err == nil && now.Sub(s.pruned) >= time.Hour {
			s.pruned = now
			if err := s.prune(ctx); err != nil {
				s.Log.Warn("old copies stay", "problem", err.Error())
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
			continue
		}
		break
	}
	cut()
	s.wholes.Wait()
	s.end(context.WithoutCancel(ctx))
}

func (s *Shipper) end(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	err := s.once(ctx)
	if err != nil {
		s.Log.Error("the last of what was written is not in the copy", "problem", err.Error())
	}
	if s.tail == nil {
		return
	}
	if err == nil {
		err = s.save()
	}
	if err = errors.Join(err, s.tail.Close(ctx)); err != nil {
		s.Log.Error("the next start sends a whole copy", "problem", err.Error())
	}
}

// told keeps the outcome of a try, and says loudly, once a minute, when copies
// are late.
func (s *Shipper) told(err error) {
	lag, _ := s.Lag()
	now := s.store.Now()
	s.mu.Lock()
	first := (err == nil) != (s.problem == nil)
	s.problem = err
	alarm := lag > Late && now.Sub(s.alarmed) >= Late
	if alarm {
		s.alarmed = now
	}
	s.mu.Unlock()
	switch {
	case alarm:
		s.Log.Error("copies are late", "seconds", int(lag.Seconds()), "place", s.Place.String(), "problem", fmt.Sprint(err))
	case first && err != nil:
		s.Log.Warn("a copy could not be sent", "place", s.Place.String(), "problem", err.Error())
	case first:
		s.Log.Info("copies are sent again", "place", s.Place.String())
	}
}

// once sends what changed since it last did.
func (s *Shipper) once(ctx context.Context) (err error) {
	if s.tail == nil {
		if s.tail, err = s.store.Tail(ctx); err != nil {
			return err
		}
	}
	if !s.loaded {
		if err := s.load(ctx); err != nil {
			return err
		}
		s.loaded = true
	}
	v, err := s.tail.Look(ctx)
	if err != nil {
		return err
	}
	kept := false // by somebody who reads on
	defer func() {
		if !kept {
			v.Close()
		}
	}()
	s.mu.Lock()
	doubt := s.doubt
	s.doubt = false
	s.mu.Unlock()
	if s.generation == "" || doubt {
		return s.begin(ctx, v)
	}
	if s.mend {
		return s.mended(ctx, v)
	}
	numbers := v.Dirty
	if v.Whole {
		if numbers, err = s.differ(ctx, v); err != nil {
			return err
		}
	}
	if len(numbers) > 0 {
		if err := s.step(ctx, v, numbers); err != nil {
			return err
		}
	}
	s.tail.Keep()
	s.reached(v.At)
	if len(s.changed) > 0 && v.At.Sub(s.coarseAt) >= s.Coarse {
		if err := s.coarse(ctx, v); err != nil {
			return err
		}
	}
	kept = s.wholeAgain(v)
	return nil
}

func (s *Shipper) reached(at time.Time) {
	s.mu.Lock()
	s.safe = at
	s.mu.Unlock()
}

// begin sends a whole copy, the first file of a new generation.
func (s *Shipper) begin(ctx context.Context, v *db.View) error {
	var salt [3]byte
	rand.Read(salt[:])
	fresh := past{generation: v.At.UTC().Format("20060102T150405-") + hex.EncodeToString(salt[:]), n: 1, changed: map[uint32]bool{}, coarseAt: v.At, wholeAt: v.At, coarseN: 1}
	f := file{fresh.generation, kindWhole, 1, 1, v.At}
	fresh.sums = make([]ltx.Checksum, v.Pages)
	if err := s.send(ctx, f, v, nil, 0, &fresh.sums, &fresh.sum, wholePatience); err != nil {
		return err
	}
	fresh.coarseSum = fresh.sum
	s.past = fresh
	s.tail.Keep()
	s.reached(v.At)
	s.Log.Info("copies begin anew", "generation", s.generation, "place", s.Place.String())
	return s.save()
}

// step sends the pages that changed.
func (s *Shipper) step(ctx context.Context, v *db.View, numbers []uint32) error {
	sums, sum := s.sums, s.sum
	f := file{s.generation, kindFine, s.n + 1, s.n + 1, v.At}
	if err := s.touch(numbers); err != nil {
		return err
	}
	if err := s.send(ctx, f, v, numbers, s.sum, &sums, &sum, patience); err != nil {
		return err
	}
	s.n, s.sums, s.sum = s.n+1, sums, sum
	for _, no := range numbers {
		s.changed[no] = true
	}
	return nil
}

// coarse sends again, in one file, what changed since the last coarse step.
func (s *Shipper) coarse(ctx context.Context, v *db.View) error {
	f := file{s.generation, kindCoarse, s.coarseN + 1, s.n, v.At}
	sums, sum := s.sums, s.sum // the same view: they stay what they are
	if err := s.send(ctx, f, v, sortedKeys(s.changed), s.coarseSum, &sums, &sum, patience); err != nil {
		return err
	}
	if sum != s.sum {
		return s.suspect("a coarse step")
	}
	s.coarseN, s.coarseSum, s.coarseAt, s.changed = s.n, s.sum, v.At, map[uint32]bool{}
	return s.save()
}

// wholeAgain sends a whole copy of what is known to be there, beside the fine
// steps, and so finds out whether they told the truth. It says whether it has
// taken the view.
func (s *Shipper) wholeAgain(v *db.View) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := v.At.Sub(s.wholeAt) >= s.Whole || !s.retry.IsZero() && v.At.After(s.retry)
	if s.busy || !due || s.life == nil || s.life.Err() != nil {
		return false
	}
	s.busy, s.wholeAt, s.retry = true, v.At, time.Time{}
	f, want := file{s.generation, kindWhole, 1, s.n, v.At}, s.sum
	s.wholes.Go(func() {
		defer v.Close()
		sums, sum := make([]ltx.Checksum, v.Pages), ltx.Checksum(0)
		err := s.send(s.life, f, v, nil, 0, &sums, &sum, wholePatience)
		if err == nil && sum != want {
			err = s.suspect("a whole copy")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy = false
		if err != nil && s.life.Err() == nil {
			s.retry = v.At.Add(10 * time.Minute)
			s.Log.Error("a whole copy could not be made", "problem", err.Error())
		}
	})
	return true
}

// suspect ends a generation whose steps do not lead to what is there.
func (s *Shipper) suspect(what string) error {
	s.mu.Lock()
	s.doubt = true
	s.mu.Unlock()
	return fmt.Errorf("ship: %s has other sums than the steps before it: a new generation begins", what)
}

// send makes a file of pages (nil: of all), seals it, and puts it in place.
// sums and sum are brought up to what the store is after it.
func (s *Shipper) send(ctx context.Context, f file, v *db.View, numbers []uint32, before ltx.Checksum, sums *[]ltx.Checksum, sum *ltx.Checksum, most time.Duration) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(s.Dir, f.kind+".out"))
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if err := s.encode(ctx, out, f, v, numbers, before, sums, sum); err != nil {
		return fmt.Errorf("ship: making %s: %w", f.name(), err)
	}
	size, err := out.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	if err := s.Place.Put(ctx, f.name(), out, size); err != nil {
		// It may be there in part, or whole. A later file will bear the same number.
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		s.Place.Remove(ctx, f.name())
		return err
	}
	return nil
}

func (s *Shipper) encode(ctx context.Context, w io.Writer, f file, v *db.View, numbers []uint32, before ltx.Checksum, sums *[]ltx.Checksum, sum *ltx.Checksum) error {
	buffer := bufio.NewWriterSize(w, 1<<20)
	sealed, err := s.Seal.Wrap(buffer)
	if err != nil {
		return err
	}
	enc, err := ltx.NewEncoder(sealed)
	if err != nil {
		return err
	}
	if err := enc.EncodeHeader(ltx.Header{Version: ltx.Version, PageSize: uint32(v.PageSize), Commit: v.Pages, MinTXID: ltx.TXID(f.first), MaxTXID: ltx.TXID(f.last),
		Timestamp: v.At.UnixMilli(), PreApplyChecksum: before}); err != nil {
		return err
	}
	after, all := resized(*sums, v.Pages), *sum
	for _, gone := range (*sums)[min(len(*sums), int(v.Pages)):] {
		all ^= gone
	}
	page := func(no uint32, data []byte) error {
		is := ltx.ChecksumPage(no, data)
		all, after[no-1] = all^after[no-1]^is, is
		return enc.EncodePage(ltx.PageHeader{Pgno: no}, data)
	}
	if numbers == nil {
		err = v.All(ctx, page)
	} else {
		err = v.Each(ctx, numbers, page)
	}
	if err != nil {
		return err
	}
	enc.SetPostApplyChecksum(ltx.ChecksumFlag | all)
	if err := errors.Join(enc.Close(), sealed.Close(), buffer.Flush()); err != nil {
		return err
	}
	*sums, *sum = after, ltx.ChecksumFlag|all
	return nil
}
