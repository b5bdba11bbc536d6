package db

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
)

// Where somebody always reads, the write-ahead log begins anew all the same, and neither
// readers nor writers stand still for it.
func TestTheLogBeginsAnewThoughSomebodyAlwaysReads(t *testing.T) {
	t.Parallel()
	d, err := Open("file:"+filepath.Join(t.TempDir(), "house.db"), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.Write(t.Context(), func(t *Tx) error {
		_, err := t.Exec(`CREATE TABLE thing (n INTEGER PRIMARY KEY, body BLOB)`)
		return err
	}))
	must(d.writer.alone(t.Context(), func(*sql.Conn) error { d.foldAbove = 200; return nil }))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers sync.WaitGroup
	var longest struct {
		sync.Mutex
		time.Duration
	}
	for i := range 3 { // one of them reads at any moment
		readers.Go(func() {
			time.Sleep(time.Duration(i) * 4 * time.Millisecond)
			for ctx.Err() == nil {
				begun := time.Now()
				err := d.Read(ctx, func(t *Tx) error {
					longest.Lock()
					longest.Duration = max(longest.Duration, time.Since(begun))
					longest.Unlock()
					_, err := One(t, Int, `SELECT COUNT(*) FROM thing`)
					time.Sleep(12 * time.Millisecond)
					return err
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	shm, err := d.index()
	must(err)
	most := uint32(0)
	body := make([]byte, 40_000) // ten pages
	for n := range 400 {
		must(d.Write(t.Context(), func(t *Tx) error {
			_, err := t.Exec(`INSERT INTO thing (n, body) VALUES (?1, ?2)`, n, body)
			return err
		}))
		time.Sleep(2 * time.Millisecond)
		m, err := markIn(shm)
		must(err)
		most = max(most, m.frames)
	}
	stop()
	readers.Wait()
	if most > 3000 { // 4,400 frames were written; logLimit is not reached
		t.Errorf("the log held %d frames", most)
	}
	if longest.Duration > time.Second {
		t.Errorf("a reader waited %s", longest.Duration)
	}
	must(d.Read(t.Context(), func(x *Tx) error {
		n, err := One(x, Int, `SELECT COUNT(*) FROM thing`)
		if n != 400 {
			err = fmt.Errorf("%d things are there: %w", n, err)
		}
		return err
	}))
}
