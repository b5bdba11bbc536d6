package db

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
)

// mirror is a copy that knows only the pages it was told of.
type mirror map[uint32][]byte

func (m mirror) follow(t *testing.T, v *View) (told int) {
	t.Helper()
	take := func(no uint32, page []byte) error {
		m[no] = bytes.Clone(page)
		told++
		return nil
	}
	var err error
	if v.Whole {
		err = v.All(t.Context(), take)
	} else {
		err = v.Each(t.Context(), v.Dirty, take)
	}
	if err != nil {
		t.Fatal(err)
	}
	for no := range m {
		if no > v.Pages {
			delete(m, no)
		}
	}
	return told
}

func (m mirror) is(t *testing.T, v *View) {
	t.Helper()
	n := uint32(0)
	if err := v.All(t.Context(), func(no uint32, page []byte) error {
		n++
		if !bytes.Equal(m[no], page) {
			t.Errorf("page %d of %d is another in the copy", no, v.Pages)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n != v.Pages || len(m) != int(n) {
		t.Errorf("%d pages in the copy, %d read, %d in the store", len(m), n, v.Pages)
	}
}

func TestWhoIsToldOfChangedPagesAloneHasTheWholeStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	d, err := Open("file:"+path, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context(), "test", shelf); err != nil {
		t.Fatal(err)
	}
	tail, err := d.Tail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tail.Close(context.WithoutCancel(t.Context()))
	other, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=wal_autocheckpoint(50)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				d.Write(t.Context(), func(tx *Tx) error {
					for range 1 + rand.IntN(20) {
						if _, err := tx.Exec(`INSERT INTO shelf (id, n, note) VALUES (?1, ?2, ?3)`, fmt.Sprintf("%d-%d-%d", w, i, rand.Int64()), w, strings.Repeat("x", rand.IntN(9000))); err != nil {
							return err
						}
					}
					if rand.IntN(3) == 0 {
						if _, err := tx.Exec(`DELETE FROM shelf WHERE n = ?1`, w); err != nil {
							return err
						}
					}
					if rand.IntN(5) == 0 {
						return fmt.Errorf("thought better of it")
					}
					return nil
				})
			}
		})
	}
	wg.Go(func() { // another process, which folds the log whenever it likes
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			other.Exec(`INSERT INTO shelf (id, n, note) VALUES (?1, 9, 'elsewhere')`, fmt.Sprint("other", i))
		}
	})
	m, whole, folded := mirror{}, 0, false
	for round, begun := 0, time.Now(); round < 60 || !folded && time.Since(begun) < 40*time.Second; round++ {
		before, err := tail.mark()
		if err != nil {
			t.Fatal(err)
		}
		v, err := tail.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		folded = folded || !before.sameLog(tail.last)
		if v.Whole {
			whole++
		}
		if round%7 == 3 { // the copy failed: nothing is kept
			v.Close()
			continue
		}
		m.follow(t, v)
		tail.Keep()
		m.is(t, v)
		v.Close()
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	close(stop)
	wg.Wait()
	// Once at the start, and again only where the other process wrote, folded and began
	// anew between two looks, which it seldom does.
	if whole < 1 || whole > 4 {
		t.Errorf("%d times every page had to be compared", whole)
	}
	if !folded {
		t.Error("the log was never begun anew: it would grow for ever")
	}
}
